/*
 * Messages that are not a question for us: danger, refusals, greetings, the wish for a person.
 * The classifier of intent.c reads the wording; the ranking of items holds against it, so that
 * a rude or frightened person with a real question is answered.
 */
#include <string.h>

#include "guide/turn.h"
#include "text/text.h"

/* Of the head "out": takes a message out; with a matter in hand, where short replies look like
 * anything. */
static const double OUT_AT = 0.75, OUT_AT_FOLLOWING = 0.88;
/* Of the head "crisis": danger; danger when words of danger stand there, too, and no item fits
 * better than that; an item fits this well. */
static const double CRISIS_AT = 0.60, CRISIS_BY_WORD = 0.10, CRISIS_WORD_FIT = 0.40,
                    CRISIS_FITS = 0.80;
/* Of the classifier's own word for danger, and of the head "out": what no word of danger tells, the
 * classifier hardly takes for danger, and reads as for us, is none. */
static const double CRISIS_READS = -2, FOR_US = 0.55;
static const double KNOWN_WORDING = 0.95; /* likeness: as good as a question known to be for us */
static const double NAMED_SHARE = 0.5, NAMED_P = 0.95; /* as good as known to be in the catalogue */
/* Of the kind of refusal: below, it is not said that the message is of that kind.  Nobody is told
 * for little that what they ask is against the law, or rude. */
static const double REASON_AT = 0.3, ACCUSES_AT = 0.5;
static const double OTHER_AT = 0.004; /* a place is named and the wording is of that kind */

static const struct {
    const char *reason;
    sm_act act;
    const char *text;
} screens[SM_N_INTENTS] = {
    [SM_INTENT_NOT_GOVERNMENT] = { "not_government", SM_ACT_REFUSE,
                                   "这件事不属于政务服务，我帮不上忙。办证、社保、医保、公积金、户"
                                   "口、房产、开店这类事可以问我。" },
    [SM_INTENT_OTHER_CITY] = { "other_city", SM_ACT_REFUSE,
                               "这件事要在别的城市办，我只掌握本市的办事信息。请咨询当地的政务服务"
                               "网或当地 12345。" },
    [SM_INTENT_PERSONAL_RECORD] = { "personal_record", SM_ACT_HANDOFF,
                                    "这要查个人的办理记录，我看不到也不能代查。请本人登录政务服务网"
                                    "，或带身份证到窗口查询；需要的话我帮您转人工。" },
    [SM_INTENT_LEGAL_MEDICAL] = { "legal_medical", SM_ACT_REFUSE,
                                  "这需要律师或医生来判断，我不能给意见。法律问题可以拨打 12348 "
                                  "咨询，看病请到医院，急病拨打 120。" },
    [SM_INTENT_ABSENT] = { "unknown", SM_ACT_HANDOFF,
                           "这件事不在我掌握的办事目录里，不能随便回答您。您可以拨打 12345 "
                           "咨询，或者由工作人员来答复。" },
    [SM_INTENT_HARMFUL] = { "harmful", SM_ACT_REFUSE,
                            "这样做违反法律，我不能帮忙。需要正规办理的话，告诉我您想办成什么事"
                            "。" },
    [SM_INTENT_POLITICAL] = { "political", SM_ACT_REFUSE,
                              "这类话题我不评论。您有要办的事，可以直接告诉我。" },
    [SM_INTENT_ABUSE] = { "abuse", SM_ACT_REFUSE,
                          "让您不满意了，抱歉。请告诉我要办的事，我接着帮您；也可以说“转人工”。" },
    [SM_INTENT_NONSENSE] = { "nonsense", SM_ACT_REFUSE,
                             "我没看明白。请用一句话说您要办的事，比如“身份证丢了怎么补”。" },
    [SM_INTENT_PROMPT_ATTACK] = { "prompt_attack", SM_ACT_REFUSE,
                                  "我只回答办事问题，不改变规则，也不提供内部内容。请说您要办的事"
                                  "。" },
};

static bool any_word(sm_str text, sm_str words)
{
    sm_str word;
    while (sm_str_cut(&words, ' ', &word))
        if (word.n && sm_str_has(text, word))
            return true;
    return false;
}

/* That the message is not for us; with a matter in hand short replies look like anything. */
static double out_p(const sm_turn *t, bool following)
{
    return sm_head_p(following ? SM_HEAD_OUT_FOLLOWING : SM_HEAD_OUT, &t->signals);
}

