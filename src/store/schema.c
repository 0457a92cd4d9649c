#include "store/schema.h"

#include "store/store.h"

static const char *const corpus_steps[] = {
    /* doc: which version of an id is current.  version: never changed once written, but for `ends`
     * and `superseded_by`, which follow from other documents.  clause: everything citable. */
    "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE doc(id TEXT PRIMARY KEY, kind INTEGER NOT NULL, version INTEGER NOT NULL) "
    "WITHOUT ROWID;"
    "CREATE TABLE version(row INTEGER PRIMARY KEY, doc TEXT NOT NULL, seq INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, kind INTEGER NOT NULL, title TEXT NOT NULL, parent TEXT NOT NULL,"
    " doc_no TEXT NOT NULL, issuer TEXT NOT NULL, level TEXT NOT NULL, region TEXT NOT NULL,"
    " status TEXT NOT NULL, audience TEXT NOT NULL, supersedes TEXT NOT NULL,"
    " superseded_by TEXT NOT NULL, issued INTEGER NOT NULL, effective INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, ends INTEGER NOT NULL, digest TEXT NOT NULL, source TEXT NOT NULL,"
    " json TEXT NOT NULL);"
    "CREATE INDEX version_doc ON version(doc);"
    "CREATE INDEX version_kind ON version(kind, revision);"
    "CREATE TABLE clause(row INTEGER PRIMARY KEY, version INTEGER NOT NULL REFERENCES version(row),"
    " seq INTEGER NOT NULL, path TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL,"
    " digest TEXT NOT NULL, pos INTEGER NOT NULL);"
    "CREATE INDEX clause_version ON clause(version, seq);"
    "CREATE TABLE region(seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, above TEXT NOT NULL);"
    "CREATE TABLE import_note(row INTEGER PRIMARY KEY, source TEXT NOT NULL, level INTEGER NOT "
    "NULL,"
    " code TEXT NOT NULL, place TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX import_note_source ON import_note(source);"
    "CREATE TABLE finding(row INTEGER PRIMARY KEY, kind INTEGER NOT NULL, a TEXT NOT NULL,"
    " a_path TEXT NOT NULL, a_value TEXT NOT NULL, b TEXT NOT NULL, b_path TEXT NOT NULL,"
    " b_value TEXT NOT NULL, text TEXT NOT NULL, first_seen INTEGER NOT NULL,"
    " settled INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX finding_a ON finding(a);"
    "CREATE INDEX finding_b ON finding(b);",
    /* known_question: share/questions.jsonl, by the matter's name */
    "CREATE TABLE known_question(matter TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX known_question_matter ON known_question(matter);",
    /* finding: all kinds are tasks now, not conflicts only.  One row for what is found, by whatever
     * check; other values are another finding. */
    "ALTER TABLE finding ADD COLUMN note TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE finding ADD COLUMN settled_by TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE finding ADD COLUMN settled_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE UNIQUE INDEX finding_same"
    " ON finding(kind, a, a_path, a_value, b, b_path, b_value);",
};

