#include "text/text.h"

#include <string.h>

enum { HEAD_BYTES = 6 }; /* two Han characters */

struct sm_words {
    const sm_str *word;
    size_t mask;
    uint32_t *first;  /* of a bucket the lowest number + 1; 0: none */
    uint32_t *next;   /* of each word the next one of its bucket, + 1 */
    uint32_t *little; /* words of less than HEAD_BYTES */
    size_t n_little;
};

static size_t bucket_of(const sm_words *w, const char *p)
{
    uint64_t head = 0;
    memcpy(&head, p, HEAD_BYTES);
    return sm_mix64(head) & w->mask;
}

sm_words *sm_words_of(sm_arena *a, const sm_str *word, size_t n)
{
    sm_words *w = SM_NEW(a, sm_words);
    size_t n_buckets = 16;
    while (n_buckets < 2 * n)
        n_buckets *= 2;
    *w = (sm_words){ .word = word,
                     .mask = n_buckets - 1,
                     .first = SM_NEWS(a, uint32_t, n_buckets),
                     .next = SM_NEWS(a, uint32_t, n + 1),
                     .little = SM_NEWS(a, uint32_t, n + 1) };
    for (size_t i = n; i-- > 0;) {
        if (word[i].n < HEAD_BYTES) {
            w->little[w->n_little++] = (uint32_t)i;
            continue;
        }
        uint32_t *first = &w->first[bucket_of(w, word[i].p)];
        w->next[i] = *first;
        *first = (uint32_t)i + 1;
    }
    return w;
}

size_t sm_words_first(const sm_words *w, sm_str text)
{
    size_t best = SIZE_MAX;
    for (size_t at = 0; at + HEAD_BYTES <= text.n; at++) {
        if (((uint8_t)text.p[at] & 0xc0) == 0x80) /* no word begins within a character */
            continue;
        sm_str rest = { text.p + at, text.n - at };
        for (uint32_t i = w->first[bucket_of(w, rest.p)]; i && i - 1 < best; i = w->next[i - 1])
            if (sm_str_starts(rest, w->word[i - 1]))
                best = i - 1;
    }
    for (size_t i = 0; i < w->n_little; i++)
        if (w->little[i] < best && sm_str_has(text, w->word[w->little[i]]))
            best = w->little[i];
    return best;
}
