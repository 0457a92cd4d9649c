#!/bin/sh
# demo.sh SUNMAO DIR: three questions on the terminal with their answers and sources, then the
# server with its pages, until Ctrl-C.  DEMO_EXIT=1 ends after the three; PORT is the server's.
# With MODEL=FILE.gguf the server runs that model, too, for whoever has the key that is printed.
set -eu
sunmao=$1
dir=$2
export SUNMAO_TODAY="${SUNMAO_TODAY:-2026-11-23}"

printf '\n演示城市云澜市是虚构的；今天按 %s 算。\n' "$SUNMAO_TODAY"
for question in "我家娃上个月刚生，户口怎么上，要带啥" "硕士毕业在云澜买新房，补贴给多少" "租房提公积金要带什么"; do
    printf '\n问：%s\n' "$question"
    "$sunmao" ask --data "$dir" --test "$question"
done

# The gate holds here as everywhere: a model serves after it has been judged (a minute or some).
if [ -n "${MODEL:-}" ]; then
    model=$(basename "$MODEL" .gguf | tr -c 'A-Za-z0-9._\n-' '-' | cut -c1-60)
    printf '\n登记模型 %s，探测能力，评测…\n' "$model"
    if ! "$sunmao" model show "$model" --data "$dir" >/dev/null 2>&1; then
        "$sunmao" model add "$MODEL" --name "$model" --data "$dir"
        "$sunmao" model test "$model" --data "$dir" >/dev/null
    fi
    "$sunmao" model promote "$model" --data "$dir" >/dev/null 2>&1 || {
        "$sunmao" model eval "$model" --data "$dir"
        "$sunmao" model promote "$model" --data "$dir" >/dev/null
    }
    "$sunmao" model alias chat-default "$model=100" --data "$dir"
    "$sunmao" department list --data "$dir" | grep -q 市政务服务中心 ||
        "$sunmao" department add 市政务服务中心 --data "$dir" >/dev/null
    if [ ! -f "$dir/key.txt" ]; then
        (umask 077; "$sunmao" key add 演示应用 --department 市政务服务中心 --json --data "$dir" |
            sed 's/.*"secret":"\([^"]*\)".*/\1/' >"$dir/key.txt")
    fi
    cat <<END

应用这样调用（OpenAI 接口）：
  curl http://127.0.0.1:${PORT:-8750}/v1/chat/completions -H "Authorization: Bearer $(cat "$dir/key.txt")" \\
    -d '{"model":"chat-default","messages":[{"role":"user","content":"你好"}]}'
END
fi
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
exec "$sunmao" serve --data "$dir" --config demo/sunmao.conf --listen "127.0.0.1:${PORT:-8750}"
