# A draft for people: the type with why, elements with where they are from, the body.
$ printf '#!/bin/sh\nSUNMAO_TODAY=2026-11-23 exec "$SUNMAO" draft --own "$DEMO/registry" "$@"\n' >draft; chmod +x draft; ./draft --organ 市政府办公室 给各区政府发通知，要求10月底前完成老旧电梯排查
文种 通知：各区县人民政府，高新区管委会是下级，描述里说的是通知（“发通知”），要求下级办理（“要求”）。
  或者 通报：各区县人民政府，高新区管委会是下级。
  或者 意见：各区县人民政府，高新区管委会是下级。
发文机关标志：云澜市人民政府办公室文件（名录：名录中的全称）
发文字号：澜政办发〔2026〕（待填：序号）号（名录：机关代字取自名录，序号由办公室编）
标题：云澜市人民政府办公室关于做好老旧电梯排查工作的通知（描述：发文机关、事由和文种；事由取自描述，可以改）
主送机关：各区县人民政府，高新区管委会：（名录：名录中本市有4个区、2个县和高新区管委会，按名录的次序和习惯写法）
发文机关署名：云澜市人民政府办公室（名录：名录中的全称）
成文日期：（待填：成文日期）（待填：签发之日，签发后填）
印发机关和印发日期：云澜市人民政府办公室|（待填：印发日期）印发（名录：名录中的办公室；日期为送印日期）
正文：
  为了（待填：目的），根据（待填：依据），现就做好老旧电梯排查工作有关事项通知如下：
  一、工作任务
  10月底前完成老旧电梯排查。
  二、工作要求
  （待填：责任分工和保障措施）
  三、报送和联系
  （待填：报送的内容、时间和联系人）

# As a file: the notation, and a DOCX that reviews without anything but its blanks.
$ ./draft --organ 江北区政府 --out a.txt 防汛物资不够，请求市政府拨付应急资金500万元 >/dev/null 2>err.txt; cat err.txt a.txt
a.txt：草稿已写好，待填的地方用“（待填：…）”标明
@form document
@mark 江北区人民政府文件
@number 北政报〔2026〕（待填：序号）号
@signer 签发人：顾明哲
@title 江北区人民政府关于拨付应急资金的请示
@to 市政府：
@p 为了（待填：目的），现就拨付应急资金有关事项请示如下：
@h1 一、基本情况
@p 防汛物资不够。
@h1 二、请示的理由
@p （待填：依据、必要性和可行性）
@h1 三、请示的事项
@p 恳请拨付应急资金500万元。
@p 妥否，请批示。
@sign 江北区人民政府
@date （待填：成文日期）
@remark （待填：联系人的姓名和电话）
@printer 江北区人民政府办公室|（待填：印发日期）印发

$ ./draft --organ 市民政局 --out a.docx 商请市财政局尽快核拨今年高龄津贴市级补助资金 >/dev/null 2>&1; "$SUNMAO" review --own "$DEMO/registry" a.docx | grep -c '（待填：'; "$SUNMAO" review --own "$DEMO/registry" a.docx | grep '^  ' | grep -vc '（待填：'
~[1-9][0-9]*
0
? 1

# As JSON.
$ ./draft --json --organ 市民政局 商请市财政局尽快核拨今年高龄津贴市级补助资金 | $PICK clear kind form direction elements.0.text elements.0.source elements.0.locked by_model
true 函 letter level 云澜市民政局 registry true false

# What is not clear is asked about; nothing is written.
$ ./draft --organ 市民政局 --out none.docx 关于养老服务的事情; code=$?; test ! -e none.docx && exit $code
还看不出该用哪种公文，请说明：是要下级或者有关单位去办、去知道用通知；只让上级知道情况、不要它答复用报告；要上级批准、答复或者解决用请示。
  通知：发布、传达要求下级机关执行和有关单位周知或者执行的事项，批转、转发公文用通知。
  报告：向上级机关汇报工作、反映情况、回复上级机关的询问用报告。
  请示：向上级机关请求指示、批准用请示。
? 1

# A type that is given is taken, and what speaks against it told.
$ ./draft --kind 报告 --organ 江北区民政局 我局经费缺口80万元，恳请区政府解决 | grep -E '^(文种|注意)'
文种 报告：按指定的文种。
注意：指定的文种是报告，但报告里不得夹带请示事项

# Options stand as they are given.
$ ./draft --json --kind 通知 --organ 市政府办公室 --to 市民政局、市财政局 --number 澜政办发〔2026〕12号 --date 2026-11-24 --attach 任务表、联系表 做好冬季救助 >o.json; $PICK elements.1.text elements.3.text elements.4.text attached.1 <o.json
澜政办发〔2026〕12号 市民政局、市财政局： 附件：1. 任务表
2. 联系表 联系表

$ ./draft --date 明天 发通知 2>&1
sunmao: --date 的日期“明天”不是 YYYY-MM-DD 的形式 [E_INVALID]
? 2

$ ./draft --kind 方案 发通知 2>&1
sunmao: 没有“方案”这种公文 [E_INVALID]
? 2

$ ./draft 2>&1
sunmao: 用一句话说要发什么，放在引号里；例：sunmao draft "给各区政府发通知，要求10月底前完成老旧电梯排查" [E_INVALID]
? 2

$ ./draft --own nowhere 发通知 2>&1
sunmao: 没有文件夹 nowhere [E_NOTFOUND]
? 3
