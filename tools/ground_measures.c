/*
 * What the wording of development pairs measures, one line of figures each, for
 * tools/fit_ground.py. ground_measures FILE.jsonl … → id, verdict, kind, whether a fact decides,
 * the measures, the features of how it differs
 */
#include "ground/measure.h"

#include <stdlib.h>
#include <string.h>

static sm_rc measure_line(sm_op *op, const json_t *in)
{
    size_t n = json_array_size(json_object_get(in, "evidence"));
    sm_source *p = SM_NEWS(op->arena, sm_source, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(json_object_get(in, "evidence"), i);
        p[i] = (sm_source){ sm_json_str(one, "id"), sm_json_str(one, "title"),
                            sm_json_str(one, "text") };
    }
    sm_evidence *e;
    double v[SM_N_MEASURES + 1] = { 0 };
    sm_rc rc = sm_evidence_read(op, p, n, &e);
    if (rc < 0)
        return rc;
    sm_difference d;
    sm_ground_measure(op->arena, e, sm_json_str(in, "sentence"), v, &d);
    printf("%.*s\t%.*s\t%.*s\t%d", SM_ARG(sm_json_str(in, "id")),
           SM_ARG(sm_json_str(in, "verdict")), SM_ARG(sm_json_str(in, "kind")),
           v[SM_N_MEASURES] > 0);
    for (size_t i = 0; i < SM_N_MEASURES; i++)
        printf("\t%.6g", v[i]);
    printf("\t");
    for (size_t i = 0; i < d.n; i++)
        printf("%s%u", i ? " " : "", d.feature[i]);
    printf("\n");
    return SM_OK;
}

static void measure_file(const char *path)
{
    char *line = NULL;
    json_t *last = NULL;
    size_t cap = 0;
    FILE *f = fopen(path, "r");
    for (ssize_t n; f && (n = getline(&line, &cap, f)) > 0;) {
        sm_op op;
        json_t *in;
        sm_op_begin(&op);
        sm_rc rc = sm_json_parse(&op, (sm_str){ line, (size_t)n }, path, &in);
        if (rc == SM_OK)
            rc = sm_ground_line(&op, in, &last);
        if (rc == SM_OK)
            rc = measure_line(&op, in);
        if (rc < 0)
            fprintf(stderr, "%s: %.*s\n", path, SM_ARG(op.msg));
        sm_op_end(&op);
    }
    free(line);
    json_decref(last);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
#define NAME(name, text) #name,
        SM_MEASURES(NAME)
#undef NAME
    };
    printf("id\tverdict\tkind\tfact");
    for (size_t i = 0; i < SM_LEN(names); i++)
        printf("\t%s", names[i]);
    printf("\tfeatures\n");
    for (int i = 1; i < argc; i++)
        measure_file(argv[i]);
    return 0;
}
