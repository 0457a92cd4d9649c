#include "guide/intent.h"

#include <stdlib.h>
#include <string.h>

#include "corpus/corpus.h"
#include "guide/unclear.h"
#include "search/search.h"
#include "text/text.h"

enum {
    MAX_SHARED_BYTES = 16 << 20,
    MAX_MODEL_BYTES = 64 << 20,
    SEED = 20261123,
    MAX_REPEATS = 24,
    ALIGN = 8
};

/* The file: this head, then the classifiers one after the other, each at a multiple of ALIGN so
 * that it is read in place. */
enum part { INTENT, FACET, ROUTE, TWO, UNCLEAR, FOLLOW, N_PARTS };
enum { N_BLOBS = N_PARTS + 1 }; /* and the wordings of unclear.h */
static const int n_labels[N_PARTS] = { SM_N_INTENTS, SM_N_FACETS, 2, 2, 2, SM_N_FOLLOWS };
struct head {
    char magic[8];
    uint64_t bytes[N_BLOBS];
};
static const char MAGIC[8] = "SMGUID7";

struct sm_intents {
    sm_linear *part[N_PARTS];
    sm_unclear *unclear;
};

static const char *const names[SM_N_INTENTS] = {
#define SM_INTENT_ROW(id, name) [SM_INTENT_##id] = name,
    SM_INTENT_TABLE(SM_INTENT_ROW)
#undef SM_INTENT_ROW
};

