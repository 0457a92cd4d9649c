# A data directory from nothing, and what an import keeps and refuses.
$ "$SUNMAO" init --data new --regions "$DEMO/regions.tsv"; "$SUNMAO" init --data new; ls new/*.db
数据目录已备好：new
数据目录已备好：new
new/corpus.db
new/record.db

$ SUNMAO_DATA_DIR=new "$SUNMAO" init --json
{"data":"new"}

$ "$SUNMAO" import --data new --kind item --json items.jsonl | $PICK seen new changed same refused
12 12 0 0 0

# Again: nothing changes.
$ "$SUNMAO" import --data new --kind item --json items.jsonl | $PICK seen new changed same refused clauses
12 0 0 12 0 0

$ "$SUNMAO" import --data new --kind item --notes 0 items.jsonl | sed -n 1p
~读到 12 件：新增 0，更新 0，未变 12，拒收 0；条款 0；提醒 [0-9]+；隐去个人信息 0 处

# One changed entry is one new version.
$ sed '3s/"aliases": \[/&"夫妻随迁新说法", /' items.jsonl >changed.jsonl; cmp -s items.jsonl changed.jsonl && echo same
? 1

$ "$SUNMAO" import --data new --kind item --json changed.jsonl | $PICK seen new changed same refused
12 0 1 11 0

$ "$SUNMAO" corpus list --data new --kind item | grep -c '第 2 版'
1

# Entries that cannot be kept are refused one by one; the rest comes in.
$ { printf '{"code":"X-1","name":"甲"}\nnot json\n[]\n{"code":"X-2","code":"X-2"}\n'; head -n 1 items.jsonl; } >mixed.jsonl
> "$SUNMAO" import --data mixed --kind item --notes 0 mixed.jsonl | sed 's/条款.*//'
~读到 5 件：新增 1，更新 0，未变 0，拒收 4；
~拒收 E_INVALID  mixed.jsonl:1：.+
~拒收 E_INVALID  mixed.jsonl:2：.*不是合格的 JSON.*
~拒收 E_INVALID  mixed.jsonl:3：.+
~拒收 E_INVALID  mixed.jsonl:4：.*不是合格的 JSON.*duplicate.*
~~

# Strict: one refused entry and nothing is kept.
$ "$SUNMAO" import --data strict --kind item --strict mixed.jsonl 2>&1
~sunmao: --strict：有 4 件拒收，整批没有导入；.+ \[E_INVALID\]
? 2

$ "$SUNMAO" corpus list --data strict --kind item

$ "$SUNMAO" import --data new --kind item none.jsonl 2>&1
~sunmao: .*none.jsonl.* \[E_NOTFOUND\]
? 3

# Personal data is masked, a file with a secrecy mark is refused and leaves no copy.
$ "$SUNMAO" import --data screened --kind policy --json "$DEMO/policies/p10.md" "$DEMO/policies/p48.md" >report.json
> $PICK seen new refused masked <report.json; grep -o '"code":"SECRET_MARK"' report.json
2 1 1 10
"code":"SECRET_MARK"

$ "$SUNMAO" corpus list --data screened | cut -f1
P10

$ "$SUNMAO" corpus show P10 --data screened | grep -cE '[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9}'
0
? 1

# Formats: plain text, HTML, JSON Lines; an unknown one is refused by name.
$ printf '停车办法\n\n第一条 车停在线内。\n第二条 每小时5元。\n' >a.txt
> printf '<html><head><title>垃圾分类办法</title></head><body><h1>垃圾分类办法</h1><p>第一条 分四类。</p></body></html>' >b.html
> printf '{"id":"L1","title":"户口登记条例","text":"第十条 公民迁出本户口管辖区。"}\n' >c.jsonl
> "$SUNMAO" import --data formats --kind policy --json a.txt b.html | $PICK seen new refused
2 2 0

$ "$SUNMAO" import --data formats --kind law --json c.jsonl | $PICK seen new refused
1 1 0

$ "$SUNMAO" search --data formats --kind policy 每小时多少钱 --top 1 | sed -n 2p
    第二条 每小时5元。

$ "$SUNMAO" search --data formats --kind law 迁出 --top 1 --json | $PICK id
L1
