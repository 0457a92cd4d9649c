/*
 * Organs as they are called: stems that 局, 厅 or 委员会 follow, and names of their own kind, each
 * with its customary short forms.
 */
#include "text/organ.h"

#include "text/text.h"

#include <string.h>

/* What stands before 局, 厅, 委, 部: short, written out. */
static const struct stem {
    const char *text, *full;
} stems[] = {
    { "人社", "人力资源和社会保障" },
    { "人力社保", "人力资源和社会保障" },
    { "人力资源社会保障", "人力资源和社会保障" },
    { "人力资源和社会保障", NULL },
    { "住建", "住房和城乡建设" },
    { "住房城乡建设", "住房和城乡建设" },
    { "住房和城乡建设", NULL },
    { "城乡建设", NULL },
    { "市场监管", "市场监督管理" },
    { "市监", "市场监督管理" },
    { "市场监督管理", NULL },
    { "卫健", "卫生健康" },
    { "卫生健康", NULL },
    { "卫生和计划生育", NULL },
    { "卫计", "卫生和计划生育" },
    { "发改", "发展和改革" },
    { "发展改革", "发展和改革" },
    { "发展和改革", NULL },
    { "自规", "自然资源和规划" },
    { "资规", "自然资源和规划" },
    { "自然资源规划", "自然资源和规划" },
    { "自然资源和规划", NULL },
    { "自然资源", NULL },
    { "文旅", "文化和旅游" },
    { "文化旅游", "文化和旅游" },
    { "文化和旅游", NULL },
    { "文广旅", "文化广电和旅游" },
    { "文广旅体", "文化广电旅游体育" },
    { "文化广电和旅游", NULL },
    { "文化广电旅游", "文化广电和旅游" },
    { "文化广电旅游体育", NULL },
    { "医保", "医疗保障" },
    { "医疗保障", NULL },
    { "工信", "工业和信息化" },
    { "工业信息化", "工业和信息化" },
    { "工业和信息化", NULL },
    { "经信", "经济和信息化" },
    { "经济和信息化", NULL },
    { "民宗", "民族宗教事务" },
    { "民族宗教", "民族宗教事务" },
    { "民族宗教事务", NULL },
    { "科技", "科学技术" },
    { "科学技术", NULL },
    { "退役军人", "退役军人事务" },
    { "退役军人事务", NULL },
    { "应急", "应急管理" },
    { "应急管理", NULL },
    { "城管", "城市管理" },
    { "城市管理", NULL },
    { "城管执法", "城市管理综合行政执法" },
    { "城市管理综合行政执法", NULL },
    { "综合行政执法", NULL },
    { "综合执法", "综合行政执法" },
    { "城市管理行政执法", NULL },
    { "交通", "交通运输" },
    { "交运", "交通运输" },
    { "交通运输", NULL },
    { "政务服务", "政务服务管理" },
    { "政务服务管理", NULL },
    { "政务服务和数据管理", NULL },
    { "政务服务数据管理", NULL },
    { "行政审批", NULL },
    { "行政审批服务", NULL },
    { "审批服务", "行政审批服务" },
    { "国资", "国有资产监督管理" },
    { "国有资产监督管理", NULL },
    { "金融监管", "金融监督管理" },
    { "金融监督管理", NULL },
    { "地方金融监管", "地方金融监督管理" },
    { "地方金融监督管理", NULL },
    { "药监", "药品监督管理" },
    { "药品监管", "药品监督管理" },
    { "药品监督管理", NULL },
    { "食药监", "食品药品监督管理" },
    { "食品药品监督管理", NULL },
    { "环保", "环境保护" },
    { "环境保护", NULL },
    { "生态环境", NULL },
    { "公安", NULL },
    { "民政", NULL },
    { "司法", NULL },
    { "财政", NULL },
    { "教育", NULL },
    { "教体", "教育体育" },
    { "教育体育", NULL },
    { "教育和体育", "教育体育" },
    { "水利", NULL },
    { "水务", NULL },
    { "农业农村", NULL },
    { "农业", NULL },
    { "商务", NULL },
    { "审计", NULL },
    { "统计", NULL },
    { "信访", NULL },
    { "税务", NULL },
    { "气象", NULL },
    { "林业", NULL },
    { "林草", "林业和草原" },
    { "林业和草原", NULL },
    { "园林", "园林绿化" },
    { "园林绿化", NULL },
    { "园林和林业", NULL },
    { "体育", NULL },
    { "知识产权", NULL },
    { "烟草", "烟草专卖" },
    { "烟草专卖", NULL },
    { "邮政管理", NULL },
    { "邮政", NULL },
    { "出入境管理", NULL },
    { "出入境", "出入境管理" },
    { "档案", NULL },
    { "粮食和物资储备", NULL },
    { "粮食", NULL },
    { "数据", NULL },
    { "大数据", NULL },
    { "大数据管理", NULL },
    { "数据管理", NULL },
    { "医药管理", NULL },
    { "中医药管理", NULL },
    { "机关事务管理", NULL },
    { "机关事务", "机关事务管理" },
    { "外事", NULL },
    { "投资促进", NULL },
    { "社会保险", NULL },
    { "社保", "社会保险" },
    { "社会保险基金管理", NULL },
    { "社会保险事业管理", NULL },
    { "房产", NULL },
    { "房产管理", NULL },
    { "房屋管理", NULL },
    { "房管", "房屋管理" },
    { "规划", NULL },
    { "规划和自然资源", NULL },
    { "规资", "规划和自然资源" },
    { "国土资源", NULL },
    { "市政", NULL },
    { "人防", "人民防空" },
    { "人民防空", NULL },
    { "消防", NULL },
    { "移民管理", NULL },
    { "疾控", "疾病预防控制" },
    { "疾病预防控制", NULL },
    { "海事", NULL },
    { "铁路", NULL },
    { "公路", NULL },
    { "新闻出版", NULL },
    { "广播电视", NULL },
    { "广电", "广播电视" },
    { "文物", NULL },
    { "电影", NULL },
    { "版权", NULL },
    { "乡村振兴", NULL },
    { "供销", NULL },
    { "畜牧", NULL },
    { "渔业", NULL },
    { "海洋", NULL },
    { "能源", NULL },
    { "人才工作", NULL },
};

