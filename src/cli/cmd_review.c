#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "format/convert.h"
#include "review/compare.h"
#include "review/mend.h"
#include "text/text.h"

enum {
    FOUND = 1, /* the exit code when there are findings */
    MAX_OUT_BYTES = 256 << 20,
    MAX_SHOWN_BYTES = 64 << 20,
    SHOWN_WHOLE = 160, /* characters; longer paragraphs are cut around what is marked */
    SHOWN_AROUND = 24,
};
#define SAFE .9 /* confidence from which a correction is made without asking (review.h) */

static const struct option options[] = {
    { "batch", required_argument, NULL, 'b' },
    { "out", required_argument, NULL, 'o' },
    { "fix", required_argument, NULL, 'f' },
    { "typeset", required_argument, NULL, 't' },
    { "report", required_argument, NULL, 'r' },
    { "own", required_argument, NULL, 'w' },
    { "convert", no_argument, NULL, 'c' },
    { "compare", no_argument, NULL, 'm' },
    { 0 },
};

/* A document and what was found in it. */
typedef struct reviewed {
    const char *path, *name;
    sm_str bytes;
    sm_layout *layout;
    sm_review *review;
    double ms;
} reviewed;

static sm_rc review_bytes(sm_op *op, const sm_reviewer *r, reviewed *d)
{
    const char *program = sm_own_program(op->arena);
    if (!program)
        return sm_fail(op, SM_E_INTERNAL, "找不到本程序的文件");
    return sm_reviewer_read(op, r, d->name, d->bytes, program, &d->layout, &d->review);
}

/* A .doc becomes the DOCX that is reviewed, and mended. */
static sm_rc convert(sm_cli *c, reviewed *d)
{
    if (!sm_cli_has(c, 'c') || !sm_convertible(d->bytes))
        return SM_OK;
    return sm_convert(&c->op, d->name, d->bytes, &d->bytes);
}

static sm_rc read_document(sm_cli *c, const char *path, reviewed *d)
{
    static const sm_format_limits limits = SM_FORMAT_LIMITS_INIT;
    const char *slash = strrchr(path, '/');
    *d = (reviewed){ .path = path, .name = slash ? slash + 1 : path };
    sm_rc rc = sm_file_read(&c->op, path, limits.file_bytes, &d->bytes);
    return rc == SM_OK ? convert(c, d) : rc;
}

static sm_rc review_file(sm_cli *c, const sm_reviewer *r, const char *path, reviewed *d)
{
    int64_t began = sm_now_us();
    sm_rc rc = read_document(c, path, d);
    if (rc == SM_OK)
        rc = review_bytes(&c->op, r, d);
    d->ms = (double)(sm_now_us() - began) / 1000;
    return rc;
}

/* ------------------------------------------------------------- for people */

/* A stranger's text on a terminal: without controls. */
static void put(sm_buf *b, sm_str s)
{
    while (s.n) {
        sm_str before = s;
        uint32_t c = sm_utf8_next(&s);
        if (c < ' ' || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
            (c >= 0x2066 && c <= 0x2069))
            sm_buf_addc(b, ' ');
        else
            sm_buf_add(b, sm_str_sub(before, 0, before.n - s.n));
    }
}

static const char *severity_text(sm_severity s)
{
    static const char *const texts[] = { "错误", "警告", "提示" };
    return texts[s];
}

static void put_finding(sm_buf *b, const sm_finding *f)
{
    sm_buf_addf(b, "  %s %.*s ", severity_text(f->rule->severity), SM_ARG(f->rule->id));
    if (f->text.n) {
        sm_buf_add(b, SM_STR("“"));
        put(b, f->text);
        sm_buf_add(b, SM_STR("”"));
    }
    if (f->suggests && f->deletes)
        sm_buf_add(b, SM_STR(" 删去"));
    else if (f->suggests) {
        sm_buf_add(b, SM_STR(" 改为“"));
        put(b, f->suggest);
        sm_buf_add(b, SM_STR("”"));
    }
    sm_buf_add(b, f->text.n || f->suggests ? SM_STR("：") : SM_STR(""));
    put(b, f->why);
    sm_buf_addf(b, "（%.*s）\n", SM_ARG(f->rule->source));
}

