/*
 * bench_review [RULES]: what the review of a document of ten pages costs, with the rules of a
 * folder (the shared ones), with 400 patterns on every line, and with a dictionary of 5,000 words.
 */
#include <stdlib.h>
#include <unistd.h>

#include "format/official.h"
#include "review/inner.h"

enum { PAGES = 10, PAGE_CHARS = 22 * 28, N_PATTERNS = 400, N_WORDS = 5000, ROUNDS = 40 };

static void must(sm_op *op, sm_rc rc)
{
    if (rc == SM_OK)
        return;
    fprintf(stderr, "%.*s\n", SM_ARG(op->msg));
    exit(1);
}

/* Ten pages: the bodies of demo documents behind the head of the first. */
static sm_str ten_pages(sm_op *op)
{
    static const char *const files[] = { "01-flood-plan", "08-request-subsidy",
                                         "36-embedded-elder-care-opinion", "41-social-aid-report" };
    sm_buf b;
    sm_buf_init(&b, 1 << 20);
    sm_str text;
    for (size_t i = 0; sm_utf8_count(sm_buf_str(&b)) < PAGES * PAGE_CHARS; i++) {
        const char *path = sm_cstr(op->arena, sm_strf(op->arena, "%s/demo/documents/%s.txt",
                                                      SM_SOURCE_DIR, files[i % SM_LEN(files)]));
        must(op, sm_file_read(op, path, 1 << 20, &text));
        sm_str line;
        while (sm_str_cut(&text, '\n', &line))
            if (i == 0 || sm_str_starts(line, SM_STR("@h")) || sm_str_starts(line, SM_STR("@p "))) {
                sm_buf_add(&b, line);
                sm_buf_addc(&b, '\n');
            }
    }
    sm_str out = { 0 };
    must(op, sm_buf_take(op, &b, &out));
    return out;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void measure(const char *what, const char *folder, sm_str text)
{
    sm_op op;
    sm_op_begin(&op);
    sm_rules *rules;
    sm_roster *roster;
    must(&op, sm_rules_open(&op, folder, NULL, &rules));
    must(&op, sm_roster_open(&op, SM_SOURCE_DIR "/demo/registry", &roster));
    const sm_rule *rule;
    size_t n_rules = sm_rules_all(rules, &rule), n_found = 0;
    int64_t took[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        sm_op one;
        sm_op_begin(&one);
        sm_layout *l;
        sm_review *r;
        sm_review_options o = { .today = SM_STR("2026-11-23"), .roster = roster };
        must(&one, sm_official_read(&one, "bench", text, &l));
        int64_t from = sm_now_us();
        must(&one, sm_review_run(&one, l, rules, &o, &r));
        took[i] = sm_now_us() - from;
        n_found = r->n;
        sm_op_end(&one);
    }
    qsort(took, ROUNDS, sizeof(*took), by_time);
    printf("%-12s %4zu rules, %3zu findings: median %.2f ms, slowest %.2f ms\n", what, n_rules,
           n_found, (double)took[ROUNDS / 2] / 1000, (double)took[ROUNDS - 1] / 1000);
    sm_roster_close(roster);
    sm_rules_close(rules);
    sm_op_end(&op);
}

static void put_pack(sm_op *op, const char *folder, const char *name, sm_buf *b)
{
    must(op, sm_file_write(op, sm_path(op->arena, folder, name), sm_buf_str(b)));
    sm_buf_done(b);
}

/* Patterns as the shared ones are: words with gaps, classes, alternatives. */
static const char *patterns(sm_op *op)
{
    char *folder = sm_cstr(op->arena, SM_STR("/tmp/bench-review-XXXXXX"));
    if (!mkdtemp(folder))
        exit(1);
    sm_buf b;
    sm_buf_init(&b, 1 << 24);
    for (int i = 0; i < N_PATTERNS; i++) {
        sm_str match;
        switch (i % 4) {
        case 0:
            match = sm_strf(op->arena, "第%d、(?:[一-龥]{2})", i);
            break;
        case 1:
            match = sm_strf(op->arena, "(?:增加|提高)了?\\\\d+\\\\.%d%%", i);
            break;
        case 2:
            match = sm_strf(op->arena, "[，。]关于[^，。]{0,12}%d号", i);
            break;
        default:
            match = sm_strf(op->arena, "(?<!甲)乙%d丙|丁%d", i, i);
        }
        sm_buf_addf(&b,
                    "{\"id\":\"P%d\",\"severity\":\"hint\",\"title\":\"t\",\"checker\":\"pattern\","
                    "\"params\":{\"match\":\"%.*s\"}}\n",
                    i, SM_ARG(match));
    }
    put_pack(op, folder, "P.jsonl", &b);
    return folder;
}

static const char *words(sm_op *op)
{
    char *folder = sm_cstr(op->arena, SM_STR("/tmp/bench-review-XXXXXX"));
    if (!mkdtemp(folder))
        exit(1);
    sm_buf b;
    sm_buf_init(&b, 1 << 24);
    sm_rng rng = { 7 };
    for (int i = 0; i < N_WORDS; i++) {
        for (int k = 0; k < 3; k++) {
            char c[4];
            sm_buf_add(&b, (sm_str){ c, sm_utf8_put(0x4e00 + sm_rng_below(&rng, 3000), c) });
        }
        sm_buf_addf(&b, "\t正\n");
    }
    put_pack(op, folder, "words.tsv", &b);
    sm_buf_init(&b, 1 << 16);
    sm_buf_addf(&b,
                "{\"id\":\"D\",\"severity\":\"hint\",\"title\":\"t\",\"checker\":\"dictionary\","
                "\"params\":{\"file\":\"words.tsv\"}}\n");
    put_pack(op, folder, "D.jsonl", &b);
    return folder;
}

static void measure_made(sm_op *op, const char *what, const char *folder, sm_str text)
{
    static const char *const files[] = { "P.jsonl", "D.jsonl", "words.tsv" };
    measure(what, folder, text);
    for (size_t i = 0; i < SM_LEN(files); i++)
        unlink(sm_path(op->arena, folder, files[i]));
    rmdir(folder);
}

int main(int argc, char **argv)
{
    sm_op op;
    sm_op_begin(&op);
    sm_str text = ten_pages(&op);
    printf("%zu characters\n", sm_utf8_count(text));
    measure("shared", argc > 1 ? argv[1] : SM_SOURCE_DIR "/share/review/rules", text);
    measure_made(&op, "patterns", patterns(&op), text);
    measure_made(&op, "words", words(&op), text);
    sm_op_end(&op);
    return 0;
}
