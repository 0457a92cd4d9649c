/*
 * Which characters need no source.
 *
 * The list says what is free, not what is closed: a sign of no known use is closed.  Closed are all
 * digits and number signs of every script, numerals, brackets and quotation marks (they cite, point
 * and quote), signs of money and shares, what is compatible with something else (⼀, ㎡, Ⅷ,
 * full-width letters) and what cannot be seen.
 */
#include "ground/mask_inner.h"

#include <string.h>

/* Letters and syllables, in order. */
static const struct {
    uint32_t from, to;
} letters[] = {
    { 0xc0, 0xd6 },     { 0xd8, 0xf6 },     { 0xf8, 0x17f },  /* Latin */
    { 0x386, 0x386 },   { 0x388, 0x3ff },                     /* Greek */
    { 0x400, 0x481 },   { 0x48a, 0x52f },                     /* Cyrillic */
    { 0x621, 0x64a },   { 0x66e, 0x6d3 },   { 0x6d5, 0x6d5 }, /* Uyghur, Kazakh */
    { 0xf0b, 0xf0d },   { 0xf40, 0xf6c },   { 0xf71, 0xf84 },   { 0xf90, 0xfbc }, /* Tibetan */
    { 0x1820, 0x1878 },                                                           /* Mongolian */
    { 0x3041, 0x3096 }, { 0x30a1, 0x30fa }, { 0x30fc, 0x30fc },                   /* kana */
    { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },                                       /* Han */
    { 0xa000, 0xa48c },                                                           /* Yi */
    { 0xac00, 0xd7a3 },                                                           /* Hangul */
};

/* Of those: every way to write a numeral, simple, capital, traditional, of accounts. */
static const char numerals[] = "〇零一二三四五六七八九十百千万亿两半双廿卅卌"
                               "壹贰叁肆伍陆柒捌玖拾佰仟兩萬億貳參陸"
                               "弌弍弎弐壱貮叄両亖仨俩";

static const char signs[] = "，。、；：？！（）—…·～";
static const char ascii_signs[] = " \n!#&()*+,-./:;=?@\\^_{|}~";

static bool is_one_of(const char *set, uint32_t c)
{
    sm_str rest = sm_str_of(set);
    while (rest.n)
        if (sm_utf8_next(&rest) == c)
            return true;
    return false;
}

static bool is_digit_of_any_script(uint32_t c)
{
    static const uint32_t zeros[] = { '0',   0x660,  0x6f0,  0x966,  0x9e6,  0xe50,  0xed0,
                                      0xf20, 0x1040, 0x17e0, 0x1810, 0xff10, 0x1d7ce };
    for (size_t i = 0; i < SM_LEN(zeros); i++)
        if (c >= zeros[i] && c < zeros[i] + 10)
            return true;
    return false;
}

bool sm_mask_is_numeral(uint32_t c)
{
    if (c < 0x2000)
        return is_digit_of_any_script(c);
    return is_digit_of_any_script(c) || (c >= 0x2070 && c <= 0x2189) || /* ², ½, Ⅷ */
           (c >= 0x2460 && c <= 0x249b) || (c >= 0x24ea && c <= 0x24ff) ||
           (c >= 0x2776 && c <= 0x2793) || (c >= 0x3220 && c <= 0x3229) ||
           (c >= 0x3280 && c <= 0x3289) || (c >= 0x3007 && is_one_of(numerals, c));
}

static bool is_letter(uint32_t c)
{
    size_t lo = 0, hi = SM_LEN(letters);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c > letters[mid].to)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < SM_LEN(letters) && c >= letters[lo].from;
}

bool sm_mask_is_free(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c && strchr(ascii_signs, (int)c));
    return is_letter(c) ? !sm_mask_is_numeral(c) : is_one_of(signs, c);
}

bool sm_mask_is_boundary(uint32_t c)
{
    return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff1b || c == '\n';
}

/* Words with a numeral in them, the commonest first.  The scanner takes none of them for a fact
 * (tests/ground/test_mask.c holds both to it).  A word is also held against what stands before it
 * and comes after it, like everything else. */
