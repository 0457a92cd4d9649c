/*
 * Organs as they are called: stems that 局, 厅 or 委员会 follow, and names of their own kind, each
 * with its customary short forms.
 */
#include "text/organ.h"

#include "text/text.h"

#include <string.h>

#define W(word)                \
    {                          \
        word, sizeof(word) - 1 \
    }

/* What stands before 局, 厅, 委, 部: short, written out. */
static const struct stem {
    sm_str text;
    const char *full;
} stems[] = {
    { W("人社"), "人力资源和社会保障" },
    { W("人力社保"), "人力资源和社会保障" },
    { W("人力资源社会保障"), "人力资源和社会保障" },
    { W("人力资源和社会保障"), NULL },
    { W("住建"), "住房和城乡建设" },
    { W("住房城乡建设"), "住房和城乡建设" },
    { W("住房和城乡建设"), NULL },
    { W("城乡建设"), NULL },
    { W("市场监管"), "市场监督管理" },
    { W("市监"), "市场监督管理" },
    { W("市场监督管理"), NULL },
    { W("卫健"), "卫生健康" },
    { W("卫生健康"), NULL },
    { W("卫生和计划生育"), NULL },
    { W("卫计"), "卫生和计划生育" },
    { W("发改"), "发展和改革" },
    { W("发展改革"), "发展和改革" },
    { W("发展和改革"), NULL },
    { W("自规"), "自然资源和规划" },
    { W("资规"), "自然资源和规划" },
    { W("自然资源规划"), "自然资源和规划" },
    { W("自然资源和规划"), NULL },
    { W("自然资源"), NULL },
    { W("文旅"), "文化和旅游" },
    { W("文化旅游"), "文化和旅游" },
    { W("文化和旅游"), NULL },
    { W("文广旅"), "文化广电和旅游" },
    { W("文广旅体"), "文化广电旅游体育" },
    { W("文化广电和旅游"), NULL },
    { W("文化广电旅游"), "文化广电和旅游" },
    { W("文化广电旅游体育"), NULL },
    { W("医保"), "医疗保障" },
    { W("医疗保障"), NULL },
    { W("工信"), "工业和信息化" },
    { W("工业信息化"), "工业和信息化" },
    { W("工业和信息化"), NULL },
    { W("经信"), "经济和信息化" },
    { W("经济和信息化"), NULL },
    { W("民宗"), "民族宗教事务" },
    { W("民族宗教"), "民族宗教事务" },
    { W("民族宗教事务"), NULL },
    { W("科技"), "科学技术" },
    { W("科学技术"), NULL },
    { W("退役军人"), "退役军人事务" },
    { W("退役军人事务"), NULL },
    { W("应急"), "应急管理" },
    { W("应急管理"), NULL },
    { W("城管"), "城市管理" },
    { W("城市管理"), NULL },
    { W("城管执法"), "城市管理综合行政执法" },
    { W("城市管理综合行政执法"), NULL },
    { W("综合行政执法"), NULL },
    { W("综合执法"), "综合行政执法" },
    { W("城市管理行政执法"), NULL },
    { W("交通"), "交通运输" },
    { W("交运"), "交通运输" },
    { W("交通运输"), NULL },
    { W("政务服务"), "政务服务管理" },
    { W("政务服务管理"), NULL },
    { W("政务服务和数据管理"), NULL },
    { W("政务服务数据管理"), NULL },
    { W("行政审批"), NULL },
    { W("行政审批服务"), NULL },
    { W("审批服务"), "行政审批服务" },
    { W("国资"), "国有资产监督管理" },
    { W("国有资产监督管理"), NULL },
    { W("金融监管"), "金融监督管理" },
    { W("金融监督管理"), NULL },
    { W("地方金融监管"), "地方金融监督管理" },
    { W("地方金融监督管理"), NULL },
    { W("药监"), "药品监督管理" },
    { W("药品监管"), "药品监督管理" },
    { W("药品监督管理"), NULL },
    { W("食药监"), "食品药品监督管理" },
    { W("食品药品监督管理"), NULL },
    { W("环保"), "环境保护" },
    { W("环境保护"), NULL },
    { W("生态环境"), NULL },
    { W("工商"), "工商行政管理" },
    { W("工商行政管理"), NULL },
    { W("物价"), NULL },
    { W("人事"), NULL },
    { W("公安"), NULL },
    { W("民政"), NULL },
    { W("司法"), NULL },
    { W("财政"), NULL },
    { W("教育"), NULL },
    { W("教体"), "教育体育" },
    { W("教育体育"), NULL },
    { W("教育和体育"), "教育体育" },
    { W("水利"), NULL },
    { W("水务"), NULL },
    { W("农业农村"), NULL },
    { W("农业"), NULL },
    { W("商务"), NULL },
    { W("审计"), NULL },
    { W("统计"), NULL },
    { W("信访"), NULL },
    { W("税务"), NULL },
    { W("气象"), NULL },
    { W("林业"), NULL },
    { W("林草"), "林业和草原" },
    { W("林业和草原"), NULL },
    { W("园林"), "园林绿化" },
    { W("园林绿化"), NULL },
    { W("园林和林业"), NULL },
    { W("体育"), NULL },
    { W("知识产权"), NULL },
    { W("烟草"), "烟草专卖" },
    { W("烟草专卖"), NULL },
    { W("邮政管理"), NULL },
    { W("邮政"), NULL },
    { W("出入境管理"), NULL },
    { W("出入境"), "出入境管理" },
    { W("档案"), NULL },
    { W("粮食和物资储备"), NULL },
    { W("粮食"), NULL },
    { W("数据"), NULL },
    { W("大数据"), NULL },
    { W("大数据管理"), NULL },
    { W("数据管理"), NULL },
    { W("医药管理"), NULL },
    { W("中医药管理"), NULL },
    { W("机关事务管理"), NULL },
    { W("机关事务"), "机关事务管理" },
    { W("外事"), NULL },
    { W("投资促进"), NULL },
    { W("社会保险"), NULL },
    { W("社保"), "社会保险" },
    { W("社会保险基金管理"), NULL },
    { W("社会保险事业管理"), NULL },
    { W("房产"), NULL },
    { W("房产管理"), NULL },
    { W("房屋管理"), NULL },
    { W("房管"), "房屋管理" },
    { W("规划"), NULL },
    { W("规划和自然资源"), NULL },
    { W("规资"), "规划和自然资源" },
    { W("国土资源"), NULL },
    { W("市政"), NULL },
    { W("人防"), "人民防空" },
    { W("人民防空"), NULL },
    { W("消防"), NULL },
    { W("移民管理"), NULL },
    { W("疾控"), "疾病预防控制" },
    { W("疾病预防控制"), NULL },
    { W("海事"), NULL },
    { W("铁路"), NULL },
    { W("公路"), NULL },
    { W("新闻出版"), NULL },
    { W("广播电视"), NULL },
    { W("广电"), "广播电视" },
    { W("文物"), NULL },
    { W("电影"), NULL },
    { W("版权"), NULL },
    { W("乡村振兴"), NULL },
    { W("供销"), NULL },
    { W("畜牧"), NULL },
    { W("渔业"), NULL },
    { W("海洋"), NULL },
    { W("能源"), NULL },
    { W("人才工作"), NULL },
};