bool sm_intent_parse(sm_str name, sm_intent *out)
{
    for (size_t i = 0; i < SM_N_INTENTS; i++)
        if (sm_str_eq(name, sm_str_of(names[i]))) {
            *out = (sm_intent)i;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------- learning */

/* What the catalogue's items are called, normalised; short names say too little. */
struct names {
    sm_str *name;
    size_t n;
};
enum { MIN_NAME_CHARS = 4 };

struct rows {
    sm_op *op;
    sm_row *row;
    size_t n, cap;
};

static void add_row(struct rows *r, sm_str text, int label)
{
    SM_GROW(r->op->arena, r->row, r->n, r->cap);
    r->row[r->n++] = (sm_row){ text, label };
}

static bool intent_label(sm_str name, int *label)
{
    sm_intent i;
    if (!sm_intent_parse(name, &i))
        return false;
    *label = (int)i;
    return true;
}

static bool two_label(sm_str name, int *label)
{
    *label = 1;
    return sm_str_eq(name, SM_STR("two"));
}

static bool follow_label(sm_str name, int *label)
{
    static const char *const follow[SM_N_FOLLOWS] = {
        [SM_FOLLOW_STAY] = "stay",     [SM_FOLLOW_SIBLING] = "sibling",   [SM_FOLLOW_NEW] = "new",
        [SM_FOLLOW_CHOICE] = "choice", [SM_FOLLOW_REACTION] = "reaction",
    };
    for (int i = 0; i < SM_N_FOLLOWS; i++)
        if (sm_str_eq(name, sm_str_of(follow[i]))) {
            *label = i;
            return true;
        }
    return false;
}

static bool facet_label(sm_str name, int *label)
{
    sm_facet f;
    if (!sm_facet_parse(name, &f))
        return false;
    *label = (int)f;
    return true;
}

/* The matter of an example that this catalogue does have. */
static bool in_catalogue(sm_op *op, const struct names *known, sm_str matter)
{
    sm_str plain = sm_text_normal(op->arena, matter);
    for (size_t i = 0; plain.n && i < known->n; i++)
        if (sm_str_has(plain, known->name[i]) || sm_str_has(known->name[i], plain))
            return true;
    return false;
}

/* Lines of {"text", key}; a value that is no label of ours is left out, and so is an example of a
 * matter that catalogues seldom have ("matter") when this one has it. */
static sm_rc read_rows(struct rows *r, const char *share_dir, const char *file, const char *key,
                       bool (*label_of)(sm_str, int *), const struct names *known)
{
    sm_str text, line;
    const char *path = sm_path(r->op->arena, share_dir, file);
    sm_rc rc = sm_file_read(r->op, path, MAX_SHARED_BYTES, &text);
    if (rc < 0)
        return rc;
    while (sm_str_cut(&text, '\n', &line)) {
        json_t *j;
        int label;
        if (sm_str_trim(line).n == 0)
            continue;
        rc = sm_json_parse(r->op, line, path, &j);
        if (rc < 0)
            return rc;
        if (label_of(sm_json_str(j, key), &label) &&
            !in_catalogue(r->op, known, sm_json_str(j, "matter")))
            add_row(r, sm_json_str(j, "text"), label);
    }
    return SM_OK;
}

enum { ROUTE_ITEM, ROUTE_POLICY };
struct all_rows {
    struct rows of[N_PARTS];
    sm_wording *wording;
    sm_neighbours *edge;
    size_t n_wordings, cap_wordings, n_edges, cap_edges;
};

static void add_wording(sm_op *op, struct all_rows *all, sm_str code, sm_str text)
{
    SM_GROW(op->arena, all->wording, all->n_wordings, all->cap_wordings);
    all->wording[all->n_wordings++] = (sm_wording){ code, text };
}

static void add_edge(sm_op *op, struct all_rows *all, sm_str a, sm_str b, bool partner)
{
    if (b.n == 0)
        return;
    SM_GROW(op->arena, all->edge, all->n_edges, all->cap_edges);
    all->edge[all->n_edges++] = (sm_neighbours){ a, b, partner };
}

static sm_rc add_neighbours(sm_op *op, sm_db *corpus, struct all_rows *all)
{
    sm_doc *doc;
    size_t n, i, k;
    json_t *j, *s, *o;
    sm_rc rc = sm_corpus_docs(op, corpus, SM_KIND_ITEM, &doc, &n);
    for (size_t d = 0; rc == SM_OK && d < n; d++) {
        rc = sm_item_json(op, &doc[d], &j);
        if (rc < 0)
            break;
        add_edge(op, all, doc[d].id, sm_json_str(j, "sibling_of"), false);
        json_array_foreach(json_object_get(j, "situations"), i, s)
        {
            json_array_foreach(json_object_get(s, "options"), k, o)
            {
                add_edge(op, all, doc[d].id, sm_json_str(o, "goto"), false);
            }
        }
        sm_str scope = sm_json_str(j, "scope");
        size_t cut = sm_str_find(scope, SM_STR("，"), 0);
        add_wording(op, all, doc[d].id, cut == SIZE_MAX ? scope : sm_str_sub(scope, 0, cut));
    }
    return rc;
}

bool sm_asks_amount(sm_str text)
{
    static const char *const words[] = { "多少钱", "给多少", "补多少", "贴多少", "领多少", "发多少",
                                         "取多少", "罚多少", "贷多少", "报多少", "月多少", "年多少",
                                         "几万",   "几百",   "几千",   "封顶",   "比例",   "几成",
                                         "罚款",   "怎么罚", "多少补", "金多少", "款多少" };
    return sm_str_has_any(text, words, SM_LEN(words));
}

static void add_in_scope(struct all_rows *all, sm_str text, int route)
{
    add_row(&all->of[INTENT], text, SM_INTENT_IN_SCOPE);
    bool of_either = sm_asks_amount(text) && !sm_str_has(text, SM_STR("多少钱")); /* no fee */
    if (route != ROUTE_ITEM || !of_either)
        add_row(&all->of[ROUTE], text, route);
    if (route == ROUTE_ITEM)
        add_row(&all->of[TWO], text, 0);
}

static sm_rc add_questions(sm_op *op, void *ctx, const sm_passage *p)
{
    struct all_rows *all = ctx;
    sm_str code = sm_str_dup(op->arena, p->id);
    for (size_t i = 0; i < p->n_questions; i++) {
        sm_str text = sm_str_dup(op->arena, p->question[i]);
        add_in_scope(all, text, ROUTE_ITEM);
        add_wording(op, all, code, text);
        add_row(&all->of[UNCLEAR], text, 0);
    }
    return SM_OK;
}

/* What a policy calls its matter. */
static sm_rc add_headings(sm_op *op, void *ctx, const sm_passage *p)
{
    sm_str first = sm_utf8_head(p->body, 40);
    add_in_scope(ctx, sm_strf(op->arena, "%.*s %.*s", SM_ARG(p->title), SM_ARG(first)),
                 ROUTE_POLICY);
    return SM_OK;
}

/* Repeats the rows of a classifier's rarer side until they are about as many as the other's: the
 * wording decides, not how many examples somebody wrote. */
static void balance(struct rows *r, size_t first, size_t n_first, int common)
{
    size_t n_common = 0, n_rare = 0;
    for (size_t i = 0; i < r->n; i++)
        *(r->row[i].label == common ? &n_common : &n_rare) += 1;
    size_t times = n_rare ? SM_MIN(n_common / n_rare, (size_t)MAX_REPEATS) : 0;
    for (size_t k = 1; k < times; k++)
        for (size_t i = first; i < first + n_first; i++) {
            sm_row row = r->row[i];
            add_row(r, row.text, row.label);
        }
}

static sm_rc read_names(sm_op *op, sm_db *corpus, struct names *out)
{
    sm_doc *doc;
    size_t n = 0;
    sm_rc rc = corpus ? sm_corpus_docs(op, corpus, SM_KIND_ITEM, &doc, &n) : SM_OK;
    out->name = SM_NEWS(op->arena, sm_str, n + 1);
    for (size_t i = 0; rc == SM_OK && i < n; i++) {
        sm_str plain = sm_text_normal(op->arena, doc[i].title);
        if (sm_utf8_count(plain) >= MIN_NAME_CHARS)
            out->name[out->n++] = plain;
    }
    return rc;
}

struct known_text {
    sm_str text, code;
    bool two;
};

static int by_text_and_code(const void *a, const void *b)
{
    const struct known_text *x = a, *y = b;
    int c = sm_str_cmp(x->text, y->text);
    return c ? c : sm_str_cmp(x->code, y->code);
}

/* A text that was given for several items is unclear, and they are neighbours; unless it asks for
 * two things: then they go together. */
static void add_unclear(sm_op *op, const sm_guide_texts *texts, struct all_rows *all)
{
    size_t n = texts->n_items, m = 0;
    struct known_text *k = SM_NEWS(op->arena, struct known_text, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (texts->item[i].after.n)
            continue;
        k[m++] = (struct known_text){ texts->item[i].text, texts->item[i].id, texts->item[i].two };
    }
    n = m;
    if (n)
        qsort(k, n, sizeof(*k), by_text_and_code);
    for (size_t i = 0, j; i < n; i = j) {
        bool several = false;
        for (j = i + 1; j < n && sm_str_eq(k[j].text, k[i].text); j++)
            for (size_t other = i; other < j; other++)
                if (!sm_str_eq(k[j].code, k[other].code)) {
                    several = true;
                    add_edge(op, all, k[other].code, k[j].code, k[i].two);
                }
        if (k[i].two) {
            add_row(&all->of[TWO], k[i].text, 1);
            continue;
        }
        add_row(&all->of[UNCLEAR], k[i].text, several);
        if (several) /* a bare need */
            add_row(&all->of[FACET], k[i].text, SM_FACET_NONE);
    }
}

static bool has_edge(const struct all_rows *all, sm_str a, sm_str b)
{
    for (size_t i = 0; i < all->n_edges; i++)
        if (!all->edge[i].partner &&
            ((sm_str_eq(all->edge[i].a, a) && sm_str_eq(all->edge[i].b, b)) ||
             (sm_str_eq(all->edge[i].a, b) && sm_str_eq(all->edge[i].b, a))))
            return true;
    return false;
}

/* What was said second: it speaks of its item only beside what was in hand. */
static void add_step(sm_op *op, const sm_pair *p, struct all_rows *all)
{
    sm_facet f;
    bool stays = sm_str_eq(p->after, p->id) && !p->offered;
    bool akin = !stays && !p->offered && has_edge(all, p->after, p->id);
    sm_follow kind = p->offered ? SM_FOLLOW_CHOICE
                     : stays    ? SM_FOLLOW_STAY
                     : akin     ? SM_FOLLOW_SIBLING
                                : SM_FOLLOW_NEW;
    add_row(&all->of[FOLLOW], p->text, kind);
    add_row(&all->of[INTENT], p->text, SM_INTENT_IN_SCOPE);
    if (!stays)
        add_wording(op, all, p->id, p->text);
    if (kind == SM_FOLLOW_NEW)
        add_edge(op, all, p->after, p->id, true);
    if (sm_facet_parse(p->facet, &f))
        add_row(&all->of[FACET], p->text, f);
}

/* The examples that ship; *n_intents and *n_two of them are counted for the balance. */
static sm_rc read_shared(sm_op *op, const char *share_dir, sm_db *corpus, struct all_rows *all,
                         size_t *n_intents, size_t *n_two)
{
    static const struct {
        const char *file, *key;
        bool (*label_of)(sm_str, int *);
        enum part part;
    } files[] = { { "intents-a.jsonl", "class", intent_label, INTENT },
                  { "intents-b.jsonl", "class", intent_label, INTENT },
                  { "intents-c.jsonl", "class", intent_label, INTENT },
                  { "two-part.jsonl", "class", two_label, TWO },
                  { "followups.jsonl", "kind", follow_label, FOLLOW },
                  { "facets.jsonl", "facet", facet_label, FACET } };
    struct names known = { 0 };
    sm_rc rc = read_names(op, corpus, &known);
    for (size_t i = 0; rc == SM_OK && i < SM_LEN(files); i++)
        rc = read_rows(&all->of[files[i].part], share_dir, files[i].file, files[i].key,
                       files[i].label_of, &known);
    *n_intents = all->of[INTENT].n;
    *n_two = all->of[TWO].n;
    return rc;
}

static sm_rc add_corpus(sm_op *op, sm_db *corpus, struct all_rows *all)
{
    sm_rc rc = SM_OK;
    if (corpus)
        rc = sm_corpus_passages(op, corpus, SM_KIND_ITEM, 0, add_questions, all);
    if (rc == SM_OK && corpus)
        rc = sm_corpus_passages(op, corpus, SM_KIND_POLICY, 0, add_headings, all);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < all->of[FACET].n; i++) /* a bare facet question is in scope, too */
        add_in_scope(all, all->of[FACET].row[i].text, ROUTE_ITEM);
    return corpus ? add_neighbours(op, corpus, all) : SM_OK;
}

/* A wording of an item. */
static void add_pair(sm_op *op, const sm_pair *p, struct all_rows *all)
{
    sm_facet f;
    if (p->after.n) {
        add_step(op, p, all);
        return;
    }
    if (p->two) {
        add_row(&all->of[INTENT], p->text, SM_INTENT_IN_SCOPE);
        return;
    }
    add_in_scope(all, p->text, ROUTE_ITEM);
    add_wording(op, all, p->id, p->text);
    if (sm_facet_parse(p->facet, &f))
        add_row(&all->of[FACET], p->text, f);
}

static sm_rc gather(sm_op *op, const char *share_dir, sm_db *corpus, const sm_guide_texts *texts,
                    struct all_rows *all)
{
    static const sm_guide_texts none = { 0 };
    size_t n_intents, n_two;
    texts = texts ? texts : &none;
    sm_rc rc = read_shared(op, share_dir, corpus, all, &n_intents, &n_two);
    if (rc == SM_OK)
        rc = add_corpus(op, corpus, all);
    if (rc < 0)
        return rc;
    add_unclear(op, texts, all);
    for (size_t i = 0; i < texts->n_items; i++)
        add_pair(op, &texts->item[i], all);
    size_t first = all->of[ROUTE].n;
    for (size_t i = 0; i < texts->n_policies; i++)
        add_in_scope(all, texts->policy[i].text, ROUTE_POLICY);
    balance(&all->of[ROUTE], first, all->of[ROUTE].n - first, ROUTE_ITEM);
    balance(&all->of[INTENT], 0, n_intents, SM_INTENT_IN_SCOPE);
    balance(&all->of[TWO], 0, n_two, 0);
    add_row(&all->of[UNCLEAR], SM_STR("怎么办"), 1); /* so that there is something to learn from */
    add_row(&all->of[UNCLEAR], SM_STR("身份证丢了怎么补"), 0);
    return SM_OK;
}

/* One classifier, learned under an operation of its own: they are learned side by side. */
struct lesson {
    sm_op op;
    const struct rows *rows;
    int n_labels;
    sm_str blob;
};

static void learn_part(void *lessons, size_t i)
{
    struct lesson *l = (struct lesson *)lessons + i;
    sm_linear_train(&l->op, l->rows->row, l->rows->n, l->n_labels, SEED, &l->blob);
}

static sm_rc learn_parts(sm_op *op, const struct all_rows *all, sm_str blob[N_BLOBS])
{
    struct lesson lesson[N_PARTS];
    for (int i = 0; i < N_PARTS; i++) {
        lesson[i] = (struct lesson){ .rows = &all->of[i], .n_labels = n_labels[i] };
        sm_op_begin(&lesson[i].op);
        lesson[i].op.cancel = op->cancel;
        lesson[i].op.deadline_us = op->deadline_us;
    }
    sm_parallel(N_PARTS, learn_part, lesson);
    for (int i = 0; i < N_PARTS; i++) {
        if (lesson[i].op.rc < 0)
            sm_fail(op, lesson[i].op.rc, "%.*s", SM_ARG(lesson[i].op.msg));
        blob[i] = sm_str_dup(op->arena, lesson[i].blob);
        sm_op_end(&lesson[i].op);
    }
    return op->rc;
}

static sm_rc learn(sm_op *op, const char *share_dir, sm_db *corpus, const sm_guide_texts *texts,
                   sm_str blob[N_BLOBS])
{
    struct all_rows all = { 0 };
    for (int i = 0; i < N_PARTS; i++)
        all.of[i].op = op;
    sm_rc rc = gather(op, share_dir, corpus, texts, &all);
    if (rc == SM_OK)
        rc = learn_parts(op, &all, blob);
    if (rc == SM_OK)
        blob[N_PARTS] = sm_unclear_build(op, all.wording, all.n_wordings, all.edge, all.n_edges);
    return rc;
}

sm_rc sm_guide_learn(sm_op *op, const char *data_dir, const char *share_dir, sm_db *corpus,
                     const sm_guide_texts *texts)
{
    sm_str blob[N_BLOBS];
    sm_rc rc = learn(op, share_dir, corpus, texts, blob);
    if (rc < 0)
        return rc;
    struct head head = { 0 };
    memcpy(head.magic, MAGIC, sizeof(MAGIC));
    for (int i = 0; i < N_BLOBS; i++)
        head.bytes[i] = blob[i].n;
    sm_buf b;
    sm_buf_init(&b, MAX_MODEL_BYTES);
    sm_buf_add(&b, (sm_str){ (const char *)&head, sizeof(head) });
    for (int i = 0; i < N_BLOBS; i++) {
        sm_buf_add(&b, blob[i]);
        while (b.n % ALIGN && !b.failed)
            sm_buf_addc(&b, 0);
    }
    rc =
        b.failed ? sm_fail(op, SM_E_LIMIT, "意图分类器超过 %d 字节的上限", MAX_MODEL_BYTES) : SM_OK;
    if (rc == SM_OK)
        rc = sm_dir_make(op, sm_path(op->arena, data_dir, "model"));
    if (rc == SM_OK)
        rc = sm_file_write(op, sm_path(op->arena, data_dir, "model/guide.model"), sm_buf_str(&b));
    sm_buf_done(&b);
    return rc;
}

/* -------------------------------------------------------------- reading */

static sm_rc split(sm_op *op, sm_str file, sm_str blob[N_BLOBS])
{
    struct head head;
    if (file.n < sizeof(head))
        return sm_fail(op, SM_E_CORRUPT, "意图分类器文件不完整，请重新导入一次");
    memcpy(&head, file.p, sizeof(head));
    size_t at = sizeof(head);
    bool fits = memcmp(head.magic, MAGIC, sizeof(MAGIC)) == 0;
    for (int i = 0; fits && i < N_BLOBS; i++) {
        fits = head.bytes[i] <= file.n - at;
        blob[i] = sm_str_sub(file, at, at + head.bytes[i]);
        at += fits ? (head.bytes[i] + ALIGN - 1) / ALIGN * ALIGN : 0;
        fits = fits && at <= file.n;
    }
    return fits && at == file.n
               ? SM_OK
               : sm_fail(op, SM_E_CORRUPT, "意图分类器文件的格式不对，请重新导入一次");
}

static void unmap(void *map)
{
    sm_map_close(map);
}

/* Until the op's arena closes.  A newer file is written beside and renamed. */
static sm_rc map_file(sm_op *op, const char *path, sm_str *out)
{
    sm_map *map = SM_NEW(op->arena, sm_map);
    sm_rc rc = sm_map_open(op, path, map);
    if (rc < 0)
        return rc;
    sm_arena_defer(op->arena, unmap, map);
    *out = (sm_str){ (const char *)map->p, map->n };
    return SM_OK;
}

sm_rc sm_intents_open(sm_op *op, const char *data_dir, const char *share_dir, sm_intents **out)
{
    sm_str file, blob[N_BLOBS];
    const char *path = sm_path(op->arena, data_dir, "model/guide.model");
    sm_rc rc;
    if (sm_file_exists(path)) {
        rc = map_file(op, path, &file);
        if (rc == SM_OK)
            rc = split(op, file, blob);
    } else {
        rc = learn(op, share_dir, NULL, NULL, blob);
    }
    sm_intents *m = SM_NEW(op->arena, sm_intents);
    for (int i = 0; rc == SM_OK && i < N_PARTS; i++) {
        rc = sm_linear_open(op, blob[i], &m->part[i]);
        if (rc == SM_OK && sm_linear_labels(m->part[i]) != n_labels[i])
            rc = sm_fail(op, SM_E_CORRUPT, "意图分类器与程序版本不符，请重新导入一次");
    }
    if (rc == SM_OK)
        rc = sm_unclear_open(op, blob[N_PARTS], &m->unclear);
    if (rc == SM_OK)
        *out = m;
    return rc;
}

const sm_unclear *sm_intents_unclear(const sm_intents *m)
{
    return m->unclear;
}

void sm_intents_read(const sm_intents *m, sm_str text, sm_reading *out)
{
    double route[2], two[2], unclear[2];
    double *const p[N_PARTS] = { [INTENT] = out->p, [FACET] = out->facet, [ROUTE] = route,
                                 [TWO] = two,       [UNCLEAR] = unclear,  [FOLLOW] = out->follow };
    sm_grams g;
    sm_linear_grams(text, &g);
    for (int i = 0; i < N_PARTS; i++)
        sm_linear_predict_grams(m->part[i], &g, p[i]);
    out->policy = route[ROUTE_POLICY];
    out->two = two[1];
    out->unclear = unclear[1];
}

void sm_intents_read_facet(const sm_intents *m, sm_str text, double facet[SM_N_FACETS])
{
    sm_linear_predict(m->part[FACET], text, facet);
}
