#!/bin/sh
# demo.sh SUNMAO DIR: three questions on the terminal with their answers and sources, then the
# server with its pages, until Ctrl-C.  DEMO_EXIT=1 ends after the three; PORT is the server's.
# MODEL=FILE.gguf is put into production and answers at /v1/chat/completions.
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

# One account of each role, with passwords of this demo's own.
accounts="$dir/accounts.txt"
if [ ! -f "$accounts" ]; then
    (umask 077; : >"$accounts.part")
    while read -r name role display department; do
        password="Demo-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"
        printf '%s' "$password" | "$sunmao" user add --data "$dir" "$name" --role "$role" \
            --display "$display" --department "$department" --password-stdin >/dev/null
        printf '  %-14s %-14s %s\n' "$name" "$password" "$display" >>"$accounts.part"
    done <<EOF
desk operator 坐席演示 市政务服务中心
keeper keeper 语料管理演示 市政务服务中心
auditor auditor 审计演示 市政务服务中心
admin administrator 系统管理演示 市政务服务中心
EOF
    mv "$accounts.part" "$accounts"
fi
printf '\n演示账号（用户名、密码、身份）：\n'
cat "$accounts"
printf '\n'
# Put into production as an operator would: probed, evaluated, promoted; once for a file.
if [ -n "${MODEL:-}" ]; then
    model=$(basename "$MODEL" .gguf | LC_ALL=C tr -c 'A-Za-z0-9.\n-' '-')
    if ! "$sunmao" model show --data "$dir" "$model" >/dev/null 2>&1; then
        printf '正在登记、探测和评测模型 %s …\n' "$model"
        "$sunmao" model add --data "$dir" "$MODEL" --name "$model" >/dev/null
    fi
    if ! "$sunmao" model show --data "$dir" "$model" | head -n 1 | grep -q 生产; then
        "$sunmao" model test --data "$dir" "$model" >/dev/null
        "$sunmao" model eval --data "$dir" "$model" 2>/dev/null
        "$sunmao" model promote --data "$dir" "$model" >/dev/null
    fi
    "$sunmao" model alias --data "$dir" chat-default "$model=100" >/dev/null
    "$sunmao" department list --data "$dir" 2>/dev/null | grep -q 演示部门 ||
        "$sunmao" department add --data "$dir" 演示部门 >/dev/null
    key=$("$sunmao" key add --data "$dir" "演示 $(date +%s)" --department 演示部门 --days 1 --json |
        sed -n 's/.*"secret": *"\([^"]*\)".*/\1/p')
    printf '模型 %s 已投入生产。OpenAI 接口，密钥一天内有效：\n' "$model"
    printf '  curl http://127.0.0.1:%s/v1/chat/completions -H "Authorization: Bearer %s" \\\n' "${PORT:-8750}" "$key"
    printf "    -d '{\"model\":\"chat-default\",\"messages\":[{\"role\":\"user\",\"content\":\"你好\"}]}'\n\n"
fi
exec "$sunmao" serve --data "$dir" --config demo/sunmao.conf --listen "127.0.0.1:${PORT:-8750}"
