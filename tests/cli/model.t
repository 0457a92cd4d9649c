# Models in the registry: a file of this machine, a server elsewhere; from test to production and back.
$ "$SUNMAO" model list --data "$D"

$ python3 "$DEMO/../tests/server/model.py" gguf tiny.gguf; "$SUNMAO" model add tiny.gguf --name tiny --data "$D" --parallel 4 --registration-no 浙备-1 | sed "s:$PWD:HERE:"
tiny（测试）
文件：HERE/tiny.gguf
架构：qwen2
量化：Q8_0
~大小：[0-9]+ 字节
~SM3：[0-9a-f]{64}
~SHA-256：[0-9a-f]{64}
上下文：4096 词元
许可：apache-2.0
备案号：浙备-1
能力：还没有探测（sunmao model test）

$ test "$("$SUNMAO" model show tiny --data "$D" --json | $PICK sha256)" = "$(sha256sum <tiny.gguf | cut -c 1-64)" && echo same
same

$ "$SUNMAO" model add tiny.gguf --name tiny --data "$D" 2>&1
sunmao: 已经有叫 tiny 的模型了 [E_CONFLICT]
? 5

$ head -c 100 tiny.gguf >cut.gguf; "$SUNMAO" model add cut.gguf --name cut --data "$D" >/dev/null 2>&1
? 7

$ "$SUNMAO" model add none.gguf --name none --data "$D" >/dev/null 2>&1
? 3

# A server: it needs a key, which comes from a file and is not kept.
$ mkfifo life; (python3 "$DEMO/../tests/server/model.py" serve url "$DEMO/../share/model-eval.jsonl" sk-far-away <life >/dev/null 2>&1 &) ; sleep 0.1; (exec 9>life; exec sleep 110) >/dev/null 2>&1 & echo $! >life.pid; n=0; while [ ! -e url ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n + 1)); done; test -e url; echo sk-far-away >key

$ "$SUNMAO" model add "$(cat url)/v1" --name large --remote-name good --key-from "file:$PWD/key" --slots 8 --price-in 0.002 --data "$D" --json | $PICK name kind state remote_name slots price_in
large server test good 8 0.002

$ "$SUNMAO" model list --data "$D" | cut -f 1-3
large	测试	远端
tiny	测试	本机

$ cat "$D"/record.db* | grep -c sk-far-away
0
? 1

$ "$SUNMAO" model promote large --data "$D" 2>&1
sunmao: large 还没有探测过能力；先运行 sunmao model test large [E_CONFLICT]
? 5

$ "$SUNMAO" model test large --data "$D" | tail -n 1
能力：对话、续写、向量、重排、JSON 模式、文法约束、工具调用、对数概率

$ "$SUNMAO" model promote large --data "$D" 2>&1
sunmao: large 现在的样子还没有评测过；先运行 sunmao eval model large [E_CONFLICT]
? 5

$ "$SUNMAO" eval model large --data "$D"
~评测 20..-..-.. ..:..：通过，质量部分达标
  JSON 模式	8/8	够
  只在给定的选项里选	6/6	够
  文法约束	4/4	够
  温度为 0 时两次相同	6/6	够
  超长时明确拒绝	1/1	够
  流式回答完整	4/4	够
  同一句话向量相同	3/3	够
  重排每篇都有分	2/2	够
  照材料写事实	12/12	够
  材料不足时说不知道	6/6	够
  意思相近的向量更近	4/4	够
  重排把对的放在最前	4/4	够
~  首词元中位数 [0-9]+ 毫秒，每秒 [0-9.]+ 词元

$ "$SUNMAO" model promote large --data "$D" --require-quality | head -n 1
large（生产）

# One that obeys nothing does not pass; one that does no more than chat passes, without quality.
$ "$SUNMAO" model add "$(cat url)" --name wrong --key-from "file:$PWD/key" --data "$D" >/dev/null; "$SUNMAO" model test wrong --data "$D" | tail -n 1; "$SUNMAO" model eval wrong --data "$D" 2>err.txt; code=$?; tail -n 1 err.txt; exit $code
能力：对话
~评测 20..-..-.. ..:..：没有通过，质量部分没有达标
  温度为 0 时两次相同	0/6	够
  超长时明确拒绝	0/1	不够
  流式回答完整	4/4	够
  照材料写事实	0/12	不够
  材料不足时说不知道	0/6	不够
