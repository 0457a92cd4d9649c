# What people confirmed is learned together with the pairs of the last training; their word counts.
$ echo '{"text":"娃刚生下来咋报户口","id":"HJ-001"}
> {"text":"新生儿上户口要带什么","id":"HJ-005"}' >pairs.jsonl; "$SUNMAO" train --data "$D" --pairs pairs.jsonl
用 2 条问句训练完成（跳过 0 条编号不在库中的）。问句太少，没有留出检验。新模型已启用。

$ "$SUNMAO" train --data "$D" --from log 2>&1
sunmao: 没有可学的样本（台账里要有经人确认的问题，见 sunmao ledger feedback） [E_INVALID]
? 2

$ "$SUNMAO" ask --data "$D" --session s 新生儿上户口要带什么 >/dev/null; "$SUNMAO" ledger feedback --data "$D" --id 1 chose:HJ-001; "$SUNMAO" train --data "$D" --from log --force
用 2 条问句训练完成（跳过 0 条编号不在库中的）。问句太少，没有留出检验。新模型已启用。

$ python3 -c 'import json, sys
> for line in sorted(open(sys.argv[1] + "/model/pairs-item.jsonl", encoding="utf-8")):
>     pair = json.loads(line); print(pair["text"], pair["id"])' "$D"
娃刚生下来咋报户口 HJ-001
新生儿上户口要带什么 HJ-001

# One source at a time; a line that is no pair is told with its place.
$ "$SUNMAO" train --data "$D" --from log --pairs pairs.jsonl 2>&1
sunmao: --from log 和 --pairs 一次只能用一个 [E_INVALID]
? 2

$ echo '{"text":"没有编号"}' >bad.jsonl; "$SUNMAO" train --data "$D" --pairs bad.jsonl 2>&1
sunmao: bad.jsonl 第 1 行：要有不空的 text 和 id（或 ids） [E_INVALID]
? 2

$ echo '{"text":"不在库里","id":"XX-999"}' >none.jsonl; "$SUNMAO" train --data "$D" --pairs none.jsonl 2>&1
sunmao: 没有可以用来训练的问句：1 条里没有一条的编号在库中 [E_INVALID]
? 2