static bool is_age(const sm_fact *f)
{
    return f->kind == SM_FACT_AGE || (f->kind == SM_FACT_NUMBER && f->value >= 1 && f->value < 120);
}

/* The text without the ages in it: "我爸85岁了摔倒" leaves 我爸摔倒. */
sm_str sm_without_ages(sm_arena *a, sm_str text)
{
    static const char *const behind[] = { "多岁", "周岁", "岁", "多", "了", "啦" };
    sm_fact *f;
    sm_buf b;
    size_t n = sm_text_facts(a, text, &f), from = 0;
    sm_buf_init(&b, text.n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)(f[i].text.p - text.p), end = at + f[i].text.n, bare = end;
        for (size_t k = 0; k < SM_LEN(behind); k++)
            if (sm_str_starts(sm_str_sub(text, end, text.n), sm_str_of(behind[k]))) {
                end += strlen(behind[k]);
                k = SIZE_MAX; /* from the beginning again */
            }
        sm_str rest = sm_str_sub(text, end, text.n);
        bool told = f[i].kind == SM_FACT_AGE || end > bare || !rest.n ||
                    sm_str_starts(rest, SM_STR("呢")) || sm_str_starts(rest, SM_STR("，"));
        if (!is_age(&f[i]) || !told)
            continue;
        sm_buf_add(&b, sm_str_sub(text, from, at));
        from = end;
    }
    sm_buf_add(&b, sm_str_sub(text, from, text.n));
    sm_str out = sm_str_dup(a, sm_buf_str(&b));
    sm_buf_done(&b);
    return out;
}

/* "明天我", "那我家老爷子呢": nothing but when and who. */
bool sm_only_who(sm_str text)
{
    static const char *const words[] = {
        "今天", "明天", "今年", "明年", "后年", "去年", "前年", "下个月", "已经", "马上", "快",
        "就",   "要",   "都",   "刚",   "满",   "我",   "俺",   "咱",     "他",   "她",   "你",
        "们",   "家",   "的",   "老",   "爸",   "妈",   "爹",   "娘",     "爷",   "奶",   "姥",
        "外",   "公",   "婆",   "岳",   "父",   "母",   "伴",   "哥",     "姐",   "弟",   "妹",
        "叔",   "姨",   "舅",   "孩子", "娃",   "宝",   "儿",   "女",     "闺",   "孙",   "子",
        "人",   "是",   "在",   "住",   "户口", "那",   "如果", "换",     "这边", "那边", "里",
        "话",   "呢",   "吗",   "？",   "，",   "。",   " "
    };
    while (text.n) {
        size_t k = 0;
        while (k < SM_LEN(words) && !sm_str_starts(text, sm_str_of(words[k])))
            k++;
        if (k == SM_LEN(words))
            return false;
        text = sm_str_sub(text, strlen(words[k]), text.n);
    }
    return true;
}

/* How old somebody is tells of no danger: what is told besides must read as danger, too. */
static sm_rc only_of_age(sm_turn *t, bool *only)
{
    sm_turn p = *t;
    p.text = sm_without_ages(t->op->arena, t->text);
    *only = false;
    if (p.text.n == t->text.n)
        return SM_OK;
    *only = sm_only_who(p.text);
    if (*only)
        return SM_OK;
    sm_intents_read(t->g->intents, p.text, &p.reading);
    sm_rc rc =
        sm_match(t->op, t->snap, SM_KIND_ITEM, p.text, &t->filter, SM_MAX_CANDIDATES, &p.item);
    if (rc == SM_OK)
        rc = sm_read_signals(&p);
    *only = rc == SM_OK && sm_head_p(SM_HEAD_CRISIS, &p.signals) < CRISIS_AT;
    return rc;
}

static bool is_following(const sm_turn *t)
{
    return t->talk.item.n || t->talk.pending != SM_PENDING_NONE;
}

/* "可以带14岁的儿子上学不": danger that no word tells is nothing that one could ask us. */
static bool reads_as_for_us(const sm_turn *t)
{
    return t->signals.v[SM_SIGNAL_CRISIS] < CRISIS_READS && out_p(t, is_following(t)) < FOR_US;
}

/* Danger is met at once, unless an item fits so well that the words tell what has been: then the
 * answer begins with whom to call. */
