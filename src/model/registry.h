/*
 * model/registry.h - which models there are, under which names they are called, and who may call
 * them: the tables of record.db that the gateway serves from and people administer.
 *
 * Rests on base, store and access (every change is a ledger act of the person `by`).  A sm_db and
 * so these calls belong to one thread at a time.  A snapshot (sm_registry) lives in the arena it
 * was read into, never changes and may be read by any number of threads.
 *
 * Words: a *back end* is one model as it is run, by our engine (kind file) or by a server elsewhere
 * (kind server).  An *alias* is the name that callers use; it stands for back ends with weights,
 * in tiers: tier 0 first, the next ones when it fails.  A *department* is a node of the tree that
 * compute is shared over; a *key* is an application's and belongs to a department.
 */
#ifndef SM_MODEL_REGISTRY_H
#define SM_MODEL_REGISTRY_H

#include "access/access.h"
#include "base/base.h"
#include "schedule/schedule.h"
#include "store/store.h"

/* ------------------------------------------------------------ what it holds */

typedef enum sm_backend_kind { SM_BACKEND_FILE, SM_BACKEND_SERVER } sm_backend_kind;
typedef enum sm_backend_state {
    SM_BACKEND_TEST,
    SM_BACKEND_PRODUCTION,
    SM_BACKEND_RETIRED
} sm_backend_state;
const char *sm_backend_kind_name(sm_backend_kind k); /* "file", "server" */
bool sm_backend_kind_parse(sm_str name, sm_backend_kind *out);
const char *sm_backend_state_name(sm_backend_state s); /* "test", "production", "retired" */
bool sm_backend_state_parse(sm_str name, sm_backend_state *out);
const char *sm_backend_state_text(sm_backend_state s); /* Chinese */

/* What a back end can do, as found by asking it (probe.c): name in JSON, Chinese. */
#define SM_CAPABILITY_TABLE(X)                 \
    X(CHAT, "chat", "对话")                    \
    X(COMPLETIONS, "completions", "续写")      \
    X(EMBED, "embed", "向量")                  \
    X(RERANK, "rerank", "重排")                \
    X(JSON_SCHEMA, "json_schema", "JSON 模式") \
    X(GRAMMAR, "grammar", "文法约束")          \
    X(TOOLS, "tools", "工具调用")              \
    X(REASONING, "reasoning", "思考过程")      \
    X(LOGPROBS, "logprobs", "对数概率")        \
    X(GROUND, "ground", "依据约束")            \
    X(STRUCTURED, "structured", "结构化文法")  \
    X(GUIDED, "guided", "引导文法")            \
    X(EBNF, "ebnf", "EBNF 文法")               \
    X(PATTERN, "pattern", "JSON 模式的正则")
enum {
#define SM_CAN_SHIFT(id, name, text) SM_CAN_##id##_BIT,
    SM_CAPABILITY_TABLE(SM_CAN_SHIFT)
#undef SM_CAN_SHIFT
        SM_N_CAPABILITIES
};
enum {
#define SM_CAN_ENUM(id, name, text) SM_CAN_##id = 1 << SM_CAN_##id##_BIT,
    SM_CAPABILITY_TABLE(SM_CAN_ENUM)
#undef SM_CAN_ENUM
};
const char *sm_capability_name(unsigned bit_no); /* 0 … SM_N_CAPABILITIES - 1 */
const char *sm_capability_text(unsigned bit_no);

/* How our engine is to run a file; 0: the engine's own choice. */
typedef struct sm_engine_options {
    int64_t parallel;   /* sequences at once */
    int64_t ctx_tokens; /* of each */
    int64_t threads, batch, gpu_layers;
    bool no_draft;
    sm_str *lora; /* "NAME=FILE" */
    size_t n_loras;
} sm_engine_options;

typedef struct sm_backend {
    int64_t id;
    sm_str name; /* 1 … 64 of a-z A-Z 0-9 . _ : - / , no blank; unique */
    sm_backend_kind kind;
    sm_backend_state state;
    sm_str source;      /* absolute path of the file, or base URL without the "/v1" */
    sm_str key_from;    /* "", "file:/path" or "env:NAME": never a key itself */
    sm_str remote_name; /* what the server calls it; "": as `name` */
    sm_str sm3, sha256; /* of the file, hex; "" of servers */
    int64_t bytes;
    sm_str architecture, quantisation, template, licence;
    sm_str registration_no; /* 备案号 */
    int64_t context_tokens; /* what one request may hold; 0: unknown */
    int64_t n_embd;
    unsigned can;      /* SM_CAN_… */
    int64_t probed_ms; /* wall; 0: never */
    int64_t slots;     /* requests it takes at once; 0: unknown */
    sm_engine_options engine;
    double price_in, price_out; /* yuan for 1,000 tokens; 0: none configured */
    double watts;               /* of all its slots busy; 0: none configured */
    int64_t created_ms;
} sm_backend;

