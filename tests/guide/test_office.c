#include "../fixture.h"

#include <time.h>

#include "guide/guide.h"

static const char WEEK[] = "1-5 9:00-12:00 13:30-17:00; 6 9:00-12:00";

static sm_op op;

static int setup(void **state)
{
    (void)state;
    sm_op_begin(&op);
    setenv("TZ", "Asia/Shanghai", 1);
    tzset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sm_op_end(&op);
    return 0;
}

static sm_office *office(const char *text)
{
    sm_office *o = SM_NEW(op.arena, sm_office);
    must(&op, sm_office_parse(&op, sm_str_of(text), o));
    return o;
}

/* That time of day here, on whatever day. */
static int64_t at(int hour, int minute)
{
    return ((hour - 8) * INT64_C(60) + minute) * 60 * 1000 + INT64_C(20000) * 86400000;
}

enum { MONDAY = 23, SATURDAY = 28, SUNDAY = 29 };

static sm_date november(int day)
{
    return sm_date_of(2026, 11, day);
}

static bool open_at(const sm_office *o, int day, int hour, int minute)
{
    return sm_office_open(o, at(hour, minute), november(day));
}

static void assert_next(const sm_office *o, int day, int hour, int minute, const char *want)
{
    sm_str got = sm_office_next(op.arena, o, at(hour, minute), november(day));
    assert_string_equal(sm_cstr(op.arena, got), want);
}

static void assert_text(const char *setting, const char *want)
{
    assert_string_equal(sm_cstr(op.arena, sm_office_text(op.arena, office(setting))), want);
}

static void it_is_open_from_the_first_minute_and_closed_from_the_last(void **state)
{
    (void)state;
    const sm_office *o = office(WEEK);
    assert_false(open_at(o, MONDAY, 8, 59));
    assert_true(open_at(o, MONDAY, 9, 0));
    assert_true(open_at(o, MONDAY, 11, 59));
    assert_false(open_at(o, MONDAY, 12, 0));
    assert_true(open_at(o, MONDAY, 13, 30));
    assert_false(open_at(o, MONDAY, 17, 0));
    assert_true(open_at(o, SATURDAY, 10, 0));
    assert_false(open_at(o, SATURDAY, 14, 0));
    assert_false(open_at(o, SUNDAY, 10, 0));
}

static void without_a_day_it_is_that_of_the_clock(void **state)
{
    (void)state;
    const sm_office *o = office(WEEK);
    struct tm tm = { .tm_year = 126, .tm_mon = 10, .tm_mday = SUNDAY, .tm_hour = 10 };
    int64_t sunday = (int64_t)mktime(&tm) * 1000;
    assert_false(sm_office_open(o, sunday, SM_DATE_NONE));
    assert_true(sm_office_open(o, sunday + INT64_C(86400000), SM_DATE_NONE));
}

static void without_hours_it_is_always_open(void **state)
{
    (void)state;
    static const char *const none[] = { "", " ", ";", "；\n" };
    for (size_t i = 0; i < SM_LEN(none); i++) {
        const sm_office *o = office(none[i]);
        assert_true(open_at(o, SUNDAY, 3, 0));
        assert_int_equal(sm_office_text(op.arena, o).n, 0);
        assert_next(o, SUNDAY, 3, 0, "");
    }
}

static void holidays_are_closed_and_worked_days_are_open(void **state)
{
    (void)state;
    const sm_office *o = office("1-5 9:00-17:00; 2026-11-23 2026-11-24; 2026-11-29 9:00-12:00");
    assert_false(open_at(o, MONDAY, 10, 0));
    assert_false(open_at(o, MONDAY + 1, 10, 0));
    assert_true(open_at(o, MONDAY + 2, 10, 0));
    assert_true(open_at(o, SUNDAY, 10, 0));
    assert_next(o, MONDAY, 8, 0, "周三 9:00");
}

static void the_whole_day_can_be_open(void **state)
{
    (void)state;
    const sm_office *o = office("1-7 0:00-24:00");
    assert_true(open_at(o, SUNDAY, 0, 0));
    assert_true(open_at(o, SUNDAY, 23, 59));
    assert_text("1-7 0:00-24:00", "每天 0:00–24:00");
}

