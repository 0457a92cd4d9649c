# Items by everyday words, clauses of policies, laws; one line or a batch.
$ "$SUNMAO" search --data "$D" --top 1 新生儿 上户口
~ 1\. HJ-001   《出生登记（新生儿入户）》 现行有效  [0-9]+\.[0-9]{3}
~    婴儿出生后首次申报常住户口.*

$ "$SUNMAO" search --data "$D" --top 1 --json 新生儿上户口 | $PICK id title state
HJ-001 出生登记（新生儿入户） 现行有效

$ "$SUNMAO" search --data "$D" --kind policy --json 购房补贴博士多少钱 | $PICK id | grep -c '^P0[12]$' | sed 's/^[1-9].*/found/'
found

# Only what is in force today: the superseded P02 is not shown.
$ "$SUNMAO" search --data "$D" --kind policy --in-force --json --top 100 购房补贴 | $PICK id | sort | uniq -c | grep -c P02
0
? 1

$ "$SUNMAO" search --data "$D" --kind law 户口

$ "$SUNMAO" search --data "$D" --lexical --top 1 --json 死亡注销户口 | $PICK id
HJ-002

$ "$SUNMAO" search --data "$D" --top 2 --json 户口 | wc -l
2

$ "$SUNMAO" search --data "$D" 2>&1
sunmao: 要查什么？例：sunmao search --kind policy 购房补贴 [E_INVALID]
? 2

$ "$SUNMAO" search --data none 户口 2>&1
sunmao: none 不是榫卯的数据目录；先用 sunmao init 或 import 建一个 [E_NOTFOUND]
? 3

# The batch: one line out for each line in, in order.
$ cat >in.jsonl <<'E'
> {"id":"a","text":"新生儿上户口"}
> broken
> {"id":"b"}
> {"id":7,"text":"死亡注销户口"}
> {"id":"c","text":""}
> E
> "$SUNMAO" search --data "$D" --batch in.jsonl --top 1 | $PICK id hits.0.id error.code
a HJ-001 null
null null E_INVALID
b null E_INVALID
7 HJ-002 null
c null null

$ echo '{"id":1,"text":"购房补贴"}' | "$SUNMAO" search --data "$D" --batch - --kind policy --top 1 | $PICK id hits.0.id hits.0.clause
~1 P0[12] 第.+条.*
