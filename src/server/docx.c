/*
 * A DOCX as an answer, and who stands in the label of one that an AI had a part in.
 */
#include "server/inner.h"

enum { HEADER_BYTES = 8 * 1024 };

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

sm_rc sm_respond_docx(sm_request *r, sm_str stem, sm_str bytes)
{
    sm_op *op = sm_request_op(r);
    sm_str name = sm_strf(op->arena, "%.*s.docx", SM_ARG(stem)), header;
    sm_buf b;
    sm_buf_init(&b, HEADER_BYTES);
    sm_buf_add(&b, SM_STR("attachment; filename*=UTF-8''"));
    for (size_t i = 0; i < name.n; i++)
        if (is_plain(name.p[i]))
            sm_buf_addc(&b, name.p[i]);
        else
            sm_buf_addf(&b, "%%%02X", (unsigned)(unsigned char)name.p[i]);
    sm_rc rc = sm_buf_take(op, &b, &header);
    if (rc < 0)
        return rc;
    sm_respond_header(r, "Content-Disposition", sm_cstr(op->arena, header));
    return sm_respond_bytes(
        r, 200, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", bytes);
}

sm_rc sm_producer_of(sm_op *op, const sm_settings *set, const sm_user *user, sm_str *out)
{
    *out = *set->sponsor     ? sm_str_of(set->sponsor)
           : *set->operator_ ? sm_str_of(set->operator_)
                             : user->department;
    return out->n ? SM_OK
                  : sm_fail(op, SM_E_INVALID,
                            "还没有设置主办单位（site.sponsor），人工智能标识写不了");
}
