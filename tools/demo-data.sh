#!/bin/sh
# demo-data.sh SUNMAO DIR: the demo city imported and trained into DIR.  Done already with the
# same program, shared files and demo files: nothing is done again.
set -eu
sunmao=$1
dir=$2
export SUNMAO_TODAY="${SUNMAO_TODAY:-2026-11-23}"

stamp=$(cat "$sunmao" demo/*.jsonl demo/regions.tsv demo/policies/*.md demo/registry/*.tsv share/* | cksum)
if [ -f "$dir/.demo" ] && [ "$(cat "$dir/.demo")" = "$stamp" ]; then
    exit 0
fi
if [ -e "$dir" ] && [ ! -f "$dir/.demo" ] && [ -n "$(ls -A "$dir" 2>/dev/null)" ]; then
    echo "$dir 里已经有别的东西；请换一个 DATA=目录，或先清空它" >&2
    exit 1
fi
rm -rf "$dir"
mkdir -p "$dir"
: >"$dir/.demo"
echo "正在把演示城市“云澜市”（虚构）导入 $dir …" >&2
"$sunmao" init --data "$dir" --regions demo/regions.tsv >&2
"$sunmao" import --data "$dir" --kind policy demo/policies >&2
"$sunmao" train --data "$dir" --kind policy --pairs demo/policy-train.jsonl >&2
"$sunmao" import --data "$dir" --kind item demo/items.jsonl >&2
"$sunmao" train --data "$dir" --kind item --pairs demo/queries-train.jsonl \
    demo/short-train.jsonl demo/amounts-train.jsonl demo/asks-train.jsonl \
    demo/facets-train.jsonl demo/ambiguous-train.jsonl demo/multi-train.jsonl \
    demo/steps-train.jsonl >&2
mkdir -p "$dir/review" # the city's organs, people and terms, for reviewing documents
cp demo/registry/*.tsv "$dir/review/"
echo "$stamp" >"$dir/.demo"
