/*
 * ground/reader.h - private to ground: what a writer's bytes say, sentence by sentence.
 *
 *   reader.c       bytes to sentences: characters, thoughts, tags, pointers
 *   reader_json.c  the form {"sentences":[{"text","cites"}]}, read as it comes
 *   plain.c        a sentence's markup taken off, its markers read
 *
 * Every character goes through alone, so that it does not matter how the bytes are cut.
 */
#ifndef SM_GROUND_READER_H
#define SM_GROUND_READER_H

#include "ground/ground.h"

enum {
    SM_HEARD_BYTES = 4096,     /* of one sentence; a longer one is no sentence */
    SM_HEARD_HEAD_BYTES = 240, /* kept of one that is not */
    SM_HEARD_CITES = 8,
    SM_TAG_BYTES = 160,
    SM_JSON_LEVELS = 16
};

typedef enum sm_heard_kind {
    SM_HEARD_SENTENCE,
    SM_HEARD_HEADING, /* a title of the writer's own: says nothing */
    SM_HEARD_POINTER,
    SM_HEARD_TOO_LONG /* text: its beginning */
} sm_heard_kind;

typedef struct sm_heard {
    sm_heard_kind kind;
    sm_str raw, text;            /* as it came; plain.  Good during the call only */
    size_t cite[SM_HEARD_CITES]; /* passages, from 1, whether there is one or not */
    size_t n_cites;
    size_t passage, first, last; /* of a pointer, from 1 */
} sm_heard;

typedef void sm_heard_fn(void *ctx, const sm_heard *h);

typedef struct sm_json_level {
    bool array, value; /* value: of an object, what comes is one, not a key */
    bool sentence;     /* it has had a "text" */
    char key[16];
} sm_json_level;

typedef struct sm_reader {
    sm_heard_fn *heard;
    void *ctx;
    const sm_evidence *evidence; /* whose ids JSON names */
    enum { SM_READ_START, SM_READ_PLAIN, SM_READ_JSON } mode;
    bool in_fence;         /* the mark of a code block before the JSON */
    unsigned char tail[4]; /* a character not whole yet */
    size_t n_tail, need;
    /* a tag or a pointer, perhaps */
    char tag[SM_TAG_BYTES];
    size_t n_tag; /* 0: none */
    unsigned thoughts;
    /* the sentence */
    char held[SM_HEARD_BYTES + 8];
    size_t n_held, end_at; /* end_at: it may end there */
    bool line_begins, too_long;
    const size_t *given; /* cites that came beside the text */
    size_t n_given;
    /* JSON */
    sm_json_level level[SM_JSON_LEVELS];
    size_t depth;
    bool in_string, escaped;
    unsigned n_hex; /* digits of \uXXXX still to come */
    uint32_t hex, high;
    char text[SM_HEARD_BYTES + 8], word[64];
    size_t n_text, n_word;
    size_t cite[SM_HEARD_CITES];
    size_t n_cites;
} sm_reader;

void sm_reader_begin(sm_reader *r, const sm_evidence *e, sm_heard_fn *heard, void *ctx);
void sm_reader_add(sm_reader *r, sm_str bytes);
void sm_reader_end(sm_reader *r, bool cut);

/* reader.c, for JSON's texts */
void sm_reader_text(sm_reader *r, uint32_t c);
void sm_reader_flush(sm_reader *r, bool drop);
void sm_reader_tell(sm_reader *r, sm_heard *h, sm_str raw);
/* reader_json.c */
void sm_reader_json(sm_reader *r, uint32_t c);

/* plain.c: *h gets kind, text (in `to`, as long as raw at most) and cites. */
void sm_plain(sm_str raw, bool line_begins, char *to, sm_heard *h);
/* How a run of characters behind a sentence's end goes on: SIZE_MAX, it is none of its marks; 0, it
 * may become one; else so many bytes are one. */
size_t sm_plain_mark(sm_str s);
bool sm_plain_pointer(sm_str inner, sm_heard *h); /* 2.3 or 2.3-5 */

#endif
