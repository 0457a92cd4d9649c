#include "laid_test.h"

#include <sys/stat.h>
#include <unistd.h>

static sm_rc read_pdf_within(struct state *t, sm_str bytes, const sm_format_limits *limits)
{
    return read_with(t, sm_pdf_layout, SM_FORMAT_PDF, "a.pdf", bytes, limits);
}

static sm_rc read_pdf(struct state *t, sm_str bytes)
{
    static const sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    return read_pdf_within(t, bytes, &limits);
}

/* Pages of A4; "x y size text" a line, text of characters that UTF-16 writes in one unit. */
struct line {
    int page;
    double x, y, size; /* points, from below */
    const char *text;
};

static void add_hex(sm_buf *b, const char *text)
{
    for (sm_str s = sm_str_of(text); s.n;) {
        unsigned char c = (unsigned char)s.p[0];
        unsigned code =
            c < 0x80 ? c
                     : (c & 15u) << 12 | ((unsigned)s.p[1] & 63u) << 6 | ((unsigned)s.p[2] & 63u);
        sm_buf_addf(b, "%04x", code);
        s = sm_str_sub(s, c < 0x80 ? 1 : 3, s.n);
    }
}

struct making {
    sm_buf b;
    size_t at[64];
    int n;
};

static void object(struct making *m, sm_str body)
{
    m->at[++m->n] = m->b.n;
    sm_buf_addf(&m->b, "%d 0 obj\n", m->n);
    sm_buf_add(&m->b, body);
    sm_buf_add(&m->b, SM_STR("\nendobj\n"));
}

static void stream(struct state *t, struct making *m, sm_str body)
{
    object(m, sm_strf(t->op.arena, "<</Length %zu>>stream\n%.*s\nendstream", body.n, SM_ARG(body)));
}

static sm_str pdf_of(struct state *t, const struct line *line, size_t n, int n_pages,
                     const char *trailer)
{
    struct making m = { 0 };
    sm_arena *a = t->op.arena;
    sm_buf_init(&m.b, 1 << 20);
    sm_buf_add(&m.b, SM_STR("%PDF-1.5\n"));
    object(&m, SM_STR("<</Type/Catalog/Pages 2 0 R>>"));
    sm_str kids = SM_STR("");
    for (int i = 0; i < n_pages; i++)
        kids = sm_strf(a, "%.*s %d 0 R", SM_ARG(kids), 7 + 2 * i);
    object(&m, sm_strf(a, "<</Type/Pages/Kids[%.*s]/Count %d>>", SM_ARG(kids), n_pages));
    object(&m, SM_STR("<</Type/Font/Subtype/Type0/BaseFont/STSong/Encoding/Identity-H"
                      "/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>"));
    object(&m, SM_STR("<</Type/Font/Subtype/CIDFontType2/BaseFont/STSong/FontDescriptor 5 0 R"
                      "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000"
                      "/W[32 126 500]>>"));
    object(&m, SM_STR("<</Type/FontDescriptor/FontName/STSong/Flags 4/FontBBox[0 -120 1000 880]"
                      "/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>"));
    sm_buf map;
    sm_buf_init(&map, 1 << 20);
    sm_buf_add(&map, SM_STR("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
                            "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
                            "100 beginbfrange\n"));
    for (unsigned i = 0; i < 256; i++)
        sm_buf_addf(&map, "<%02x00> <%02xff> <%02x00>\n", i, i, i);
    sm_buf_add(&map, SM_STR("endbfrange endcmap end end"));
    stream(t, &m, sm_buf_str(&map));
    sm_buf_done(&map);
    for (int page = 1; page <= n_pages; page++) {
        object(&m, sm_strf(a,
                           "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.28 841.89]"
                           "/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>",
                           m.n + 2));
        sm_buf text;
        sm_buf_init(&text, 1 << 20);
        for (size_t i = 0; i < n; i++)
            if (line[i].page == page) {
                sm_buf_addf(&text, "BT /F %g Tf %g %g Td <", line[i].size, line[i].x, line[i].y);
                add_hex(&text, line[i].text);
                sm_buf_add(&text, SM_STR("> Tj ET\n"));
            }
        stream(t, &m, sm_buf_str(&text));
        sm_buf_done(&text);
    }
    size_t xref = m.b.n;
    sm_buf_addf(&m.b, "xref\n0 %d\n0000000000 65535 f \n", m.n + 1);
    for (int i = 1; i <= m.n; i++)
        sm_buf_addf(&m.b, "%010zu 00000 n \n", m.at[i]);
    sm_buf_addf(&m.b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n", m.n + 1,
                trailer, xref);
    sm_str s = { 0 };
    assert_int_equal(sm_buf_take(&t->op, &m.b, &s), SM_OK);
    return s;
}

