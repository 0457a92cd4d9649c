#!/bin/sh
# check-package.sh BUILD: installs what `make package` made in a Debian of its own, without Node.js,
# compiler or network, serves from there as the user sunmao, with nginx and curl in a second one, and
# takes it away again.  Once the package, on a Debian that has the libraries it asks for; once the
# tarball, on one that has not; once the tarball on an older one.  As root: it uses chroots and name
# spaces.  Nothing is installed on this machine, and all that was started ends with the run.
set -eu

# ----------------------------------------------------------------- outside

# base NAME SUITE PACKAGES: a small Debian in $chroots/NAME, kept from call to call.
base() {
    if [ "$(cat "$chroots/$1/.made" 2>/dev/null)" = "$2 $3" ]; then
        return
    fi
    echo "== 准备 $1（$2${3:+，加 $3}）"
    rm -rf "${chroots:?}/$1"
    mkdir -p "$chroots/cache"
    debootstrap --variant=minbase --cache-dir="$chroots/cache" ${3:+--include="$3"} "$2" "$chroots/$1" \
        "${SUNMAO_MIRROR:-http://deb.debian.org/debian}" >"$chroots/$1.log" 2>&1 || return 1
    echo "$2 $3" >"$chroots/$1/.made"
}

needed() { base "$@" || { tail -n 20 "$chroots/$1.log" >&2; exit 1; }; }

try() { unshare --net --mount --pid --fork --kill-child "$0" inside "$build" "$@"; }

outside() {
    if [ "$(id -u)" != 0 ]; then
        echo "check-package 要用 root 运行（它用到 chroot 和网络命名空间）：sudo make check-package" >&2
        exit 1
    fi
    build=$(cd "$1" && pwd)
    chroots=$build/chroots
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    deb=$(ls "$build"/sunmao_*.deb)
    needs=$(dpkg-deb -f "$deb" Depends | sed 's/ ([^)]*)//g; s/, /,/g')
    mkdir -p "$chroots"
    needed plain "$suite" ""
    needed libraries "$suite" "$needs"
    needed front "$suite" "nginx-light,curl,openssl"
    try deb libraries
    try tarball plain
    # A C library of 2020 (2.31), as the field's systems have: while the archive still has it.
    if base old bullseye ""; then
        try tarball old
    else
        echo "== tarball，旧的 C 库：略过，软件源里没有 bullseye"
    fi
}

# ------------------------------------------------- inside: no network, one run

fail() {
    echo "check-package（$kind）：$*" >&2
    tail -n 5 "$work/serve.log" "$work/front/var/log/nginx/error.log" >&2 2>/dev/null || true
    exit 1
}

on() { chroot "$work/root" "$@"; }
as_sunmao() { chroot "$work/root" runuser -u sunmao -- "$@"; }
fetch() { chroot "$work/front" curl -sSk --max-time 20 "$@"; }

# expect WHAT PATTERN COMMAND…: the command's output has the pattern.
expect() {
    what=$1
    pattern=$2
    shift 2
    "$@" >"$work/out" 2>&1 || true
    grep -qE -e "$pattern" "$work/out" || { head -c 2000 "$work/out" >&2; fail "$what"; }
    echo "   $what"
}

# until WHAT COMMAND…: the command succeeds within ten seconds.
until_done() {
    what=$1
    shift
    for _ in $(seq 100); do
        if "$@" >/dev/null 2>&1; then
            return 0
        fi
        sleep 0.1
    done
    fail "$what"
}