/* The paragraph's words, those of its n findings between marks. */
static void put_words(sm_buf *b, sm_str text, const sm_finding *f, size_t n, bool colours)
{
    size_t all = sm_utf8_count(text), first = f[0].start, last = 0, from = 0, to = all;
    for (size_t i = 0; i < n; i++)
        last = SM_MAX(last, f[i].end);
    if (all > SHOWN_WHOLE) {
        from = first > SHOWN_AROUND ? first - SHOWN_AROUND : 0;
        to = SM_MIN(all, last + SHOWN_AROUND);
    }
    size_t at = from; /* what is written of it */
    sm_buf_add(b, from ? SM_STR("…") : SM_STR(""));
    for (size_t i = 0; i < n; i++) {
        size_t start = SM_MAX(f[i].start, at), end = f[i].end;
        if (end <= start)
            continue;
        sm_str head = sm_utf8_head(text, at), before = sm_utf8_head(text, start),
               marked = sm_utf8_head(text, end);
        put(b, sm_str_sub(text, head.n, before.n));
        sm_buf_add(b, colours ? SM_STR("\033[1;4m") : SM_STR("【"));
        put(b, sm_str_sub(text, before.n, marked.n));
        sm_buf_add(b, colours ? SM_STR("\033[0m") : SM_STR("】"));
        at = end;
    }
    put(b, sm_str_sub(text, sm_utf8_head(text, at).n, sm_utf8_head(text, to).n));
    sm_buf_add(b, to < all ? SM_STR("…\n") : SM_STR("\n"));
}

static void put_head(sm_buf *b, const reviewed *d)
{
    const sm_review *v = d->review;
    size_t count[3] = { 0 };
    bool some = false;
    for (size_t i = 0; i < v->n; i++)
        count[v->finding[i].rule->severity]++;
    put(b, sm_str_of(d->path));
    sm_buf_addf(b, "%s%.*s：", v->kind.n ? "，" : "", SM_ARG(v->kind));
    if (v->n == 0)
        sm_buf_add(b, SM_STR("没有发现问题"));
    for (int k = 0; k < 3; k++)
        if (count[k]) {
            sm_buf_addf(b, "%s%s %zu 处", some ? "，" : "", severity_text((sm_severity)k),
                        count[k]);
            some = true;
        }
    sm_buf_addc(b, '\n');
    if (v->classified)
        sm_buf_add(b, SM_STR("有密级标志，审核已停止，没有保存，其余没有审\n"));
}

static void put_review(sm_buf *b, const reviewed *d, bool colours)
{
    const sm_review *v = d->review;
    put_head(b, d);
    for (size_t i = 0, n; i < v->n; i += n) {
        const sm_finding *f = &v->finding[i];
        for (n = 1; i + n < v->n && f[n].para == f->para;)
            n++;
        if (f->para < 0)
            sm_buf_add(b, SM_STR("全文\n"));
        else {
            sm_buf_addf(b, "第 %d 段", f->para + 1);
            if (f->page)
                sm_buf_addf(b, "（第 %d 页）", f->page);
            sm_buf_add(b, SM_STR("："));
            put_words(b, d->layout->par[f->para].text, f, n, colours);
        }
        for (size_t k = 0; k < n; k++)
            put_finding(b, &f[k]);
    }
}

static sm_rc print_review(sm_cli *c, const reviewed *d)
{
    sm_buf b;
    if (c->json) {
        sm_cli_json(c, sm_review_json(d->path, d->review, d->ms, true), stdout);
        return SM_OK;
    }
    sm_buf_init(&b, MAX_SHOWN_BYTES);
    put_review(&b, d, isatty(STDOUT_FILENO));
    bool failed = b.failed;
    fwrite(b.p, 1, b.n, stdout);
    fflush(stdout); /* before what is said of the files that are written */
    sm_buf_done(&b);
    return failed ? sm_fail(&c->op, SM_E_LIMIT, "%s：结果太长，请用 --json", d->path) : SM_OK;
}

/* ---------------------------------------------------------------- mending */

static bool is_layout_rule(const sm_finding *f)
{
    return sm_str_starts(f->rule->id, SM_STR("FM-"));
}

