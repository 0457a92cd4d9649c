/*
 * Keys of applications: 256 random bits, of which only the SM3 is kept.
 */
#include "model/registry.h"

#include <arpa/inet.h>
#include <string.h>

#include "model/rows.h"

enum { NAME_BYTES = 90, HINT_CHARS = 9, MAX_LIST_BYTES = 4000 };

/* --------------------------------------------------------------------- secrets */

bool sm_key_digest(sm_str secret, sm_digest *out)
{
    if (secret.n != SM_KEY_CHARS || !sm_str_starts(secret, SM_STR("sk-")))
        return false;
    *out = sm_sm3(secret);
    return true;
}

/* ------------------------------------------------------------------- addresses */

typedef struct network {
    uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;
    bool is_v6;
} network;

/* "10.1.2.3", "10.0.0.0/8", "2001:db8::/32" */
static bool parse_network(sm_str text, network *out)
{
    char host[INET6_ADDRSTRLEN + 1];
    size_t slash = sm_str_find(text, SM_STR("/"), 0);
    sm_str address = sm_str_sub(text, 0, slash == SIZE_MAX ? text.n : slash);
    int64_t bits = -1;
    if (address.n == 0 || address.n >= sizeof(host) || memchr(address.p, 0, address.n))
        return false;
    if (slash != SIZE_MAX &&
        (!sm_str_to_int(sm_str_sub(text, slash + 1, text.n), &bits) || bits < 0))
        return false;
    memcpy(host, address.p, address.n);
    host[address.n] = 0;
    *out = (network){ .bytes = { [10] = 0xff, [11] = 0xff } };
    if (inet_pton(AF_INET, host, out->bytes + 12) == 1) {
        out->bits = 96 + (unsigned)(bits < 0 ? 32 : bits);
        return bits <= 32;
    }
    if (inet_pton(AF_INET6, host, out->bytes) != 1)
        return false;
    out->is_v6 = true;
    out->bits = (unsigned)(bits < 0 ? 128 : bits);
    return bits <= 128;
}

/* Whether all of `in` lies within `net`. */
static bool within(const network *net, const network *in)
{
    unsigned whole = net->bits / 8, rest = net->bits % 8;
    if (net->is_v6 != in->is_v6 || in->bits < net->bits ||
        memcmp(net->bytes, in->bytes, whole) != 0)
        return false;
    return rest == 0 || (net->bytes[whole] ^ in->bytes[whole]) >> (8 - rest) == 0;
}

bool sm_key_admits(const sm_app_key *k, sm_str address)
{
    network net, from;
    sm_str rest = k->addresses, one;
    if (rest.n == 0)
        return true;
    if (!parse_network(address, &from))
        return false;
    while (sm_str_cut(&rest, ',', &one))
        if (parse_network(one, &net) && within(&net, &from))
            return true;
    return false;
}

bool sm_key_expired(const sm_app_key *k, int64_t wall_ms)
{
    return k->expires_ms != 0 && wall_ms >= k->expires_ms;
}

static bool listed(sm_str list, sm_str name)
{
    sm_str one;
    while (sm_str_cut(&list, ',', &one))
        if (sm_str_eq(one, name))
            return true;
    return false;
}

bool sm_key_allows(const sm_registry *r, const sm_app_key *k, sm_str name)
{
    if (k->models.n)
        return listed(k->models, name);
    for (size_t i = 0; i < r->n_aliases; i++)
        if (sm_str_eq(r->alias[i].name, name))
            return true;
    return false;
}

/* --------------------------------------------------------------------- checks */

/* Blanks around the parts go; an empty part is a mistake. */
static sm_rc tidy(sm_op *op, sm_str list, sm_rc (*check)(sm_op *op, sm_str one), sm_str *out)
{
    sm_str tidied = { 0 }, one;
    sm_rc rc = SM_OK;
    if (list.n > MAX_LIST_BYTES)
        return sm_fail(op, SM_E_LIMIT, "列表太长，最多 %d 字节", (int)MAX_LIST_BYTES);
    while (rc == SM_OK && sm_str_cut(&list, ',', &one)) {
        one = sm_str_trim(one);
        rc = check(op, one);
        tidied = sm_strf(op->arena, "%.*s%s%.*s", SM_ARG(tidied), tidied.n ? "," : "", SM_ARG(one));
    }
    if (rc == SM_OK)
        *out = tidied;
    return rc;
}

static sm_rc check_network(sm_op *op, sm_str one)
{
    network n;
    if (parse_network(one, &n))
        return SM_OK;
    return sm_fail(op, SM_E_INVALID,
                   "“%.*s”不是地址或网段（如 10.1.2.3、10.0.0.0/8、2001:db8::/32）", SM_ARG(one));
}

static sm_rc check_model(sm_op *op, sm_str one)
{
    return sm_check_called(op, "可用的模型", one);
}

static sm_rc check(sm_op *op, sm_app_key *k)
{
    sm_rc rc = k->name.n ? sm_check_line(op, "密钥的名字", k->name, NAME_BYTES)
                         : sm_fail(op, SM_E_INVALID, "密钥要有名字，说明给哪个应用用");
    if (rc == SM_OK && k->highest >= SM_N_CLASSES)
        rc = sm_fail(op, SM_E_INVALID, "没有这个类别");
    if (rc == SM_OK && k->expires_ms != 0 && k->expires_ms <= sm_wall_ms())
        rc = sm_fail(op, SM_E_INVALID, "到期时间应当在将来");
    if (rc == SM_OK)
        rc = tidy(op, k->models, check_model, &k->models);
    return rc == SM_OK ? tidy(op, k->addresses, check_network, &k->addresses) : rc;
}

