/*
 * search/file.h - private to search: how an index file is laid out.
 *
 *   head, section table, sections (each at a multiple of 64 bytes).  Little-endian.
 *
 * A list set (all, title, parent) is four sections: keys ascending, offsets, passages, impacts.
 */
#ifndef SM_SEARCH_FILE_H
#define SM_SEARCH_FILE_H

#include "search/index.h"

enum sm_section {
    SM_SEC_KEYS,                     /* uint64_t per term, ascending; three sets */
    SM_SEC_OFF = SM_SEC_KEYS + 3,    /* uint32_t per term and one more */
    SM_SEC_POST = SM_SEC_OFF + 3,    /* uint32_t */
    SM_SEC_IMPACT = SM_SEC_POST + 3, /* uint8_t */
    SM_SEC_IDF = SM_SEC_IMPACT + 3,  /* float per term */
    SM_SEC_DOC = SM_SEC_IDF + 3,     /* sm_passage_row per passage */
    SM_SEC_TEXT,                     /* ids and clauses */
    SM_SEC_REGION,                   /* the regions' names, NUL-terminated */
    SM_SEC_PARENT,                   /* uint64_t per parent: its name's hash */
    SM_N_SECTIONS
};

typedef struct sm_passage_row {
    int64_t row;
    uint32_t id, id_bytes, clause, clause_bytes; /* in SM_SEC_TEXT */
    int32_t effective, ends;
    uint32_t parent;
    uint16_t region, audience; /* region: number among the names, 0 for none */
} sm_passage_row;

typedef struct sm_file_head {
    char magic[8];
    uint32_t version, n_passages, n_parents, n_regions;
    float average[4]; /* field lengths: body, title, heading, alias */
    float average_parent;
    uint32_t n_stat_passages, n_stat_parents; /* of the collection the idf speaks of */
    uint32_t reserved;
    uint64_t digest; /* of the head with 0 here and of everything after it */
    struct {
        uint64_t at, bytes;
    } section[SM_N_SECTIONS];
} sm_file_head;

enum { SM_N_FIELDS = 4, SM_MAX_IMPACT = 31, SM_SCORE_BLOCK = 64, SM_FILE_VERSION = 2 };
/* Chains the digests of the head and of what follows it. */
uint64_t sm_file_digest(const sm_file_head *h, sm_str rest);
#define SM_BM25_K1 1.2f
#define SM_BM25_B  0.75f
/* Terms in a greater share are not scored, when there are so many passages (or parents). */
#define SM_COMMON_SHARE 0.30f
enum { SM_COMMON_FROM = 1000 };

struct sm_index {
    sm_map map;
    sm_file_head head;
    const uint64_t *key[3];
    const uint32_t *off[3], *post[3];
    const uint8_t *impact[3];
    const float *idf[3];
    uint32_t n_terms[3];
    const sm_passage_row *doc;
    const uint64_t *parent; /* n_parents: hashes of their names */
    const char *text;
    size_t text_bytes;
    uint32_t *block_parent;         /* lowest and highest parent of each block of passages */
    const char *region[65536 / 64]; /* the first 1,024 names */
    uint32_t n_regions;
};

#endif