static bool is_safe(const sm_finding *f)
{
    return f->suggests && f->para >= 0 && f->confidence >= SAFE && !is_layout_rule(f);
}

static sm_finding *chosen(sm_arena *a, const sm_review *v, bool (*wanted)(const sm_finding *f),
                          size_t *n)
{
    sm_finding *f = SM_NEWS(a, sm_finding, v->n + 1);
    *n = 0;
    for (size_t i = 0; i < v->n; i++)
        if (wanted(&v->finding[i]))
            f[(*n)++] = v->finding[i];
    return f;
}

static sm_rc take_and_write(sm_op *op, sm_rc rc, sm_buf *b, const char *path, sm_str *out)
{
    if (rc < 0) {
        sm_buf_done(b);
        return rc;
    }
    rc = sm_buf_take(op, b, out);
    return rc < 0 ? rc : sm_file_write(op, path, *out);
}

typedef sm_rc mend_fn(sm_op *op, sm_str docx, const sm_layout *l, const sm_finding *f, size_t n,
                      const sm_mend_options *o, sm_buf *out, sm_mended *done);

static sm_rc mend(sm_cli *c, reviewed *d, const char *path, const char *what, mend_fn *fn,
                  bool (*wanted)(const sm_finding *f))
{
    sm_op *op = &c->op;
    sm_mend_options o = { .date = sm_strf(op->arena, "%.*sT00:00:00Z",
                                          SM_ARG(sm_date_iso(op->arena, sm_cli_today(c)))) };
    sm_mended done = { 0 };
    sm_buf b;
    size_t n;
    if (d->layout->format != SM_FORMAT_DOCX)
        return sm_fail(op, SM_E_INVALID,
                       "%s 不是 DOCX，不能在原件上修改；请用 WPS 或 Word 另存为 DOCX", d->path);
    const sm_finding *f = chosen(op->arena, d->review, wanted, &n);
    sm_buf_init(&b, MAX_OUT_BYTES);
    sm_rc rc = fn(op, d->bytes, d->layout, f, n, &o, &b, &done);
    rc = take_and_write(op, rc, &b, path, &d->bytes);
    if (rc < 0)
        return rc;
    fprintf(stderr, "%s：%s %zu 处，都是修订，可逐条接受或拒绝\n", path, what, done.n_fixed);
    for (size_t i = 0; i < done.n_left; i++)
        fprintf(stderr, "  没有改：第 %d 段 %.*s，%.*s\n", f[done.left[i].finding].para + 1,
                SM_ARG(f[done.left[i].finding].rule->id), SM_ARG(done.left[i].why));
    return SM_OK;
}

static sm_rc report(sm_cli *c, const reviewed *d, const char *path)
{
    sm_op *op = &c->op;
    sm_digest digest = sm_sm3(d->bytes);
    sm_report_options o = { .document = sm_str_of(d->name),
                            .digest = sm_strf(op->arena, "SM3 %.*s",
                                              SM_ARG(sm_digest_hex(op->arena, &digest))),
                            .date = sm_date_chinese(op->arena, sm_cli_today(c)) };
    sm_str bytes;
    sm_buf b;
    sm_buf_init(&b, MAX_OUT_BYTES);
    return take_and_write(op, sm_review_report(op, d->review, &o, &b), &b, path, &bytes);
}

/* Both into one file: it is set as it was mended. */
static sm_rc write_files(sm_cli *c, const sm_reviewer *r, const reviewed *original)
{
    const char *fix = sm_cli_text(c, 'f', NULL), *typeset = sm_cli_text(c, 't', NULL);
    reviewed d = *original;
    sm_rc rc = SM_OK;
    if (!fix && !typeset && !sm_cli_has(c, 'r'))
        return SM_OK;
    if (d.review->classified)
        return sm_fail(&c->op, SM_E_DENIED, "%s 有密级标志：本系统不处理涉密文件，什么也没有写",
                       d.path);
    if (sm_cli_has(c, 'r'))
        rc = report(c, &d, sm_cli_text(c, 'r', NULL));
    if (rc == SM_OK && fix)
        rc = mend(c, &d, fix, "改正", sm_mend_fix, is_safe);
    if (rc == SM_OK && fix && typeset && strcmp(fix, typeset) == 0)
        rc = review_bytes(&c->op, r, &d);
    else
        d.bytes = original->bytes;
    if (rc == SM_OK && typeset)
        rc = mend(c, &d, typeset, "改版式", sm_mend_typeset, is_layout_rule);
    return rc;
}