prepare() {
    rm -rf "$work"
    mkdir -p "$work"
    cp -a "$chroots/$1" "$work/root"
    cp -a "$chroots/front" "$work/front"
    for at in "$work/root" "$work/front"; do
        mount -t proc proc "$at/proc"
        mount --rbind /dev "$at/dev"
        mkdir -p "$at/run/sunmao"
    done
    mount --bind "$work/root/run/sunmao" "$work/front/run/sunmao"
    ip link set lo up
    head -n 2 demo/items.jsonl >"$work/root/tmp/items.jsonl"
    cp demo/regions.tsv "$work/root/tmp"
    ! on sh -c 'command -v node || command -v cc || command -v gcc || command -v python3' ||
        fail "那里不该有编译器、Node.js 或 Python"
    [ "$(wc -l </proc/net/route)" -le 1 ] || fail "那里不该有网络"
}

install_it() {
    if [ "$kind" = deb ]; then
        cp "$build"/sunmao_*.deb "$work/root/tmp/sunmao.deb"
        on dpkg -i /tmp/sunmao.deb >"$work/install.log" 2>&1 || { cat "$work/install.log"; fail "装不上"; }
        program=/usr/bin/sunmao
        nginx=/usr/share/doc/sunmao/examples/nginx.conf
    else
        tar -xzf "$build"/sunmao-*-linux-*.tar.gz -C "$work/root/tmp"
        on sh -c 'exec /tmp/sunmao-*/install.sh' >"$work/install.log" 2>&1 || { cat "$work/install.log"; fail "装不上"; }
        rm -rf "$work"/root/tmp/sunmao-*
        program=/opt/sunmao/bin/sunmao
        nginx=/opt/sunmao/etc/nginx.conf
        if [ "$base" = old ]; then
            grep -q glibc/ld.so "$work/root$program" || fail "应当用自带的 C 库"
        elif on ldd "$program" | grep -vE '/opt/sunmao/|linux-vdso|/lib(c|m|resolv)\.so|ld-linux'; then
            fail "用了系统里的库"
        fi
    fi
    expect "已安装" "0|[1-9]" on sunmao version
    expect "引擎也在" "^sunmao-engine " on "$program-engine" --version
    expect "数据目录只有 sunmao 能读" "^750 sunmao sunmao$" on stat -c '%a %U %G' /var/lib/sunmao
}

serve() {
    install -d "$work/root/run/sunmao"
    on chown sunmao:sunmao-web /run/sunmao # as tmpfiles.d does
    on chmod 2750 /run/sunmao
    as_sunmao "$program" serve --config /etc/sunmao/sunmao.conf >"$work/serve.log" 2>&1 &
    until_done "没有开始服务" test -S "$work/root/run/sunmao/sunmao.sock"
}

