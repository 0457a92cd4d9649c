# Data that is not what it should be is told as such; no command takes it for good, none crashes.
$ cp -r "$D" c; printf garbage >c/corpus.db
> for c in 'ask --no-record' search 'corpus show'; do "$SUNMAO" $c --data c P01 2>&1; echo $?; done
~sunmao: c/corpus.db .* \[E_CORRUPT\]
7
~sunmao: c/corpus.db .* \[E_CORRUPT\]
7
~sunmao: c/corpus.db .* \[E_CORRUPT\]
7

$ "$SUNMAO" verify --data c 2>&1
~sunmao: .*corpus.db.* \[E_CORRUPT\]
? 7

# An index cut short, an index with other bytes in it: found, and made anew by an import.
$ rm -rf c; cp -r "$D" c; for f in c/index/*; do printf x >$f; done; "$SUNMAO" search --data c 户口 2>&1
~sunmao: 索引文件 c/index/.* \[E_CORRUPT\]
? 7

$ "$SUNMAO" verify --data c 2>&1
~sunmao: .+ \[E_CORRUPT\]
? 7

$ rm -rf c; cp -r "$D" c; for f in c/index/item*; do printf XXXX | dd of=$f bs=1 seek=5000 conv=notrunc 2>/dev/null; done
> "$SUNMAO" verify --data c 2>&1
~sunmao: .+摘要不符.* \[E_CORRUPT\]
? 7

# A clause changed behind our back.
$ rm -rf c; cp -r "$D" c; python3 -c 'import sqlite3
> db = sqlite3.connect("c/corpus.db")
> db.execute("UPDATE clause SET text = text || ? WHERE row = 1", ("改",))
> db.commit()'; "$SUNMAO" verify --data c 2>&1
sunmao: 第 1 号条款的内容与摘要不符，请从备份恢复 [E_CORRUPT]
? 7

# The classifier's file with other bytes in it: an answer or an error, no crash.
$ rm -rf c; cp -r "$D" c; for f in c/model/*; do printf 'XXXXXXXXXXXXXXXXXXXXXXXX' | dd of=$f bs=1 seek=64 conv=notrunc 2>/dev/null; done
> "$SUNMAO" ask --data c 新生儿上户口 >/dev/null 2>&1; case $? in 0|7) echo fine;; *) echo crashed;; esac
fine

# What is no data directory at all.
$ mkdir e; "$SUNMAO" ask --data e 户口 2>&1
sunmao: e 不是榫卯的数据目录；先用 sunmao init 或 import 建一个 [E_NOTFOUND]
? 3

$ : >f; "$SUNMAO" search --data f 户口 2>&1
sunmao: f 不是榫卯的数据目录；先用 sunmao init 或 import 建一个 [E_NOTFOUND]
? 3

$ "$SUNMAO" init --data f/d 2>&1
~sunmao: .*f/d.* \[E_NOTFOUND\]
? 3

# A directory that cannot be written: reading goes on or is denied, writing is denied.
$ cp -r "$D" r; [ -z "$AS_USER" ] || chown -R 65534 r; chmod -R a-w,a+rX r
> $AS_USER "$SUNMAO" search --data r --top 1 --json 新生儿上户口 >/dev/null 2>&1; case $? in 0|4) echo fine;; esac
fine

$ $AS_USER "$SUNMAO" import --data r --kind item items.jsonl 2>&1
~sunmao: .* \[E_DENIED\]
? 4

$ $AS_USER "$SUNMAO" ask --data r 户口 2>&1
~sunmao: .* \[E_DENIED\]
? 4

# Two writers: the second waits its turn; nothing is lost.
$ for i in 1 2 3 4; do "$SUNMAO" import --data w --kind item --json items.jsonl & done | $PICK new same | sort; wait
0 12
0 12
0 12
12 0
