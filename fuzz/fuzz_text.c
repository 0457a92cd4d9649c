#include "fuzz_target.h"

#include <math.h>

static bool within(sm_str part, sm_str whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_utf8(sm_arena *a, sm_str s)
{
    size_t bad = s.n, n = sm_utf8_count(s);
    bool fine = sm_utf8_valid(s, &bad);
    sm_str mended = sm_utf8_mend(a, s);
    fuzz_must(fine == (bad == s.n) && (fine ? mended.p == s.p : bad < s.n));
    fuzz_must(sm_utf8_valid(mended, NULL) && sm_utf8_count(mended) == n);
    fuzz_must(sm_utf8_head(s, n).n == s.n && sm_utf8_count(sm_utf8_head(s, n / 2)) == n / 2);
}

static void check_normal(sm_arena *a, sm_str s)
{
    sm_str normal = sm_text_normal(a, s);
    fuzz_must(sm_utf8_valid(normal, NULL) && sm_str_trim(normal).n == normal.n);
    fuzz_must(!sm_str_has(normal, SM_STR("  ")));
    size_t max = normal.n * 3 + 1;
    uint64_t *token = SM_NEWS(a, uint64_t, max);
    size_t n = sm_text_tokens(normal, SM_TOKEN_UNI | SM_TOKEN_BI | SM_TOKEN_TRI, token, max);
    fuzz_must(n < max);
    for (size_t i = 0; i < n; i++)
        fuzz_must(token[i] != 0);
    fuzz_must(sm_text_tokens(normal, SM_TOKEN_BI, token, n / 2) <= n / 2);
    static const sm_str words[] = { { "怎么办", 9 }, { "请问", 6 }, { "a", 1 } };
    sm_str left = sm_text_strip(a, normal, words, SM_LEN(words));
    fuzz_must(left.n <= normal.n && (left.n > 0) == (normal.n > 0));
}

static void check_sentences(sm_arena *a, sm_str s)
{
    sm_str *list;
    size_t n = sm_text_sentences(a, s, &list);
    for (size_t i = 0; i < n; i++) {
        fuzz_must(list[i].n > 0 && within(list[i], s) && sm_str_trim(list[i]).n == list[i].n);
        fuzz_must(i == 0 || list[i].p >= list[i - 1].p + list[i - 1].n);
    }
}

static void check_fact_list(sm_str s, const sm_fact *f, size_t n, sm_fact_kind last)
{
    for (size_t i = 0; i < n; i++) {
        fuzz_must(f[i].key.n > 0 && f[i].text.n > 0 && within(f[i].text, s));
        fuzz_must(isfinite(f[i].value) && f[i].kind <= last && f[i].bound <= SM_BOUND_TO);
        fuzz_must(sm_str_starts(f[i].key, sm_str_of(sm_fact_kind_name(f[i].kind))));
        fuzz_must(i == 0 || f[i].text.p >= f[i - 1].text.p + f[i - 1].text.n);
        fuzz_must(sm_fact_within(f[i].key, f[i].key));
    }
}

static void check_facts(sm_arena *a, sm_str s)
{
    static const sm_str names[] = { { "云澜市公安局", 18 }, { "云澜市公安局交通警察支队", 36 } };
    sm_fact *f;
    size_t n = sm_text_facts(a, s, &f);
    check_fact_list(s, f, n, SM_FACT_TITLE);
    n = sm_text_facts_all(a, s, NULL, &f);
    check_fact_list(s, f, n, SM_FACT_WEB);
    n = sm_text_facts_all(a, s, sm_organs_of(a, names, SM_LEN(names)), &f);
    check_fact_list(s, f, n, SM_FACT_WEB);
    n = sm_text_facts_all(a, s, sm_organs_of(a, &s, 1), &f);
    check_fact_list(s, f, n, SM_FACT_WEB);
    fuzz_must(sm_text_integer(s) >= -1);
}

static size_t count_digits(sm_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] >= '0' && s.p[i] <= '9';
    return n;
}

static void check_masking(sm_arena *a, sm_str s)
{
    size_t n = 0, again = 0;
    sm_str masked = sm_text_mask(a, s, &n);
    fuzz_must(masked.n <= s.n && (n > 0 || masked.p == s.p));
    fuzz_must(!sm_utf8_valid(s, NULL) || sm_utf8_valid(masked, NULL));
    fuzz_must(count_digits(masked) <= count_digits(s));
    sm_text_mask(a, masked, &again);
    fuzz_must(again == 0);
}

static void check_line(sm_str s)
{
    sm_mark m = sm_text_mark(s);
    fuzz_must(within(m.label, s) && within(m.rest, s));
    fuzz_must((m.kind == SM_MARK_NONE) == (m.label.n == 0));
    fuzz_must(m.kind != SM_MARK_NONE || m.rest.n == 0);
    fuzz_must(within(sm_text_secret_mark(s), s));
    sm_text_secret_doc_no(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_arena *a = sm_arena_open();
    sm_str s = { (const char *)data, size }, rest = s, line;
    check_utf8(a, s);
    check_normal(a, s);
    check_sentences(a, s);
    check_facts(a, s);
    check_masking(a, s);
    while (sm_str_cut(&rest, '\n', &line))
        check_line(line);
    sm_arena_close(a);
    return 0;
}
