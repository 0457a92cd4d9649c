# The program without a data directory: help, version, and what it says to a wrong command line.
$ "$SUNMAO" help >help.txt; "$SUNMAO" --help | cmp - help.txt && cat help.txt
榫卯 sunmao 0.1.0：用日常的话问，得到对的事项和有出处的回答

用法：sunmao 命令 [选项]

命令：
  init       建立数据目录，设定本市的区县
  import     导入事项、政策、法规（再导一次只收有变化的）
  corpus     语料治理：检查、清单、查看
  search     查找事项、政策条款、法规条文
  ask        提问；不给问题就进入连续对话
  train      从“问法→事项”里学，不差于现在的才换上
  eval       在评测集上量一量各项指标
  serve      启动服务：问答页面、工作人员页面、接口
  user       账号：工作人员的角色、密码、停用
  model      模型：登记、探测、评测、投入生产、别名和灰度、撤回
  department 部门：算力的权重和限额
  key        密钥：给应用调用模型用，属于一个部门
  ledger     台账：查看、核验、记反馈、依法删除个人文字
  backup     备份数据目录（使用中也可以）
  restore    从备份恢复到一个空目录
  verify     核验数据库、条款摘要、台账链条和索引
  ground     核对一句话有没有依据
  doctor     检查：目录、引擎、模型文件、密钥，列出会连接的地址
  review     审核公文：错在哪里、依据什么、怎么改
  draft      起草公文：定文种、填要素、搭正文
  version    显示版本

公共选项：
  --data DIR     数据目录（默认取环境变量 SUNMAO_DATA_DIR，再默认 ./sunmao-data）
  --json         用 JSON 输出
  --as-of 日期   把这一天当作今天（YYYY-MM-DD；也可用环境变量 SUNMAO_TODAY）
  --help         显示某个命令的说明

例：sunmao ask --data demo-data 身份证丢了怎么补

$ "$SUNMAO" version; "$SUNMAO" --version; "$SUNMAO" version --json | $PICK version
sunmao 0.1.0
sunmao 0.1.0
0.1.0

# Without a command, the help goes to standard error.
$ "$SUNMAO"
? 2

$ "$SUNMAO" 2>&1 | cmp - help.txt

$ "$SUNMAO" frobnicate 2>&1
sunmao: 没有“frobnicate”这个命令；用 sunmao --help 看有哪些
? 2

# Every command tells its own usage, and no two the same.
$ for c in init import corpus search ask train eval serve ledger user model department key backup restore verify ground doctor review draft; do
>   "$SUNMAO" $c --help >$c.txt && head -n 1 $c.txt | sed "s/：.*//" && grep -q 用法 $c.txt && tail -n 1 $c.txt
> done | sort | uniq -c | sed 's/^ *//'
1 sunmao ask
1 sunmao backup
1 sunmao corpus
1 sunmao department
1 sunmao doctor
1 sunmao draft
1 sunmao eval
1 sunmao ground
1 sunmao import
1 sunmao init
1 sunmao key
1 sunmao ledger
1 sunmao model
1 sunmao restore
1 sunmao review
1 sunmao search
1 sunmao serve
1 sunmao train
1 sunmao user
1 sunmao verify
20 公共选项：--data DIR、--json、--as-of YYYY-MM-DD、--help

$ "$SUNMAO" ask --frob 2>&1
sunmao: 不认识选项 --frob；用 sunmao ask --help 看说明 [E_INVALID]
? 2

$ "$SUNMAO" search --strict 户口 2>&1
sunmao: 不认识选项 --strict；用 sunmao search --help 看说明 [E_INVALID]
? 2

$ "$SUNMAO" ask --data 2>&1
sunmao: 选项 --data 后面要有值 [E_INVALID]
? 2

$ "$SUNMAO" ask --as-of 2026-02-30 户口 2>&1
sunmao: --as-of 的日期“2026-02-30”不是 YYYY-MM-DD 的形式 [E_INVALID]
? 2

# With --json an error is one JSON object, still on standard error.
$ "$SUNMAO" search --data none --json 户口 2>err.txt; code=$?; $PICK error.code <err.txt; exit $code
E_NOTFOUND
? 3

$ "$SUNMAO" import --kind vegetable items.jsonl 2>&1
sunmao: --kind 应当是 item（事项）、policy（政策）或 law（法规） [E_INVALID]
? 2

$ "$SUNMAO" import --kind item 2>&1
sunmao: 要导入哪些文件？例：sunmao import --kind item items.jsonl [E_INVALID]
? 2

$ "$SUNMAO" search --data "$D" --top 1001 户口 2>&1
sunmao: “1001”应当是 1 到 1000 之间的整数 [E_INVALID]
? 2

$ "$SUNMAO" search --data "$D" --top 3x 户口 2>&1
sunmao: “3x”应当是 1 到 1000 之间的整数 [E_INVALID]
? 2

# A full disk is told and is no success.
$ "$SUNMAO" corpus list --data "$D" --kind item 2>&1 >/dev/full
sunmao: 写不出结果：输出已关闭或磁盘已满 [E_LIMIT]
? 6
