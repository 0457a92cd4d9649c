/*
 * ground/inner.h - private to ground: a text as it is read, and evidence made of such texts.
 *
 * A text is cut into clauses, and a clause into tokens: words of the lexicon, pairs of characters
 * of what the lexicon does not know, single characters.  A token knows how it is said: denied,
 * demanded, allowed.  Facts are no tokens.
 */
#ifndef SM_GROUND_INNER_H
#define SM_GROUND_INNER_H

#include "ground/copied.h"
#include "ground/ground.h"
#include "ground/lexicon.h"

/* ------------------------------------------------------------------- texts */

typedef enum sm_piece_kind {
    SM_PIECE_WORD,  /* of a group */
    SM_PIECE_LIGHT, /* of a group, its lack tolerated */
    SM_PIECE_CHAR   /* one character of a run that the lexicon does not know */
} sm_piece_kind;

enum { SM_MOD_NONE, SM_MOD_MUST, SM_MOD_MAY };

/* What a sentence says, piece by piece. */
typedef struct sm_piece {
    uint64_t key[2]; /* of its group; of the pairs before and after; alone: of the character */
    uint32_t group;  /* 0: none */
    const sm_word *word;
    uint32_t at, n; /* bytes */
    uint32_t clause;
    uint8_t kind, chars;
    uint8_t mod;
    bool neg;
    bool cued; /* a cue stands right before it */
    bool name; /* who, where, which paper, when */
} sm_piece;

typedef struct sm_event { /* 先, 之前, 之后, 再, 由 */
    uint32_t at, part;
    uint8_t cue;
} sm_event;

typedef struct sm_part { /* a clause */
    uint32_t at, n;      /* bytes */
    uint32_t sentence;
    uint32_t cues; /* bits */
    uint32_t n_denials;
    uint32_t piece, n_pieces;
    uint32_t fact, n_facts;
    bool condition; /* …的，  如…， */
    bool asks;      /* of a question */
    bool head;      /* ends with a colon */
    int8_t answers; /* nothing but 可以 (1), 不用 (-1); else 0 */
} sm_part;

typedef struct sm_char { /* outside of facts */
    uint32_t c, at, clause;
    uint8_t mod;
    bool neg;
    bool plain;   /* of a word that any sentence may have */
    bool opening; /* of a word that only opens */
} sm_char;

typedef struct sm_reading {
    sm_str text;
    sm_char *chr;
    size_t n_chars, cap_chars;
    sm_piece *piece;
    size_t n_pieces, cap_pieces;
    sm_part *part;
    size_t n_parts, cap_parts;
    sm_event *event;
    size_t n_events, cap_events;
    sm_fact *fact;
    size_t n_facts;
    uint32_t n_sentences;
} sm_reading;

/* False for names, which are held by their wording, too. */
bool sm_is_figure(const sm_fact *f);

void sm_read_text(sm_arena *a, sm_str text, const sm_organs *organs, sm_reading *out);

/* ---------------------------------------------------------------- evidence */

/* Where a key stands. */
typedef struct sm_posting {
    uint64_t key;
    uint32_t row;
    uint8_t mod;
    bool neg, cued;
} sm_posting;

/* A clause of a passage, or of its title. */
typedef struct sm_row {
    uint32_t passage, sentence; /* sentence: counted through all passages */
    const sm_part *part;
    const sm_reading *of;
} sm_row;

/* The clauses of one sentence, and the sentences whose words it takes along: the title, the head
 * of its list, the question it answers.  Its own number for none. */
typedef struct sm_line {
    uint32_t passage, row, n_rows;
    uint32_t context[3];
    int8_t answers; /* the line answers its question: yes, no, or 0 */
} sm_line;

typedef struct sm_read_passage {
    sm_source source;
    sm_reading title, text;
    sm_str *sentence;
    size_t n_sentences;
    uint32_t line, n_lines; /* the first is the title's */
    uint32_t subject;       /* passages of one subject have one number */
} sm_read_passage;

struct sm_evidence {
    const sm_organs *organs;
    sm_read_passage *passage;
    size_t n;
    sm_row *row;
    size_t n_rows, cap_rows;
    sm_line *line;
    size_t n_lines, cap_lines;
    sm_posting *posting; /* by key */
    size_t n_postings, cap_postings;
    uint32_t *slot; /* key to the first of its postings, open addressing */
    size_t n_slots;
    const sm_copied *copied;
    const struct sm_differ *differ;
};

/* Postings of a key: first and count. */
const sm_posting *sm_evidence_find(const sm_evidence *e, uint64_t key, size_t *n);

#endif