static sm_rc danger(sm_turn *t, bool *met)
{
    static const char *const fallback =
        "如果有人正处在危险中，请立刻拨打 110（报警）、119（火警）或 120（急救）。";
    const sm_danger *kind = NULL;
    for (size_t i = 0; i < t->g->n_dangers && !kind; i++)
        if (any_word(t->text, t->g->danger[i].words))
            kind = &t->g->danger[i];
    double p = sm_head_p(SM_HEAD_CRISIS, &t->signals);
    double fits = SM_MAX(t->item && t->item->n ? t->item->hit[0].p : 0,
                         t->signals.v[SM_SIGNAL_AKIN] * CRISIS_FITS);
    bool by_word = kind && p >= CRISIS_BY_WORD && fits < CRISIS_WORD_FIT;
    bool harmless = (p < CRISIS_AT && !by_word) || (!kind && reads_as_for_us(t));
    *met = false;
    sm_rc rc = harmless || kind ? SM_OK : only_of_age(t, &harmless);
    if (rc < 0 || harmless)
        return rc;
    sm_str help = kind ? kind->text : sm_str_of(fallback);
    if (fits >= CRISIS_FITS && t->signals.v[SM_SIGNAL_OUT] < 0) {
        t->call = help;
        return SM_OK;
    }
    *met = true;
    sm_say_plain(t, SM_ACT_CRISIS, kind ? sm_cstr(t->op->arena, kind->kind) : "danger",
                 sm_strf(t->op->arena, "%.*s需要的话，我也可以帮您转人工。", SM_ARG(help)).p);
    return SM_OK;
}

/* The words by which a named place is where one comes from or goes to, and the thing itself is
 * done here. */
static bool tells_of_moving(sm_str text, sm_str place)
{
    static const char *const words[] = { "转过来", "转到这", "转入",   "转回", "迁过来", "迁来",
                                         "搬来",   "搬过来", "迁到",   "转来", "转学",   "过来",
                                         "来这",   "回来",   "老家",   "回去", "带走",   "备案",
                                         "异地",   "报销",   "户口在", "籍",   "上学",   "读书",
                                         "毕业",   "打工",   "考上",   "出差", "嫁",     "去看病",
                                         "住院",   "手术",   "跳槽",   "调到", "调来" };
    size_t at = sm_str_find(text, place, 0), behind = at == SIZE_MAX ? at : at + place.n;
    sm_str rest = behind == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(text, behind, text.n);
    bool of_there = sm_str_starts(rest, SM_STR("人")) && !sm_str_starts(rest, SM_STR("人才"));
    return of_there || sm_str_has_any(text, words, SM_LEN(words));
}

static bool names_home(const sm_turn *t)
{
    for (size_t i = 0; i < t->n_region_names; i++)
        if (sm_str_has(t->text, t->region_name[i]))
            return true;
    sm_str home = t->home;
    if (sm_str_ends(home, SM_STR("市")))
        home.n -= 3;
    return home.n && sm_str_has(t->text, home);
}

/* The place outside the home city that the text names, and not as where one comes from. */
static sm_str other_city(const sm_turn *t)
{
    if (t->home.n == 0 || names_home(t))
        return (sm_str){ 0 };
    size_t city = sm_words_first(t->g->cities, t->text);
    bool named = city != SIZE_MAX && !tells_of_moving(t->text, t->g->city[city]);
    return named ? t->g->city[city] : (sm_str){ 0 };
}

static bool is_of_other_city(const sm_turn *t)
{
    return t->reading.p[SM_INTENT_OTHER_CITY] >= OTHER_AT && other_city(t).n;
}

/* "深圳的公司在这里开分公司": what is asked for is done here. */
static bool speaks_of_here(sm_str said)
{
    static const char *const words[] = { "这里", "这边", "在这", "你们这" };
    static const char *const no_place[] = { "种", "个", "些", "样", "次" };
    for (size_t i = 0; i < SM_LEN(words); i++) {
        size_t at = sm_str_find(said, sm_str_of(words[i]), 0);
        if (at != SIZE_MAX && !sm_str_starts_any(sm_str_sub(said, at + strlen(words[i]), said.n),
                                                 no_place, SM_LEN(no_place)))
            return true;
    }
    return false;
}

