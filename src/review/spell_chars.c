/*
 * What characters are mistaken for: by sound (the readings of share/review/spell/chars.tsv), by
 * look (its neighbours and Cangjie codes).
 */
#include <stdlib.h>
#include <string.h>

#include "review/spell_file.h"

enum { MAX_TABLE_BYTES = 8 << 20, MAX_SYLLABLES = 600, MAX_SOUND = 8, N_LOOKS = 30, NO_LOOK = 31 };

/* ---------------------------------------------------------------- numbers */

uint32_t sm_spell_number(const uint32_t *code, uint32_t n, uint32_t c)
{
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (code[mid] < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < n && code[lo] == c)
        return SM_SPELL_KINDS + lo;
    uint32_t folded = sm_is_han(c) ? c : sm_text_fold(c);
    if (folded >= '0' && folded <= '9')
        return SM_SPELL_DIGIT;
    if (folded >= 'a' && folded <= 'z')
        return SM_SPELL_LETTER;
    if (sm_is_han(c))
        return SM_SPELL_HAN;
    static const struct {
        const char *marks;
        uint32_t kind;
    } kinds[] = { { "，、：；,:;", SM_SPELL_COMMA },
                  { "。！？!?.", SM_SPELL_STOP },
                  { "（）()《》“”‘’\"〈〉[]【】〔〕", SM_SPELL_BRACKET } };
    for (size_t i = 0; i < SM_LEN(kinds); i++)
        for (sm_str s = sm_str_of(kinds[i].marks); s.n;)
            if (sm_utf8_next(&s) == c)
                return kinds[i].kind;
    return SM_SPELL_OTHER;
}

size_t sm_spell_line(const uint32_t *code, uint32_t n, sm_str *rest, uint16_t id[SM_SPELL_LINE])
{
    size_t len = 0;
    id[len++] = SM_SPELL_END;
    while (rest->n && len < SM_SPELL_LINE - 1)
        id[len++] = (uint16_t)sm_spell_number(code, n, sm_utf8_next(rest));
    id[len++] = SM_SPELL_END;
    return len;
}

/* --------------------------------------------------------------- rounding */

enum { EXACT = 16, MOST_COUNT = 63, MOST_SHARE = 31 };

float sm_spell_count_of(unsigned rounded)
{
    float c = (float)SM_MIN(rounded + 1, (unsigned)EXACT);
    for (unsigned i = EXACT; i <= rounded; i++)
        c *= 1.25f;
    return c;
}

unsigned sm_spell_round_count(uint32_t count)
{
    if (count <= EXACT)
        return count ? count - 1 : 0;
    unsigned r = EXACT - 1;
    while (r < MOST_COUNT && (double)sm_spell_count_of(r + 1) * 0.9 <= (double)count)
        r++;
    return r;
}

float sm_spell_share_of(unsigned rounded)
{
    float s = rounded ? 1.0f : 0.0f;
    for (unsigned i = 1; i < rounded; i++)
        s *= 0.8f;
    return s;
}

unsigned sm_spell_round_share(double share)
{
    unsigned r = 1;
    if (share <= 0)
        return 0;
    while (r < MOST_SHARE && (double)sm_spell_share_of(r) * 0.9 > share)
        r++;
    return r;
}

/* ------------------------------------------------------------------ table */

static bool read_char(sm_str line, sm_spell_char *c)
{
    sm_str head, *part[] = { &head, &c->sounds, &c->cangjie, &c->alike };
    for (size_t i = 0; i < SM_LEN(part); i++) {
        *part[i] = (sm_str){ 0 };
        if (!sm_str_cut(&line, '\t', part[i]) && i < SM_LEN(part) - 1)
            return false;
    }
    if (!head.n || !sm_utf8_valid(head, NULL))
        return false;
    c->code = sm_utf8_next(&head);
    return !head.n && sm_utf8_valid(c->alike, NULL);
}

