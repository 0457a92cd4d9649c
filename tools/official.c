/*
 * An official document in our notation (src/format/official.h) as a DOCX by GB/T 9704:
 *
 *   sunmao-official IN.txt OUT.docx
 */
#include "format/official.h"

enum { MAX_IN_BYTES = 8 << 20, MAX_OUT_BYTES = 256 << 20 };

static sm_rc convert(sm_op *op, const char *in, const char *out)
{
    sm_str text, docx;
    sm_rc rc = sm_file_read(op, in, MAX_IN_BYTES, &text);
    if (rc < 0)
        return rc;
    sm_layout *l;
    rc = sm_official_read(op, in, text, &l);
    if (rc < 0)
        return rc;
    sm_buf b;
    sm_buf_init(&b, MAX_OUT_BYTES);
    rc = sm_docx_write(op, l, &b);
    if (rc < 0) {
        sm_buf_done(&b);
        return rc;
    }
    rc = sm_buf_take(op, &b, &docx);
    return rc < 0 ? rc : sm_file_write(op, out, docx);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: sunmao-official IN.txt OUT.docx\n");
        return 2;
    }
    sm_op op;
    sm_op_begin(&op);
    sm_rc rc = convert(&op, argv[1], argv[2]);
    if (rc < 0)
        fprintf(stderr, "%s: %.*s\n", argv[1], SM_ARG(op.msg));
    sm_op_end(&op);
    return rc < 0;
}
