/*
 * review/parts.h - private to review: what one line of a document says of itself, right or wrong.
 *
 * Forms that the rules find fault with are recognised, too: [2026]012号 is a number.
 */
#ifndef SM_REVIEW_PARTS_H
#define SM_REVIEW_PARTS_H

#include "review/inner.h"

/* The number in front of a line: "一、", "（一）", "1.", "（1）", "①", "第一条"; "" none. */
sm_str sm_part_label(sm_str line);
int sm_part_level(sm_str label);       /* 1 … 4; 0: of another kind or none */
bool sm_part_is_article(sm_str label); /* 第…条 */

bool sm_part_is_number(sm_str s); /* 发文字号 */
bool sm_part_is_copyno(sm_str s);
bool sm_part_is_urgency(sm_str s);
/* Recipients; under_title: the title is known to end above, so that a wrong last mark will do. */
bool sm_part_is_to(sm_str s, bool under_title);
bool sm_part_is_attach(sm_str s); /* 附件, 附件1 */
bool sm_part_is_note(sm_str s);   /* 附件：… */
bool sm_part_is_cc(sm_str s);
bool sm_part_is_printer(sm_str s, bool under_cc);
bool sm_part_is_attendance(sm_str s);
bool sm_part_is_remark(sm_str s, bool under_date);
bool sm_part_is_row(sm_str s); /* cells parted by tabs */
bool sm_part_is_organ(sm_str s);
bool sm_part_is_page_number(sm_str s);
/* A name that a document may be signed with; right over the date, any short one. */
bool sm_part_is_signature(sm_str s, bool over_date);
/* A line that is a date, however it is written; *iso is "" where that is no day. */
bool sm_part_is_date(sm_arena *a, sm_str s, sm_str *iso);
/* The type that a title ends with, of the fifteen: "通知"; "" none. */
sm_str sm_part_type_end(sm_str title);

#endif
