# A copy of the whole data directory, and back.
$ "$SUNMAO" ask --data "$D" 新生儿上户口要带什么材料 >before.txt; "$SUNMAO" backup --data "$D" copy
已备份到：copy

$ "$SUNMAO" restore --data back copy
已恢复到：back

$ "$SUNMAO" verify --data back
~数据目录完好：文件 15 件，条款 [1-9][0-9]* 条，台账 1 条，索引和模型 [1-9][0-9]* 个

$ "$SUNMAO" verify --data "$D" --json >a; "$SUNMAO" verify --data back --json | cmp - a; $PICK documents records <a
15 1

$ "$SUNMAO" ask --data back 新生儿上户口要带什么材料 | cmp - before.txt; "$SUNMAO" ledger list --data back | wc -l
2

# The organisation's rules and registry are part of it.
$ mkdir -p "$D/review/rules" "$D/review/words"; printf 'preferred\ta\tb\n' >"$D/review/terms.tsv"; echo '{"id":"B02","on":false}' >"$D/review/rules/own.jsonl"; printf 'a\tb\n' >"$D/review/words/x.tsv"
> "$SUNMAO" backup --data "$D" copy3 && "$SUNMAO" restore --data back3 copy3 && diff -r "$D/review" back3/review && echo same; rm -r "$D/review"
已备份到：copy3
已恢复到：back3
same

# Neither writes over anything.
$ "$SUNMAO" backup --data "$D" copy 2>&1
sunmao: copy 不是空文件夹，请换一个地方 [E_CONFLICT]
? 5

$ "$SUNMAO" restore --data back copy 2>&1
sunmao: back 不是空文件夹，请换一个地方 [E_CONFLICT]
? 5

$ mkdir half; cp copy/corpus.db half; "$SUNMAO" restore --data other half 2>&1
sunmao: half 里没有 record.db，不是完整的备份 [E_NOTFOUND]
? 3

$ "$SUNMAO" backup --data none copy2 2>&1
sunmao: none 不是榫卯的数据目录；先用 sunmao init 或 import 建一个 [E_NOTFOUND]
? 3

$ "$SUNMAO" backup --data "$D" 2>&1
~sunmao: 给出一个文件夹。.* \[E_INVALID\]
? 2
