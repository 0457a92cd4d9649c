/*
 * What is written of a turn: the place in the queue, the ledger, the conversation.  Kept apart from
 * the thinking, so that a server may write many turns with one commit.
 */
#include <string.h>

#include "guide/turn.h"

static sm_str evidence(sm_turn *t)
{
    sm_buf b;
    sm_buf_init(&b, 1 << 16);
    for (size_t i = 0; t->answer && i < t->answer->n_claims; i++)
        for (size_t k = 0; k < t->answer->claim[i].n_cites; k++)
            sm_buf_addf(&b, "%s%.*s", b.n ? "," : "", SM_ARG(t->answer->claim[i].cite[k].digest));
    sm_str s = sm_str_dup(t->op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return s;
}

static void keep_documents(sm_turn *t, sm_thought *out)
{
    out->document = SM_NEWS(t->op->arena, sm_scored, t->n_picked + 1);
    for (; out->n_documents < t->n_picked; out->n_documents++) {
        const sm_pick_doc *d = &t->picked[out->n_documents];
        out->document[out->n_documents] = (sm_scored){ d->doc->id, d->doc->title, d->p };
    }
}

void sm_thought_of(sm_turn *t, sm_thought *out)
{
    const sm_reply *r = t->reply;
    bool from_policy = t->answer && strcmp(r->reason, "policy") == 0 && t->answer->n_claims;
    *out = (sm_thought){
        .reply = t->reply, .answer = t->answer, .talk = t->talk, .no_record = t->q->no_record
    };
    out->unsure = sm_is_unsure(t);
    keep_documents(t, out);
    if (t->q->no_record && t->q->session.n == 0)
        return;
    out->entry = (sm_ledger_entry){
        .session = t->q->session,
        .question = t->said,
        .act = sm_str_of(sm_act_name(r->act)),
        .reason = sm_str_of(r->reason),
        .evidence = evidence(t),
        .top = from_policy               ? t->answer->claim[0].cite[0].doc
               : r->act == SM_ACT_ANSWER ? t->talk.item
                                         : (sm_str){ 0 },
        .model = sm_snapshot_model(t->snap, SM_KIND_ITEM),
        .corpus = sm_strf(t->op->arena, "%lld", (long long)sm_snapshot_revision(t->snap)),
        .test = t->q->test,
    };
}

bool sm_thought_unsure(const sm_thought *t)
{
    return t->unsure;
}

const sm_reply *sm_thought_reply(const sm_thought *t)
{
    return t->reply;
}

const sm_answer *sm_thought_answer(const sm_thought *t)
{
    return t->reply->act == SM_ACT_ANSWER ? t->answer : NULL;
}

const sm_scored *sm_thought_documents(const sm_thought *t, size_t *n)
{
    *n = t->n_documents;
    return t->document;
}

sm_rc sm_thought_worded(sm_op *op, sm_thought *t, const sm_answer *worded)
{
    t->answer = worded;
    return sm_say_answer(op, t->reply, worded);
}

static sm_rc hand_over(sm_op *op, sm_db *db, sm_thought *t)
{
    sm_reply *r = t->reply;
    sm_rc rc = sm_talk_hand_over(op, db, &t->talk, t->entry.question, r->reason, t->entry.test,
                                 &r->queue_place);
    if (rc == SM_OK && r->queue_place > 0)
        r->answer = sm_strf(op->arena, "%.*s\n您排在第 %lld 位。", SM_ARG(r->answer),
                            (long long)r->queue_place);
    return rc;
}

sm_rc sm_guide_record(sm_op *op, sm_db *db, sm_thought *t, sm_reply **out)
{
    int64_t start = sm_now_us();
    sm_reply *r = t->reply;
    sm_rc rc = SM_OK;
    if (!t->no_record && r->act == SM_ACT_HANDOFF)
        rc = hand_over(op, db, t);
    t->entry.answer = r->answer;
    if (rc == SM_OK && !t->no_record)
        rc = sm_ledger_append(op, db, &t->entry);
    if (rc == SM_OK && t->talk.session.n)
        rc = sm_talk_save(op, db, &t->talk, t->entry.question, r);
    if (rc < 0)
        return rc;
    r->ledger_id = t->entry.id;
    r->ms = (double)(t->took_us + sm_now_us() - start) / 1000.0;
    *out = r;
    return SM_OK;
}
