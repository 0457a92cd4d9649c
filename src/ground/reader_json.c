/*
 * {"sentences":[{"text":"…","cites":["id"]}]} as it comes, read leniently: of any object that has a
 * "text" the text is what was said, its "cites" what it names; all else is passed over.
 */
#include "ground/reader.h"

#include <string.h>

#include "text/text.h"

static sm_json_level *top(sm_reader *r)
{
    return r->depth ? &r->level[r->depth - 1] : NULL;
}

static bool key_is(const sm_json_level *l, const char *key)
{
    return l && strcmp(l->key, key) == 0;
}

static void open_level(sm_reader *r, bool array)
{
    sm_json_level *above = top(r);
    if (r->depth == SM_JSON_LEVELS) { /* nothing of ours is so deep: what follows is not read */
        r->depth = 0;
        return;
    }
    sm_json_level *l = &r->level[r->depth++];
    *l = (sm_json_level){ .array = array };
    if (array && above)
        memcpy(l->key, above->key, sizeof(l->key));
    if (!array) {
        r->n_text = r->n_cites = 0;
    }
}

/* ------------------------------------------------------------------- what it says */

static void say(sm_reader *r)
{
    sm_str rest = { r->text, SM_MIN(r->n_text, (size_t)SM_HEARD_BYTES) };
    r->given = r->cite;
    r->n_given = r->n_cites;
    r->line_begins = true;
    r->thoughts = 0;
    if (r->n_text > SM_HEARD_BYTES) {
        sm_str head = sm_utf8_fit(rest, SM_HEARD_HEAD_BYTES);
        sm_heard h = { .kind = SM_HEARD_TOO_LONG, .text = head };
        sm_reader_tell(r, &h, head);
    } else {
        while (rest.n)
            sm_reader_text(r, sm_utf8_next(&rest));
        if (r->n_tag == 0)
            sm_reader_flush(r, false);
        else /* what began like a tag and did not end is left out with its sentence */
            sm_reader_flush(r, true);
        r->n_tag = 0;
    }
    r->given = NULL;
    r->n_given = r->n_text = r->n_cites = 0;
}

static void close_level(sm_reader *r)
{
    sm_json_level *l = top(r);
    if (!l)
        return;
    if (!l->array && l->sentence)
        say(r);
    r->depth--;
}

static void cite_word(sm_reader *r)
{
    sm_str word = { r->word, r->n_word };
    int64_t n;
    if (r->n_cites == SM_HEARD_CITES || word.n == 0)
        return;
    for (size_t i = 0; i < sm_evidence_n(r->evidence); i++)
        if (sm_str_eq(word, sm_evidence_source(r->evidence, i)->id)) {
            r->cite[r->n_cites++] = i + 1;
            return;
        }
    if (sm_str_to_int(word, &n) && n > 0 && n <= SM_EVIDENCE_MAX)
        r->cite[r->n_cites++] = (size_t)n;
}

/* A string or a number has ended. */
static void end_word(sm_reader *r)
{
    sm_json_level *l = top(r);
    if (!l)
        return;
    if (!l->array && !l->value) {
        size_t n = SM_MIN(r->n_word, sizeof(l->key) - 1);
        memcpy(l->key, r->word, n);
        l->key[n] = 0;
        if (key_is(l, "text"))
            r->n_text = 0;
    } else if (key_is(l, "cites")) {
        cite_word(r);
    } else if (!l->array && key_is(l, "text")) {
        l->sentence = true;
    }
    r->n_word = 0;
}

/* --------------------------------------------------------------------- characters */

static void string_character(sm_reader *r, uint32_t c)
{
    const sm_json_level *l = top(r);
    char utf8[4];
    size_t n = sm_utf8_put(c, utf8);
    if (l && !l->array && l->value && key_is(l, "text")) {
        if (c != '\n' && sm_is_hidden(c))
            return;
        if (r->n_text <= SM_HEARD_BYTES) {
            memcpy(r->text + r->n_text, utf8, n);
            r->n_text += n;
        }
    } else if (r->n_word + n <= sizeof(r->word)) {
        memcpy(r->word + r->n_word, utf8, n);
        r->n_word += n;
    } else {
        r->n_word = sizeof(r->word); /* no key and no id of ours */
    }
}

static void end_hex(sm_reader *r)
{
    uint32_t c = r->hex;
    if (c >= 0xd800 && c < 0xdc00) {
        r->high = c;
        return;
    }
    if (c >= 0xdc00 && c < 0xe000)
        c = r->high ? 0x10000 + ((r->high - 0xd800) << 10) + (c - 0xdc00) : 0xfffd;
    r->high = 0;
    string_character(r, c);
}

static void hex_digit(sm_reader *r, uint32_t c)
{
    uint32_t v = c >= '0' && c <= '9'                 ? c - '0'
                 : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                      : 0;
    r->hex = r->hex << 4 | v;
    if (--r->n_hex == 0)
        end_hex(r);
}

static void escaped_character(sm_reader *r, uint32_t c)
{
    r->escaped = false;
    if (c == 'u') {
        r->n_hex = 4;
        r->hex = 0;
        return;
    }
    string_character(r, c == 'n' || c == 'r' || c == 'b' || c == 'f' ? '\n' : c == 't' ? ' ' : c);
}

static void in_string(sm_reader *r, uint32_t c)
{
    if (r->n_hex) {
        hex_digit(r, c);
    } else if (r->escaped) {
        escaped_character(r, c);
    } else if (c == '\\') {
        r->escaped = true;
    } else if (c == '"') {
        r->in_string = false;
        end_word(r);
    } else {
        string_character(r, c);
    }
}

static void structure(sm_reader *r, uint32_t c)
{
    sm_json_level *l = top(r);
    if (c == '{' || c == '[')
        open_level(r, c == '[');
    else if (c == '}' || c == ']')
        close_level(r);
    else if (l && !l->array && (c == ':' || c == ','))
        l->value = c == ':';
}

void sm_reader_json(sm_reader *r, uint32_t c)
{
    bool number = c >= '0' && c <= '9';
    if (r->in_string) {
        in_string(r, c);
        return;
    }
    if (number && r->n_word < sizeof(r->word)) {
        r->word[r->n_word++] = (char)c;
        return;
    }
    if (!number && r->n_word)
        end_word(r);
    if (c == '"') {
        r->in_string = true;
        r->n_word = 0;
        r->high = 0;
    } else {
        structure(r, c);
    }
}