/* -------------------------------------------------------------------- run */

/* Under an op of its own, so that one that cannot be read keeps nobody from the others. */
static sm_rc one_of_many(sm_cli *c, const sm_reviewer *r, const char *path)
{
    sm_op op = c->op;
    reviewed d;
    sm_op_begin(&c->op);
    sm_rc rc = review_file(c, r, path, &d);
    if (rc == SM_OK)
        rc = print_review(c, &d);
    if (rc < 0)
        fprintf(stderr, "sunmao: %s：%.*s [%s]\n", path, SM_ARG(c->op.msg), sm_rc_name(rc));
    else if (d.review->n)
        c->exit_code = FOUND;
    sm_op_end(&c->op);
    c->op = op;
    return rc;
}

static sm_rc many(sm_cli *c, const sm_reviewer *r)
{
    size_t n_failed = 0;
    sm_rc first = SM_OK;
    if (sm_cli_has(c, 'f') || sm_cli_has(c, 't') || sm_cli_has(c, 'r'))
        return sm_fail(&c->op, SM_E_INVALID, "--fix、--typeset、--report 一次只能给一个文件");
    for (int i = 0; i < c->n_args; i++) {
        sm_rc rc = one_of_many(c, r, c->arg[i]);
        n_failed += rc < 0;
        first = first == SM_OK ? rc : first;
    }
    return first == SM_OK ? SM_OK : sm_fail(&c->op, first, "有 %zu 个文件没有审", n_failed);
}

static sm_rc one(sm_cli *c, const sm_reviewer *r)
{
    reviewed d;
    sm_rc rc = review_file(c, r, c->arg[0], &d);
    if (rc == SM_OK)
        rc = print_review(c, &d);
    if (rc == SM_OK)
        rc = write_files(c, r, &d);
    if (rc == SM_OK && d.review->n)
        c->exit_code = FOUND;
    return rc;
}

/* -------------------------------------------------------------- comparing */

/* Not reviewed, but for its mark of secrecy. */
static sm_rc read_version(sm_cli *c, const sm_reviewer *r, const char *path, reviewed *d)
{
    sm_op *op = &c->op;
    sm_review_options only = { .only = "B12",
                               .today = sm_date_iso(
                                   op->arena, c->today != SM_DATE_NONE ? c->today : sm_today()) };
    const char *program = sm_own_program(op->arena);
    sm_rc rc = read_document(c, path, d);
    if (rc == SM_OK && !program)
        rc = sm_fail(op, SM_E_INTERNAL, "找不到本程序的文件");
    if (rc == SM_OK)
        rc = sm_layout_read_apart(op, program, d->name, d->bytes, NULL, &d->layout);
    if (rc == SM_OK)
        rc = sm_review_run(op, d->layout, sm_reviewer_rules(r), &only, &d->review);
    if (rc == SM_OK && d->review->classified)
        return sm_fail(op, SM_E_DENIED, "%s 有密级标志：本系统不处理涉密文件，没有对比", path);
    return rc;
}

static sm_rc print_comparison(sm_cli *c, const sm_comparison *x)
{
    sm_buf raw, b;
    if (c->json) {
        sm_cli_json(c, sm_comparison_json(x), stdout);
        return SM_OK;
    }
    sm_buf_init(&raw, MAX_SHOWN_BYTES);
    sm_buf_init(&b, MAX_SHOWN_BYTES);
    sm_comparison_text(x, &raw);
    sm_str text = sm_buf_str(&raw), line;
    while (sm_str_cut(&text, '\n', &line)) {
        put(&b, line);
        sm_buf_addc(&b, '\n');
    }
    bool failed = raw.failed || b.failed;
    fwrite(b.p, 1, b.n, stdout);
    sm_buf_done(&raw);
    sm_buf_done(&b);
    return failed ? sm_fail(&c->op, SM_E_LIMIT, "结果太长，请用 --json") : SM_OK;
}