~  首词元中位数 .*
sunmao: wrong 没有通过评测，不能投入生产 [E_CONFLICT]
? 5

$ "$SUNMAO" model promote wrong --data "$D" 2>&1
sunmao: wrong 最近一次评测没有通过；不能投入生产 [E_CONFLICT]
? 5

$ "$SUNMAO" model add "$(cat url)" --name plain --key-from "file:$PWD/key" --data "$D" >/dev/null; "$SUNMAO" model test plain --data "$D" | tail -n 1; "$SUNMAO" model eval plain --data "$D" 2>/dev/null | head -n 1
能力：对话、续写
~评测 20..-..-.. ..:..：通过，质量部分没有达标

$ "$SUNMAO" model gate quality --data "$D"; "$SUNMAO" model promote plain --data "$D" 2>&1
投入生产要求：机械部分通过，质量部分达标
sunmao: plain 最近一次评测的质量部分没有达标；本站要求达标才能投入生产 [E_CONFLICT]
? 5

$ "$SUNMAO" model gate mechanical --data "$D"; "$SUNMAO" model promote plain --data "$D" | head -n 1
投入生产要求：机械部分通过
plain（生产）

# What a probe says of a key that is refused, a name that is not there, nobody there.
$ echo sk-other >other; "$SUNMAO" model add "$(cat url)" --name denied --key-from "file:$PWD/other" --data "$D" >/dev/null; "$SUNMAO" model test denied --data "$D" 2>&1
sunmao: 模型服务器不接受密钥 [E_DENIED]
? 4

$ "$SUNMAO" model change denied --key-from "file:$PWD/key" --remote-name missing --data "$D" >/dev/null; "$SUNMAO" model test denied --data "$D" 2>&1
sunmao: 服务器上没有叫 missing 的模型；有：good、plain、embed、wrong（--remote-name） [E_NOTFOUND]
? 3

$ "$SUNMAO" model add unix:$PWD/nothing.sock --name nobody --data "$D" >/dev/null; "$SUNMAO" model test nobody --data "$D" 2>&1
sunmao: 连不上模型，或它没有在限定时间内回答 [E_UNAVAILABLE]
? 9

$ "$SUNMAO" model eval nobody --data "$D" 2>&1
sunmao: nobody 还没有探测过能力；先运行 sunmao model test nobody [E_CONFLICT]
? 5

# Aliases: who gets how much, a fallback, another choice for one department; and back.
$ "$SUNMAO" department add 市民政局 --data "$D" >/dev/null; "$SUNMAO" model alias chat-default large --data "$D"
chat-default	全部	large=100@0

$ "$SUNMAO" model alias chat-default large=95 plain=5 --data "$D"
chat-default	全部	large=95@0 plain=5@0

$ "$SUNMAO" model alias chat-default plain --scope department:市民政局 --data "$D"
chat-default	全部	large=95@0 plain=5@0
chat-default	部门 市民政局	plain=100@0

$ "$SUNMAO" model rollback chat-default --data "$D"
chat-default	全部	large=100@0
chat-default	部门 市民政局	plain=100@0

$ "$SUNMAO" model unalias chat-default --scope department:市民政局 --data "$D"; "$SUNMAO" model alias chat-default large plain@1 --data "$D" --json | $PICK name scope targets.1.name targets.1.tier
chat-default	全部	large=100@0
chat-default  plain 1

$ "$SUNMAO" model alias chat-default tiny --data "$D" 2>&1
sunmao: tiny 在测试状态，别名只能指向生产状态的模型；先运行 sunmao model promote tiny [E_CONFLICT]
? 5

$ "$SUNMAO" model alias chat-default large=x --data "$D" 2>&1
sunmao: “large=x”应当写作 模型=权重@层级，如 qwen=95 或 small@1 [E_INVALID]
? 2