/* What follows a stem, and how it is written out. */
static const struct stem tails[] = {
    { W("局"), NULL },     { W("厅"), NULL },     { W("委员会"), NULL },
    { W("委"), "委员会" }, { W("部"), NULL },     { W("总局"), NULL },
    { W("分局"), NULL },   { W("办公室"), NULL }, { W("办"), "办公室" },
};

/* Names of their own kind. */
static const struct body {
    sm_str text;
    const char *full;
    sm_organ_named named;
} bodies[] = {
    { W("住房公积金管理中心"), NULL, SM_ORGAN_ALONE },
    { W("公积金管理中心"), "住房公积金管理中心", SM_ORGAN_ALONE },
    { W("住房公积金中心"), "住房公积金管理中心", SM_ORGAN_ALONE },
    { W("公积金中心"), "住房公积金管理中心", SM_ORGAN_ALONE },
    { W("不动产登记中心"), NULL, SM_ORGAN_ALONE },
    { W("不动产登记事务中心"), NULL, SM_ORGAN_ALONE },
    { W("不动产登记交易中心"), NULL, SM_ORGAN_ALONE },
    { W("不动产中心"), "不动产登记中心", SM_ORGAN_ALONE },
    { W("政务服务中心"), NULL, SM_ORGAN_MAY },
    { W("政务中心"), "政务服务中心", SM_ORGAN_MAY },
    { W("行政服务中心"), NULL, SM_ORGAN_MAY },
    { W("政务服务大厅"), NULL, SM_ORGAN_MAY },
    { W("政务大厅"), "政务服务大厅", SM_ORGAN_MAY },
    { W("办事大厅"), NULL, SM_ORGAN_MAY },
    { W("办税服务厅"), NULL, SM_ORGAN_MAY },
    { W("办税大厅"), "办税服务厅", SM_ORGAN_MAY },
    { W("办税厅"), "办税服务厅", SM_ORGAN_MAY },
    { W("便民服务中心"), NULL, SM_ORGAN_MAY },
    { W("便民中心"), "便民服务中心", SM_ORGAN_MAY },
    { W("便民服务站"), NULL, SM_ORGAN_MAY },
    { W("党群服务中心"), NULL, SM_ORGAN_MAY },
    { W("社会保险服务中心"), NULL, SM_ORGAN_ALONE },
    { W("社会保险事业管理中心"), NULL, SM_ORGAN_ALONE },
    { W("社会保险经办中心"), NULL, SM_ORGAN_ALONE },
    { W("社会保险事业中心"), NULL, SM_ORGAN_ALONE },
    { W("社会保险中心"), NULL, SM_ORGAN_ALONE },
    { W("社保中心"), "社会保险中心", SM_ORGAN_ALONE },
    { W("医疗保障事业管理中心"), NULL, SM_ORGAN_ALONE },
    { W("医疗保障服务中心"), NULL, SM_ORGAN_ALONE },
    { W("医疗保障中心"), NULL, SM_ORGAN_ALONE },
    { W("医保中心"), "医疗保障中心", SM_ORGAN_ALONE },
    { W("公共就业服务中心"), NULL, SM_ORGAN_ALONE },
    { W("就业服务中心"), NULL, SM_ORGAN_ALONE },
    { W("就业中心"), "就业服务中心", SM_ORGAN_ALONE },
    { W("人才服务中心"), NULL, SM_ORGAN_ALONE },
    { W("人才交流中心"), NULL, SM_ORGAN_ALONE },
    { W("人才中心"), "人才服务中心", SM_ORGAN_ALONE },
    { W("妇幼保健院"), NULL, SM_ORGAN_MAY },
    { W("疾病预防控制中心"), NULL, SM_ORGAN_ALONE },
    { W("疾控中心"), "疾病预防控制中心", SM_ORGAN_ALONE },
    { W("救助管理站"), NULL, SM_ORGAN_ALONE },
    { W("救助站"), "救助管理站", SM_ORGAN_ALONE },
    { W("社区服务中心"), NULL, SM_ORGAN_MAY },
    { W("社区卫生服务中心"), NULL, SM_ORGAN_MAY },
    { W("政务服务便民热线中心"), NULL, SM_ORGAN_ALONE },
    { W("车辆管理所"), NULL, SM_ORGAN_ALONE },
    { W("车管所"), "车辆管理所", SM_ORGAN_ALONE },
    { W("交通警察支队"), NULL, SM_ORGAN_ALONE },
    { W("交警支队"), "交通警察支队", SM_ORGAN_ALONE },
    { W("交通警察大队"), NULL, SM_ORGAN_ALONE },
    { W("交警大队"), "交通警察大队", SM_ORGAN_ALONE },
    { W("交通警察总队"), NULL, SM_ORGAN_ALONE },
    { W("交警总队"), "交通警察总队", SM_ORGAN_ALONE },
    { W("消防救援支队"), NULL, SM_ORGAN_ALONE },
    { W("消防支队"), "消防救援支队", SM_ORGAN_ALONE },
    { W("消防救援大队"), NULL, SM_ORGAN_ALONE },
    { W("消防大队"), "消防救援大队", SM_ORGAN_ALONE },
    { W("消防救援站"), NULL, SM_ORGAN_ALONE },
    { W("劳动监察大队"), NULL, SM_ORGAN_ALONE },
    { W("劳动保障监察大队"), NULL, SM_ORGAN_ALONE },
    { W("劳动保障监察支队"), NULL, SM_ORGAN_ALONE },
    { W("派出所"), NULL, SM_ORGAN_MAY },
    { W("公安派出所"), "派出所", SM_ORGAN_MAY },
    { W("司法所"), NULL, SM_ORGAN_MAY },
    { W("税务所"), NULL, SM_ORGAN_MAY },
    { W("市场监管所"), "市场监督管理所", SM_ORGAN_MAY },
    { W("市场监督管理所"), NULL, SM_ORGAN_MAY },
    { W("自然资源所"), NULL, SM_ORGAN_MAY },
    { W("律师事务所"), NULL, SM_ORGAN_MAY },
    { W("街道办事处"), NULL, SM_ORGAN_MAY },
    { W("街道办"), "街道办事处", SM_ORGAN_MAY },
    { W("街道"), NULL, SM_ORGAN_NAMED },
    { W("村民委员会"), NULL, SM_ORGAN_MAY },
    { W("村委会"), "村民委员会", SM_ORGAN_MAY },
    { W("居民委员会"), NULL, SM_ORGAN_MAY },
    { W("居委会"), "居民委员会", SM_ORGAN_MAY },
    { W("社区居委会"), "社区居民委员会", SM_ORGAN_MAY },
    { W("社区居民委员会"), NULL, SM_ORGAN_MAY },
    { W("管理委员会"), NULL, SM_ORGAN_MAY },
    { W("管委会"), "管理委员会", SM_ORGAN_MAY },
    { W("残疾人联合会"), NULL, SM_ORGAN_ALONE },
    { W("残联"), "残疾人联合会", SM_ORGAN_ALONE },
    { W("妇女联合会"), NULL, SM_ORGAN_ALONE },
    { W("妇联"), "妇女联合会", SM_ORGAN_ALONE },
    { W("工商业联合会"), NULL, SM_ORGAN_ALONE },
    { W("工商联"), "工商业联合会", SM_ORGAN_ALONE },
    { W("总工会"), NULL, SM_ORGAN_ALONE },
    { W("红十字会"), NULL, SM_ORGAN_ALONE },
    { W("慈善总会"), NULL, SM_ORGAN_ALONE },
    { W("劳动能力鉴定委员会"), NULL, SM_ORGAN_ALONE },
    { W("劳鉴委"), "劳动能力鉴定委员会", SM_ORGAN_ALONE },
    { W("劳动人事争议仲裁委员会"), NULL, SM_ORGAN_ALONE },
    { W("劳动人事争议仲裁委"), "劳动人事争议仲裁委员会", SM_ORGAN_ALONE },
    { W("劳动仲裁委员会"), "劳动人事争议仲裁委员会", SM_ORGAN_ALONE },
    { W("劳动仲裁委"), "劳动人事争议仲裁委员会", SM_ORGAN_ALONE },
    { W("劳动人事争议仲裁院"), NULL, SM_ORGAN_ALONE },
    { W("仲裁委员会"), NULL, SM_ORGAN_ALONE },
    { W("仲裁委"), "仲裁委员会", SM_ORGAN_ALONE },
    { W("纪律检查委员会"), NULL, SM_ORGAN_ALONE },
    { W("纪委"), "纪律检查委员会", SM_ORGAN_ALONE },
    { W("监察委员会"), NULL, SM_ORGAN_ALONE },
    { W("监委"), "监察委员会", SM_ORGAN_ALONE },
    { W("机构编制委员会办公室"), NULL, SM_ORGAN_ALONE },
    { W("编办"), "机构编制委员会办公室", SM_ORGAN_ALONE },
    { W("业主委员会"), NULL, SM_ORGAN_ALONE },
    { W("业委会"), "业主委员会", SM_ORGAN_ALONE },
    { W("人民代表大会常务委员会"), NULL, SM_ORGAN_ALONE },
    { W("人大常委会"), "人民代表大会常务委员会", SM_ORGAN_ALONE },
    { W("组织部"), NULL, SM_ORGAN_ALONE },
    { W("宣传部"), NULL, SM_ORGAN_ALONE },
    { W("统战部"), NULL, SM_ORGAN_ALONE },
    { W("政法委"), "政法委员会", SM_ORGAN_ALONE },
    { W("政法委员会"), NULL, SM_ORGAN_ALONE },
    { W("人民政府办公室"), NULL, SM_ORGAN_ALONE },
    { W("政府办公室"), "人民政府办公室", SM_ORGAN_ALONE },
    { W("政府办"), "人民政府办公室", SM_ORGAN_ALONE },
    { W("人民政府"), NULL, SM_ORGAN_MAY },
    { W("国务院"), NULL, SM_ORGAN_ALONE },
    { W("国务院办公厅"), NULL, SM_ORGAN_ALONE },
    { W("人民法院"), NULL, SM_ORGAN_MAY },
    { W("法院"), "人民法院", SM_ORGAN_MAY },
    { W("最高人民法院"), NULL, SM_ORGAN_ALONE },
    { W("最高法院"), "最高人民法院", SM_ORGAN_ALONE },
    { W("高级人民法院"), NULL, SM_ORGAN_ALONE },
    { W("高院"), "高级人民法院", SM_ORGAN_ALONE },
    { W("中级人民法院"), NULL, SM_ORGAN_ALONE },
    { W("中院"), "中级人民法院", SM_ORGAN_ALONE },
    { W("人民检察院"), NULL, SM_ORGAN_MAY },
    { W("检察院"), "人民检察院", SM_ORGAN_MAY },
    { W("最高人民检察院"), NULL, SM_ORGAN_ALONE },
    { W("公证处"), NULL, SM_ORGAN_MAY },
    { W("婚姻登记处"), NULL, SM_ORGAN_MAY },
    { W("婚姻登记中心"), NULL, SM_ORGAN_MAY },
    { W("婚姻登记机关"), NULL, SM_ORGAN_ALONE },
    { W("人民医院"), NULL, SM_ORGAN_MAY },
    { W("中医医院"), NULL, SM_ORGAN_MAY },
    { W("中医院"), "中医医院", SM_ORGAN_MAY },
    { W("中心医院"), NULL, SM_ORGAN_MAY },
    { W("儿童医院"), NULL, SM_ORGAN_MAY },
    { W("附属医院"), NULL, SM_ORGAN_MAY },
    { W("卫生院"), NULL, SM_ORGAN_MAY },
    { W("档案馆"), NULL, SM_ORGAN_ALONE },
    { W("邮局"), NULL, SM_ORGAN_ALONE },
    { W("供电公司"), NULL, SM_ORGAN_ALONE },
    { W("供电局"), NULL, SM_ORGAN_ALONE },
    { W("自来水公司"), NULL, SM_ORGAN_ALONE },
    { W("燃气公司"), NULL, SM_ORGAN_ALONE },
    { W("工商银行"), NULL, SM_ORGAN_ALONE },
    { W("工行"), "工商银行", SM_ORGAN_ALONE },
    { W("建设银行"), NULL, SM_ORGAN_ALONE },
    { W("建行"), "建设银行", SM_ORGAN_ALONE },
    { W("农业银行"), NULL, SM_ORGAN_ALONE },
    { W("农行"), "农业银行", SM_ORGAN_ALONE },
    { W("中国银行"), NULL, SM_ORGAN_ALONE },
    { W("中国人民银行"), NULL, SM_ORGAN_ALONE },
    { W("人民银行"), "中国人民银行", SM_ORGAN_ALONE },
    { W("交通银行"), NULL, SM_ORGAN_ALONE },
    { W("招商银行"), NULL, SM_ORGAN_ALONE },
    { W("邮政储蓄银行"), NULL, SM_ORGAN_ALONE },
    { W("邮储银行"), "邮政储蓄银行", SM_ORGAN_ALONE },
    { W("农村商业银行"), NULL, SM_ORGAN_ALONE },
    { W("农商银行"), "农村商业银行", SM_ORGAN_ALONE },
    { W("农商行"), "农村商业银行", SM_ORGAN_ALONE },
    { W("信用社"), NULL, SM_ORGAN_MAY },
    { W("海关"), NULL, SM_ORGAN_MAY },
    /* of many kinds, told by what stands before */
    { W("分局"), NULL, SM_ORGAN_NAMED },
    { W("管理局"), NULL, SM_ORGAN_NAMED },
    { W("监督局"), NULL, SM_ORGAN_NAMED },
    { W("事务局"), NULL, SM_ORGAN_NAMED },
    { W("服务局"), NULL, SM_ORGAN_NAMED },
    { W("执法局"), NULL, SM_ORGAN_NAMED },
    { W("促进局"), NULL, SM_ORGAN_NAMED },
    { W("保护局"), NULL, SM_ORGAN_NAMED },
    { W("环境局"), NULL, SM_ORGAN_NAMED },
    { W("发展局"), NULL, SM_ORGAN_NAMED },
    { W("稽查局"), NULL, SM_ORGAN_NAMED },
    { W("合作局"), NULL, SM_ORGAN_NAMED },
    { W("建设局"), NULL, SM_ORGAN_NAMED },
    { W("动员办公室"), NULL, SM_ORGAN_NAMED },
    { W("管理处"), NULL, SM_ORGAN_NAMED },
    { W("管理站"), NULL, SM_ORGAN_NAMED },
    { W("管理所"), NULL, SM_ORGAN_NAMED },
    { W("管理中心"), NULL, SM_ORGAN_NAMED },
    { W("服务中心"), NULL, SM_ORGAN_NAMED },
    { W("指导中心"), NULL, SM_ORGAN_NAMED },
    { W("登记中心"), NULL, SM_ORGAN_NAMED },
    { W("事务中心"), NULL, SM_ORGAN_NAMED },
    { W("救助中心"), NULL, SM_ORGAN_NAMED },
    { W("保障中心"), NULL, SM_ORGAN_NAMED },
    { W("检测中心"), NULL, SM_ORGAN_NAMED },
    { W("交易中心"), NULL, SM_ORGAN_NAMED },
    { W("培训中心"), NULL, SM_ORGAN_NAMED },
    { W("考试中心"), NULL, SM_ORGAN_NAMED },
    { W("鉴定中心"), NULL, SM_ORGAN_NAMED },
    { W("活动中心"), NULL, SM_ORGAN_NAMED },
    { W("执法支队"), NULL, SM_ORGAN_NAMED },
    { W("执法大队"), NULL, SM_ORGAN_NAMED },
    { W("执法队"), NULL, SM_ORGAN_NAMED },
    { W("执法总队"), NULL, SM_ORGAN_NAMED },
    { W("工作站"), NULL, SM_ORGAN_NAMED },
    { W("服务站"), NULL, SM_ORGAN_NAMED },
    { W("研究所"), NULL, SM_ORGAN_NAMED },
    { W("协会"), NULL, SM_ORGAN_NAMED },
    { W("基金会"), NULL, SM_ORGAN_NAMED },
    { W("联合会"), NULL, SM_ORGAN_NAMED },
    { W("商会"), NULL, SM_ORGAN_NAMED },
};

