#include "fuzz_target.h"

#include "ground/ground.h"

enum { MAX_PASSAGES = 4 };

/* Bytes parted by NULs: passages, then the sentence; a passage's first line is its title. */
static size_t split(sm_arena *a, sm_str rest, sm_source *p, sm_str *sentence)
{
    size_t n = 0;
    sm_str part = { 0 };
    *sentence = (sm_str){ 0 };
    while (sm_str_cut(&rest, '\0', &part)) {
        *sentence = part;
        if (rest.n == 0 || n == MAX_PASSAGES)
            break;
        sm_str title, text = sm_utf8_mend(a, part);
        if (!sm_str_cut(&text, '\n', &title))
            title = (sm_str){ 0 };
        p[n] = (sm_source){ sm_strf(a, "%zu", n), title, text };
        n++;
    }
    return n;
}

static void check_span(const sm_evidence *e, const sm_span *s)
{
    fuzz_must(s->n == 0 || (s->passage < sm_evidence_n(e) &&
                            s->at + s->n <= sm_evidence_source(e, s->passage)->text.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_op_begin(&op);
    sm_source p[MAX_PASSAGES];
    sm_str sentence;
    sm_evidence *e;
    size_t n = split(op.arena, (sm_str){ (const char *)data, size }, p, &sentence);
    if (sm_evidence_read(&op, p, n, &e) == SM_OK) {
        sm_verdict v, again;
        sm_ground_check(op.arena, e, sentence, NULL, 0, &v);
        sm_ground_check(op.arena, e, sentence, NULL, 0, &again);
        fuzz_must(v.kind == again.kind && strcmp(v.code, again.code) == 0);
        fuzz_must(v.cover >= 0 && v.cover <= 1.000001);
        fuzz_must((v.kind == SM_SUPPORTED) == (strcmp(v.code, "ok") == 0));
        fuzz_must(n > 0 || v.kind != SM_SUPPORTED);
        check_span(e, &v.nearest);
        for (size_t i = 0; i < v.n_facts; i++) {
            check_span(e, &v.fact[i].where);
            fuzz_must(v.kind != SM_SUPPORTED || v.fact[i].ok);
        }
        json_decref(sm_verdict_json(e, &v));
    }
    sm_op_end(&op);
    return 0;
}