static const char *const record_steps[] = {
    /* ledger: append-only, each digest over its fields and the digest before it.  ledger_text: the
     * personal text, deletable.  handover: the queue for a person. */
    "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE ledger(id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " session TEXT NOT NULL, question TEXT NOT NULL, act TEXT NOT NULL, reason TEXT NOT NULL,"
    " evidence TEXT NOT NULL, top TEXT NOT NULL, answer TEXT NOT NULL, model TEXT NOT NULL,"
    " corpus TEXT NOT NULL, test INTEGER NOT NULL, about INTEGER NOT NULL, prev TEXT NOT NULL,"
    " digest TEXT NOT NULL);"
    "CREATE INDEX ledger_about ON ledger(about) WHERE about > 0;"
    "CREATE INDEX ledger_session ON ledger(session);"
    "CREATE TABLE ledger_text(id INTEGER PRIMARY KEY REFERENCES ledger(id), salt TEXT NOT NULL,"
    " question TEXT NOT NULL);"
    "CREATE TABLE session(id TEXT PRIMARY KEY, state TEXT NOT NULL, updated INTEGER NOT NULL) "
    "WITHOUT ROWID;"
    "CREATE TABLE turn(row INTEGER PRIMARY KEY, session TEXT NOT NULL, time_ms INTEGER NOT NULL,"
    " question TEXT NOT NULL, act TEXT NOT NULL, reason TEXT NOT NULL, answer TEXT NOT NULL);"
    "CREATE INDEX turn_session ON turn(session);"
    "CREATE TABLE handover(row INTEGER PRIMARY KEY, session TEXT NOT NULL, time_ms INTEGER NOT "
    "NULL,"
    " question TEXT NOT NULL, reason TEXT NOT NULL, item TEXT NOT NULL, region TEXT NOT NULL,"
    " state TEXT NOT NULL);"
    "CREATE INDEX handover_state ON handover(state, row);",
    /* user: the people who work here.  login: their open sessions, by the digest of the cookie.
     * message: what passes between a citizen and a person once a conversation is handed over. */
    "CREATE TABLE user(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, display TEXT NOT NULL,"
    " role TEXT NOT NULL, department TEXT NOT NULL, hash TEXT NOT NULL,"
    " must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,"
    " failures INTEGER NOT NULL DEFAULT 0, locked_until INTEGER NOT NULL DEFAULT 0,"
    " created INTEGER NOT NULL);"
    "CREATE TABLE login(token TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES user(id),"
    " csrf TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX login_user ON login(user);"
    "ALTER TABLE handover ADD COLUMN department TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE handover ADD COLUMN taken_by INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE handover ADD COLUMN taken_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE handover ADD COLUMN closed_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE handover ADD COLUMN outcome TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE handover ADD COLUMN contact TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE handover ADD COLUMN test INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX handover_session ON handover(session);"
    "CREATE TABLE message(row INTEGER PRIMARY KEY, session TEXT NOT NULL, time_ms INTEGER NOT "
    "NULL, handover INTEGER NOT NULL, sender TEXT NOT NULL, name TEXT NOT NULL,"
    " text TEXT NOT NULL);"
    "CREATE INDEX message_session ON message(session, row);"
    "CREATE INDEX ledger_time ON ledger(time_ms);",
    /* What the figures and the unanswered questions are read from (access/figures.c). */
    "CREATE INDEX ledger_asked ON ledger(act, time_ms, top) WHERE kind = 'ask' AND test = 0;"
    "CREATE INDEX ledger_tested ON ledger(time_ms) WHERE kind = 'ask' AND test = 1;"
    "CREATE INDEX ledger_judged ON ledger(time_ms, act, about) WHERE kind = 'feedback';"
    "CREATE INDEX ledger_unanswered ON ledger(id) WHERE kind = 'ask' AND act = 'handoff'"
    " AND reason = 'unknown' AND test = 0;"
    "CREATE INDEX handover_time ON handover(time_ms, test, taken_ms, closed_ms);",
    /* model: the back ends; how they are called (alias), judged (evaluation), changed
     * (model_event). department, app_key: who may call them.  usage: what they did (model/usage.h).
     */
    "CREATE TABLE department(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " parent INTEGER NOT NULL, weight INTEGER NOT NULL, per_minute INTEGER NOT NULL,"
    " per_day INTEGER NOT NULL, per_month INTEGER NOT NULL, concurrency INTEGER NOT NULL);"
    "CREATE TABLE app_key(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " department INTEGER NOT NULL, digest TEXT NOT NULL UNIQUE, hint TEXT NOT NULL,"
    " class TEXT NOT NULL, models TEXT NOT NULL, addresses TEXT NOT NULL,"
    " created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0,"
    " used INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE model(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
    " state TEXT NOT NULL, source TEXT NOT NULL, key_from TEXT NOT NULL,"
    " remote_name TEXT NOT NULL, sm3 TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " architecture TEXT NOT NULL, quantisation TEXT NOT NULL, template TEXT NOT NULL,"
    " licence TEXT NOT NULL, registration_no TEXT NOT NULL, context INTEGER NOT NULL,"
    " n_embd INTEGER NOT NULL, can TEXT NOT NULL, probed INTEGER NOT NULL DEFAULT 0,"
    " slots INTEGER NOT NULL, engine TEXT NOT NULL, price_in REAL NOT NULL,"
    " price_out REAL NOT NULL, watts REAL NOT NULL, created INTEGER NOT NULL);"
    "CREATE TABLE alias(name TEXT NOT NULL, scope TEXT NOT NULL,"
    " model INTEGER NOT NULL REFERENCES model(id), weight INTEGER NOT NULL,"
    " tier INTEGER NOT NULL, PRIMARY KEY(name, scope, model)) WITHOUT ROWID;"
    "CREATE TABLE evaluation(id INTEGER PRIMARY KEY,"
    " model INTEGER NOT NULL REFERENCES model(id), time_ms INTEGER NOT NULL,"
    " figures TEXT NOT NULL, subject TEXT NOT NULL, digest TEXT NOT NULL,"
    " passed INTEGER NOT NULL, quality INTEGER NOT NULL, by TEXT NOT NULL);"
    "CREATE INDEX evaluation_model ON evaluation(model, id);"
    "CREATE TABLE model_event(id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " act TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL, before TEXT NOT NULL,"
    " after TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX model_event_name ON model_event(name, scope, id);"
    "CREATE TABLE usage(day INTEGER NOT NULL, department INTEGER NOT NULL,"
    " model INTEGER NOT NULL, class INTEGER NOT NULL, calls INTEGER NOT NULL,"
    " prompt INTEGER NOT NULL, generated INTEGER NOT NULL, refused INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, busy_ms INTEGER NOT NULL, n_first INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL, b0 INTEGER NOT NULL, b1 INTEGER NOT NULL, b2 INTEGER NOT NULL,"
    " b3 INTEGER NOT NULL, b4 INTEGER NOT NULL, b5 INTEGER NOT NULL, b6 INTEGER NOT NULL,"
    " b7 INTEGER NOT NULL, b8 INTEGER NOT NULL, b9 INTEGER NOT NULL, b10 INTEGER NOT NULL,"
    " b11 INTEGER NOT NULL, PRIMARY KEY(day, department, model, class)) WITHOUT ROWID;",
    /* trace: how an answer came about; its id is the ledger's. */
    "CREATE TABLE trace(id INTEGER PRIMARY KEY REFERENCES ledger(id), time_ms INTEGER NOT NULL,"
    " json TEXT NOT NULL);"
    "CREATE INDEX trace_time ON trace(time_ms);",
    /* review: official documents reviewed (server/reviews.h).  review_file: the document, its
     * paragraphs and its signed copy, which go after so many days.  review_decision: what became of
     * each finding.  review_never: what the organisation does not want to be told.  review_rule:
     * how often a rule found something. */
    "CREATE TABLE review(id INTEGER PRIMARY KEY, user INTEGER NOT NULL, who TEXT NOT NULL,"
    " name TEXT NOT NULL, digest TEXT NOT NULL, kind TEXT NOT NULL, rules TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, fixable INTEGER NOT NULL, n INTEGER NOT NULL,"
    " n_silenced INTEGER NOT NULL, signed_by TEXT NOT NULL DEFAULT '',"
    " signed_ms INTEGER NOT NULL DEFAULT 0, signed_digest TEXT NOT NULL DEFAULT '',"
    " findings TEXT NOT NULL);"
    "CREATE INDEX review_user ON review(user, id);"
    "CREATE TABLE review_file(review INTEGER PRIMARY KEY REFERENCES review(id),"
    " time_ms INTEGER NOT NULL, copy BLOB NOT NULL DEFAULT x'', paragraphs TEXT NOT NULL,"
    " bytes BLOB NOT NULL);"
    "CREATE INDEX review_file_time ON review_file(time_ms);"
    "CREATE TABLE review_decision(review INTEGER NOT NULL REFERENCES review(id),"
    " finding INTEGER NOT NULL, rule TEXT NOT NULL, words TEXT NOT NULL, act TEXT NOT NULL,"
    " reason TEXT NOT NULL, who TEXT NOT NULL, time_ms INTEGER NOT NULL,"
    " PRIMARY KEY(review, finding)) WITHOUT ROWID;"
    "CREATE INDEX review_decision_rule ON review_decision(rule, act);"
    "CREATE TABLE review_never(id INTEGER PRIMARY KEY, rule TEXT NOT NULL, words TEXT NOT NULL,"
    " reason TEXT NOT NULL, who TEXT NOT NULL, time_ms INTEGER NOT NULL, UNIQUE(rule, words));"
    "CREATE TABLE review_rule(rule TEXT PRIMARY KEY, found INTEGER NOT NULL,"
    " silenced INTEGER NOT NULL) WITHOUT ROWID;",
    /* review.model_state: "" no model is asked, "pending", "done", "failed"; model: what was asked.
     */
    "ALTER TABLE review ADD COLUMN model_state TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN model TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX review_pending ON review(model_state) WHERE model_state = 'pending';",
    /* review_change: rows of an organisation's rules and registry that are to become other ones,
     * from draft to live and taken back (server/rules.h). */
    "CREATE TABLE review_change(id INTEGER PRIMARY KEY, list TEXT NOT NULL, rows TEXT NOT NULL,"
    " note TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL, time_ms INTEGER NOT NULL,"
    " tried TEXT NOT NULL DEFAULT '', tried_of TEXT NOT NULL DEFAULT '',"
    " reason TEXT NOT NULL DEFAULT '', decided_by TEXT NOT NULL DEFAULT '',"
    " decided_ms INTEGER NOT NULL DEFAULT 0, undoes INTEGER NOT NULL DEFAULT 0);",
};

const sm_schema sm_schemas[] = {
    [SM_DB_CORPUS] = { corpus_steps, sizeof(corpus_steps) / sizeof(corpus_steps[0]) },
    [SM_DB_RECORD] = { record_steps, sizeof(record_steps) / sizeof(record_steps[0]) },
};
