# By three rules alone, so that others may come.
$ mkdir -p share/review/rules && cp "$SUNMAO_SHARE/laws.tsv" share/ && grep -E '"id":"(B01|B02|B12)"' "$SUNMAO_SHARE/review/rules/B.jsonl" >share/review/rules/B.jsonl
> printf '#!/bin/sh\nSUNMAO_SHARE=share exec "$SUNMAO" review "$@"\n' >review; chmod +x review; ls share
laws.tsv
review

# Findings by paragraph, the words between marks; the exit code tells whether there are any.
$ printf '云澜市人民政府文件\n澜政发[2026]012号\n\n云澜市人民政府关于做好防汛工作的通知\n各区县人民政府：\n' >a.txt; ./review a.txt
a.txt，通知：错误 2 处
第 2 段：澜政发【[2026]】【012号】
  错误 B01 “[2026]” 改为“〔2026〕”：发文字号的年份应当用六角括号“〔〕”括入（GB/T 9704-2012 7.2.5）
  错误 B02 “012号” 改为“12号”：发文字号的序号不编虚位（GB/T 9704-2012 7.2.5）
? 1

$ printf '云澜市人民政府文件\n澜政发〔2026〕12号\n' >b.txt; ./review b.txt
b.txt：没有发现问题

$ ./review --json a.txt b.txt >both.jsonl; code=$?; $PICK file kind classified findings.1.rule findings.1.suggest findings.1.page <both.jsonl; exit $code
a.txt 通知 false B02 12号 0
b.txt  false null null null
? 1

# A file that cannot be read keeps nobody from the others.
$ printf 'PK\003\004' >c.docx; ./review c.docx nowhere.docx b.txt 2>err.txt; code=$?; cat err.txt; exit $code
b.txt：没有发现问题
~sunmao: c.docx：.*
~sunmao: nowhere.docx：.*
sunmao: 有 2 个文件没有审 [E_CORRUPT]
? 7

# A mark of secrecy stops everything.
$ printf '机密★1年\n云澜市人民政府文件\n澜政发[2026]12号\n' >s.txt; ./review s.txt --report r.docx 2>&1; code=$?; test ! -e r.docx && exit $code
s.txt：错误 1 处
有密级标志，审核已停止，没有保存，其余没有审
第 1 段：【机密★1年】
  错误 B12 “机密★1年”：文件带有密级标志，本系统不处理涉密文件：请停止传输，转到涉密环境办理（中华人民共和国保守国家秘密法）
sunmao: s.txt 有密级标志：本系统不处理涉密文件，什么也没有写 [E_DENIED]
? 4

# A folder: a line a file, sorted; times differ.
$ mkdir -p in/sub; cp a.txt in/; cp b.txt in/sub/; cp c.docx in/z.docx; cp s.txt in/; printf x >in/.hidden; ./review --batch in --out out.jsonl && sed 's/,"ms":[0-9.]*}$/}/' out.jsonl
{"file":"a.txt","findings":[{"rule":"B01","severity":"error","para":1,"start":3,"end":9,"text":"[2026]","suggest":"〔2026〕","why":"发文字号的年份应当用六角括号“〔〕”括入"},{"rule":"B02","severity":"error","para":1,"start":9,"end":13,"text":"012号","suggest":"12号","why":"发文字号的序号不编虚位"}]}
{"file":"s.txt","findings":[{"rule":"B12","severity":"error","para":0,"start":0,"end":5,"text":"机密★1年","suggest":null,"why":"文件带有密级标志，本系统不处理涉密文件：请停止传输，转到涉密环境办理"}]}
{"file":"sub/b.txt","findings":[]}
~\{"file":"z.docx","error":\{"code":"E_CORRUPT","message":".*"\}\}

$ ./review --batch in | sed 's/,"ms":[0-9.]*}$/}/' >again.jsonl; sed 's/,"ms":[0-9.]*}$/}/' out.jsonl | cmp - again.jsonl && echo same
same

# An organisation's own rules; with --data those of its folder review.
$ mkdir -p own/rules; echo '{"id":"B01","on":false}' >own/rules/own.jsonl; ./review --own own a.txt | head -n 1
a.txt，通知：错误 1 处

$ cp -r own "$D/review"; ./review --data "$D" a.txt | head -n 1; rm -r "$D/review"
a.txt，通知：错误 1 处

$ echo '{"id":"X-1","checker":"none","severity":"hint"}' >own/rules/own.jsonl; ./review --own own a.txt 2>&1
~sunmao: own/rules/own.jsonl 第1行：.* \[E_INVALID\]
? 2

$ ./review --own nowhere a.txt 2>&1
sunmao: 没有文件夹 nowhere [E_NOTFOUND]
? 3

$ ./review 2>&1
sunmao: 要审哪些文件？例：sunmao review 通知.docx [E_INVALID]
? 2

$ ./review --fix out.docx b.txt 2>&1
b.txt：没有发现问题
sunmao: b.txt 不是 DOCX，不能在原件上修改；请用 WPS 或 Word 另存为 DOCX [E_INVALID]
? 2

$ ./review --fix out.docx a.txt b.txt 2>&1
sunmao: --fix、--typeset、--report 一次只能给一个文件 [E_INVALID]
? 2

$ ./review --batch nowhere 2>&1
~sunmao: 打不开文件夹 nowhere：.* \[E_NOTFOUND\]
? 3

# The report is itself a document that can be read; corrections are tracked changes, and what was mended is not found again.
$ ./review a.txt --report report.docx >/dev/null; ./review --json report.docx | $PICK file
report.docx

$ ./review --fix fixed.docx report.docx >/dev/null; ./review --fix again.docx fixed.docx 2>&1 >/dev/null
again.docx：改正 0 处，都是修订，可逐条接受或拒绝

# Two versions: what was deleted and inserted by sign; the exit code tells whether there is a change.
$ printf '请各部门于2026年3月1日前报送。\n第二段。\n' >v1.txt; printf '请各部门于2026年5月1日前报送。\n第二段。\n新的一段话\033[31m\n' >v2.txt; ./review --compare v1.txt v2.txt
改动 2 段：改字 1 段，增加 1 段，删去 0 段，版式 0 段
原件第 1 段：请各部门于2026年[-3-]{+5+}月1日前报送。
~新件第 3 段：\{\+新的一段话.*\[31m\+\}
? 1

$ ./review --compare v1.txt v1.txt
改动 0 段：改字 0 段，增加 0 段，删去 0 段，版式 0 段

$ ./review --json --compare v1.txt v2.txt >both.json; code=$?; $PICK changes inserted changed rows.0.change rows.0.pieces.1.kind rows.0.pieces.1.text <both.json; exit $code
2 1 1 1 deleted 3
? 1

$ ./review --compare v1.txt 2>&1
sunmao: --compare 对比两个文件：sunmao review --compare 原件 新件 [E_INVALID]
? 2

$ ./review --compare v1.txt s.txt 2>&1
sunmao: s.txt 有密级标志：本系统不处理涉密文件，没有对比 [E_DENIED]
? 4