typedef struct sm_alias {
    sm_str name;
    sm_str scope;    /* "" everywhere, "department:<id>", "clerk:<name>" */
    int64_t backend; /* id */
    int64_t weight; /* 0 … SM_ALIAS_MAX_WEIGHT; 0: none of the share, but a fallback of its tier */
    int64_t tier;   /* 0 first */
} sm_alias;

typedef struct sm_dept {
    int64_t id;
    sm_str name;
    int64_t parent;                         /* 0: at the top */
    int64_t weight;                         /* 1 … SM_DEPT_MAX_WEIGHT, among its siblings */
    int64_t per_minute, per_day, per_month; /* tokens; 0: no limit */
    int64_t concurrency;                    /* calls at once; 0: no limit */
} sm_dept;

typedef struct sm_app_key {
    int64_t id;
    sm_str name;
    int64_t department;
    sm_digest digest; /* SM3 of the secret, which is kept nowhere */
    sm_str hint;      /* its first characters, to tell keys apart */
    sm_class highest; /* the most urgent class it may ask for; what it gets when it asks for none */
    sm_str models; /* names of aliases and back ends it may call, ","-separated; "": every alias */
    sm_str addresses; /* CIDR, ","-separated; "": from anywhere */
    int64_t created_ms, expires_ms, revoked_ms, used_ms; /* wall; 0: never */
} sm_app_key;

enum {
    SM_BACKEND_NAME_BYTES = 64,
    SM_BACKEND_MAX = 1000,
    SM_ALIAS_MAX_WEIGHT = 1000,
    SM_ALIAS_MAX_TIERS = 8,
    SM_ALIAS_MAX_TARGETS = 32,
    SM_DEPT_MAX = 10000,
    SM_DEPT_MAX_DEPTH = 8,
    SM_DEPT_MAX_WEIGHT = 10000,
    SM_DEPT_WEIGHT = 100, /* when none is given */
    SM_KEY_SECRET_BYTES = 32,
    SM_KEY_CHARS = 46, /* "sk-" and 43 of base64url */
    SM_KEY_MAX = 100000
};

/* -------------------------------------------------------- the whole, to serve from */

typedef struct sm_registry {
    int64_t revision;
    sm_backend *backend; /* not the retired ones; by id */
    size_t n_backends;
    sm_alias *alias; /* by name, scope, tier, back end */
    size_t n_aliases;
    sm_dept *dept; /* by id */
    size_t n_depts;
    sm_app_key *key; /* not the revoked ones; by digest */
    size_t n_keys;
} sm_registry;

/* Into op's arena, all of one revision. */
sm_rc sm_registry_read(sm_op *op, sm_db *db, sm_registry **out);
/* Whether a snapshot of that revision is out of date: one small read, for a timer. */
sm_rc sm_registry_changed(sm_op *op, sm_db *db, int64_t revision, bool *out);

/* NULL when there is none. */
const sm_backend *sm_registry_backend(const sm_registry *r, int64_t id);
const sm_backend *sm_registry_backend_named(const sm_registry *r, sm_str name);
const sm_dept *sm_registry_dept(const sm_registry *r, int64_t id);
const sm_app_key *sm_registry_key(const sm_registry *r, const sm_digest *digest);
/* The rows of an alias, of the nearest scope that has any: the clerk's, the department's or one
 * above it, then everywhere; n = 0 when nobody has it. */
const sm_alias *sm_registry_alias(const sm_registry *r, sm_str name, int64_t dept, sm_str clerk,
                                  size_t *n);
/* Whether the key may call that name: of its list, or any alias when it has none. */
bool sm_key_allows(const sm_registry *r, const sm_app_key *k, sm_str name);
/* Whether `address` (of sm_request_peer: IPv4, IPv6, "" when local) is within its addresses; who is
 * local only where it names none. */
bool sm_key_admits(const sm_app_key *k, sm_str address);
bool sm_key_expired(const sm_app_key *k, int64_t wall_ms);
/* SM3 of what came in "Authorization: Bearer …"; false when it has not the form of a key. */
bool sm_key_digest(sm_str secret, sm_digest *out);

