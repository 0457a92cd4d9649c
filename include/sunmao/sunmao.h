/*
 * sunmao/sunmao.h - the public C API: everyday questions in, cited answers out.
 *
 * C99 and C++ clean.  Handles are opaque; option structs are made with their _INIT macro and
 * carry a version, so that a program built against an older header goes on working.  Every
 * call returns SUNMAO_OK or a negative code; *err, where given, then gets a message in Chinese that
 * tells what, where and what to do (sunmao_free it).  Results are JSON texts (docs/batch.md gives their members), owned by the
 * caller and freed with sunmao_free.
 *
 * A sunmao handle may be shared by threads for ask and search; import and train take the data
 * directory's one writer lock and may run beside them, in this process or another.
 */
#ifndef SUNMAO_SUNMAO_H
#define SUNMAO_SUNMAO_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SUNMAO_API __attribute__((visibility("default")))
#else
#define SUNMAO_API
#endif

typedef enum sunmao_rc {
    SUNMAO_OK = 0,
    SUNMAO_E_INVALID = -1,     /* the call's arguments or the input are not valid */
    SUNMAO_E_DENIED = -2,      /* not permitted, by rights or by the file system */
    SUNMAO_E_NOTFOUND = -3,    /* no such file, directory or object */
    SUNMAO_E_CONFLICT = -4,    /* another writer holds the data directory */
    SUNMAO_E_LIMIT = -5,       /* over a limit: size, depth, count */
    SUNMAO_E_CANCELLED = -6,
    SUNMAO_E_TIMEOUT = -7,
    SUNMAO_E_UNAVAILABLE = -8, /* something it depends on is not up */
    SUNMAO_E_CORRUPT = -9,     /* data is not what it claims to be */
    SUNMAO_E_INTERNAL = -10
} sunmao_rc;

typedef struct sunmao sunmao;

typedef struct sunmao_options {
    unsigned version;      /* set by SUNMAO_OPTIONS_INIT */
    const char *data_dir;  /* required; made when absent */
    const char *share_dir; /* NULL: SUNMAO_SHARE, then the installed place */
    const char *today;     /* YYYY-MM-DD; NULL: SUNMAO_TODAY, then the clock */
    int read_only;         /* 1: nothing is recorded and nothing can be imported */
} sunmao_options;
#define SUNMAO_OPTIONS_INIT { 1, NULL, NULL, NULL, 0 }

typedef struct sunmao_ask_options {
    unsigned version;
    const char *session;  /* turns with the same session are one conversation; NULL: one turn */
    const char *region;   /* as in the data, e.g. 江北区; NULL: from the text */
    const char *audience; /* 自然人 or 法人; NULL: either */
    const char *as_of;    /* YYYY-MM-DD; NULL: today */
} sunmao_ask_options;
#define SUNMAO_ASK_OPTIONS_INIT { 1, NULL, NULL, NULL, NULL }

typedef struct sunmao_review_options {
    unsigned version;
    const char *program; /* the program sunmao: the document is read in a child of it, without
                          * rights; NULL: in this process */
    const char *own_dir; /* an organisation's registry, rules and words (docs/review.md); NULL: the
                          * data directory's folder review */
    const char *as_of;   /* YYYY-MM-DD; NULL: today */
} sunmao_review_options;
#define SUNMAO_REVIEW_OPTIONS_INIT { 1, NULL, NULL, NULL }

typedef struct sunmao_draft_options {
    unsigned version;
    const char *kind;        /* 通知, 请示, 函, …; NULL: it is chosen */
    const char *organ;       /* who issues it, by full or short name */
    const char *to;          /* recipients, parted by 、 */
    const char *cc;
    const char *number;      /* of the document; NULL: a blank, with the organ's code */
    const char *signer;
    const char *title;
    const char *date;        /* of the document, YYYY-MM-DD; NULL: a blank */
    const char *const *attached; /* names of what is attached; NULL ends */
    const char *own_dir;     /* the folder of the registry (docs/review.md); NULL: the data
                              * directory's folder review */
    const char *as_of;       /* YYYY-MM-DD; NULL: today */
    const char *docx_path;   /* also write the draft there by GB/T 9704; NULL: no file */
} sunmao_draft_options;
#define SUNMAO_DRAFT_OPTIONS_INIT \
    { 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/* The version of the library, "0.1.0". */
SUNMAO_API const char *sunmao_version(void);

/* Opens a data directory.  On failure *out is untouched and, when err is not NULL, *err gets the
 * message (sunmao_free it). */
SUNMAO_API int sunmao_open(const sunmao_options *options, sunmao **out, char **err);
SUNMAO_API void sunmao_close(sunmao *s); /* NULL is fine */

/* Answers one question; *json_out is one object as in docs/batch.md. */
SUNMAO_API int sunmao_ask(sunmao *s, const char *text, const sunmao_ask_options *options,
                          char **json_out, char **err);

/* The `top` best passages of a kind ("item", "policy", "law") as a JSON array. */
SUNMAO_API int sunmao_search(sunmao *s, const char *kind, const char *text, int top,
                             char **json_out, char **err);

/* Imports files or folders; *json_out is the report.  With strict, one refused entry fails the
 * import and nothing is kept. */
SUNMAO_API int sunmao_import(sunmao *s, const char *kind, const char *const *paths, size_t n_paths,
                             int strict, char **json_out, char **err);

/* Trains on a JSONL file of {"text","id"} pairs; *json_out is the report. */
SUNMAO_API int sunmao_train(sunmao *s, const char *kind, const char *pairs_path, char **json_out,
                            char **err);

/* Whether a sentence follows from evidence: {"evidence":[{"id","title","text"}],"sentence"} in, one
 * object as in docs/batch.md out.  s gives the names of the organs it knows; NULL does without. */
SUNMAO_API int sunmao_ground(sunmao *s, const char *json, char **json_out, char **err);

/* Reviews an official document of n bytes; its name tells what it is.  *json_out is one object as in
 * docs/batch.md.  s gives the registry and the corpus; NULL does without.  The rules are read by the
 * first call of a handle and kept, but with own_dir, as_of or without s at each. */
SUNMAO_API int sunmao_review(sunmao *s, const char *name, const void *bytes, size_t n,
                             const sunmao_review_options *options, char **json_out, char **err);

/* From a short description to a draft: its type with why, elements, body skeleton.  *json_out is one
 * object as in docs/drafting.md; with "clear" false the type is not and nothing was drafted.  s gives
 * the registry; NULL does without. */
SUNMAO_API int sunmao_draft(sunmao *s, const char *description, const sunmao_draft_options *options,
                            char **json_out, char **err);

SUNMAO_API const char *sunmao_rc_name(int rc); /* "E_INVALID"; never NULL */
SUNMAO_API void sunmao_free(char *text);        /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif
