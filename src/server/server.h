/*
 * server/server.h - the HTTP face of one data directory: the citizen's API and page, the staff's
 * desk, the keeper's, auditor's and administrator's calls.  docs/serving.md describes it in words,
 * share/openapi.json for programs.
 *
 * Rests on http and sunmao.  Everything written to record.db while serving goes through one
 * recorder thread, which commits what has come in together; a caller is answered after the commit.
 */
#ifndef SM_SERVER_SERVER_H
#define SM_SERVER_SERVER_H

#include "sunmao/sunmao.h"

/* section, name, kind, what it is without a word, what it is for */
#define SM_SETTING_TABLE(X)                                                                       \
    X(server, data, TEXT, "", "数据目录")                                                         \
    X(server, listen, TEXT, "127.0.0.1:8750",                                                     \
      "监听地址：127.0.0.1:8750、[::1]:8750 或 unix:/路径")                                       \
    X(server, web, TEXT, "", "网页文件夹；空：随程序安装的")                                      \
    X(server, trust_proxy, BOOL, "no", "前面有反向代理：信它的 X-Forwarded-For")                  \
    X(server, threads, NUMBER, "0", "读写线程数；0：与处理器核数相同")                            \
    X(server, workers, NUMBER, "2", "慢请求的线程数")                                             \
    X(server, frame_ancestors, TEXT, "'self'", "允许嵌入问答页面的网站（CSP frame-ancestors）")   \
    X(server, metrics, TEXT, "", "可以读 /metrics 的地址或网段，逗号分隔；本机总可以")            \
    X(limits, connections, NUMBER, "4096", "同时的连接数")                                        \
    X(limits, connections_per_address, NUMBER, "0", "每个地址的连接数；0：不限")                  \
    X(limits, rate, BOOL, "yes", "是否限制每个地址的请求频率")                                    \
    X(limits, asks_per_minute, NUMBER, "30", "每个地址每分钟的提问")                              \
    X(limits, reads_per_minute, NUMBER, "600", "每个地址每分钟的查看")                            \
    X(limits, logins_per_minute, NUMBER, "10", "每个地址每分钟的登录")                            \
    X(limits, streams_per_conversation, NUMBER, "4", "每个会话同时打开的页面")                    \
    X(guide, wording, TEXT, "auto",                                                               \
      "由模型把答复改写得简短好懂：auto（内容多时）、all（每个答复）或 off（从不）")              \
    X(guide, model, TEXT, "chat-default", "改写用的模型别名；没有这个别名就不改写")               \
    X(guide, voter, TEXT, "", "对拿不准的句子再核对一次的模型别名；空：不用模型核对，只凭规则")   \
    X(guide, first_s, NUMBER, "10", "模型的第一个字最多等几秒，超过就给原来的答复")               \
    X(guide, deadline_s, NUMBER, "40", "改写总共最多几秒")                                        \
    X(guide, cache_mb, NUMBER, "64", "改写好的答复最多用多少 MB 内存存着；0：不存")               \
    X(guide, trace_days, NUMBER, "90", "答复的经过保存多少天；0：不保存")                         \
    X(review, days, NUMBER, "30", "审核过的文件保存多少天，至少 1 天；意见和结论留下")            \
    X(review, convert, BOOL, "no", "旧版 .doc、.wps 是否先由本机的 LibreOffice 转成 DOCX 再审核") \
    X(review, model_, TEXT, "", "审核公文时再请模型看一遍的模型别名；空：不用模型")               \
    X(review, model_s, NUMBER, "60", "模型看公文的一部分最多几秒")                                \
    X(draft, model__, TEXT, "", "起草公文时写正文的模型别名；空：不用模型，只搭提纲")             \
    X(models, engine, TEXT, "", "本地模型的引擎程序；空：随程序安装的 sunmao-engine")             \
    X(models, engine_gb, NUMBER, "0", "每个引擎自己最多用多少 GB 内存，不算模型文件；0：不限")    \
    X(models, ca, TEXT, "", "远程模型服务的 CA 证书文件；空：系统的")                             \
    X(models, first_byte_s, NUMBER, "120", "流式回答的第一个字最多等多久")                        \
    X(models, idle_s, NUMBER, "60", "流式回答中途最多停多久")                                     \
    X(models, answer_s, NUMBER, "900", "一个回答总共最多多久")                                    \
    X(models, health_s, NUMBER, "10", "每隔多久查看一次模型服务是否正常")                         \
    X(models, answer_mb, NUMBER, "64", "一个回答最多多大")                                        \
    X(models, slots, NUMBER, "256", "远程模型服务没有说明时，同时给它多少个请求")                 \
    X(models, citizen_queue, NUMBER, "2000", "群众办事的请求最多排多少个；0：默认")               \
    X(models, citizen_wait_s, NUMBER, "60", "群众办事的请求最多等多少秒；0：默认")                \
    X(models, staff_queue, NUMBER, "2000", "工作人员的请求最多排多少个")                          \
    X(models, staff_wait_s, NUMBER, "120", "工作人员的请求最多等多少秒")                          \
    X(models, batch_queue, NUMBER, "100000", "批量任务最多排多少个")                              \
    X(models, batch_wait_s, NUMBER, "86400", "批量任务最多等多少秒")                              \
    X(models, batch_yields, BOOL, "yes", "有人等着时，正在算的批量任务让出来，过后重来")          \
    X(models, strict_budgets, BOOL, "no", "限额按请求的最大词元数预留，一点不超")                 \
    X(site, city, TEXT, "", "城市名；空：地区表的第一行")                                         \
    X(site, title, TEXT, "政务服务问答", "页面标题")                                              \
    X(site, sponsor, TEXT, "", "主办单位")                                                        \
    X(site, operator_, TEXT, "", "承办单位")                                                      \
    X(site, hotline, TEXT, "12345", "服务热线")                                                   \
    X(site, phone, TEXT, "", "人工咨询电话")                                                      \
    X(site, contact, TEXT, "", "联系方式")                                                        \
    X(site, icp, TEXT, "", "ICP 备案号")                                                          \
    X(site, police, TEXT, "", "公安备案号")                                                       \
    X(site, site_code, TEXT, "", "网站标识码")                                                    \
    X(site, examples, TEXT, "身份证丢了怎么补；新生儿怎么上户口；租房怎么提取公积金",             \
      "首页的例子，分号隔开")                                                                     \
    X(site, office_hours, TEXT, "1-5 9:00-12:00 13:30-17:00",                                     \
      "人工服务时间；节假日写日期：1-5 9:00-17:00; 2026-10-01 2026-10-02")                        \
    X(site, departments, TEXT, "", "转办可选的部门，分号隔开；空：有事项的部门")                  \
    X(site, demo, BOOL, "no", "演示：页面上说明城市是虚构的")

