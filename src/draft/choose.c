/*
 * Which type of document: the cues of each type and the direction, summed; too near is unclear.
 */
#include <stdlib.h>
#include <string.h>

#include "draft/inner.h"

#define LEAST  2.5 /* of the best, for a type that is clear */
#define MARGIN 1.5 /* of the best over the next */

enum { MAX_WHY = 2, QUOTED_CHARS = 16 };

typedef struct scored {
    const sm_type *type;
    double score;
    const sm_cue *why[MAX_WHY]; /* the strongest towards it */
    sm_str quoted[MAX_WHY];
    const sm_cue *against; /* the strongest away from it; NULL: none */
    sm_str against_quoted;
} scored;

static void weigh_cue(scored *x, const sm_cue *c, sm_str quoted)
{
    x->score += c->weight;
    if (c->weight < 0) {
        if (!x->against || c->weight < x->against->weight) {
            x->against = c;
            x->against_quoted = quoted;
        }
        return;
    }
    for (size_t i = 0; i < MAX_WHY; i++) {
        if (x->why[i] && x->why[i]->weight >= c->weight)
            continue;
        for (size_t k = MAX_WHY - 1; k > i; k--) {
            x->why[k] = x->why[k - 1];
            x->quoted[k] = x->quoted[k - 1];
        }
        x->why[i] = c;
        x->quoted[i] = quoted;
        return;
    }
}

static void score(const sm_said *s, const sm_type *t, scored *x)
{
    sm_str group[SM_GROUPS];
    *x = (scored){ .type = t, .score = t->common + t->toward[s->direction] };
    for (size_t i = 0; i < t->n_cues; i++)
        if (sm_pattern_find(t->cue[i].match, s->marked, 0, group) ||
            sm_pattern_find(t->cue[i].match, s->text, 0, group))
            weigh_cue(x, &t->cue[i], group[0]);
}

static int best_first(const void *a, const void *b)
{
    const scored *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->type < y->type ? -1 : x->type > y->type; /* the order of the regulations */
}

/* --------------------------------------------------------------------- why */

static void put_direction(sm_buf *b, const sm_said *s)
{
    static const char *const texts[] = {
        [SM_DIR_UP] = "是上级机关",
        [SM_DIR_DOWN] = "是下级",
        [SM_DIR_LEVEL] = "是平行或者不相隶属的机关",
    };
    if (s->direction == SM_DIR_PUBLIC)
        sm_buf_add(b, SM_STR("面向社会公众"));
    else if (s->direction != SM_DIR_UNKNOWN)
        sm_buf_addf(b, "%.*s%s", SM_ARG(s->to[0].name), texts[s->direction]);
}

static void put_cue(sm_buf *b, const sm_cue *c, sm_str quoted)
{
    sm_str sign = SM_STR(SM_ADDRESSEE), words = sm_utf8_head(quoted, QUOTED_CHARS);
    sm_buf_add(b, b->n ? SM_STR("，") : SM_STR(""));
    sm_buf_add(b, c->why);
    if (sm_str_has(words, sign) || !words.n)
        return;
    sm_buf_addf(b, "（“%.*s%s”）", SM_ARG(words), words.n < quoted.n ? "…" : "");
}

static sm_str why_of(sm_arena *a, const sm_said *s, const scored *x)
{
    sm_buf b;
    sm_buf_init(&b, 8192);
    if (x->type->toward[s->direction] > 0)
        put_direction(&b, s);
    for (size_t i = 0; i < MAX_WHY && x->why[i]; i++)
        if (x->why[i]->why.n && (i == 0 || !sm_str_eq(x->why[0]->why, x->why[i]->why)))
            put_cue(&b, x->why[i], x->quoted[i]);
    if (!b.n)
        sm_buf_add(&b, x->type->face.use);
    if (x->against && x->against->why.n) {
        sm_buf_add(&b, SM_STR("，但"));
        sm_buf_add(&b, x->against->why);
    }
    bool stop = sm_str_ends(sm_buf_str(&b), SM_STR("。"));
    sm_buf_add(&b, stop ? SM_STR("") : SM_STR("。"));
    sm_str why = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return why;
}

static void put_choice(sm_arena *a, const sm_said *s, const scored *x, sm_draft *out)
{
    const sm_draft_type *type = &x->type->face;
    out->choice[out->n_choices++] = (sm_draft_choice){
        .kind = type->name, .why = why_of(a, s, x), .decides = type->decides, .score = x->score
    };
}

static sm_str question_of(sm_arena *a, const sm_draft *out)
{
    sm_buf b;
    sm_buf_init(&b, 8192);
    sm_buf_add(&b, SM_STR("还看不出该用哪种公文，请说明："));
    for (size_t i = 0; i < out->n_choices; i++)
        sm_buf_addf(&b, "%s%.*s用%.*s", i ? "；" : "", SM_ARG(out->choice[i].decides),
                    SM_ARG(out->choice[i].kind));
    sm_buf_add(&b, SM_STR("。"));
    sm_str s = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

/* ------------------------------------------------------------------ choose */

/* The type that was asked for; what the words say against it is told. */
static void take_told(sm_op *op, const sm_said *s, scored *all, size_t n, const sm_type *told,
                      sm_draft *out)
{
    sm_arena *a = op->arena;
    const scored *x = &all[0];
    for (size_t i = 0; i < n; i++)
        x = all[i].type == told ? &all[i] : x;
    put_choice(a, s, x, out);
    out->choice[0].why = SM_STR("按指定的文种。");
    for (size_t i = 0; i < n && out->n_choices < SM_DRAFT_CHOICES; i++)
        if (all[i].type != told)
            put_choice(a, s, &all[i], out);
    bool other = all[0].type != told && all[0].score >= LEAST && all[0].score - x->score >= MARGIN;
    if (x->against && x->against->why.n)
        sm_draft_note(a, out,
                      sm_strf(a, "指定的文种是%.*s，但%.*s", SM_ARG(told->face.name),
                              SM_ARG(x->against->why)));
    else if (other)
        sm_draft_note(a, out,
                      sm_strf(a, "指定的文种是%.*s，照描述看更像%.*s：%.*s",
                              SM_ARG(told->face.name), SM_ARG(all[0].type->face.name),
                              SM_ARG(out->choice[1].why)));
}

const sm_type *sm_draft_choose(sm_op *op, const sm_drafter *d, const sm_said *s,
                               const sm_type *told, sm_draft *out)
{
    size_t n = d->n_types;
    scored *all = SM_NEWS(op->arena, scored, n);
    for (size_t i = 0; i < n; i++)
        score(s, &d->type[i], &all[i]);
    qsort(all, n, sizeof(*all), best_first);
    out->clear =
        told || (all[0].score >= LEAST && (n < 2 || all[0].score - all[1].score >= MARGIN));
    if (told) {
        take_told(op, s, all, n, told, out);
        return told;
    }
    for (size_t i = 0; i < n && i < SM_DRAFT_CHOICES; i++)
        put_choice(op->arena, s, &all[i], out);
    if (!out->clear)
        out->question = question_of(op->arena, out);
    return out->clear ? all[0].type : NULL;
}
