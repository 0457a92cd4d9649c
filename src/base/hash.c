#include "base/base.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

static sm_digest digest(const EVP_MD *kind, sm_str s)
{
    sm_digest d = { 0 };
    unsigned n = sizeof(d.b);
    if (!EVP_Digest(s.p ? s.p : "", s.n, d.b, &n, kind, NULL) || n != sizeof(d.b)) {
        fputs("sunmao: this OpenSSL has no SM3 or SHA-256\n", stderr);
        abort();
    }
    return d;
}

sm_digest sm_sm3(sm_str s)
{
    static _Atomic(EVP_MD *) kept; /* EVP_sm3() is looked up in the library at every use */
    EVP_MD *kind = atomic_load_explicit(&kept, memory_order_acquire);
    if (!kind) {
        EVP_MD *mine = EVP_MD_fetch(NULL, "SM3", NULL);
        if (!mine)
            return digest(EVP_sm3(), s);
        if (atomic_compare_exchange_strong(&kept, &kind, mine))
            kind = mine;
        else
            EVP_MD_free(mine);
    }
    return digest(kind, s);
}

sm_digest sm_sha256(sm_str s)
{
    return digest(EVP_sha256(), s);
}

sm_str sm_digest_hex(sm_arena *a, const sm_digest *d)
{
    static const char hex[] = "0123456789abcdef";
    char *p = sm_alloc(a, 2 * sizeof(d->b) + 1);
    for (size_t i = 0; i < sizeof(d->b); i++) {
        p[2 * i] = hex[d->b[i] >> 4];
        p[2 * i + 1] = hex[d->b[i] & 15];
    }
    return (sm_str){ p, 2 * sizeof(d->b) };
}

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
uint64_t sm_mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

uint64_t sm_hash64(sm_str s, uint64_t seed)
{
    uint64_t h = sm_mix64(seed + 0x9e3779b97f4a7c15ULL + s.n);
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t w = 0;
        for (size_t k = 0; k < 8; k++)
            w |= (uint64_t)(uint8_t)s.p[i + k] << (8 * k);
        h = sm_mix64(h ^ w) + 0x9e3779b97f4a7c15ULL;
    }
    uint64_t w = 0;
    for (size_t k = 0; i + k < s.n; k++)
        w |= (uint64_t)(uint8_t)s.p[i + k] << (8 * k);
    return sm_mix64(h ^ w);
}

uint64_t sm_rng_next(sm_rng *r)
{
    r->s += 0x9e3779b97f4a7c15ULL;
    return sm_mix64(r->s);
}

uint32_t sm_rng_below(sm_rng *r, uint32_t n)
{
    return (uint32_t)(((sm_rng_next(r) >> 32) * n) >> 32);
}

double sm_rng_unit(sm_rng *r)
{
    return (double)(sm_rng_next(r) >> 11) * 0x1p-53;
}
