/*
 * A whole number between two bounds, as a grammar: by its digits, those of equal number together.
 */
#include "engine/schema_inner.h"

static int n_digits(int64_t n)
{
    int k = 1;
    while (n >= 10) {
        n /= 10;
        k++;
    }
    return k;
}

static int64_t power_of_ten(int k)
{
    int64_t n = 1;
    while (k-- > 0)
        n *= 10;
    return n;
}

static void add_digit(sm_buf *b, int64_t from, int64_t to)
{
    if (from == to)
        sm_buf_addf(b, "\"%lld\" ", (long long)from);
    else
        sm_buf_addf(b, "[%lld-%lld] ", (long long)from, (long long)to);
}

/* lo ... hi, both written with k digits, zeros in front counted. */
static void add_same_length(sm_buf *b, int64_t lo, int64_t hi, int k)
{
    int64_t unit = power_of_ten(k - 1), first = lo / unit, last = hi / unit;
    bool whole_first = lo % unit == 0, whole_last = hi % unit == unit - 1;
    if (k == 1 || (whole_first && whole_last)) {
        add_digit(b, first, last);
        if (k > 1)
            sm_buf_addf(b, "[0-9]{%d} ", k - 1);
        return;
    }
    if (first == last) {
        add_digit(b, first, first);
        add_same_length(b, lo % unit, hi % unit, k - 1);
        return;
    }
    /* The first digit whole, the digits between, the last whole: what is not whole goes on below.
     */
    sm_buf_addf(b, "( ");
    if (!whole_first) {
        add_digit(b, first, first);
        add_same_length(b, lo % unit, unit - 1, k - 1);
        sm_buf_addf(b, "| ");
        first++;
    }
    int64_t middle = whole_last ? last : last - 1;
    if (first <= middle) {
        add_digit(b, first, middle);
        sm_buf_addf(b, "[0-9]{%d} ", k - 1);
        if (!whole_last)
            sm_buf_addf(b, "| ");
    }
    if (!whole_last) {
        add_digit(b, last, last);
        add_same_length(b, 0, hi % unit, k - 1);
    }
    sm_buf_addf(b, ") ");
}

static void add_positive(sm_buf *b, int64_t lo, int64_t hi)
{
    for (int k = n_digits(lo); k <= n_digits(hi); k++) {
        int64_t least = k == 1 ? 0 : power_of_ten(k - 1), most = power_of_ten(k) - 1;
        if (b->n)
            sm_buf_addf(b, "| ");
        add_same_length(b, SM_MAX(lo, least), SM_MIN(hi, most), k);
    }
}

sm_str sm_schema_range(sm_schema *s, int64_t lo, int64_t hi)
{
    sm_buf b;
    sm_str negative = { 0 }, positive = { 0 };
    sm_buf_init(&b, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    if (lo < 0) {
        add_positive(&b, hi < 0 ? -hi : 1, -lo);
        negative = sm_schema_rule(s, sm_buf_str(&b));
    }
    sm_buf_done(&b);
    sm_buf_init(&b, SM_SCHEMA_MAX_GRAMMAR_BYTES);
    if (hi >= 0) {
        add_positive(&b, SM_MAX(lo, 0), hi);
        positive = sm_schema_rule(s, sm_buf_str(&b));
    }
    sm_buf_done(&b);
    if (!negative.n)
        return positive;
    return sm_strf(s->op->arena, "\"-\" %.*s%s%.*s", SM_ARG(negative), positive.n ? " | " : "",
                   SM_ARG(positive));
}
