# What was asked is kept in a chain; a person's words can be taken out of it.
$ "$SUNMAO" ledger verify --data "$D"
台账完整：0 条记录，链条没有断

$ "$SUNMAO" ask --data "$D" --session one 新生儿上户口要带什么材料 >/dev/null; "$SUNMAO" ask --data "$D" --session two 我不想活了 >/dev/null
> "$SUNMAO" ledger list --data "$D"
2	crisis/suicide			我不想活了
1	answer/item	HJ-001		新生儿上户口要带什么材料

$ "$SUNMAO" ledger list --data "$D" --limit 1 --json | $PICK id act reason question
2 crisis suicide 我不想活了

# Personal data in a question is masked before it is kept.
$ "$SUNMAO" ask --data "$D" 我身份证号110101199003074517，电话13812345678，新生儿上户口 >/dev/null; "$SUNMAO" ledger list --data "$D" --limit 1 --json | $PICK question
我身份证号110101********4517，电话138****5678，新生儿上户口

$ grep -c 199003074517 "$D"/record.db*
~~
? 1

# Feedback: right, wrong, none of our business, or the item that was meant.
$ "$SUNMAO" ledger feedback --data "$D" --id 1 out; "$SUNMAO" ledger list --data "$D" --json | $PICK id verdict | grep '^1 '
1 out

$ "$SUNMAO" ledger feedback --data "$D" --id 1 right; "$SUNMAO" ledger list --data "$D" --json | $PICK id verdict | grep '^1 '
1 right

$ "$SUNMAO" ledger feedback --data "$D" --id 1 chose:HJ-005; "$SUNMAO" ledger list --data "$D" --json | $PICK id verdict | grep '^1 '
1 chose:HJ-005

$ "$SUNMAO" ledger feedback --data "$D" --id 1 maybe 2>&1
sunmao: 反馈应当是 right、wrong、out 或 chose:编码 [E_INVALID]
? 2

$ "$SUNMAO" ledger feedback --data "$D" --id 99 right 2>&1
sunmao: 台账里没有第 99 号提问 [E_NOTFOUND]
? 3

$ "$SUNMAO" ledger feedback --data "$D" right 2>&1
sunmao: 用法：sunmao ledger feedback --id 号 right|wrong|out|chose:编码 [E_INVALID]
? 2

# Forgetting takes the words away, here and in the file, and leaves the chain whole.
$ "$SUNMAO" ledger forget --data "$D" --session two; "$SUNMAO" ledger list --data "$D" --json | $PICK id question | grep '^2 '
已删去 1 条记录的个人文字，链条保持完整
~2 .*

$ cat "$D"/record.db* | grep -c 我不想活了
0
? 1

$ "$SUNMAO" ledger forget --data "$D" --id 1 --json | $PICK forgotten
1

$ "$SUNMAO" ledger verify --data "$D" | sed 's/[0-9][0-9]*/N/'
台账完整：N 条记录，链条没有断

$ "$SUNMAO" ledger verify --data "$D" --json | $PICK whole
true

$ "$SUNMAO" ledger forget --data "$D" 2>&1
sunmao: 用法：sunmao ledger forget --id 号，或 --session 名 [E_INVALID]
? 2

# A changed record is found.
$ python3 -c 'import sqlite3, sys
> db = sqlite3.connect(sys.argv[1] + "/record.db")
> db.execute("UPDATE ledger SET act = ? WHERE id = 1", ("refuse",))
> db.commit()' "$D"; "$SUNMAO" ledger verify --data "$D" 2>&1
~sunmao: .+ \[E_CORRUPT\]
? 7