static const struct line notice[] = {
    { 1, 200, 700, 22, "关于开展检查的通知" },
    { 1, 79, 640, 16, "各区人民政府：" },
    { 1, 111, 611, 16, "为深入贯彻落实有关决定精神，进一步做好本市二〇二六年检" },
    { 1, 79, 582, 16, "查工作，现将有关事项通知如下，请各单位认真遵照执行不得有误" },
    { 1, 79, 553, 16, "并于月底前报送。" },
    { 1, 111, 524, 16, "一、检查时间" },
    { 1, 280, 60, 14, "— 1 —" },
    { 2, 111, 700, 16, "open the door" },
    { 2, 280, 60, 14, "— 2 —" },
};

static void lines_become_paragraphs_with_page_and_place(void **state)
{
    struct state *t = *state;
    sm_rc rc = read_pdf(t, pdf_of(t, notice, SM_LEN(notice), 2, ""));
    if (rc < 0)
        fail_msg("%.*s", SM_ARG(t->op.msg));
    assert_string_equal(shape_of(t),
                        "P[关于开展检查的通知] P[各区人民政府：] "
                        "P[为深入贯彻落实有关决定精神，进一步做好本市二〇二六年检查工作，"
                        "现将有关事项通知如下，请各单位认真遵照执行不得有误并于月底前报送。] "
                        "P[一、检查时间] P[open the door] F[— 1 —] F[— 2 —]");
    const sm_layout *l = t->l;
    assert_int_equal(l->n_pages, 2);
    assert_true(l->flags & SM_LAYOUT_PAGES);
    assert_int_equal(l->n_body, 5);
    assert_int_equal(l->par[4].page, 2);
    assert_true(l->par[1].x > 27.5 && l->par[1].x < 28.5);
    assert_true(l->section[0].wide > 209 && l->section[0].wide < 211);
    assert_int_equal(l->par[0].align, SM_ALIGN_CENTER);
    assert_true(l->par[0].run[0].size == 0 && l->par[0].run[0].bold == -1);
    assert_int_equal(l->par[0].run[0].font.n, 0);
}

static void a_pdf_without_text_asks_for_character_recognition(void **state)
{
    struct state *t = *state;
    assert_int_equal(read_pdf(t, pdf_of(t, NULL, 0, 1, "")), SM_E_INVALID);
    assert_says(t, "a.pdf");
    assert_says(t, "OCR");
}

static void an_encrypted_pdf_is_refused_with_the_reason(void **state)
{
    struct state *t = *state;
    sm_str pdf = pdf_of(t, notice, 1, 1,
                        "/ID[<0123456789abcdef0123456789abcdef><0123456789abcdef0123456789abcdef>]"
                        "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -3904"
                        "/O<0000000000000000000000000000000000000000000000000000000000000000>"
                        "/U<1111111111111111111111111111111111111111111111111111111111111111>>>");
    assert_int_equal(read_pdf(t, pdf), SM_E_INVALID);
    assert_says(t, "加密");
}

