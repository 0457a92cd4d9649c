/*
 * e^x, ln x and 10^n of sums, products and quotients alone, which IEEE 754 rounds alike everywhere.
 * The C library's differ in the last bit between an x86-64 with FMA, one without, and an aarch64;
 * of its functions only logf does not (docs/measurements.md).  Reduction as in fdlibm; series long
 * enough for the type.
 */
#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ln 2 in two parts: a whole number below 2^11 times the first is exact. */
static const double LN2 = 0x1.62e42fefa39efp-1, LN2_HI = 0x1.62e42feep-1,
                    LN2_LO = 0x1.a39ef35793c76p-33;

double sm_exp(double x)
{
    if (isnan(x))
        return x;
    if (x > 709.78271289338397)
        return INFINITY;
    if (x < -745.13321910194122)
        return 0;
    /* x = k ln 2 + r, |r| <= ln 2 / 2; e^r = 1 + r + r² (1/2! + r/3! + …) */
    static const double c[] = { 1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2 };
    double k = floor(x / LN2 + 0.5), hi = x - k * LN2_HI, lo = k * LN2_LO, r = hi - lo, sum = 0;
    for (size_t i = 0; i < SM_LEN(c); i++)
        sum = sum * r + c[i];
    return ldexp(1 + (hi + (r * r * sum - lo)), (int)k);
}

/* For the trainers' loops: half the series, no call. */
float sm_expf(float x)
{
    if (!(x > -104))
        return isnan(x) ? x : 0;
    if (x > 88.8f)
        return INFINITY;
    static const double c[] = { 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
                                1.0 / 6,     1.0 / 2,    1.0,       1.0 };
    double z = (double)x / LN2;
    int k = (int)(z < 0 ? z - 0.5 : z + 0.5);
    double r = (double)x - k * LN2, sum = 0, scale;
    for (size_t i = 0; i < SM_LEN(c); i++)
        sum = sum * r + c[i];
    uint64_t bits = (uint64_t)(1023 + k) << 52; /* 2^k */
    memcpy(&scale, &bits, sizeof(scale));
    return (float)(sum * scale);
}

double sm_log(double x)
{
    if (isnan(x) || (isinf(x) && x > 0))
        return x;
    if (x <= 0)
        return x < 0 ? NAN : -INFINITY;
    /* x = 2^e (1 + f), 1 + f from √½ to √2; with s = f / (2 + f):
     * ln(1 + f) = 2s + s (2/3 s² + 2/5 s⁴ + …) = f - (f²/2 - s (f²/2 + …)) */
    static const double c[] = { 2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3 };
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    double f = m - 1, half = 0.5 * f * f, s = f / (2 + f), z = s * s, sum = 0;
    for (size_t i = 0; i < SM_LEN(c); i++)
        sum = sum * z + c[i];
    return e * LN2_HI - ((half - (s * (half + z * sum) + e * LN2_LO)) - f);
}

/* Up to 10^22 exact; so the quotient is right to the last bit, too. */
double sm_ten_to(int n)
{
    double power = 1;
    for (int i = 0, steps = abs(SM_MAX(SM_MIN(n, 400), -400)); i < steps; i++)
        power *= 10;
    return n < 0 ? 1 / power : power;
}