/* What follows a stem, and how it is written out. */
static const struct stem tails[] = {
    { "局", NULL },   { "厅", NULL },   { "委员会", NULL }, { "委", "委员会" }, { "部", NULL },
    { "总局", NULL }, { "分局", NULL }, { "办公室", NULL }, { "办", "办公室" },
};

/* Names of their own kind. */
static const struct body {
    const char *text, *full;
    bool named; /* a name may stand before it: 滨湖派出所 */
} bodies[] = {
    { "住房公积金管理中心", NULL, false },
    { "公积金管理中心", "住房公积金管理中心", false },
    { "住房公积金中心", "住房公积金管理中心", false },
    { "公积金中心", "住房公积金管理中心", false },
    { "不动产登记中心", NULL, false },
    { "不动产登记事务中心", NULL, false },
    { "不动产登记交易中心", NULL, false },
    { "不动产中心", "不动产登记中心", false },
    { "政务服务中心", NULL, true },
    { "政务中心", "政务服务中心", true },
    { "行政服务中心", NULL, true },
    { "政务服务大厅", NULL, true },
    { "政务大厅", "政务服务大厅", true },
    { "办事大厅", NULL, true },
    { "办税服务厅", NULL, true },
    { "办税大厅", "办税服务厅", true },
    { "办税厅", "办税服务厅", true },
    { "便民服务中心", NULL, true },
    { "便民中心", "便民服务中心", true },
    { "便民服务站", NULL, true },
    { "党群服务中心", NULL, true },
    { "社会保险服务中心", NULL, false },
    { "社会保险事业管理中心", NULL, false },
    { "社会保险经办中心", NULL, false },
    { "社会保险事业中心", NULL, false },
    { "社会保险中心", NULL, false },
    { "社保中心", "社会保险中心", false },
    { "医疗保障事业管理中心", NULL, false },
    { "医疗保障服务中心", NULL, false },
    { "医疗保障中心", NULL, false },
    { "医保中心", "医疗保障中心", false },
    { "公共就业服务中心", NULL, false },
    { "就业服务中心", NULL, false },
    { "就业中心", "就业服务中心", false },
    { "人才服务中心", NULL, false },
    { "人才交流中心", NULL, false },
    { "人才中心", "人才服务中心", false },
    { "妇幼保健院", NULL, true },
    { "疾病预防控制中心", NULL, false },
    { "疾控中心", "疾病预防控制中心", false },
    { "救助管理站", NULL, false },
    { "救助站", "救助管理站", false },
    { "社区服务中心", NULL, true },
    { "社区卫生服务中心", NULL, true },
    { "政务服务便民热线中心", NULL, false },
    { "车辆管理所", NULL, false },
    { "车管所", "车辆管理所", false },
    { "交通警察支队", NULL, false },
    { "交警支队", "交通警察支队", false },
    { "交通警察大队", NULL, false },
    { "交警大队", "交通警察大队", false },
    { "交通警察总队", NULL, false },
    { "交警总队", "交通警察总队", false },
    { "消防救援支队", NULL, false },
    { "消防支队", "消防救援支队", false },
    { "消防救援大队", NULL, false },
    { "消防大队", "消防救援大队", false },
    { "消防救援站", NULL, false },
    { "劳动监察大队", NULL, false },
    { "劳动保障监察大队", NULL, false },
    { "劳动保障监察支队", NULL, false },
    { "派出所", NULL, true },
    { "司法所", NULL, true },
    { "税务所", NULL, true },
    { "市场监管所", "市场监督管理所", true },
    { "市场监督管理所", NULL, true },
    { "自然资源所", NULL, true },
    { "律师事务所", NULL, true },
    { "街道办事处", NULL, true },
    { "街道办", "街道办事处", true },
    { "街道", NULL, true },
    { "村民委员会", NULL, true },
    { "村委会", "村民委员会", true },
    { "居民委员会", NULL, true },
    { "居委会", "居民委员会", true },
    { "社区居委会", "社区居民委员会", true },
    { "社区居民委员会", NULL, true },
    { "管理委员会", NULL, true },
    { "管委会", "管理委员会", true },
    { "残疾人联合会", NULL, false },
    { "残联", "残疾人联合会", false },
    { "妇女联合会", NULL, false },
    { "妇联", "妇女联合会", false },
    { "工商业联合会", NULL, false },
    { "工商联", "工商业联合会", false },
    { "总工会", NULL, false },
    { "红十字会", NULL, false },
    { "慈善总会", NULL, false },
    { "劳动能力鉴定委员会", NULL, false },
    { "劳鉴委", "劳动能力鉴定委员会", false },
    { "劳动人事争议仲裁委员会", NULL, false },
    { "劳动人事争议仲裁委", "劳动人事争议仲裁委员会", false },
    { "劳动仲裁委员会", "劳动人事争议仲裁委员会", false },
    { "劳动仲裁委", "劳动人事争议仲裁委员会", false },
    { "劳动人事争议仲裁院", NULL, false },
    { "仲裁委员会", NULL, false },
    { "仲裁委", "仲裁委员会", false },
    { "纪律检查委员会", NULL, false },
    { "纪委", "纪律检查委员会", false },
    { "监察委员会", NULL, false },
    { "监委", "监察委员会", false },
    { "机构编制委员会办公室", NULL, false },
    { "编办", "机构编制委员会办公室", false },
    { "业主委员会", NULL, false },
    { "业委会", "业主委员会", false },
    { "人民代表大会常务委员会", NULL, false },
    { "人大常委会", "人民代表大会常务委员会", false },
    { "政法委", "政法委员会", false },
    { "政法委员会", NULL, false },
    { "人民政府办公室", NULL, false },
    { "政府办公室", "人民政府办公室", false },
    { "政府办", "人民政府办公室", false },
    { "人民政府", NULL, true },
    { "国务院", NULL, false },
    { "国务院办公厅", NULL, false },
    { "人民法院", NULL, true },
    { "法院", "人民法院", true },
    { "最高人民法院", NULL, false },
    { "最高法院", "最高人民法院", false },
    { "高级人民法院", NULL, false },
    { "高院", "高级人民法院", false },
    { "中级人民法院", NULL, false },
    { "中院", "中级人民法院", false },
    { "人民检察院", NULL, true },
    { "检察院", "人民检察院", true },
    { "最高人民检察院", NULL, false },
    { "公证处", NULL, true },
    { "婚姻登记处", NULL, true },
    { "婚姻登记中心", NULL, true },
    { "婚姻登记机关", NULL, false },
    { "人民医院", NULL, true },
    { "中医医院", NULL, true },
    { "中医院", "中医医院", true },
    { "中心医院", NULL, true },
    { "儿童医院", NULL, true },
    { "附属医院", NULL, true },
    { "卫生院", NULL, true },
    { "档案馆", NULL, false },
    { "邮局", NULL, false },
    { "供电公司", NULL, false },
    { "供电局", NULL, false },
    { "自来水公司", NULL, false },
    { "燃气公司", NULL, false },
    { "工商银行", NULL, false },
    { "工行", "工商银行", false },
    { "建设银行", NULL, false },
    { "建行", "建设银行", false },
    { "农业银行", NULL, false },
    { "农行", "农业银行", false },
    { "中国银行", NULL, false },
    { "中国人民银行", NULL, false },
    { "人民银行", "中国人民银行", false },
    { "交通银行", NULL, false },
    { "招商银行", NULL, false },
    { "邮政储蓄银行", NULL, false },
    { "邮储银行", "邮政储蓄银行", false },
    { "农村商业银行", NULL, false },
    { "农商银行", "农村商业银行", false },
    { "农商行", "农村商业银行", false },
    { "信用社", NULL, true },
    { "海关", NULL, true },
};

