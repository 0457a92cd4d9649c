# bash completion for sunmao
_sunmao()
{
    local commands="init import corpus search ask train eval serve user model department key ledger backup restore verify ground review draft doctor version"
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    case $previous in
    --role) COMPREPLY=($(compgen -W "keeper operator auditor administrator" -- "$current")); return ;;
    --kind)
        if [ "${COMP_WORDS[1]}" = draft ]; then
            COMPREPLY=($(compgen -W "决议 决定 命令 公报 公告 通告 意见 通知 通报 报告 请示 批复 议案 函 纪要" -- "$current"))
            return
        fi
        COMPREPLY=($(compgen -W "item policy law" -- "$current"))
        return
        ;;
    --from) COMPREPLY=($(compgen -W "log" -- "$current")); return ;;
    --audience) COMPREPLY=($(compgen -W "自然人 法人" -- "$current")); return ;;
    --data | --sets | --web | --own | --ofd) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --config | --pairs | --batch | --out | --regions) COMPREPLY=($(compgen -f -- "$current")); return ;;
    corpus) COMPREPLY=($(compgen -W "check list show" -- "$current")); return ;;
    ledger) COMPREPLY=($(compgen -W "verify list feedback forget" -- "$current")); return ;;
    model) COMPREPLY=($(compgen -W "add list show change test eval promote retire alias unalias rollback events gate plan" -- "$current")); return ;;
    department) COMPREPLY=($(compgen -W "add list change remove" -- "$current")); return ;;
    key) COMPREPLY=($(compgen -W "add list revoke" -- "$current")); return ;;
    --class) COMPREPLY=($(compgen -W "citizen staff batch" -- "$current")); return ;;
    eval) COMPREPLY=($(compgen -W "model ground review" -- "$current")); return ;;
    user) COMPREPLY=($(compgen -W "add list change reset disable enable" -- "$current")); return ;;
    esac
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "$commands" -- "$current"))
        return
    fi
    local options="--data --json --as-of --help"
    case ${COMP_WORDS[1]} in
    init) options="$options --regions" ;;
    import) options="$options --kind --strict --notes" ;;
    corpus) options="$options --kind --all" ;;
    search) options="$options --kind --top --batch --out --lexical --in-force" ;;
    ask) options="$options --batch --out --session --region --audience --test --no-record --explain" ;;
    train) options="$options --kind --pairs --from --force --no-gbdt" ;;
    eval) options="$options --sets --misses --own --ofd" ;;
    serve) options="$options --config --listen --web --set --print-config" ;;
    model) options="$options --name --remote-name --key-from --template --licence --registration-no --slots --parallel --ctx --threads --batch --gpu-layers --no-draft --lora --price-in --price-out --watts --scope --limit --require-quality" ;;
    department) options="$options --name --parent --weight --per-minute --per-day --per-month --concurrency" ;;
    key) options="$options --department --class --models --addresses --days" ;;
    ground) options="$options --batch --out" ;;
    review) options="$options --batch --out --fix --typeset --report --convert --own --compare" ;;
    draft) options="$options --kind --organ --to --cc --number --signer --title --date --attach --own --out" ;;
    doctor) options="$options --air-gap --full" ;;
    ledger) options="$options --limit --id --session" ;;
    user) options="$options --role --display --department --password-stdin" ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}
complete -F _sunmao sunmao
