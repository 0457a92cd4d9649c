#include "access/access.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

enum { MAX_RANDOM_BYTES = 256 };

bool sm_secret_eq(sm_str a, sm_str b)
{
    return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

/* RFC 4648, section 5, without padding. */
static sm_str base64url(sm_arena *a, const unsigned char *in, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *out = sm_alloc(a, 4 * (n / 3) + 5);
    size_t len = 0;
    uint32_t held = 0;
    unsigned n_bits = 0;
    for (size_t i = 0; i < n; i++) {
        held = held << 8 | in[i];
        for (n_bits += 8; n_bits >= 6; n_bits -= 6)
            out[len++] = digit[held >> (n_bits - 6) & 63];
    }
    if (n_bits)
        out[len++] = digit[held << (6 - n_bits) & 63];
    return (sm_str){ out, len };
}

sm_rc sm_random_text(sm_op *op, size_t n_bytes, sm_str *out)
{
    unsigned char bytes[MAX_RANDOM_BYTES];
    if (n_bytes < 1 || n_bytes > sizeof(bytes))
        return sm_fail(op, SM_E_INVALID, "随机数应当是 1 到 %d 字节", (int)sizeof(bytes));
    if (RAND_bytes(bytes, (int)n_bytes) != 1)
        return sm_fail(op, SM_E_UNAVAILABLE, "系统的随机数不可用");
    *out = base64url(op->arena, bytes, n_bytes);
    OPENSSL_cleanse(bytes, n_bytes);
    return SM_OK;
}
