/*
 * Groups K and L: what must not be shown, and the table of the checkers of names.
 */
#include "review/names.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_ID = 15 };

/* -------------------------------------------------------------------- L06 */

static bool is_digit_or_x(sm_str s, size_t at)
{
    return (s.p[at] >= '0' && s.p[at] <= '9') || s.p[at] == 'X' || s.p[at] == 'x';
}

/* Where the masked text goes on alike: the bytes of the original and of the masked that differ,
 * widened to the whole number. */
static void report_masked(sm_check *c, const sm_rule *rule, const sm_line *l, sm_str masked)
{
    static const char *const contact[] = { "联系人",   "联系电话", "咨询电话", "举报电话",
                                           "值班电话", "报名电话", "投诉电话", "监督电话" };
    sm_str s = l->text;
    size_t i = 0, k = 0;
    while (i < s.n && k < masked.n) {
        if (s.p[i] == masked.p[k]) {
            i++;
            k++;
            continue;
        }
        size_t from = i, kf = k;
        while (from > 0 && kf > 0 && is_digit_or_x(s, from - 1)) {
            from--;
            kf--;
        }
        while (k < masked.n && masked.p[k] == '*') { /* each hides a digit, of one byte or three */
            while (i < s.n && !is_digit_or_x(s, i) && (uint8_t)s.p[i] != 0xef)
                i++; /* a sign between groups went, too */
            i += i < s.n && (uint8_t)s.p[i] == 0xef ? 3 : 1;
            k++;
        }
        while (i < s.n && k < masked.n && s.p[i] == masked.p[k] && is_digit_or_x(s, i)) {
            i++;
            k++;
        }
        sm_str what = sm_str_sub(s, from, i), as = sm_str_sub(masked, kf, k);
        bool phone = sm_utf8_count(what) < LEAST_ID;
        if (phone && (l->role == SM_ROLE_REMARK || sm_str_has_any(s, contact, SM_LEN(contact))))
            continue;
        sm_finding *f = sm_find_slice(c, rule, l, what);
        sm_propose(f, as);
        sm_because(c, f, "公开的文件里不写完整的%s", phone ? "个人手机号码" : "证件号码或卡号");
    }
}

/* L06: personal data: numbers here, addresses, minors and the like by patterns. */
static void run_personal(sm_check *c, const sm_rule *rule)
{
    for (size_t i = 0; i < c->o->n; i++) {
        const sm_line *l = &c->o->line[i];
        size_t n = 0;
        if (!l->text.n || !sm_rule_reads(rule, l))
            continue;
        sm_str masked = sm_text_mask(c->a, l->text, &n);
        if (n)
            report_masked(c, rule, l, masked);
    }
    sm_pattern_run(c, rule);
}

/* -------------------------------------------------------------------- L07 */

/* A document that everybody may read. */
static bool is_public(const sm_outline *o)
{
    static const char *const marks[] = { "公开发布", "主动公开", "公开发行" };
    if (sm_str_eq(o->kind, SM_STR("公告")) || sm_str_eq(o->kind, SM_STR("通告")) ||
        sm_str_eq(o->kind, SM_STR("公报")) || o->order)
        return true;
    for (size_t i = 0; i < o->n; i++)
        if (o->line[i].role == SM_ROLE_REMARK &&
            sm_str_has_any(o->line[i].text, marks, SM_LEN(marks)))
            return true;
    return false;
}

static void run_open(sm_check *c, const sm_rule *rule)
{
    if (is_public(c->o))
        sm_pattern_run(c, rule);
}

const sm_checker sm_checkers_names[] = { { "misspelt_names", sm_run_misspelt },
                                         { "posts", sm_run_posts },
                                         { "leaders_order", sm_run_order },
                                         { "terms", sm_run_terms },
                                         { "several_names", sm_run_several_names },
                                         { "meetings", sm_run_meetings },
                                         { "personal_data", run_personal },
                                         { "open_document", run_open },
                                         { NULL, NULL } };