static bool ends_with(sm_str s, sm_str word)
{
    return s.n >= word.n && s.p[s.n - 1] == word.p[word.n - 1] &&
           memcmp(s.p + s.n - word.n, word.p, word.n) == 0;
}

/* The longest stem that s ends with, or NULL. */
static const struct stem *stem_of(sm_str s)
{
    const struct stem *best = NULL;
    for (size_t i = 0; i < SM_LEN(stems); i++)
        if (ends_with(s, stems[i].text) && (!best || stems[i].text.n > best->text.n))
            best = &stems[i];
    return best;
}

static size_t stem_and_tail(sm_arena *a, sm_str s, sm_str *full)
{
    size_t best = 0;
    for (size_t i = 0; i < SM_LEN(tails); i++) {
        const struct stem *tail = &tails[i],
                          *stem = ends_with(s, tail->text)
                                      ? stem_of(sm_str_sub(s, 0, s.n - tail->text.n))
                                      : NULL;
        if (!stem || stem->text.n + tail->text.n <= best)
            continue;
        best = stem->text.n + tail->text.n;
        *full = sm_strf(a, "%s%s", stem->full ? stem->full : stem->text.p,
                        tail->full ? tail->full : tail->text.p);
    }
    return best;
}

size_t sm_organ_body(sm_arena *a, sm_str s, sm_str *full, sm_organ_named *named)
{
    size_t best = stem_and_tail(a, s, full);
    *named = SM_ORGAN_ALONE;
    for (size_t i = 0; i < SM_LEN(bodies); i++)
        if (ends_with(s, bodies[i].text) && bodies[i].text.n > best) {
            best = bodies[i].text.n;
            *full = bodies[i].full ? sm_str_of(bodies[i].full) : bodies[i].text;
            *named = bodies[i].named;
        }
    return best;
}

sm_str sm_organ_written_out(sm_arena *a, sm_str body)
{
    sm_str full = { 0 };
    sm_organ_named named;
    size_t n = sm_organ_body(a, body, &full, &named);
    return n == 0 ? body : sm_strf(a, "%.*s%.*s", (int)(body.n - n), body.p, SM_ARG(full));
}

bool sm_organ_ends_place(sm_str s)
{
    static const char *const last[] = { "市", "区", "县", "省", "州", "旗", "镇", "乡" };
    return sm_str_ends_any(s, last, SM_LEN(last));
}

bool sm_organ_may_lack(sm_str before)
{
    if (sm_str_eq(before, SM_STR("国家")))
        return true;
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
