/*
 * What the words of the lexicon may never be taken for.
 */
#include "ground/synonyms.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const sm_word *word_of(sm_str text)
{
    uint32_t c[4 * SM_MAX_WORD];
    size_t n = 0;
    while (text.n && n < SM_LEN(c))
        c[n++] = sm_text_fold(sm_utf8_next(&text));
    const sm_word *w = n ? sm_word_at(c, n) : NULL;
    return w && w->n == n ? w : NULL;
}

/* The group of a whole word, or 0. */
static uint32_t group_of(sm_str text)
{
    const sm_word *w = word_of(text);
    return w && (w->kind == SM_WORD_THING || w->kind == SM_WORD_NAME) ? w->group : 0;
}

static bool names_group(sm_word_kind kind)
{
    return kind == SM_WORD_THING || kind == SM_WORD_NAME;
}

/* No word of a table is of another group than the first of its line. */
static void a_word_is_of_one_group(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t t = 0; t < sm_n_word_tables; t++)
        for (size_t i = 0; names_group(sm_word_tables[t]->kind) && i < sm_word_tables[t]->n; i++) {
            sm_str rest = sm_str_of(sm_word_tables[t]->line[i]), word;
            uint32_t group = 0;
            if (sm_str_starts(rest, SM_STR("*")))
                rest = sm_str_sub(rest, 1, rest.n);
            while (sm_str_cut(&rest, ' ', &word)) {
                uint32_t g = group_of(word);
                group = group ? group : g;
                if (g && g == group)
                    continue;
                print_error("“%.*s” is not of the group “%s”\n", SM_ARG(word),
                            sm_word_tables[t]->line[i]);
                wrong++;
            }
        }
    assert_int_equal(wrong, 0);
}

/* A phrase says words that are all known, and is nothing else besides. */
static void a_phrase_says_known_words(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t t = 0; t < sm_n_word_tables; t++)
        for (size_t i = 0; sm_word_tables[t]->kind == SM_WORD_SPELLED && i < sm_word_tables[t]->n;
             i++) {
            sm_str line = sm_str_of(sm_word_tables[t]->line[i]), word;
            size_t colon = sm_str_find(line, SM_STR(": "), 0), n = 0;
            assert_true(colon != SIZE_MAX);
            sm_str row = sm_str_sub(line, 0, colon), rest = sm_str_sub(line, colon + 2, line.n);
            for (; sm_str_cut(&row, ' ', &word); n++)
                if (!word_of(word)) {
                    print_error("“%.*s” of “%s” is no word\n", SM_ARG(word), line.p);
                    wrong++;
                }
            while (sm_str_cut(&rest, ' ', &word)) {
                const sm_word *w = word_of(word);
                if (w && w->kind == SM_WORD_SPELLED && w->n_spelled == n)
                    continue;
                print_error("“%.*s” does not say “%s”\n", SM_ARG(word), line.p);
                wrong++;
            }
        }
    assert_int_equal(wrong, 0);
}

static const char *const apart[][2] = {
#include "never_the_same.inc"
};

static void what_differs_is_of_two_groups(void **state)
{
    (void)state;
    int wrong = 0;
    assert_true(SM_LEN(apart) >= 200);
    for (size_t i = 0; i < SM_LEN(apart); i++) {
        uint32_t a = group_of(sm_str_of(apart[i][0])), b = group_of(sm_str_of(apart[i][1]));
        if (a == 0 || a != b)
            continue;
        print_error("“%s” is taken for “%s”\n", apart[i][0], apart[i][1]);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_of_one_group),
        cmocka_unit_test(a_phrase_says_known_words),
        cmocka_unit_test(what_differs_is_of_two_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