static bool ends_with(sm_str s, const char *word, size_t *n)
{
    *n = strlen(word);
    return s.n >= *n && memcmp(s.p + s.n - *n, word, *n) == 0;
}

/* The longest stem that s ends with, or NULL. */
static const struct stem *stem_of(sm_str s, size_t *n)
{
    const struct stem *best = NULL;
    size_t k;
    *n = 0;
    for (size_t i = 0; i < SM_LEN(stems); i++)
        if (ends_with(s, stems[i].text, &k) && k > *n) {
            best = &stems[i];
            *n = k;
        }
    return best;
}

/* 市场 and 城市 are no places, 市场监管局 stands alone: what a stem would cut in two. */
static size_t stem_and_end(sm_arena *a, sm_str s, sm_str *full)
{
    size_t best = 0, k, n;
    for (size_t i = 0; i < SM_LEN(tails); i++) {
        if (!ends_with(s, tails[i].text, &k))
            continue;
        const struct stem *stem = stem_of(sm_str_sub(s, 0, s.n - k), &n);
        if (!stem || n + k <= best)
            continue;
        best = n + k;
        *full = sm_strf(a, "%s%s", stem->full ? stem->full : stem->text,
                        tails[i].full ? tails[i].full : tails[i].text);
    }
    return best;
}

