#include "base/base.h"

#include <stdlib.h>
#include <time.h>

int64_t sm_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t sm_wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Day numbers by counting years from March, so that leap days come last
 * (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static sm_date days_from_civil(int y, int m, int d)
{
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static void civil_from_days(sm_date z, int *y, int *m, int *d)
{
    z += 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp + (mp < 10 ? 3 : -9);
    *y = yoe + era * 400 + (*m <= 2);
}

sm_date sm_date_of(int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return SM_DATE_NONE;
    sm_date z = days_from_civil(year, month, day);
    int y, m, d;
    civil_from_days(z, &y, &m, &d);
    return y == year && m == month && d == day ? z : SM_DATE_NONE;
}

sm_date sm_date_parse(sm_str iso)
{
    int v[3] = { 0 };
    static const int len[3] = { 4, 2, 2 };
    if (iso.n != 10 || iso.p[4] != '-' || iso.p[7] != '-')
        return SM_DATE_NONE;
    for (int part = 0, i = 0; part < 3; part++, i++)
        for (int k = 0; k < len[part]; k++, i++) {
            if (iso.p[i] < '0' || iso.p[i] > '9')
                return SM_DATE_NONE;
            v[part] = v[part] * 10 + (iso.p[i] - '0');
        }
    return sm_date_of(v[0], v[1], v[2]);
}

sm_str sm_date_iso(sm_arena *a, sm_date date)
{
    if (date == SM_DATE_NONE)
        return (sm_str){ 0 };
    int y, m, d;
    civil_from_days(date, &y, &m, &d);
    return sm_strf(a, "%04d-%02d-%02d", y, m, d);
}

sm_str sm_date_chinese(sm_arena *a, sm_date date)
{
    if (date == SM_DATE_NONE)
        return (sm_str){ 0 };
    int y, m, d;
    civil_from_days(date, &y, &m, &d);
    return sm_strf(a, "%d年%d月%d日", y, m, d);
}

sm_date sm_today(void)
{
    sm_date set = sm_date_parse(sm_str_of(getenv("SUNMAO_TODAY")));
    if (set != SM_DATE_NONE)
        return set;
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    return sm_date_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}
