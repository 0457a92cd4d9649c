#include "ground/foreign.h"

#include "ground/inner.h"
#include "text/text.h"

enum { WORD_CHARS = 48 }; /* of a Latin word; a longer one is a stranger */

/* The letter in lower case and narrow; 0: none of a to z. */
static char latin(uint32_t c)
{
    if (c >= 0xff21 && c <= 0xff5a)
        c -= 0xfee0;
    if (c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    return c >= 'a' && c <= 'z' ? (char)c : 0;
}

static bool in(uint32_t c, const uint32_t (*ranges)[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* What every text may be written with. */
static bool is_plain(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0x4e00, 0x9fff }, { '0', '9' },       { '(', '*' },       { ',', '/' },
        { ':', ';' },       { ' ', '#' },       { '%', '%' },       { '\'', '\'' },
        { '?', '?' },       { '\t', '\n' },     { 0xa0, 0xa0 },     { 0xb7, 0xb7 },
        { 0xd7, 0xd7 },     { 0x2010, 0x2015 }, { 0x2018, 0x201d }, { 0x2026, 0x2026 },
        { 0x2030, 0x2030 }, { 0x2103, 0x2103 }, { 0x3000, 0x3003 }, { 0x3007, 0x3011 },
        { 0x3014, 0x3017 }, { 0xff01, 0xff01 }, { 0xff05, 0xff05 }, { 0xff08, 0xff0a },
        { 0xff0c, 0xff1b }, { 0xff1f, 0xff1f }, { 0xff5e, 0xff5e }, { '~', '~' },
        { '[', '[' },       { ']', ']' },       { 0x3400, 0x4dbf }, { 0x20000, 0x323af },
    };
    return in(c, ranges, SM_LEN(ranges));
}

typedef struct run {
    sm_str text;
    char word[WORD_CHARS]; /* Latin, folded */
    size_t n;              /* letters; 0: no Latin word */
} run;

/* The next run of letters, or of what is neither a letter nor plain, off *s. */
static bool next_run(sm_str *s, run *out)
{
    bool is_word = false;
    *out = (run){ .text = { s->p, 0 } };
    while (s->n) {
        sm_str rest = *s;
        uint32_t c = sm_utf8_next(&rest);
        char letter = latin(c);
        bool stranger = !letter && !is_plain(c);
        if (out->text.n && (is_word ? !letter : !stranger))
            return true;
        if (letter || stranger) {
            if (out->text.n == 0)
                out->text.p = s->p;
            is_word = letter != 0;
            out->text.n = (size_t)(rest.p - out->text.p);
            if (letter && out->n < WORD_CHARS)
                out->word[out->n] = letter;
            out->n += letter != 0;
        }
        *s = rest;
    }
    return out->text.n > 0;
}

static bool same_word(const run *a, const run *b)
{
    if (a->n != b->n || a->n > WORD_CHARS)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->word[i] != b->word[i])
            return false;
    return true;
}

static bool has(sm_str text, const run *wanted)
{
    run one;
    if (wanted->n == 0)
        return sm_str_has(text, wanted->text);
    while (next_run(&text, &one))
        if (same_word(&one, wanted))
            return true;
    return false;
}

sm_str sm_foreign_in(const sm_evidence *e, sm_str sentence)
{
    run one;
    while (next_run(&sentence, &one)) {
        bool known = false;
        for (size_t i = 0; i < sm_evidence_n(e) && !known; i++) {
            const sm_source *source = sm_evidence_source(e, i);
            known = has(source->text, &one) || has(source->title, &one);
        }
        if (!known)
            return one.text;
    }
    return (sm_str){ 0 };
}
