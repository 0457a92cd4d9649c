# The contract of docs/batch.md: one line out for each line in, in order, whatever is wrong with a line.
$ cat >in.jsonl <<'E'
> {"id":"a","text":"新生儿上户口要带什么材料"}
> not json
> {"id":"b","text":5}
> ["id","text"]
>
> {"id":4,"text":"我不想活了"}
> {"id":"d","text":"户口","as_of":"昨天"}
> {"id":"e","text":"户口","region":["江北区"]}
> {"id":{"x":[1]},"text":"帮我写一首关于春天的诗"}
> {"id":"f","text":"x","text":"y"}
> {"text":"新生儿上户口要带什么材料","session":"","region":"","audience":"","as_of":""}
> E
> "$SUNMAO" ask --data "$D" --batch in.jsonl >out.jsonl; $PICK id act error.code <out.jsonl
a answer null
null null E_INVALID
b null E_INVALID
null null E_INVALID
null null E_INVALID
4 crisis null
d null E_INVALID
e null E_INVALID
{"x": [1]} refuse null
null null E_INVALID
null answer null

# The error names the line.
$ sed -n 2p out.jsonl | $PICK error.message
~第 2 行：不是合格的 JSON.*

# Every answer has all the members of the table.
$ sed -n 1p out.jsonl | python3 -c 'import json, sys; print(*sorted(json.load(sys.stdin)))'
act answer ask claims confidence correction date id intro items label more ms queue reason record region

# --out writes the same lines to a file and nothing to standard output; the times differ.
$ "$SUNMAO" ask --data "$D" --batch in.jsonl --out file.jsonl
> $PICK id act error.code <out.jsonl >a; $PICK id act error.code <file.jsonl | cmp - a

# - is standard input.
$ "$SUNMAO" ask --data "$D" --batch - <in.jsonl | $PICK id act error.code | cmp - a

# The same session is one conversation; sessions between each other's lines stay apart.
$ cat >talk.jsonl <<'E'
> {"id":1,"text":"新生儿上户口要带什么材料","session":"s"}
> {"id":2,"text":"死亡注销户口要带什么材料","session":"t"}
> {"id":3,"text":"收费吗","session":"s"}
> {"id":4,"text":"收费吗","session":"t"}
> E
> "$SUNMAO" ask --data "$D" --batch talk.jsonl | $PICK id act items.0.code
1 answer HJ-001
2 answer HJ-002
3 answer HJ-001
4 answer HJ-002

# No line at all, and a last line without its newline.
$ : >empty.jsonl; "$SUNMAO" ask --data "$D" --batch empty.jsonl

$ printf '{"id":1,"text":"我不想活了"}' | "$SUNMAO" ask --data "$D" --batch - | $PICK id act
1 crisis

$ "$SUNMAO" ask --data "$D" --batch none.jsonl 2>&1
sunmao: 打不开输入文件 none.jsonl [E_NOTFOUND]
? 3

$ "$SUNMAO" ask --data "$D" --batch in.jsonl --out no/such/file 2>&1
sunmao: 输出文件 no/such/file 所在的文件夹不存在 [E_NOTFOUND]
? 3

# Without a record a conversation lasts as long as the run: the next run's first turn follows nothing, and nothing is left.
$ cat >talk.jsonl <<'E'
> {"id":1,"session":"s","text":"新生儿上户口要带什么材料"}
> {"id":2,"session":"s","text":"收费吗"}
> E
> "$SUNMAO" ask --data "$D" --batch talk.jsonl --no-record | $PICK items.0.code
> tail -1 talk.jsonl >again.jsonl
> "$SUNMAO" ask --data "$D" --batch again.jsonl --no-record | $PICK act
> python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1] + "/record.db"); print(d.execute("SELECT count(*) FROM session WHERE id LIKE \"cli-%\"").fetchone()[0])' "$D"
HJ-001
HJ-001
handoff
0