typedef struct sm_settings {
#define SM_SETTING_TEXT                                        const char *
#define SM_SETTING_NUMBER                                      unsigned
#define SM_SETTING_BOOL                                        bool
#define SM_SETTING_FIELD(section, name, kind, otherwise, what) SM_SETTING_##kind name;
    SM_SETTING_TABLE(SM_SETTING_FIELD)
#undef SM_SETTING_FIELD
} sm_settings;

void sm_settings_init(sm_settings *s);
/* An INI file over what is there; E_INVALID names file, line and what may stand there. */
sm_rc sm_settings_read(sm_op *op, const char *path, sm_settings *s);
/* One setting by "section.name", as it would stand in the file. */
sm_rc sm_settings_set(sm_op *op, sm_settings *s, sm_str section, sm_str name, sm_str value);
/* The file that would give these settings, with what each is for. */
void sm_settings_print(const sm_settings *s, FILE *to);

typedef struct sm_server sm_server;

/* Serves until closed.  `s` must outlive it, and so must the settings.  log gets one JSON line per
 * failed request; NULL for none. */
sm_rc sm_server_open(sm_op *op, sm_sunmao *s, const sm_settings *settings, FILE *log,
                     sm_server **out);
void sm_server_close(sm_server *sv); /* NULL is fine */
const char *sm_server_address(const sm_server *sv);

/* The first start: makes the account "admin" with a random password when there is no account yet;
 * *password is "" otherwise. */
sm_rc sm_server_first_account(sm_op *op, sm_sunmao *s, sm_str *password);

#endif