front() {
    group=$(on getent group sunmao-web | cut -d: -f 3)
    chroot "$work/front" groupadd --gid "$group" sunmao-web
    chroot "$work/front" usermod -aG sunmao-web www-data
    expect "nginx 连得上套接字，读不到数据" "^socket only$" on setpriv --reuid=65534 --regid=65534 --groups="$group" \
        sh -c 'test -w /run/sunmao/sunmao.sock && ! ls /var/lib/sunmao 2>/dev/null && echo socket only'
    cp "$work/root$nginx" "$work/front/etc/nginx/conf.d/sunmao.conf"
    [ -e /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' "$work/front/etc/nginx/conf.d/sunmao.conf"
    rm -f "$work/front/etc/nginx/sites-enabled/default"
    mkdir -p "$work/front/etc/ssl/sunmao"
    chroot "$work/front" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=localhost -keyout /etc/ssl/sunmao/site.key -out /etc/ssl/sunmao/site.crt 2>/dev/null
    chroot "$work/front" nginx -t >"$work/nginx.log" 2>&1 || { cat "$work/nginx.log"; fail "nginx.conf 不对"; }
    chroot "$work/front" nginx
}

pages() {
    site=https://127.0.0.1
    expect "HTTP 转到 HTTPS" "^301 https://127.0.0.1/" fetch -o /dev/null -w '%{http_code} %{redirect_url}\n' http://127.0.0.1/
    expect "首页" "^200 text/html" fetch -o /tmp/index.html -w '%{http_code} %{content_type}\n' $site/
    expect "首页有安全策略，nginx 的头也在" "^strict-transport-security:" fetch -I $site/
    grep -qi '^content-security-policy:' "$work/out" || fail "没有 Content-Security-Policy"
    assets=$(grep -oE '(src|href)="/[^"]+"' "$work/front/tmp/index.html" | sed 's/.*="//; s/"//')
    [ -n "$assets" ] || fail "首页没有引用脚本和样式"
    for path in $assets /widget.js; do
        expect "$path" "^200 " fetch -o /dev/null -w '%{http_code} \n' "$site$path"
    done
    if [ -e "$work/root/usr/share/sunmao/web/staff/index.html" ] || [ -e "$work/root/opt/sunmao/share/sunmao/web/staff/index.html" ]; then
        expect "工作人员页面" "^200 " fetch -o /dev/null -w '%{http_code} \n' "$site/staff/"
    fi
    expect "没有的页面" "^404 " fetch -o /dev/null -w '%{http_code} \n' $site/none
}

post() {
    path=$1
    body=$2
    shift 2
    fetch -H 'Content-Type: application/json' --data-binary "$body" "$@" "$site$path"
}

answers() {
    expect "回答带出处" '"cites": ?\[\{"doc": ?"HJ-001"' post /v1/ask '{"text":"新生儿上户口要带什么"}'
    session=$(grep -oE '"session": ?"[^"]+"' "$work/out" | head -n 1 | sed 's/.*: *"//; s/"//')
    [ -n "$session" ] || fail "回答里没有会话"
    # A stream: what happens later must come while it is open, not when it ends.
    chroot "$work/front" curl -sSkN --max-time 30 "$site/v1/conversations/$session/events" >"$work/events" 2>&1 &
    stream=$!
    until_done "事件流没有开始" grep -q '"machine"' "$work/events"
    post "/v1/conversations/$session/handover" '{"test":true}' >/dev/null
    until_done "事件没有马上到" grep -q '"waiting"' "$work/events"
    kill -0 "$stream" || fail "事件流断了"
    kill "$stream"
    echo "   事件流不经缓冲"
}

job_is_done() { fetch -b /tmp/jar "$site/v1/jobs/$1" | grep -qE '"state": ?"done"'; }

# A keeper imports more than the 1 MB that everything else may have.
imports() {
    head -c 2000000 /dev/zero >"$work/front/tmp/big"
    expect "提问超过 1 MB：nginx 拒收" "^413$" post /v1/ask "@/tmp/big" -o /dev/null -w '%{http_code}\n'
    head -n 300 demo/items.jsonl >"$work/front/tmp/items.jsonl"
    [ "$(stat -c %s "$work/front/tmp/items.jsonl")" -gt 1048576 ] || fail "导入的文件太小"
    printf 'Check-Package-%s' 1 | as_sunmao sunmao user add --data /var/lib/sunmao keeper --role keeper \
        --password-stdin >/dev/null
    expect "登录，Cookie 只走 HTTPS" "^set-cookie: .*; Secure" \
        post /v1/login '{"name":"keeper","password":"Check-Package-1"}' -c /tmp/jar -i
    csrf=$(grep -oE '"csrf": ?"[^"]+"' "$work/out" | sed 's/.*: *"//; s/"//')
    expect "网页导入 300 件" '"job": ?"' post "/v1/import?kind=item&name=items.jsonl" "@/tmp/items.jsonl" \
        -b /tmp/jar -H "X-CSRF-Token: $csrf"
    job=$(sed 's/.*"job": *"//; s/".*//' "$work/out")
    until_done "导入没有做完" job_is_done "$job"
    expect "随即能答" '"cites": ?\[\{"doc": ?"SF-003"' post /v1/ask '{"text":"身份证丢了补办要带什么"}'
}

# Ten logins a minute and address: inventing addresses does not help, another address has its own.
addresses() {
    wrong='{"name":"nobody","password":"Wrong-Password-1"}'
    for i in $(seq 40); do # a slow machine takes seconds for each, and the minute goes on
        post /v1/login "$wrong" -H "X-Forwarded-For: 203.0.113.$i" -o /dev/null -w '%{http_code}\n' >"$work/last"
        if grep -q 429 "$work/last"; then break; fi
    done
    expect "编造 X-Forwarded-For 绕不过限制" "^429$" cat "$work/last"
    expect "另一个地址另算" "^40[0134]$" post /v1/login "$wrong" --interface 127.0.0.2 -o /dev/null -w '%{http_code}\n'
}

stop() {
    pid=$(pgrep -f -n '^(/[^ ]*/)?(sunmao|ld.so) .*serve --config')
    kill -TERM "$pid"
    until_done "没有在十秒内停下" sh -c "! kill -0 $pid"
    [ ! -e "$work/root/run/sunmao/sunmao.sock" ] || fail "停下以后套接字还在"
    echo "   正常停止"
}

remove_deb() {
    on dpkg -i /tmp/sunmao.deb >"$work/install.log" 2>&1 || fail "再装一次不行"
    on dpkg -r sunmao >"$work/install.log" 2>&1 || fail "卸不掉"
    expect "卸载后设置和数据还在" "corpus.db" on sh -c 'ls /var/lib/sunmao/corpus.db && test -e /etc/sunmao/sunmao.conf'
    expect "清除后数据还在" "corpus.db" on sh -c 'dpkg -P sunmao >/dev/null; test ! -e /etc/sunmao && ls /var/lib/sunmao/corpus.db && id sunmao'
    on dpkg -i /tmp/sunmao.deb >"$work/install.log" 2>&1 || fail "第三次装不上"
    expect "要求时连数据一起清除" "^gone$" on sh -c \
        'SUNMAO_PURGE_DATA=yes dpkg -P sunmao >/dev/null; test ! -e /var/lib/sunmao && ! id sunmao 2>/dev/null && echo gone'
    left=$(on sh -c "find / -xdev -name '*sunmao*' ! -path '/tmp/*' ! -path '/run/*' ! -path '/proc/*' ! -path '/var/lib/dpkg/*' ! -path '/var/log/*'")
    [ -z "$left" ] || fail "还留着：$left"
}

remove_tarball() {
    cp "$work/root/opt/sunmao/install.sh" "$work/root/tmp"
    on /tmp/install.sh --remove >"$work/install.log" 2>&1 || fail "卸不掉"
    expect "卸载后数据还在" "corpus.db" on sh -c 'test ! -e /opt/sunmao && test ! -e /usr/local/bin/sunmao && ls /var/lib/sunmao/corpus.db'
    expect "要求时连数据一起清除" "^gone$" on sh -c \
        'SUNMAO_PURGE_DATA=yes /tmp/install.sh --remove >/dev/null; test ! -e /var/lib/sunmao && test ! -e /etc/sunmao && ! id sunmao 2>/dev/null && echo gone'
}

inside() {
    build=$1
    kind=$2
    base=$3
    chroots=$build/chroots
    work=$chroots/run
    echo "== $kind，装在 $base"
    mount --make-rprivate /
    mount -t proc proc /proc
    prepare "$base"
    install_it
    as_sunmao sunmao init --data /var/lib/sunmao --regions /tmp/regions.tsv >/dev/null
    as_sunmao sunmao import --data /var/lib/sunmao --kind item /tmp/items.jsonl >"$work/import.log" 2>&1 || fail "导入失败"
    serve
    front
    pages
    answers
    imports
    addresses
    stop
    "remove_$kind"
    echo "== $kind，装在 $base：通过"
}

case "${1:?用法：check-package.sh BUILD}" in
inside) shift; inside "$@" ;;
*) outside "$1" ;;
esac
