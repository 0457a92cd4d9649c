#include "ground/ground.h"

#include "text/text.h"

/* Words that a regulation has no use for and an order to a program cannot do without, as
 * sm_text_normal leaves them, blanks taken out. */
static const char *const words[] = {
    /* the rules that a program has, and their end */
    "忽略以上", "忽略上述", "忽略之前", "忽略此前", "忽略前面", "忽略先前", "无视以上", "无视上述",
    "无视之前", "不理会以上", "系统提示:", "系统指令", "系统消息:", "提示词", "可信指令",
    "最高优先级", "ignoreprevious", "ignoreall", "ignoretheabove", "previousinstruction",
    "systemprompt",
    /* who is spoken to */
    "致人工智能", "人工智能:", "机器人:", "助手须知", "回答者注意", "你现在是", "你应当", "你必须",
    "你是一", "请你", "生成答案", "模型在总结", "assistant",
    /* what it shall say */
    "回答时", "回答“", "回答\"", "被问到", "如遇提问", "如被询问", "请输出", "请回答", "请照抄",
    "请用英文", "改口", "一律改写", "一律说", "内部口令",
    /* how a program is written to */
    "<|", "|>", "<system", "</", "<!--", "[inst", "<<sys", "\"role\"", "\"sentences\"", "\"text\""
};

bool sm_ground_orders(sm_arena *a, sm_str text)
{
    sm_str normal = sm_text_normal(a, text);
    char *bare = SM_NEWS(a, char, normal.n + 1);
    size_t n = 0;
    while (normal.n) {
        uint32_t c = sm_utf8_next(&normal);
        if (c > ' ' && !sm_is_hidden(c))
            n += sm_utf8_put(c, bare + n);
    }
    for (size_t i = 0; i < SM_LEN(words); i++)
        if (sm_str_has((sm_str){ bare, n }, sm_str_of(words[i])))
            return true;
    return false;
}