/* The secret of a back end, from its file or the environment, without blanks around it; "" when
 * key_from is.  E_UNAVAILABLE names the source, never what is in it. */
sm_rc sm_key_source_read(sm_op *op, sm_str key_from, sm_str *out);

/* --------------------------------------------------------------- back ends */

/* Checks, digests and reads the header of a file, checks the URL of a server; state test.  b->id
 * and what was found come back.  E_CONFLICT: the name is taken. */
sm_rc sm_backend_add(sm_op *op, sm_db *db, sm_str by, sm_backend *b);
/* Changes what an operator may set: key_from, remote_name, template, licence, registration_no,
 * engine, prices, watts. */
sm_rc sm_backend_change(sm_op *op, sm_db *db, sm_str by, const sm_backend *b);
sm_rc sm_backend_list(sm_op *op, sm_db *db, sm_backend **out, size_t *n); /* the retired too */
sm_rc sm_backend_get(sm_op *op, sm_db *db, int64_t id, sm_backend **out);
sm_rc sm_backend_named(sm_op *op, sm_db *db, sm_str name,
                       sm_backend **out); /* not "": E_NOTFOUND */
/* Puts what the file at `path` is now into *b: source (absolute), bytes, both digests in one pass
 * with progress, and what its head says; a licence that is there stays.  E_CORRUPT: no sound GGUF
 * file. */
sm_rc sm_file_facts(sm_op *op, sm_str path, sm_backend *b);
/* What a probe has found: can, context, n_embd, slots; probed_ms is now. */
sm_rc sm_backend_probed(sm_op *op, sm_db *db, sm_str by, const sm_backend *b);
/* To production: E_CONFLICT unless a passing evaluation of it as it is now, by those prompts,
 * stands (eval.h).  A server counts as it is by its URL and the name it has there. */
typedef struct sm_promotion {
    sm_str prompts;       /* digest of the prompts of today, hex */
    bool require_quality; /* the part that random weights cannot pass gates, too */
} sm_promotion;
sm_rc sm_backend_promote(sm_op *op, sm_db *db, sm_str by, int64_t id, const sm_promotion *gate);
/* E_CONFLICT while an alias stands for it. */
sm_rc sm_backend_retire(sm_op *op, sm_db *db, sm_str by, int64_t id);

/* ----------------------------------------------------------------- aliases */

/* Puts `target` (their name and scope are not read) in place of what the alias stood for in that
 * scope; n = 0 takes it away.  All in production, else E_CONFLICT: nothing else may get callers. */
sm_rc sm_alias_set(sm_op *op, sm_db *db, sm_str by, sm_str name, sm_str scope,
                   const sm_alias *target, size_t n);
/* Undoes the last change that was not undone; again, the one before. */
sm_rc sm_alias_rollback(sm_op *op, sm_db *db, sm_str by, sm_str name, sm_str scope);
sm_rc sm_alias_list(sm_op *op, sm_db *db, sm_alias **out, size_t *n);

/* What was changed when, newest first. */
typedef struct sm_model_event {
    int64_t id, time_ms;
    sm_str by, act, name, scope, before, after; /* act: "add", "promote", "alias" …; JSON texts */
} sm_model_event;
sm_rc sm_model_events(sm_op *op, sm_db *db, int64_t limit, sm_model_event **out, size_t *n);

/* ---------------------------------------------------- departments and keys */

sm_rc sm_dept_add(sm_op *op, sm_db *db, sm_str by, sm_dept *d);
sm_rc sm_dept_change(sm_op *op, sm_db *db, sm_str by, const sm_dept *d);
/* E_CONFLICT while it has departments below it or keys that are not revoked. */
sm_rc sm_dept_remove(sm_op *op, sm_db *db, sm_str by, int64_t id);
sm_rc sm_dept_list(sm_op *op, sm_db *db, sm_dept **out, size_t *n);
sm_rc sm_dept_named(sm_op *op, sm_db *db, sm_str name, sm_dept **out); /* a name or an id */

/* The secret goes to *secret once and is kept nowhere. */
sm_rc sm_key_add(sm_op *op, sm_db *db, sm_str by, sm_app_key *k, sm_str *secret);
sm_rc sm_key_revoke(sm_op *op, sm_db *db, sm_str by, int64_t id);
sm_rc sm_key_list(sm_op *op, sm_db *db, sm_app_key **out, size_t *n); /* the revoked too */
/* Notes when it was last used; opens no transaction, is no change of the registry. */
sm_rc sm_key_used(sm_op *op, sm_db *db, int64_t id, int64_t wall_ms);

#endif
