/*
 * text/numeral.h - numbers as they are written: ASCII and full-width digits,
 * Chinese numerals, capitals.  Private to text.
 */
#ifndef SM_TEXT_NUMERAL_H
#define SM_TEXT_NUMERAL_H

#include "base/base.h"

/* The digit at `at`, ASCII or full-width: bytes read, 0 for none; *d may be NULL. */
size_t sm_digit_at(sm_str s, size_t at, int *d);
/* A run of digits and nothing else: bytes read; *v stops growing at 9e15. */
size_t sm_digits_at(sm_str s, size_t at, int64_t *v, size_t *n_digits);
/* 1,200.5: bytes read, 0 for none. */
size_t sm_arabic_at(sm_str s, size_t at, double *v);

/* True for 一 … 九, 十 百 千, 零, capitals; 万 and 亿 only continue a number. */
bool sm_is_han_numeral(uint32_t c);
/* 二十, 一百零五, 二〇二四, 一万二千, 三点五: bytes read, 0 for none.  *v is -1 for numerals that
 * name no one number (三五, 十二三). */
size_t sm_han_at(sm_str s, size_t at, double *v);

/* Without trailing zeros and without an exponent. */
sm_str sm_number_text(sm_arena *a, double v);

#endif
