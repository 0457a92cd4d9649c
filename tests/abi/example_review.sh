#!/bin/sh
# example_review.sh REVIEW: the example program reviews a text and says what it cannot read.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf '云澜市人民政府文件\n澜政发[2026]12号\n云澜市人民政府关于做好防汛工作的通知\n' >"$dir/a.txt"
"$1" "$dir/a.txt" | grep -q '"rule":"B01","severity":"error","para":1,"start":3,"end":9,"text":"\[2026\]","suggest":"〔2026〕"'
printf 'PK\003\004' >"$dir/b.docx"
if "$1" "$dir/b.docx" 2>"$dir/err"; then exit 1; fi
grep -q E_CORRUPT "$dir/err"
