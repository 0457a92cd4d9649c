#!/bin/sh
# demo.sh SUNMAO DIR: three questions on the terminal with their answers and sources, then the
# person's own.  DEMO_EXIT=1 ends after the three.
set -eu
sunmao=$1
dir=$2
export SUNMAO_TODAY="${SUNMAO_TODAY:-2026-11-23}"

printf '\n演示城市云澜市是虚构的；今天按 %s 算。\n' "$SUNMAO_TODAY"
for question in "我家娃上个月刚生，户口怎么上，要带啥" "硕士毕业在云澜买新房，补贴给多少" "租房提公积金要带什么"; do
    printf '\n问：%s\n' "$question"
    "$sunmao" ask --data "$dir" --test "$question"
done
[ "${DEMO_EXIT:-0}" = 1 ] && exit 0
printf '\n现在请您来问。\n'
exec "$sunmao" ask --data "$dir" --test
