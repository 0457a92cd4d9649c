#!/bin/sh
# Installs this folder on a machine without a network, as root:
#   ./install.sh            into /opt/sunmao, with user, settings and (where systemd runs) service
#   ./install.sh --remove   takes it away again; settings and data stay, unless SUNMAO_PURGE_DATA=yes
# PREFIX is the folder (/opt/sunmao).
set -eu
prefix=${PREFIX:-/opt/sunmao}
here=$(cd "$(dirname "$0")" && pwd)

if [ "$(id -u)" != 0 ]; then
    echo "请用 root 运行：sudo $0 $*" >&2
    exit 1
fi
systemd() { [ -d /run/systemd/system ]; }

remove() {
    if systemd; then
        systemctl disable --now sunmao.service 2>/dev/null || true
    fi
    rm -f /etc/systemd/system/sunmao.service /etc/tmpfiles.d/sunmao.conf
    rm -f /usr/local/bin/sunmao /usr/local/share/man/man1/sunmao.1.gz
    rm -rf "$prefix" /run/sunmao
    if systemd; then
        systemctl daemon-reload || true
    fi
    if [ "${SUNMAO_PURGE_DATA:-no}" = yes ]; then
        rm -rf /var/lib/sunmao /etc/sunmao
        userdel sunmao 2>/dev/null || true
        groupdel sunmao 2>/dev/null || true
        groupdel sunmao-web 2>/dev/null || true
        echo "榫卯和它的数据、设置已删除"
    else
        echo "榫卯已删除；数据留在 /var/lib/sunmao，设置留在 /etc/sunmao（一起删：SUNMAO_PURGE_DATA=yes）"
    fi
}

people() {
    getent group sunmao >/dev/null || groupadd --system sunmao
    getent group sunmao-web >/dev/null || groupadd --system sunmao-web
    getent passwd sunmao >/dev/null ||
        useradd --system --gid sunmao --home-dir /var/lib/sunmao --no-create-home \
            --shell /usr/sbin/nologin sunmao
    [ -d /var/lib/sunmao ] || install -d -o sunmao -g sunmao -m 0750 /var/lib/sunmao
}

with_own_libc() { "$here/lib/glibc/ld.so" --library-path "$here/lib/glibc:$here/lib" "$here/bin/sunmao" "$@"; }

# Where the machine's C library is older than the program: started by the loader beside it.
own_libc() {
    for program in sunmao sunmao-engine; do
        mv "$1/bin/$program" "$1/lib/$program"
        cat >"$1/bin/$program" <<END
#!/bin/sh
SUNMAO_SHARE=\${SUNMAO_SHARE:-$prefix/share/sunmao}
SUNMAO_ENGINE=\${SUNMAO_ENGINE:-$prefix/bin/sunmao-engine}
export SUNMAO_SHARE SUNMAO_ENGINE
exec $prefix/lib/glibc/ld.so --library-path $prefix/lib/glibc:$prefix/lib $prefix/lib/$program "\$@"
END
        chmod 755 "$1/bin/$program"
    done
}

# The old folder stays until the new one is whole.
program() {
    rm -rf "$prefix.new" "$prefix.old"
    mkdir -p "$prefix.new"
    cp -a "$here/." "$prefix.new"
    chown -R root:root "$prefix.new"
    if [ "$old_libc" = yes ]; then
        own_libc "$prefix.new"
    fi
    if [ -e "$prefix" ]; then
        mv "$prefix" "$prefix.old"
    fi
    mv "$prefix.new" "$prefix"
    rm -rf "$prefix.old"
    mkdir -p /usr/local/bin /usr/local/share/man/man1
    ln -sf "$prefix/bin/sunmao" /usr/local/bin/sunmao
    ln -sf "$prefix/share/man/man1/sunmao.1.gz" /usr/local/share/man/man1/sunmao.1.gz
}

settings() {
    mkdir -p /etc/sunmao /etc/systemd/system /etc/tmpfiles.d
    [ -e /etc/sunmao/sunmao.conf ] || cp "$prefix/etc/sunmao.conf" /etc/sunmao/sunmao.conf
    sed "s|/usr/bin/sunmao|$prefix/bin/sunmao|; s|/usr/share/doc|$prefix/share/doc|" \
        "$prefix/etc/sunmao.service" >/etc/systemd/system/sunmao.service
    cp "$prefix/etc/sunmao.tmpfiles" /etc/tmpfiles.d/sunmao.conf
}

service() {
    systemd || return 0
    systemd-tmpfiles --create sunmao.conf || true
    systemctl daemon-reload
    systemctl enable sunmao.service
    systemctl restart sunmao.service
}

case "${1:-}" in
--remove) remove; exit ;;
"") ;;
*) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac

old_libc=no
if ! "$here/bin/sunmao" version >/dev/null 2>&1; then
    if ! with_own_libc version >/dev/null; then
        echo "这台机器运行不了 $here/bin/sunmao：要 @ARCH@ 处理器和 Linux 3.2 或更新" >&2
        exit 1
    fi
    old_libc=yes
fi
people
program
settings
service
cat <<END
榫卯 $(/usr/local/bin/sunmao version) 已装在 $prefix，设置在 /etc/sunmao/sunmao.conf。
还没有数据时，接下来：
  runuser -u sunmao -- sunmao init --data /var/lib/sunmao --regions 地区表
  runuser -u sunmao -- sunmao import --data /var/lib/sunmao --kind item 事项文件
  systemctl start sunmao
nginx 的例子在 $prefix/etc/nginx.conf，说明在 $prefix/share/doc/sunmao/install.md。
END
