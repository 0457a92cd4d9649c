/*
 * What the tests of laid-out documents share: packages made in memory, and layouts written down in
 * one line.
 */
#ifndef SM_TESTS_LAID_TEST_H
#define SM_TESTS_LAID_TEST_H

#include "format/readers.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>

struct part {
    const char *name, *text;
};

struct state {
    sm_op op;
    sm_layout *l;
};

typedef sm_rc layout_fn(sm_layout_build *b, sm_str bytes);

static inline int set_up(void **state)
{
    struct state *t = calloc(1, sizeof(*t));
    sm_op_begin(&t->op);
    *state = t;
    return 0;
}

static inline int tear_down(void **state)
{
    struct state *t = *state;
    sm_op_end(&t->op);
    free(t);
    return 0;
}

static inline sm_rc read_with(struct state *t, layout_fn *fn, sm_format format, const char *name,
                              sm_str bytes, const sm_format_limits *limits)
{
    sm_op_clear(&t->op);
    sm_reader r = { .op = &t->op, .name = name, .limits = limits };
    sm_layout_build b = { .r = &r, .l = SM_NEW(t->op.arena, sm_layout) };
    b.l->format = format;
    t->l = b.l;
    return fn(&b, bytes);
}

static inline sm_str zip_of(struct state *t, const struct part *parts, size_t n)
{
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    assert_non_null(archive);
    zip_source_keep(archive);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    for (size_t i = 0; i < n && parts[i].name; i++) {
        zip_source_t *s = zip_source_buffer(zip, parts[i].text, strlen(parts[i].text), 0);
        assert_true(zip_file_add(zip, parts[i].name, s, ZIP_FL_ENC_UTF_8) >= 0);
    }
    zip_stat_t st;
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(archive), 0);
    assert_int_equal(zip_source_stat(archive, &st), 0);
    char *p = sm_alloc(t->op.arena, st.size);
    assert_int_equal(zip_source_read(archive, p, st.size), st.size);
    zip_source_close(archive);
    zip_source_free(archive);
    return (sm_str){ p, st.size };
}

/* "P[text] C0.1.2[cell] F[page foot]": place, table.row.col, text; "_" behind what is ruled. */
static inline const char *shape_of(struct state *t)
{
    static const char places[] = "PCXHFN";
    const sm_layout *l = t->l;
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < l->n_pars; i++) {
        const sm_par *p = &l->par[i];
        sm_buf_addf(&b, "%s%c", i ? " " : "", places[p->place]);
        if (p->place == SM_PAR_CELL)
            sm_buf_addf(&b, "%d.%d.%d", p->table, p->row, p->col);
        sm_buf_addf(&b, "[%.*s]%s", SM_ARG(p->text), p->ruled ? "_" : "");
    }
    sm_str s = { 0 };
    assert_int_equal(sm_buf_take(&t->op, &b, &s), SM_OK);
    return s.p;
}

static inline void assert_says(struct state *t, const char *part)
{
    if (!sm_str_has(t->op.msg, sm_str_of(part)))
        fail_msg("message \"%.*s\" lacks \"%s\"", SM_ARG(t->op.msg), part);
}

#endif
