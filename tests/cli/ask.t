# One question on the command line, and a conversation.
$ "$SUNMAO" ask --data "$D" 新生儿上户口要带什么材料
需要带：出生医学证明、父母双方居民身份证、拟落户一方的居民户口簿。
~~
依据：办事指南《出生登记（新生儿入户）》（数据版本：2025-01-01）
以上内容由人工智能（AI）生成，仅供参考，以所列来源和窗口答复为准。
~还可以问：.+

$ "$SUNMAO" ask --data "$D" --json 新生儿上户口要带什么材料 >a.json; $PICK act reason items.0.code items.0.name label date <a.json
answer item HJ-001 出生登记（新生儿入户） 由人工智能（AI）生成 2025-01-01

# Every sentence has a source, and the source is what it says: HJ-001's own clauses, with their digest.
$ $PICK claims.0.cites.0.doc claims.0.cites.0.clause claims.0.cites.0.digest <a.json
~HJ-001 materials\S* [0-9a-f]{64}

$ python3 -c 'import json; print(all(c["cites"] for c in json.load(open("a.json"))["claims"]))'
True

# Several words are one question.
$ "$SUNMAO" ask --data "$D" --json 新生儿 上户口 要带 什么 材料 | $PICK act items.0.code
answer HJ-001

# What is unclear is asked back, with something to choose from.
$ "$SUNMAO" ask --data "$D" --json 你好 | $PICK act reason
clarify greeting

$ "$SUNMAO" ask --data "$D" --json 户口 | $PICK act
~clarify|handoff

$ "$SUNMAO" ask --data "$D" ""
~.+

# What is not our business is refused; what is urgent gets its number at once.
$ "$SUNMAO" ask --data "$D" --json 帮我写一首关于春天的诗 | $PICK act claims
refuse []

$ "$SUNMAO" ask --data "$D" --json 我不想活了 | $PICK act reason
crisis suicide

$ "$SUNMAO" ask --data "$D" 我不想活了 | grep -oE '12356|120' | sort -u
120
12356

# A conversation on a pipe: the second line is understood by the first.
$ printf '新生儿上户口要带什么材料\n收费吗\n' | "$SUNMAO" ask --data "$D" --json | $PICK act items.0.code
answer HJ-001
answer HJ-001

$ "$SUNMAO" ask --data "$D" --no-record --json 新生儿上户口要带什么材料 | $PICK record
0

$ "$SUNMAO" ask --data none 户口 2>&1
sunmao: none 不是榫卯的数据目录；先用 sunmao init 或 import 建一个 [E_NOTFOUND]
? 3
