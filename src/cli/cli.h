/*
 * cli/cli.h - the command line: one command, one file, one entry in the table of main.c.
 *
 * Uses sunmao's inner face and the faces it shows.  Standard output carries results (JSON or JSONL
 * with
 * --json and --batch) and nothing else; progress, notes and errors go to standard error.
 */
#ifndef SM_CLI_CLI_H
#define SM_CLI_CLI_H

#include <getopt.h>

#include "sunmao/sunmao.h"

typedef struct sm_cli {
    sm_op op;
    const char *data; /* --data, SUNMAO_DATA_DIR, ./sunmao-data */
    bool data_given;  /* by --data */
    bool json;
    sm_date today; /* --as-of; SM_DATE_NONE: SUNMAO_TODAY or the clock */
    char **arg;    /* what is left after the options */
    int n_args;
    int exit_code;          /* of a command that has done what it should; 0 unless it says */
    const char *value[128]; /* the command's own options by their letter, NULL when not given */
} sm_cli;

typedef struct sm_command {
    const char *name, *summary, *usage; /* without a summary: not for people */
    const struct option *options; /* the command's own, besides --data --json --as-of --help */
    sm_rc (*run)(sm_cli *c);
} sm_command;

extern const sm_command sm_cmd_init, sm_cmd_import, sm_cmd_corpus, sm_cmd_search, sm_cmd_ask,
    sm_cmd_train, sm_cmd_eval, sm_cmd_serve, sm_cmd_ledger, sm_cmd_user, sm_cmd_backup,
    sm_cmd_restore, sm_cmd_verify, sm_cmd_model, sm_cmd_department, sm_cmd_key, sm_cmd_ground,
    sm_cmd_doctor, sm_cmd_review, sm_cmd_draft, sm_cmd_read_layout;

/* Opens --data; with read_only nothing is written.  Closed with the op's arena. */
sm_rc sm_cli_open(sm_cli *c, bool read_only, bool must_exist, sm_sunmao **out);
sm_date sm_cli_today(const sm_cli *c);
bool sm_cli_has(const sm_cli *c, char letter);
const char *sm_cli_text(const sm_cli *c, char letter, const char *otherwise);
/* E_INVALID unless lo … hi. */
sm_rc sm_cli_int(sm_cli *c, char letter, int64_t lo, int64_t hi, int64_t *value);
/* What documents are reviewed by: --own, with --data its corpus and its folder review.  Closed with
 * the op's arena. */
sm_rc sm_cli_reviewer(sm_cli *c, char own, sm_reviewer **out);
/* `sunmao review --batch DIR --out OUT` */
sm_rc sm_cli_review_batch(sm_cli *c, const sm_reviewer *r, const char *dir, const char *out);
/* `sunmao model eval`, for `sunmao eval model`. */
sm_rc sm_cli_eval_model(sm_cli *c);
/* `sunmao model plan` */
sm_rc sm_cli_model_plan(sm_cli *c);
sm_rc sm_cli_kind(sm_cli *c, const char *text, sm_kind *out);

/* One line of JSON on `to`; takes the reference. */
void sm_cli_json(sm_cli *c, json_t *v, FILE *to);

/* Opens a file for results; path NULL: standard output. */
sm_rc sm_cli_out(sm_cli *c, const char *path, FILE **out);

/* A reader of JSON Lines and a writer beside it, for the batch contracts: each input line is
 * handed to fn as an object, its result is written as one line, in order.  A line that is no
 * JSON object, or that fails, gives {"id":…,"error":{"code","message"}} and the batch goes on. */
typedef sm_rc sm_batch_fn(sm_op *op, void *ctx, json_t *in, json_t *out);
sm_rc sm_cli_batch(sm_cli *c, const char *in_path, const char *out_path, sm_batch_fn *fn,
                   void *ctx);

#endif
