#!/bin/sh
# Secures the Debian packages a target needs: packages.sh build|engine|web|check|bench|fuzz|arm64|package|
# check-package.
# Says what it will install, installs with apt-get as root or through sudo, and
# stops with a clear message when it may not.  SUNMAO_INSTALL=no never installs.
# packages.sh libraries: prints what the program is compiled against.
set -eu

libraries="libjansson-dev libsqlite3-dev libssl-dev libexpat1-dev libzip-dev libpcre2-dev zlib1g-dev libutf8proc-dev libedit-dev libmicrohttpd-dev libargon2-dev libcurl4-openssl-dev"
build="gcc g++ cmake ninja-build pkg-config libopencc-dev $libraries"
# Node.js for the pages: what is there is used when it is new enough (18.20, Debian's), with its own
# npm; a Node.js from elsewhere conflicts with Debian's npm.
node=""
if ! command -v npm >/dev/null || ! node -e '
    const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > 18 || (a === 18 && b >= 20) ? 0 : 1)' 2>/dev/null; then
    node="nodejs npm"
fi
web="$node"
engine="$build git ca-certificates $node"
# pdftotext, which the program runs to read PDFs (only then).
check="$engine libcmocka-dev python3 chromium fonts-wqy-microhei poppler-utils"
bench="$engine libcmocka-dev python3 libxapian-dev xz-utils nginx-light wrk"
fuzz="$build libcmocka-dev python3 clang libclang-rt-14-dev"
package="$engine dpkg-dev"
check_package="$package debootstrap iproute2 procps"
arm64="$build libcmocka-dev python3 gcc-aarch64-linux-gnu qemu-user"

case "${1:-}" in
build) want=$build ;;
engine) want=$engine ;;
web) want=$web ;;
check) want=$check ;;
bench) want=$bench ;;
fuzz) want=$fuzz ;;
arm64) want=$arm64 ;;
package) want=$package ;;
check-package) want=$check_package ;;
libraries) echo "$libraries"; exit ;;
*) echo "usage: packages.sh build|engine|web|check|bench|fuzz|arm64|package|check-package|libraries" >&2; exit 2 ;;
esac

missing=""
for p in $want; do
    dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

echo "需要安装这些 Debian 软件包：$missing" >&2
if [ "${SUNMAO_INSTALL:-yes}" = no ]; then
    echo "SUNMAO_INSTALL=no，不自动安装。请先运行：apt-get install$missing" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        echo "当前用户不能安装软件包。请让管理员运行：apt-get install$missing" >&2
        exit 1
    fi
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
    { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; } ||
    { echo "安装失败。请检查软件源，再运行：apt-get install$missing" >&2; exit 1; }
