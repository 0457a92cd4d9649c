# Sown errors found, by their rule or another, put right or not; what is found besides; behind a mark of secrecy nothing counts.
$ mkdir -p share/review/rules docs && cp "$SUNMAO_SHARE/laws.tsv" share/ && grep -E '"id":"(B01|B02|B12)"' "$SUNMAO_SHARE/review/rules/B.jsonl" >share/review/rules/B.jsonl
> printf '#!/bin/sh\nSUNMAO_SHARE=share exec "$SUNMAO" eval review "$@"\n' >measure; chmod +x measure; ls share
laws.tsv
review

$ cat >docs/1.txt <<'END'
> @mark 云澜市人民政府文件
> @number 澜政发[2026]012号
> @title 云澜市人民政府关于做好防汛工作的通知
> @p 各单位要立既行动。
> END
> cat >docs/1.errors.jsonl <<'END'
> {"rule":"B01","line":2,"text":"[2026]","suggest":"〔2026〕","outside":false}
> {"rule":"M02","line":4,"text":"立既","suggest":"立即","outside":true}
> END
> cp docs/1.txt docs/2.txt; sed 's/\[2026\]012/〔2026〕12/' docs/1.txt >docs/3.txt
> (echo '@secrecy 秘密2年'; cat docs/1.txt) >docs/4.txt
> printf '%s\n' '{"rule":"B12","line":1,"text":"秘密2年","suggest":""}' '{"rule":"B02","line":3,"text":"012号","suggest":"12号"}' >docs/4.errors.jsonl
> ./measure docs | sed -n 3,6p
| text | 4 | 3 | 0.667 | 0.667 | 0.000 | 1.000 | 1.000 | 1.00 | 0.00 | 0.50 |
| DOCX | 4 | 3 | 0.667 | 0.667 | 0.000 | 1.000 | 1.000 | 1.00 | 0.00 | 0.50 |

A mark of secrecy stops the review: 1 documents have one, and their 1 other errors are not counted.

$ ./measure docs --misses 2>&1 >/dev/null | grep -v DOCX
missed text 1.txt:4 M02 “立既”→“立即”
other text 1.txt para 1 B02 “012号”: 发文字号的序号不编虚位
alarm text 2.txt para 1 B01 “[2026]”: 发文字号的年份应当用六角括号“〔〕”括入
alarm text 2.txt para 1 B02 “012号”: 发文字号的序号不编虚位

$ echo '{"rule":"B01","line":9,"text":"x"}' >docs/1.errors.jsonl; ./measure docs 2>&1
sunmao: 1：1.errors.jsonl 第 1 行：要有 rule、text 和文中有的 line [E_INVALID]
? 2

$ ./measure 2>&1
sunmao: 要有公文的文件夹：sunmao eval review demo/documents [E_INVALID]
? 2

$ mkdir empty; ./measure empty 2>&1
~sunmao: empty 里没有公文.*
? 2

$ grep '"id":"I03"' "$SUNMAO_SHARE/review/rules/I.jsonl" >share/review/rules/I.jsonl; mkdir two
> printf '%s\n' '@title 云澜市人民政府关于做好防汛工作的通知' '@p 坚持“安全第一”、“预防为主”、“综合治理”的方针。' >two/1.txt
> echo '{"rule":"I03","line":2,"text":"“安全第一”、“预防为主”、“综合治理”","suggest":"“安全第一”“预防为主”“综合治理”"}' >two/1.errors.jsonl
> ./measure two | sed -n 3p
| text | 1 | 1 | 1.000 | 1.000 | 0.000 | 1.000 | 1.000 | 0.00 | 0.00 | 0.00 |
