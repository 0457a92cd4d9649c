#!/bin/sh
# web.sh BUILD: the pages into BUILD/web.  Built already from the same sources: nothing is done.
set -eu
build=$1
mkdir -p "$build"
build=$(cd "$build" && pwd)
cd web
stamp=$(find . -path ./node_modules -prune -o -type f -print | LC_ALL=C sort | xargs cat | cksum)
if [ -f "$build/web/.built" ] && [ "$(cat "$build/web/.built")" = "$stamp" ]; then
    exit 0
fi
echo "正在构建网页 …" >&2
if ! cmp -s package-lock.json node_modules/.lock-installed 2>/dev/null; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    cp package-lock.json node_modules/.lock-installed
fi
rm -rf "$build/web"
OUT="$build/web" node build.mjs >&2
echo "$stamp" >"$build/web/.built"
