#include "access/password.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "access/access.h"
#include "text/text.h"

enum {
    MEMORY_KIB = 19456,
    PASSES = 2,
    LANES = 1,
    SALT_BYTES = 16,
    HASH_BYTES = 32,
    ENCODED_BYTES = 128, /* 97 are used */
    LONG_CHARS = 16,     /* so many need no mixture */
    MIN_CLASSES = 3,
    RANDOM_CHARS = 16
};

/* Costs what a real hash costs; its parameters are those above. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* --------------------------------------------------------------- rule */

static bool holds_name(sm_arena *a, sm_str name, sm_str password)
{
    char *lower = sm_cstr(a, password);
    for (size_t i = 0; i < password.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    bool holds = name.n && sm_str_has((sm_str){ lower, password.n }, name);
    OPENSSL_cleanse(lower, password.n);
    return holds;
}

static unsigned class_of(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return 1;
    if (c >= 'A' && c <= 'Z')
        return 2;
    return c >= '0' && c <= '9' ? 4 : 8;
}

sm_rc sm_password_check(sm_op *op, sm_str name, sm_str password)
{
    size_t n_chars = 0;
    unsigned classes = 0;
    if (password.n > SM_PASSWORD_MAX_BYTES)
        return sm_fail(op, SM_E_INVALID, "密码太长，最多 %d 字节", (int)SM_PASSWORD_MAX_BYTES);
    if (!sm_utf8_valid(password, NULL))
        return sm_fail(op, SM_E_INVALID, "密码不是 UTF-8 文字");
    for (sm_str rest = password; rest.n; n_chars++) {
        uint32_t c = sm_utf8_next(&rest);
        if (c < 0x20 || c == 0x7f)
            return sm_fail(op, SM_E_INVALID, "密码里不能有控制字符");
        classes |= class_of(c);
    }
    if (n_chars < SM_PASSWORD_MIN_CHARS)
        return sm_fail(op, SM_E_INVALID, "密码至少要 %d 个字符", (int)SM_PASSWORD_MIN_CHARS);
    if (n_chars < LONG_CHARS && __builtin_popcount(classes) < MIN_CLASSES)
        return sm_fail(op, SM_E_INVALID,
                       "密码太简单：小写字母、大写字母、数字、其他字符至少要有 %d 类，"
                       "或者不少于 %d 个字符",
                       (int)MIN_CLASSES, (int)LONG_CHARS);
    if (holds_name(op->arena, name, password))
        return sm_fail(op, SM_E_INVALID, "密码里不能有用户名");
    return SM_OK;
}

/* ------------------------------------------------------------- random */

static void wipe(void *password)
{
    OPENSSL_cleanse(password, RANDOM_CHARS);
}

/* Bytes past the last whole round of the alphabet are thrown away: every character is as likely. */
static bool fill(char *out)
{
    static const char alphabet[] = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
    enum { N = sizeof(alphabet) - 1, FAIR = 256 / N * N };
    for (size_t n = 0; n < RANDOM_CHARS;) {
        unsigned char b;
        if (RAND_bytes(&b, 1) != 1)
            return false;
        if (b < FAIR)
            out[n++] = alphabet[b % N];
    }
    return true;
}

sm_rc sm_password_random(sm_op *op, sm_str name, sm_str *out)
{
    char *p = sm_alloc(op->arena, RANDOM_CHARS + 1);
    sm_str password = { p, RANDOM_CHARS };
    sm_arena_defer(op->arena, wipe, p);
    do {
        if (!fill(p))
            return sm_fail(op, SM_E_UNAVAILABLE, "系统的随机数不可用");
    } while (holds_name(op->arena, name, password));
    *out = password;
    return sm_password_check(op, name, password);
}

/* ------------------------------------------------------------- hashes */

sm_rc sm_password_hash(sm_op *op, sm_str password, sm_str *out)
{
    unsigned char salt[SALT_BYTES];
    char *encoded = sm_alloc(op->arena, ENCODED_BYTES);
    if (RAND_bytes(salt, sizeof(salt)) != 1)
        return sm_fail(op, SM_E_UNAVAILABLE, "系统的随机数不可用");
    int e = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.p, password.n, salt,
                                  sizeof(salt), HASH_BYTES, encoded, ENCODED_BYTES);
    if (e != ARGON2_OK)
        return sm_fail(op, e == ARGON2_MEMORY_ALLOCATION_ERROR ? SM_E_LIMIT : SM_E_INTERNAL,
                       "算不出密码的摘要：%s", argon2_error_message(e));
    *out = sm_str_of(encoded);
    return SM_OK;
}

sm_rc sm_password_verify(sm_op *op, sm_str hash, sm_str password, bool *right)
{
    const char *encoded = hash.n ? sm_cstr(op->arena, hash) : nobody;
    size_t n = SM_MIN(password.n, (size_t)SM_PASSWORD_MAX_BYTES);
    int e = argon2id_verify(encoded, password.p, n);
    if (e == ARGON2_MEMORY_ALLOCATION_ERROR)
        return sm_fail(op, SM_E_LIMIT, "内存不够，现在不能核对密码");
    if (e != ARGON2_OK && e != ARGON2_VERIFY_MISMATCH)
        return sm_fail(op, SM_E_CORRUPT, "存着的密码摘要已损坏，请让系统管理员重置密码");
    *right = e == ARGON2_OK && hash.n && n == password.n;
    return SM_OK;
}
