/*
 * access/password.h - the rule for passwords, random ones, and their argon2id
 * hashes.  Hashing and verifying take tens of milliseconds and 19 MiB: never
 * within a write transaction.
 */
#ifndef SM_ACCESS_PASSWORD_H
#define SM_ACCESS_PASSWORD_H

#include "base/base.h"

/* E_INVALID tells the person what is missing. */
sm_rc sm_password_check(sm_op *op, sm_str name, sm_str password);
/* 16 characters without look-alikes (92 bits) that pass the check; wiped with the op's arena. */
sm_rc sm_password_random(sm_op *op, sm_str name, sm_str *out);

/* The encoded form of RFC 9106's reference code, with its parameters and salt.  E_LIMIT: no
 * memory. */
sm_rc sm_password_hash(sm_op *op, sm_str password, sm_str *out);
/* E_CORRUPT when the stored hash is none; an empty one stands for nobody's: never right, and as
 * slow as any. */
sm_rc sm_password_verify(sm_op *op, sm_str hash, sm_str password, bool *right);

#endif