static void a_broken_pdf_is_told(void **state)
{
    struct state *t = *state;
    assert_int_equal(read_pdf(t, SM_STR("%PDF-1.4\nnothing here")), SM_E_CORRUPT);
    assert_says(t, "a.pdf");
    sm_str whole = pdf_of(t, notice, 2, 1, "");
    sm_rc rc = read_pdf(t, sm_str_sub(whole, 0, 300));
    assert_true(rc == SM_E_CORRUPT || rc == SM_E_INVALID);
}

static void more_pages_or_text_than_allowed_is_an_error(void **state)
{
    struct state *t = *state;
    sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    limits.text_bytes = 40;
    assert_int_equal(read_pdf_within(t, pdf_of(t, notice, SM_LEN(notice), 2, ""), &limits),
                     SM_E_LIMIT);
    limits = (sm_format_limits)SM_FORMAT_LIMITS_INIT;
    limits.xml_bytes = 100;
    assert_int_equal(read_pdf_within(t, pdf_of(t, notice, SM_LEN(notice), 2, ""), &limits),
                     SM_E_LIMIT);
}

/* ------------------------------------------------- programs that misbehave */

static const char *script(struct state *t, const char *text)
{
    static char path[] = "/tmp/sunmao-test-pdf-XXXXXX";
    strcpy(path, "/tmp/sunmao-test-pdf-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    sm_str s = sm_strf(t->op.arena, "#!/bin/sh\n%s\n", text);
    assert_int_equal(write(fd, s.p, s.n), s.n);
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    return path;
}

static sm_rc read_by(struct state *t, const char *text)
{
    const char *path = script(t, text);
    setenv("SUNMAO_PDFTOTEXT", path, 1);
    sm_rc rc = read_pdf(t, SM_STR("%PDF-1.4\n"));
    unsetenv("SUNMAO_PDFTOTEXT");
    unlink(path);
    return rc;
}

static void without_the_program_it_says_what_to_install(void **state)
{
    struct state *t = *state;
    setenv("SUNMAO_PDFTOTEXT", "/nowhere/pdftotext", 1);
    assert_int_equal(read_pdf(t, SM_STR("%PDF-1.4\n")), SM_E_UNAVAILABLE);
    unsetenv("SUNMAO_PDFTOTEXT");
    assert_says(t, "poppler-utils");
}

static void whatever_the_program_does_is_an_error_here(void **state)
{
    struct state *t = *state;
    assert_int_equal(read_by(t, "kill -9 $$"), SM_E_LIMIT);
    assert_int_equal(read_by(t, "exit 99"), SM_E_CORRUPT);
    assert_int_equal(read_by(t, "exit 3"), SM_E_INVALID);
    assert_int_equal(read_by(t, "echo '<page><line><word>a'"), SM_E_CORRUPT);
    assert_int_equal(read_by(t, "printf '\\001\\377<'"), SM_E_CORRUPT);
    assert_int_equal(read_by(t, "exit 0"), SM_E_CORRUPT);
    /* It may write no file. */
    assert_int_equal(read_by(t, "trap '' XFSZ; echo a >/tmp/sunmao-test-pdf-made || exit 3"),
                     SM_E_INVALID);
    unlink("/tmp/sunmao-test-pdf-made");
}

static void a_program_that_hangs_is_ended(void **state)
{
    struct state *t = *state;
    sm_op_clear(&t->op);
    t->op.deadline_us = sm_now_us() + 300000;
    assert_int_equal(read_by(t, "exec sleep 60"), SM_E_TIMEOUT);
    t->op.deadline_us = 0;
}

int main(void)
{
    if (access("/usr/bin/pdftotext", X_OK) != 0)
        return 77;
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(lines_become_paragraphs_with_page_and_place),
        T(a_pdf_without_text_asks_for_character_recognition),
        T(an_encrypted_pdf_is_refused_with_the_reason),
        T(a_broken_pdf_is_told),
        T(more_pages_or_text_than_allowed_is_an_error),
        T(without_the_program_it_says_what_to_install),
        T(whatever_the_program_does_is_an_error_here),
        T(a_program_that_hangs_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