static const char *const words[] = {
    "一般",
    "一定",
    "一旦",
    "一起",
    "一并",
    "一律",
    "一致",
    "一次性",
    "一网通办",
    "一窗受理",
    "一站式",
    "一件事",
    "一样",
    "一经",
    "一切",
    "一些",
    "一直",
    "一方面",
    "统一",
    "唯一",
    "之一",
    "逐一",
    "任一",
    "第三方",
    "第三人",
    "第一时间",
    "二维码",
    "二手房",
    "二手车",
    "十分",
    "百姓",
    "双方",
    "双向",
    "半径",
    "三证合一",
    "一般来说",
    "一般情况",
    "一同",
    "一概",
    "一向",
    "一贯",
    "一带",
    "一体",
    "一体化",
    "一边",
    "一面",
    "一对一",
    "一网统管",
    "一窗通办",
    "一卡通",
    "一码通",
    "一事一议",
    "一企一档",
    "一人一档",
    "一户一档",
    "一户一宅",
    "一视同仁",
    "一目了然",
    "一如既往",
    "一应俱全",
    "一系列",
    "一揽子",
    "一把手",
    "一线",
    "一手",
    "一时",
    "一味",
    "一齐",
    "一再",
    "一共",
    "一流",
    "一家人",
    "一个",
    "一种",
    "一类",
    "一位",
    "一项",
    "一下",
    "一点",
    "一部分",
    "单一",
    "同一",
    "万一",
    "专一",
    "划一",
    "归一",
    "不一",
    "某一",
    "每一",
    "另一",
    "进一步",
    "二手",
    "二者",
    "二次供水",
    "三者",
    "第三者",
    "再三",
    "三农",
    "三资",
    "多证合一",
    "五险",
    "五险一金",
    "三险一金",
    "五保户",
    "四至",
    "四周",
    "四季",
    "五金",
    "五官",
    "六亲",
    "八字",
    "九九归一",
    "十足",
    "十全十美",
    "老百姓",
    "百货",
    "百科",
    "百度",
    "百花",
    "千方百计",
    "千家万户",
    "万物",
    "万事",
    "万能",
    "万元户",
    "两者",
    "两侧",
    "两地",
    "两边",
    "两岸",
    "半岛",
    "双休日",
    "双数",
    "双重",
    "双语",
    "双随机",
    "双胞胎",
    "零售",
    "零星",
    "零部件",
    "零钱",
    "零散",
    "零距离",
    "零跑腿",
    "三伏",
    "拾金不昧",
    "收拾",
    "陆地",
    "陆续",
    "大陆",
    "陆路",
    "登陆",
    "队伍",
    "入伍",
    "退伍",
    "退伍军人",
    "放肆",
    "丁克",
    "一审",
    "二审",
    "终审",
    "一票否决",
    "一岗双责",
    "一案一策",
    "一企一策",
    "一事一办",
    "一审终审",
    "三方",
    "三方协议",
    "两免一补",
    "三定",
    "三公",
    "万家",
    "一家",
    "合二为一",
    "合而为一",
    "数一数二",
    "三三两两",
    "七嘴八舌",
    "乱七八糟",
    "五花八门",
    "四通八达",
    "四面八方",
    "一心一意",
    "独一无二",
    "始终如一",
    "一清二楚",
    /* What begins with the end of an organ's name: 民政部门 is no 民政部. */
    "部门",
    "部分",
    "部署",
    "办理",
    "办结",
    "办公",
    "办好",
    "办事",
    "办法",
    "办证",
    "所在",
    "所在地",
    "所需",
    "所有",
    "所得",
    "所属",
    "会议",
    "会同",
    "会员",
    "会计",
    "行政",
    "行为",
    "行业",
    "行使",
    "处理",
    "处罚",
    "处分",
    "站点",
    "站内",
    "室内",
    "院校",
    "院内",
    "心理",
    "局部",
    "局面",
    "司法",
    "司机",
    "府内",
    "联系",
    "联合",
    "联网",
    "队员",
    "馆内",
    "委托",
    "委员",
    "厅内",
    "上述",
    "上门",
    "上传",
    "上级",
    "下载",
    "下列",
    "下级",
    "中途",
    "中止",
    "中国",
    "早日",
    "第三方平台",
};

size_t sm_mask_words(const char *const **out)
{
    *out = words;
    return SM_LEN(words);
}