sm_rc sm_spell_chars_read(sm_op *op, const char *path, sm_spell_chars *out)
{
    sm_str text, line;
    size_t cap = 0, n = 0, line_no = 0;
    sm_spell_chars t = { 0 };
    sm_rc rc = sm_file_read(op, path, MAX_TABLE_BYTES, &text);
    while (rc == SM_OK && sm_str_cut(&text, '\n', &line)) {
        line_no++;
        if (!line.n || line.p[0] == '#')
            continue;
        SM_GROW(op->arena, t.one, n, cap);
        if (n == SM_SPELL_MAX_CHARS)
            return sm_fail(op, SM_E_LIMIT, "%s：超过%d个字", path, SM_SPELL_MAX_CHARS);
        if (!read_char(line, &t.one[n]) || (n && t.one[n - 1].code >= t.one[n].code))
            return sm_fail(op, SM_E_INVALID, "%s 第%zu行：要是按码位排列的字、读音、仓颉码、形近字",
                           path, line_no);
        n++;
    }
    if (rc < 0)
        return rc;
    t.n = (uint32_t)n;
    t.code = SM_NEWS(op->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        t.code[i] = t.one[i].code;
    *out = t;
    return SM_OK;
}

/* ----------------------------------------------------------------- sounds */

/* A syllable without its tone, and what the ears of half the country make of it. */
typedef struct syllable {
    char text[MAX_SOUND], near[MAX_SOUND];
    uint32_t *user; /* characters, with the tone: index * 8 + tone */
    size_t n, cap;
} syllable;

typedef struct sounds {
    syllable one[MAX_SYLLABLES];
    size_t n;
    uint8_t akin[MAX_SYLLABLES][MAX_SYLLABLES];
} sounds;

/* zh z, ch c, sh s; -ng -n; l n. */
static void blur(const char *text, char near[MAX_SOUND])
{
    size_t n = 0;
    for (size_t i = 0; text[i]; i++) {
        bool hissed = i == 1 && text[i] == 'h' && strchr("zcs", text[0]);
        bool last = text[i] == 'g' && i && text[i - 1] == 'n' && !text[i + 1];
        if (!hissed && !last)
            near[n++] = i == 0 && text[i] == 'l' ? 'n' : text[i];
    }
    near[n] = 0;
}

/* One letter more, less or other. */
static bool one_letter(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), i = 0;
    if (n > m)
        return one_letter(b, a);
    while (i < n && a[i] == b[i])
        i++;
    return n == m ? i < n && strcmp(a + i + 1, b + i + 1) == 0
                  : m == n + 1 && strcmp(a + i, b + i + 1) == 0;
}

static syllable *syllable_of(sounds *s, sm_str text)
{
    char name[MAX_SOUND] = "";
    if (!text.n || text.n >= MAX_SOUND)
        return NULL;
    memcpy(name, text.p, text.n);
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->one[i].text, name) == 0)
            return &s->one[i];
    if (s->n == MAX_SYLLABLES)
        return NULL;
    syllable *y = &s->one[s->n++];
    memcpy(y->text, name, sizeof(name));
    blur(name, y->near);
    return y;
}

/* Takes "zhong4" off a list of readings. */
static bool next_reading(sm_str *list, sm_str *text, unsigned *tone)
{
    sm_str one;
    if (!sm_str_cut(list, ' ', &one) || one.n < 2)
        return false;
    *text = sm_str_sub(one, 0, one.n - 1);
    *tone = (unsigned)(one.p[one.n - 1] - '0') & 7;
    return true;
}

static sounds *gather(sm_arena *a, const sm_spell_chars *t)
{
    sounds *s = SM_NEW(a, sounds);
    sm_str text;
    unsigned tone;
    for (uint32_t i = 0; i < t->n; i++)
        for (sm_str list = t->one[i].sounds; next_reading(&list, &text, &tone);) {
            syllable *y = syllable_of(s, text);
            if (!y)
                continue;
            SM_GROW(a, y->user, y->n, y->cap);
            y->user[y->n++] = i * 8 + tone;
        }
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->n; k++)
            s->akin[i][k] = i == k                                        ? SM_SOUND_TONE
                            : strcmp(s->one[i].near, s->one[k].near) == 0 ? SM_SOUND_NEAR
                            : one_letter(s->one[i].text, s->one[k].text)  ? SM_SOUND_CLOSE
                                                                          : SM_SOUND_NONE;
    return s;
}

/* ------------------------------------------------------------- candidates */

