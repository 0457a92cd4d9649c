#!/bin/sh
# example.sh SUNMAO ASK DEMO: the example program asks the data directory that the command line made.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
head -n 20 "$3/items.jsonl" >"$dir/items.jsonl"
"$1" init --data "$dir/data" --regions "$3/regions.tsv" >/dev/null
"$1" import --data "$dir/data" --kind item "$dir/items.jsonl" >/dev/null
"$2" "$dir/data" 新生儿上户口要带什么 | grep -q '"code":"HJ-001"'
if "$2" "$dir/none" 你好 2>"$dir/err"; then exit 1; fi
grep -q E_NOTFOUND "$dir/err"
