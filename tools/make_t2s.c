/*
 * Writes the table of simplified forms for U+3400 … U+9FFF, one uint16_t each, 0 where nothing
 * changes, from OpenCC's own data.  A form that OpenCC would simplify again is followed to its end
 * (薴 苧 苎), so that a normal form is its own normal form.
 *   make_t2s OUT
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <opencc/opencc.h>

enum { FIRST = 0x3400, LAST = 0x9fff };

static unsigned decode3(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

static unsigned simplified(opencc_t cc, unsigned c)
{
    char in[4] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
                   (char)(0x80 | (c & 0x3f)), 0 };
    char *out = opencc_convert_utf8(cc, in, 3);
    unsigned to = out && strlen(out) == 3 ? decode3(out) : c;
    opencc_convert_utf8_free(out);
    return to;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_t2s OUT\n", stderr);
        return 2;
    }
    opencc_t cc = opencc_open("t2s.json");
    FILE *f = fopen(argv[1], "w");
    if (cc == (opencc_t)-1 || !f) {
        fprintf(stderr, "make_t2s: %s\n",
                cc == (opencc_t)-1 ? opencc_error() : "cannot write the output");
        return 1;
    }
    static unsigned to[LAST + 1];
    for (unsigned c = FIRST; c <= LAST; c++)
        to[c] = simplified(cc, c);
    fputs("/* made by tools/make_t2s.c from OpenCC's t2s data */\n"
          "static const uint16_t sm_t2s[0x9fff - 0x3400 + 1] = {\n",
          f);
    unsigned n = 0;
    for (unsigned c = FIRST; c <= LAST; c++) {
        unsigned end = to[c];
        for (int steps = 0; steps < 4 && end >= FIRST && end <= LAST; steps++)
            end = to[end];
        if (end != c) {
            fprintf(f, "[0x%x] = 0x%x,\n", c - FIRST, end);
            n++;
        }
    }
    fputs("};\n", f);
    opencc_close(cc);
    return fclose(f) != 0 || n < 1000;
}