$ "$SUNMAO" model retire large --data "$D" 2>&1
sunmao: 别名 chat-default 还在用 large；先改别名 [E_CONFLICT]
? 5

$ "$SUNMAO" model retire denied --data "$D" | head -n 1; "$SUNMAO" model events --data "$D" --limit 2 | cut -f 2-
denied（停用）
cli	model.retire	denied
cli	alias.set	chat-default

# The doctor: what is there, what may be contacted.
$ SUNMAO_ENGINE=/bin/true "$SUNMAO" doctor --data "$D" | grep -v -e 数据目录 -e 共享文件 -e 磁盘 | sed "s:$PWD:HERE:;s#$(cat url)#URL#"
正常	引擎	/bin/true
正常	模型文件	tiny：大小与登记的相同
正常	密钥	large：file:HERE/key 读得到
正常	密钥	wrong：file:HERE/key 读得到
正常	密钥	plain：file:HERE/key 读得到
地址	URL	模型 large（本机）
地址	URL	模型 wrong（本机）
地址	URL	模型 plain（本机）
地址	unix:HERE/nothing.sock	模型 nobody（本机）
除以上地址和本机引擎的套接字，榫卯不连接任何别处。

$ "$SUNMAO" model add https://8.8.8.8/v1 --name far --key-from env:SUNMAO_KEY_NONE --data "$D" >/dev/null; SUNMAO_ENGINE=/bin/true "$SUNMAO" doctor --data "$D" --air-gap 2>err.txt >doctor.txt; code=$?; grep -e 问题 -e 公网 doctor.txt err.txt | cut -d : -f 2-; exit $code
问题	密钥	far：env:SUNMAO_KEY_NONE 读不到
地址	https://8.8.8.8	模型 far（公网地址）
问题	地址	模型 far 在公网地址上
sunmao: 查出 2 个问题 [E_UNAVAILABLE]
? 9

$ "$SUNMAO" model retire far --data "$D" >/dev/null; printf x | dd of=tiny.gguf bs=1 seek=$(($(wc -c <tiny.gguf) - 4)) conv=notrunc 2>/dev/null; SUNMAO_ENGINE=/bin/true "$SUNMAO" doctor --data "$D" --full --json 2>/dev/null >doctor.json; code=$?; $PICK ok <doctor.json; grep -c 摘要与登记的不同 doctor.json; exit $code
false
1
? 9

# What it says to a wrong line.
$ "$SUNMAO" model add http://user:secret@host --name x --data "$D" 2>&1
sunmao: 地址里不能写用户名和密码；密钥用 --key-from file:/路径 或 env:变量名 给出 [E_INVALID]
? 2

$ "$SUNMAO" model add http://host --name x --key-from sk-secret --data "$D" 2>&1
sunmao: 密钥的来处应当是 file:/绝对路径 或 env:变量名；不能直接写密钥 [E_INVALID]
? 2

$ "$SUNMAO" model add http://host --data "$D" 2>&1
sunmao: 要用 --name 给模型起个名字 [E_INVALID]
? 2

$ "$SUNMAO" model list --watts 7 --data "$D" 2>&1
sunmao: model list 没有选项 --watts [E_INVALID]
? 2

$ "$SUNMAO" model frob --data "$D" 2>&1
sunmao: 用法：sunmao model add|list|show|change|test|eval|promote|retire|alias|unalias|rollback|events|gate|plan（--help 看说明） [E_INVALID]
? 2

$ "$SUNMAO" model show --data "$D" 2>&1
sunmao: 用法：sunmao model show 名字（--help 看说明） [E_INVALID]
? 2

$ "$SUNMAO" ledger verify --data "$D" >/dev/null; python3 -c 'import sqlite3, sys
> for row in sqlite3.connect(sys.argv[1] + "/record.db").execute("SELECT act, reason FROM ledger WHERE kind = ? AND reason LIKE ?", ("act", "large%")):
>     print(*row)' "$D"
model.add large
model.probe large
model.eval large
model.promote large

$ kill "$(cat life.pid)"