static sm_rc compare(sm_cli *c, const sm_reviewer *r)
{
    reviewed a, b;
    sm_comparison *x;
    sm_rc rc = read_version(c, r, c->arg[0], &a);
    if (rc == SM_OK)
        rc = read_version(c, r, c->arg[1], &b);
    if (rc == SM_OK)
        rc = sm_compare(&c->op, a.layout, b.layout, &x);
    if (rc == SM_OK)
        rc = print_comparison(c, x);
    for (size_t i = 0; rc == SM_OK && i < x->n; i++)
        if (sm_compared_differs(&x->row[i]))
            c->exit_code = FOUND;
    if (rc == SM_OK && x->n_page)
        c->exit_code = FOUND;
    return rc;
}

static void close_it(void *r)
{
    sm_reviewer_close(r);
}

sm_rc sm_cli_reviewer(sm_cli *c, char own, sm_reviewer **out)
{
    sm_arena *a = c->op.arena;
    const char *folder = c->data_given ? sm_path(a, c->data, "review") : NULL;
    sm_reviewer_options o = { .data_dir = c->data_given ? c->data : NULL, .today = c->today };
    if (c->data_given && !sm_file_exists(sm_path(a, c->data, "corpus.db")))
        return sm_fail(&c->op, SM_E_NOTFOUND,
                       "%s 不是榫卯的数据目录；先用 sunmao init 或 import 建一个", c->data);
    o.own_dir = sm_cli_has(c, own)                 ? sm_cli_text(c, own, NULL)
                : folder && sm_file_exists(folder) ? folder
                                                   : NULL;
    sm_rc rc = sm_reviewer_open(&c->op, &o, out);
    if (rc == SM_OK)
        sm_arena_defer(a, close_it, *out);
    return rc;
}

static sm_rc run(sm_cli *c)
{
    sm_reviewer *r;
    bool batch = sm_cli_has(c, 'b');
    if (batch ? c->n_args > 0 : c->n_args == 0)
        return sm_fail(&c->op, SM_E_INVALID,
                       batch ? "--batch 审一个文件夹，不再另给文件"
                             : "要审哪些文件？例：sunmao review 通知.docx");
    sm_rc rc = sm_cli_reviewer(c, 'w', &r);
    if (rc < 0)
        return rc;
    if (sm_cli_has(c, 'm'))
        return c->n_args == 2 && !batch
                   ? compare(c, r)
                   : sm_fail(&c->op, SM_E_INVALID,
                             "--compare 对比两个文件：sunmao review --compare 原件 新件");
    if (batch)
        return sm_cli_review_batch(c, r, sm_cli_text(c, 'b', NULL), sm_cli_text(c, 'o', NULL));
    return c->n_args == 1 ? one(c, r) : many(c, r);
}

const sm_command sm_cmd_review = {
    .name = "review",
    .summary = "审核公文：错在哪里、依据什么、怎么改",
    .usage =
        "用法：sunmao review [选项] 文件…\n"
        "      sunmao review --batch 文件夹 [--out OUT.jsonl]\n"
        "      sunmao review --compare 原件 新件\n\n"
        "读 DOCX、OFD、PDF（有文字层）、XLSX、HTML、Markdown 和文本；没有发现问题退出码是 0，有是 "
        "1。\n\n"
        "  --fix 文件        有把握的改正写成修订，存为这个 DOCX；原件不动\n"
        "  --typeset 文件    按 GB/T 9704 排版，写成格式修订；与 --fix 是同一个文件时先改字再排版\n"
        "  --report 文件     审核报告，DOCX\n"
        "  --convert         旧版 .doc、.wps 先用本机的 LibreOffice 转成 DOCX（装了才行）\n"
        "  --own 文件夹      本单位的名录、规则和词表（docs/review.md），默认 --data 的 review "
        "文件夹\n"
        "  --batch 文件夹    逐件审核，两件一起，每件一行 JSON（docs/batch.md）\n"
        "  --compare         不审核，对比两个文件：删去的写作 [-…-]，增加的写作 {+…+}，版式的改动用"
        "话说；一样退出码是 0，有改动是 1\n"
        "  --out 文件        结果写到文件（默认标准输出）\n\n"
        "没有 --data 时不知道本市的机构和人员，法律法规只看随程序的目录。",
    .options = options,
    .run = run,
};