/* --------------------------------------------------------------------- adding */

static sm_rc insert(sm_op *op, sm_db *db, sm_str by, sm_app_key *k)
{
    bool there = false;
    sm_rc rc = sm_row_exists(op, db, "SELECT 1 FROM department WHERE id = ?", "i", (sm_str){ 0 },
                             k->department, &there);
    if (rc == SM_OK && !there)
        rc = sm_fail(op, SM_E_NOTFOUND, "没有编号为 %lld 的部门", (long long)k->department);
    if (rc == SM_OK)
        rc = sm_row_exists(op, db, "SELECT 1 FROM app_key LIMIT 1 OFFSET ?", "i", (sm_str){ 0 },
                           SM_KEY_MAX - 1, &there);
    if (rc == SM_OK && there)
        rc = sm_fail(op, SM_E_LIMIT, "最多 %d 个密钥", (int)SM_KEY_MAX);
    if (rc == SM_OK)
        rc = sm_db_run(op, db,
                       "INSERT INTO app_key(name, department, digest, hint, class, models,"
                       " addresses, created, expires) VALUES(?,?,?,?,?,?,?,?,?)",
                       "sisssssii", k->name, k->department, sm_digest_hex(op->arena, &k->digest),
                       k->hint, sm_str_of(sm_class_id(k->highest)), k->models, k->addresses,
                       k->created_ms, k->expires_ms);
    if (rc < 0)
        return rc;
    k->id = sm_db_last_id(db);
    return sm_registry_note(op, db, by, "key.add",
                            sm_strf(op->arena, "%lld:%.*s", (long long)k->id, SM_ARG(k->name)));
}

sm_rc sm_key_add(sm_op *op, sm_db *db, sm_str by, sm_app_key *k, sm_str *secret)
{
    sm_str random, made_secret;
    sm_app_key made = *k;
    sm_rc rc = check(op, &made);
    if (rc == SM_OK)
        rc = sm_random_text(op, SM_KEY_SECRET_BYTES, &random);
    if (rc < 0)
        return rc;
    made_secret = sm_strf(op->arena, "sk-%.*s", SM_ARG(random));
    made.digest = sm_sm3(made_secret);
    made.hint = sm_str_dup(op->arena, sm_str_sub(made_secret, 0, HINT_CHARS));
    made.created_ms = sm_wall_ms();
    made.revoked_ms = made.used_ms = 0;
    rc = sm_db_begin(op, db);
    if (rc < 0)
        return rc;
    rc = sm_registry_end(op, db, insert(op, db, by, &made));
    if (rc == SM_OK) {
        *k = made;
        *secret = made_secret;
    }
    return rc;
}

/* ------------------------------------------------------------ revoking, reading */

static sm_rc revoke(sm_op *op, sm_db *db, sm_str by, int64_t id)
{
    sm_stmt *q;
    sm_rc rc = sm_db_query(op, db, &q, "SELECT name, revoked FROM app_key WHERE id = ?", "i", id);
    if (rc == SM_OK)
        rc = sm_stmt_step(op, q);
    if (rc == SM_E_NOTFOUND)
        return sm_fail(op, rc, "没有编号为 %lld 的密钥", (long long)id);
    if (rc < 0)
        return rc;
    sm_str name = sm_stmt_str(op, q, 0);
    bool revoked = sm_stmt_int(q, 1) != 0;
    sm_stmt_reset(q);
    if (revoked)
        return sm_fail(op, SM_E_CONFLICT, "密钥 %lld 已经吊销", (long long)id);
    rc = sm_db_run(op, db, "UPDATE app_key SET revoked = ? WHERE id = ?", "ii", sm_wall_ms(), id);
    return rc == SM_OK
               ? sm_registry_note(op, db, by, "key.revoke",
                                  sm_strf(op->arena, "%lld:%.*s", (long long)id, SM_ARG(name)))
               : rc;
}

sm_rc sm_key_revoke(sm_op *op, sm_db *db, sm_str by, int64_t id)
{
    sm_rc rc = sm_db_begin(op, db);
    return rc < 0 ? rc : sm_registry_end(op, db, revoke(op, db, by, id));
}

sm_rc sm_key_list(sm_op *op, sm_db *db, sm_app_key **out, size_t *n)
{
    sm_stmt *q;
    sm_app_key *k = NULL;
    size_t have = 0, cap = 0;
    sm_rc rc =
        sm_db_query(op, db, &q, "SELECT " SM_KEY_COLUMNS " FROM app_key k ORDER BY k.id", "");
    while (rc == SM_OK && (rc = sm_stmt_step(op, q)) == SM_OK) {
        SM_GROW(op->arena, k, have, cap);
        rc = sm_app_key_read(op, q, &k[have++]);
        if (rc < 0)
            sm_stmt_reset(q);
    }
    if (rc != SM_E_NOTFOUND)
        return rc;
    *out = k;
    *n = have;
    return SM_OK;
}

sm_rc sm_key_used(sm_op *op, sm_db *db, int64_t id, int64_t wall_ms)
{
    return sm_db_run(op, db, "UPDATE app_key SET used = max(used, ?) WHERE id = ?", "ii", wall_ms,
                     id);
}