static void mark_sounds(const sm_spell_chars *t, sounds *s, uint32_t c, uint8_t *sound)
{
    sm_str text;
    unsigned tone;
    for (sm_str list = t->one[c].sounds; next_reading(&list, &text, &tone);) {
        syllable *y = syllable_of(s, text);
        for (size_t k = 0; y && k < s->n; k++) {
            uint8_t akin = s->akin[y - s->one][k];
            for (size_t u = 0; akin != SM_SOUND_NONE && u < s->one[k].n; u++) {
                uint32_t d = s->one[k].user[u] / 8;
                uint8_t akin_to = akin;
                bool same = akin == SM_SOUND_TONE && s->one[k].user[u] % 8 == tone;
                if (same)
                    akin_to = SM_SOUND_SAME;
                sound[d] = SM_MIN(sound[d], akin_to);
            }
        }
    }
}

/* One code within the other, or alike but for an end. */
static bool codes_akin(sm_str a, sm_str b)
{
    if (!a.n || !b.n)
        return false;
    if (sm_str_has(a, b) || sm_str_has(b, a))
        return true;
    return (a.n > 2 && b.n > 1 && sm_str_eq(sm_str_sub(a, 1, a.n), sm_str_sub(b, 1, b.n))) ||
           (a.n > 2 && b.n > 1 && sm_str_eq(sm_str_sub(a, 0, a.n - 1), sm_str_sub(b, 0, b.n - 1)));
}

/* The better of both places: the neighbours of one need not have it among theirs. */
static void mark_looks(const sm_spell_chars *t, uint8_t *look)
{
    for (uint32_t c = 0; c < t->n; c++) {
        sm_str list = t->one[c].alike;
        for (uint8_t i = 0; list.n && i < N_LOOKS; i++) {
            uint32_t d = sm_spell_number(t->code, t->n, sm_utf8_next(&list));
            if (d < SM_SPELL_KINDS || d - SM_SPELL_KINDS == c)
                continue;
            d -= SM_SPELL_KINDS;
            look[(size_t)c * t->n + d] = SM_MIN(look[(size_t)c * t->n + d], i);
            look[(size_t)d * t->n + c] = SM_MIN(look[(size_t)d * t->n + c], i);
        }
    }
}

/* What says another thing as rightly is no correction: figures, 和 and 或. */
static bool both_right(uint32_t a, uint32_t b)
{
    static const char *const groups[] = { "一二三四五六七八九十百千万亿两零〇", "和或与及" };
    for (size_t i = 0; i < SM_LEN(groups); i++) {
        int n = 0;
        for (sm_str s = sm_str_of(groups[i]); s.n;) {
            uint32_t c = sm_utf8_next(&s);
            n += (c == a) + (c == b);
        }
        if (n == 2)
            return true;
    }
    return false;
}

sm_rc sm_spell_cands_make(sm_op *op, const sm_spell_chars *t, const bool *seen, sm_spell_cands *out)
{
    sm_arena *a = op->arena;
    sounds *s = gather(a, t);
    sm_spell_cands r = { .first = SM_NEWS(a, uint32_t, t->n + 1) };
    size_t n = 0, cap = 0;
    uint8_t *look = malloc((size_t)t->n * t->n + 1), *sound = SM_NEWS(a, uint8_t, t->n + 1);
    if (!look)
        return sm_fail(op, SM_E_LIMIT, "内存不够");
    memset(look, NO_LOOK, (size_t)t->n * t->n + 1);
    mark_looks(t, look);
    for (uint32_t c = 0; c < t->n; c++) {
        const uint8_t *looks = look + (size_t)c * t->n;
        memset(sound, SM_SOUND_NONE, t->n);
        mark_sounds(t, s, c, sound);
        r.first[c] = (uint32_t)n;
        for (uint32_t d = 0; d < t->n; d++) {
            if (d == c || !seen[d])
                continue;
            bool code = codes_akin(t->one[c].cangjie, t->one[d].cangjie);
            if (sound[d] == SM_SOUND_NONE && looks[d] == NO_LOOK && !code)
                continue;
            if (both_right(t->code[c], t->code[d]))
                continue;
            SM_GROW(a, r.cand, n, cap);
            r.cand[n++] = sm_spell_cand(SM_SPELL_KINDS + d, sound[d], looks[d], code);
        }
    }
    free(look);
    r.first[t->n] = r.n = (uint32_t)n;
    *out = r;
    return SM_OK;
}
