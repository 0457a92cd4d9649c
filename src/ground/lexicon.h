/*
 * ground/lexicon.h - private to ground: what words of Chinese administration say, for comparing
 * two sentences.  Made once; never changes after.
 */
#ifndef SM_GROUND_LEXICON_H
#define SM_GROUND_LEXICON_H

#include "text/text.h"

enum { SM_MAX_WORD = 16 };

typedef enum sm_word_kind {
    SM_WORD_NONE,  /* a cue alone */
    SM_WORD_THING, /* of a group that says the same */
    SM_WORD_NAME,  /* of a group that names who, where, which paper, when */
    SM_WORD_LIGHT, /* of a group, but its lack is no lack */
    SM_WORD_GLUE,
    SM_WORD_WHOLE,  /* a word as it is */
    SM_WORD_SPELLED /* says what a row of other words says */
} sm_word_kind;

enum {
    SM_CUE_NOT,
    SM_CUE_NEED_NOT,
    SM_CUE_MAY_NOT,
    SM_CUE_MUST,
    SM_CUE_MAY,
    SM_CUE_ONLY,
    SM_CUE_ALL,
    SM_CUE_BOTH,
    SM_CUE_EITHER,
    SM_CUE_EXCEPT,
    SM_CUE_IF,
    SM_CUE_FIRST,   /* 先 */
    SM_CUE_BEFORE,  /* 之前 */
    SM_CUE_AFTER,   /* 之后 */
    SM_CUE_THEN,    /* 再, 才 */
    SM_CUE_BY,      /* 由 */
    SM_CUE_NOW,     /* 现在 */
    SM_CUE_ONCE,    /* 原来 */
    SM_CUE_OPENING, /* 您好, 按规定 */
    SM_CUE_PLAIN,   /* 的, 可以: any sentence may have it */
    SM_N_CUES
};

enum { SM_MAX_PARTS = 6 };

typedef struct sm_word sm_word;

struct sm_word {
    uint8_t n; /* characters */
    uint8_t kind;
    uint8_t n_spelled, n_parts;
    uint32_t cue;                  /* bits by SM_CUE_ */
    uint32_t group;                /* of words that say the same */
    uint32_t name;                 /* of the group, by its first word: stays when others come */
    const sm_word *const *spelled; /* the row */
    uint64_t part[SM_MAX_PARTS];   /* keys of the words it is made of, if it is */
};

uint64_t sm_pair_key(uint32_t first, uint32_t second); /* first 0: the second alone */
uint64_t sm_group_key(uint32_t group);

/* Groups whose words exclude this one's (原件: 复印件), and groups that this one's may stand for
 * (子女: 新生儿): how many, from *out on. */
size_t sm_opposites_of(uint32_t group, const uint32_t **out);
size_t sm_narrower_of(uint32_t group, const uint32_t **out);

/* The longest word at the front of n > 0 folded characters, or NULL. */
const sm_word *sm_word_at(const uint32_t *c, size_t n);

#endif