static void the_text_groups_days_alike(void **state)
{
    (void)state;
    assert_text(WEEK, "周一至周五 9:00–12:00、13:30–17:00；周六 9:00–12:00");
    assert_text("1 3 5-7 8:30-17:30; 2 9:00-12:00",
                "周一、周三、周五至周日 8:30–17:30；周二 9:00–12:00");
    assert_text("6-7 9:00-12:00", "周六、周日 9:00–12:00");
    assert_text("1,3 9:00-12:00; 2 9:00-12:00", "周一至周三 9:00–12:00");
    assert_text("2026-10-01", "");
}

static void full_width_signs_are_taken(void **state)
{
    (void)state;
    assert_text("1－5　9：00－12：00、13:30—17:00；6 9:00～12:00",
                "周一至周五 9:00–12:00、13:30–17:00；周六 9:00–12:00");
}

static void the_next_opening_is_told_as_people_say_it(void **state)
{
    (void)state;
    const sm_office *o = office(WEEK);
    assert_next(o, MONDAY, 8, 0, "今天 9:00");
    assert_next(o, MONDAY, 9, 0, "今天 13:30");
    assert_next(o, MONDAY, 12, 30, "今天 13:30");
    assert_next(o, MONDAY, 17, 0, "明天 9:00");
    assert_next(o, SATURDAY, 12, 0, "周一 9:00");
    assert_next(o, SUNDAY, 12, 0, "明天 9:00");
    assert_next(office("1 9:00-12:00"), MONDAY, 10, 0, "11月30日 9:00");
    assert_next(office("2026-10-01"), MONDAY, 10, 0, "");
}

static void a_wrong_setting_is_refused_and_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where;
    } bad[] = {
        { "1-5 9:00-12:00; 6 9点-12点", "第 2 段" },
        { "9:00-12:00", "没有写是哪几天" },
        { "1-5", "没有写几点到几点" },
        { "5-1 9:00-12:00", "“5-1”" },
        { "8 9:00-12:00", "“8”" },
        { "0-3 9:00-12:00", "“0-3”" },
        { "1 12:00-9:00", "结束要晚于开始" },
        { "1 9:00-9:00", "结束要晚于开始" },
        { "1 9:00-12:00 11:00-13:00", "“11:00-13:00”" },
        { "1 9:00-25:00", "“9:00-25:00”" },
        { "1 9:60-10:00", "“9:60-10:00”" },
        { "1 9:00", "“9:00”" },
        { "1 9:00-12:00 2 9:00-12:00", "分号" },
        { "1-5 9:00-12:00; 3 9:00-12:00", "“3”" },
        { "2026-02-30", "“2026-02-30”" },
        { "2026-10-01; 2026-10-01", "“2026-10-01”：这一天前面已经写过" },
        { "1 1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00", "最多 4 段" },
    };
    for (size_t i = 0; i < SM_LEN(bad); i++) {
        sm_office o = { .n_others = 99 };
        if (sm_office_parse(&op, sm_str_of(bad[i].text), &o) != SM_E_INVALID ||
            !sm_str_has(op.msg, sm_str_of(bad[i].where)))
            fail_msg("%s: %.*s", bad[i].text, SM_ARG(op.msg));
        assert_int_equal(o.n_others, 99);
        sm_op_clear(&op);
    }
}

static void more_dates_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    sm_buf b;
    sm_office o;
    sm_buf_init(&b, 1 << 16);
    for (int i = 0; i <= SM_OFFICE_MAX_DATES; i++)
        sm_buf_addf(&b, "%.*s%c", SM_ARG(sm_date_iso(op.arena, november(1) + i)),
                    i % 2 ? ';' : ' ');
    assert_int_equal(sm_office_parse(&op, sm_buf_str(&b), &o), SM_E_INVALID);
    sm_op_clear(&op);
    b.n -= 11;
    must(&op, sm_office_parse(&op, sm_buf_str(&b), &o));
    assert_int_equal(o.n_others, SM_OFFICE_MAX_DATES);
    sm_buf_done(&b);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(it_is_open_from_the_first_minute_and_closed_from_the_last),
        EACH(without_a_day_it_is_that_of_the_clock),
        EACH(without_hours_it_is_always_open),
        EACH(holidays_are_closed_and_worked_days_are_open),
        EACH(the_whole_day_can_be_open),
        EACH(the_text_groups_days_alike),
        EACH(full_width_signs_are_taken),
        EACH(the_next_opening_is_told_as_people_say_it),
        EACH(a_wrong_setting_is_refused_and_says_where),
        EACH(more_dates_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