sm_str sm_city_asked_of(const sm_turn *t)
{
    if (speaks_of_here(t->said))
        return (sm_str){ 0 };
    sm_str city = other_city(t), of = sm_strf(t->op->arena, "%.*s的", SM_ARG(city));
    size_t at = city.n ? sm_str_find(t->said, of, 0) : SIZE_MAX;
    sm_str behind = at == SIZE_MAX ? (sm_str){ 0 } : sm_str_sub(t->said, at + of.n, t->said.n);
    return behind.n && sm_is_han(sm_utf8_next(&behind)) ? city : (sm_str){ 0 };
}

static bool wants_person(const sm_turn *t)
{
    static const char *const words[] = { "转人工", "人工客服", "找人工", "找真人", "真人",
                                         "接客服", "人工服务", "跟人说", "找个人" };
    return t->reading.p[SM_INTENT_HANDOFF] > 0.6 || sm_str_has_any(t->text, words, SM_LEN(words));
}

static bool small_talk(sm_turn *t)
{
    bool choosing = t->talk.pending != SM_PENDING_NONE;
    if (t->reading.p[SM_INTENT_GREETING] > 0.5 && !choosing) {
        t->talk.pending = SM_PENDING_OPEN;
        sm_say_clarify(t, "greeting", SM_STR("您好，请说说您想办什么事？比如“身份证丢了怎么补”。"),
                       NULL, 0);
        return true;
    }
    if (t->reading.p[SM_INTENT_ACK] > 0.5 && !choosing) {
        sm_say_clarify(t, "greeting", SM_STR("不客气。还有别的事要问吗？"), NULL, 0);
        return true;
    }
    return false;
}

/* A record is somebody's: without anybody or a look-up in it, a question is about the rule. */
static bool speaks_of_somebody(sm_str text)
{
    static const char *const words[] = { "我",   "俺",   "咱",   "他", "她", "你",  "爸", "妈",
                                         "爷",   "奶",   "姥",   "老", "哥", "姐",  "弟", "妹",
                                         "儿子", "女儿", "娃",   "孩", "查", "帮",  "谁", "本人",
                                         "自己", "公司", "单位", "店", "厂", "户主" };
    return sm_str_has_any(text, words, SM_LEN(words));
}

/* The text is about an item by its name, and of nothing that its scope leaves out. */
static bool names_item(const sm_turn *t)
{
    return t->named_share >= NAMED_SHARE && t->left_out <= 0 && t->item->hit[0].p >= NAMED_P;
}

static sm_rc refuse(sm_turn *t, bool following, bool *done)
{
    size_t best = 0;
    for (size_t i = 1; i < SM_N_INTENTS; i++)
        if (screens[i].reason && i != SM_INTENT_OTHER_CITY &&
            (!best || t->reading.p[i] > t->reading.p[best]))
            best = i;
    if (!following && is_of_other_city(t))
        best = SM_INTENT_OTHER_CITY;
    else if (out_p(t, following) < (following ? OUT_AT_FOLLOWING : OUT_AT) ||
             (t->item && t->item->nearest >= KNOWN_WORDING) ||
             (best == SM_INTENT_PERSONAL_RECORD && !speaks_of_somebody(t->said)) ||
             (best == SM_INTENT_ABSENT && names_item(t)) ||
             sm_only_who(sm_without_ages(t->op->arena, t->said)) ||      /* how old somebody is */
             (best == SM_INTENT_LEGAL_MEDICAL && sm_wants_computing(t))) /* our rules, no advice */
        return SM_OK;
    bool accuses = best == SM_INTENT_HARMFUL || best == SM_INTENT_ABUSE;
    bool no_kind =
        t->reading.p[best] < (accuses ? ACCUSES_AT : REASON_AT) && best != SM_INTENT_OTHER_CITY;
    if (no_kind && sm_clauses_have_it(t))
        return SM_OK;
    *done = true;
    if (no_kind)
        return sm_hand_over_unknown(t);
    sm_say_plain(t, screens[best].act, screens[best].reason, screens[best].text);
    return SM_OK;
}

sm_rc sm_screen_danger(sm_turn *t, bool *met)
{
    return danger(t, met);
}

sm_rc sm_screen(sm_turn *t, bool *done)
{
    sm_rc rc = danger(t, done);
    if (rc < 0 || *done)
        return rc;
    if (wants_person(t)) {
        sm_say_plain(t, SM_ACT_HANDOFF, "asked",
                     "好的，正在为您转人工，前面说过的都会一起转过去，不用重讲。");
        *done = true;
        return SM_OK;
    }
    *done = small_talk(t);
    return *done ? SM_OK : refuse(t, is_following(t), done);
}
