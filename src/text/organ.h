/*
 * text/organ.h - the tables of organs' names: what they are called in full and in short.  Private
 * to text.
 */
#ifndef SM_TEXT_ORGAN_H
#define SM_TEXT_ORGAN_H

#include "base/base.h"

/* Whether a name of its own stands before it: 滨湖派出所; 管理局 is none without one. */
typedef enum sm_organ_named { SM_ORGAN_ALONE, SM_ORGAN_MAY, SM_ORGAN_NAMED } sm_organ_named;

/* The longest name of an organ, without its place, that ends at the end of s: bytes, 0 for none.
 * *full is how it is written out (人社局 is 人力资源和社会保障局), a constant or in the arena;
 * *named is true when a name of its own may stand before it (滨湖派出所). */
size_t sm_organ_body(sm_arena *a, sm_str s, sm_str *full, sm_organ_named *named);
/* How a whole name without its place is written out; itself when it is not known. */
sm_str sm_organ_written_out(sm_arena *a, sm_str body);
/* 省, 市, 区, 县 …, the last character of a place's name. */
bool sm_organ_ends_place(sm_str s);
/* Whether a name may be called without this beginning of it: a place, or the organ above. */
bool sm_organ_may_lack(sm_str before);
/* organ:公安局 or organ:市公安局 within organ:云澜市公安局. */
bool sm_organ_within(sm_str key, sm_str held);

#endif
