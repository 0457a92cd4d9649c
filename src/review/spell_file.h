/*
 * review/spell_file.h - private to review: a speller's file, and the runs of characters it counts.
 *
 * Characters are numbered: 0 … 15 are kinds (a line's end, digits, letters, marks, other
 * characters), then those of the table in order of their code points.  A run of one to SM_SPELL_RUN
 * numbers has a key; the file keeps 16 bits of that beside the count and how much the run's
 * followers and predecessors leave to shorter runs, all three rounded.
 */
#ifndef SM_REVIEW_SPELL_FILE_H
#define SM_REVIEW_SPELL_FILE_H

#include "review/speller.h"
#include "text/text.h"

enum {
    SM_SPELL_RUN = 5,
    SM_SPELL_KINDS = 16,
    SM_SPELL_MAX_CHARS = 8000,
    SM_SPELL_LINE = 4096 /* numbers in one stretch, its two ends included */
};
enum {
    SM_SPELL_END = 1,
    SM_SPELL_DIGIT = 3,
    SM_SPELL_LETTER,
    SM_SPELL_HAN,
    SM_SPELL_COMMA,
    SM_SPELL_STOP,
    SM_SPELL_BRACKET,
    SM_SPELL_OTHER
};

#define SM_SPELL_DISCOUNT 0.75 /* what every run leaves to shorter ones */

/* How alike the sounds of two characters are. */
enum { SM_SOUND_SAME, SM_SOUND_TONE, SM_SOUND_NEAR, SM_SOUND_CLOSE, SM_SOUND_NONE };

typedef struct sm_spell_head {
    char magic[8];
    uint32_t n_chars, n_cands, n_slots, row_bytes;
    uint64_t total; /* characters counted */
} sm_spell_head;
/* Behind it: code points[n_chars], first candidates[n_chars + 1], candidates[n_cands],
 * slots[n_slots] of 32 bits each; then a bit for each two numbers that ever stood side by side, row
 * after row. */
#define SM_SPELL_MAGIC "SMSPEL01"

/* A candidate: number, sound, place among the alike (0 … 29; 31 none), Cangjie codes akin. */
static inline uint32_t sm_spell_cand(uint32_t id, unsigned sound, unsigned look, bool code)
{
    return id | sound << 16 | look << 20 | (uint32_t)code << 25;
}
#define SM_CAND_ID(c)    ((c)&0xffff)
#define SM_CAND_SOUND(c) ((c) >> 16 & 7)
#define SM_CAND_LOOK(c)  ((c) >> 20 & 31)
#define SM_CAND_CODE(c)  ((c) >> 25 & 1)

static inline uint64_t sm_spell_key(uint64_t shorter, uint32_t id)
{
    return sm_mix64((shorter ^ id) + 0x9e3779b97f4a7c15ULL);
}

/* What a run is kept under: its key, the low bits how long it is. */
enum { SM_SPELL_LENGTH = 7 };
static inline uint64_t sm_spell_name(uint64_t key, unsigned length)
{
    return (key & ~(uint64_t)SM_SPELL_LENGTH) | length;
}

/* Where among n slots a run is looked for first: by bits that its print does not have. */
static inline size_t sm_spell_slot(uint64_t name, uint32_t n_slots)
{
    return (size_t)(((name >> 8 & 0xffffffff) * n_slots) >> 32);
}

/* The table of characters. */
typedef struct sm_spell_char {
    uint32_t code;
    sm_str sounds, cangjie, alike;
} sm_spell_char;
typedef struct sm_spell_chars {
    sm_spell_char *one; /* by code point */
    uint32_t *code;
    uint32_t n;
} sm_spell_chars;
sm_rc sm_spell_chars_read(sm_op *op, const char *path, sm_spell_chars *out);
/* What each character may be mistaken for, of those that `seen` has: first[n + 1], cand[]. */
typedef struct sm_spell_cands {
    uint32_t *first, *cand;
    uint32_t n;
} sm_spell_cands;
sm_rc sm_spell_cands_make(sm_op *op, const sm_spell_chars *t, const bool *seen,
                          sm_spell_cands *out);

/* The number of a character among n code points. */
uint32_t sm_spell_number(const uint32_t *code, uint32_t n, uint32_t c);
/* Takes up to SM_SPELL_LINE - 2 characters off *rest and gives their numbers between two ends. */
size_t sm_spell_line(const uint32_t *code, uint32_t n, sm_str *rest, uint16_t id[SM_SPELL_LINE]);

/* Counts in 6 bits: to 16 exactly, then by quarters; shares in 5 bits, 0 for none. */
unsigned sm_spell_round_count(uint32_t count);
unsigned sm_spell_round_share(double share);
float sm_spell_count_of(unsigned rounded);
float sm_spell_share_of(unsigned rounded);

#endif
