/*
 * The parts of the demo city's documents, recognised as they are laid out and as bare text.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/official.h"
#include "review/inner.h"

#define DOCUMENTS SM_SOURCE_DIR "/demo/documents"

enum { MAX_FILES = 100, MAX_LINES = 2000 };

typedef struct wanted {
    sm_str role[MAX_LINES];
    size_t n;
} wanted;

typedef struct tally {
    size_t right, all;
} tally;

static bool verbose; /* SUNMAO_VERBOSE: every line that is taken for another */

/* The roles that a document's source names, a cell or (bare) a row of a table each. */
static void read_wanted(sm_str source, bool bare, wanted *w)
{
    sm_str line;
    w->n = 0;
    while (sm_str_cut(&source, '\n', &line)) {
        size_t end = 1;
        while (end < line.n && line.p[end] != ' ' && line.p[end] != '{')
            end++;
        sm_str role = line.n && line.p[0] == '@' ? sm_str_sub(line, 1, end) : SM_STR("p");
        if (!line.n || sm_str_eq(role, SM_STR("form")) || sm_str_eq(role, SM_STR("page")) ||
            sm_str_eq(role, SM_STR("pagebreak")))
            continue;
        sm_str cells = sm_str_sub(line, end, line.n), cell;
        bool row = sm_str_eq(role, SM_STR("row"));
        if (!row || bare)
            w->role[w->n++] = role;
        while (row && !bare && sm_str_cut(&cells, '|', &cell))
            if (sm_str_trim(cell).n)
                w->role[w->n++] = role;
    }
}

/* What is left when the document is pasted: lines, and tabs between the cells of a row. */
static sm_layout *bared(sm_op *op, const sm_layout *l)
{
    sm_layout *b = SM_NEW(op->arena, sm_layout);
    b->par = SM_NEWS(op->arena, sm_par, l->n_body);
    for (size_t i = 0; i < l->n_body; i++) {
        const sm_par *p = &l->par[i];
        if (p->place == SM_PAR_CELL && p->col > 0) {
            sm_par *row = &b->par[b->n_body - 1];
            row->text = sm_strf(op->arena, "%.*s\t%.*s", SM_ARG(row->text), SM_ARG(p->text));
            continue;
        }
        b->par[b->n_body++] = (sm_par){ .text = p->text, .table = -1, .row = -1, .col = -1 };
    }
    b->n_pars = b->n_body;
    b->section = l->section;
    b->n_sections = 1;
    return b;
}

static void compare(const char *file, const wanted *w, const sm_outline *o, tally *t)
{
    size_t k = 0;
    for (size_t i = 0; i < o->n; i++) {
        const sm_line *l = &o->line[i];
        if (!l->text.n)
            continue;
        assert_true(k < w->n);
        bool same = sm_str_eq(w->role[k], sm_str_of(sm_line_role_name(l->role)));
        t->right += same;
        t->all++;
        if (!same && verbose)
            print_message("%s%s: %.*s, not %s: %.*s\n", file, o->laid_out ? "" : " (bare)",
                          SM_ARG(w->role[k]), sm_line_role_name(l->role), SM_ARG(l->text));
        k++;
    }
    assert_int_equal(k, w->n);
}

static void try_file(const char *file, tally *laid_out, tally *bare)
{
    static wanted w;
    sm_op op;
    sm_op_begin(&op);
    sm_str source;
    sm_layout *l;
    sm_outline o;
    assert_int_equal(sm_file_read(&op, sm_path(op.arena, DOCUMENTS, file), 1 << 20, &source),
                     SM_OK);
    assert_int_equal(sm_official_read(&op, file, source, &l), SM_OK);
    read_wanted(source, false, &w);
    assert_int_equal(sm_outline_read(&op, l, NULL, &o), SM_OK);
    assert_true(o.laid_out);
    compare(file, &w, &o, laid_out);
    read_wanted(source, true, &w);
    assert_int_equal(sm_outline_read(&op, bared(&op, l), NULL, &o), SM_OK);
    assert_false(o.laid_out);
    compare(file, &w, &o, bare);
    sm_op_end(&op);
}

static double share(const tally *t)
{
    return (double)t->right / (double)t->all;
}

static void the_parts_of_every_document_are_recognised(void **state)
{
    (void)state;
    tally t[2][2] = { 0 }; /* seeded with errors or clean; laid out, bare */
    struct dirent **e;
    int n = scandir(DOCUMENTS, &e, NULL, alphasort);
    assert_true(n > 60);
    for (int i = 0; i < n; i++) {
        sm_str name = sm_str_of(e[i]->d_name);
        if (sm_str_ends(name, SM_STR(".txt"))) {
            char errors[512];
            snprintf(errors, sizeof(errors), DOCUMENTS "/%.*s.errors.jsonl", (int)name.n - 4,
                     name.p);
            bool clean = !sm_file_exists(errors);
            try_file(e[i]->d_name, &t[clean][0], &t[clean][1]);
        }
        free(e[i]);
    }
    free(e);
    for (int clean = 1; clean >= 0; clean--)
        print_message("%s: laid out %zu of %zu (%.4f), bare %zu of %zu (%.4f)\n",
                      clean ? "clean" : "with errors", t[clean][0].right, t[clean][0].all,
                      share(&t[clean][0]), t[clean][1].right, t[clean][1].all, share(&t[clean][1]));
    assert_true(share(&t[1][0]) >= .97);
    assert_true(share(&t[1][1]) >= .93);
    assert_true(share(&t[0][0]) >= .97);
    assert_true(share(&t[0][1]) >= .93);
}

int main(void)
{
    verbose = getenv("SUNMAO_VERBOSE") != NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_every_document_are_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