size_t sm_organ_body(sm_arena *a, sm_str s, sm_str *full, bool *named)
{
    sm_str out = { 0 };
    size_t best = stem_and_end(a, s, &out), k;
    bool may = false;
    for (size_t i = 0; i < SM_LEN(bodies); i++)
        if (ends_with(s, bodies[i].text, &k) && k > best) {
            best = k;
            out = sm_str_of(bodies[i].full ? bodies[i].full : bodies[i].text);
            may = bodies[i].named;
        }
    if (best) {
        *full = out;
        *named = may;
    }
    return best;
}

sm_str sm_organ_written_out(sm_arena *a, sm_str body)
{
    sm_str full;
    bool named;
    size_t n = sm_organ_body(a, body, &full, &named);
    return n == 0 ? body : sm_strf(a, "%.*s%.*s", (int)(body.n - n), body.p, SM_ARG(full));
}

bool sm_organ_ends_place(sm_str s)
{
    static const char *const last[] = { "市", "区", "县", "省", "州", "旗", "镇", "乡" };
    for (size_t i = 0; i < SM_LEN(last); i++)
        if (sm_str_ends(s, sm_str_of(last[i])))
            return true;
    return false;
}

bool sm_organ_may_lack(sm_str before)
{
    static const char *const above[] = { "局", "厅", "会", "院" };
    bool ends = before.n == 0 || sm_organ_ends_place(before);
    for (size_t i = 0; i < SM_LEN(above); i++)
        ends |= sm_str_ends(before, sm_str_of(above[i]));
    return ends;
}

bool sm_organ_within(sm_str key, sm_str held)
{
    sm_str organ = SM_STR("organ:");
    if (!sm_str_starts(key, organ) || !sm_str_starts(held, organ))
        return false;
    sm_str said = sm_str_sub(key, organ.n, key.n), whole = sm_str_sub(held, organ.n, held.n);
    sm_str rest = sm_str_sub(whole, 0, whole.n - (said.n < whole.n ? said.n : whole.n));
    return sm_str_ends(whole, said) &&
           (sm_organ_may_lack(rest) || sm_organ_ends_place(sm_str_sub(said, 0, 3)));
}
