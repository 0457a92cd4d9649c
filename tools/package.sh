#!/bin/sh
# package.sh BUILD: the Debian package BUILD/sunmao_VERSION-1_ARCH.deb and, for machines without a
# network, BUILD/sunmao-VERSION-linux-ARCH.tar.gz with the libraries it needs.  The same sources
# give the same bytes.
set -eu
build=$1
jobs=$(nproc)
tools/web.sh "$build"
build=$(cd "$build" && pwd)
work=$build/package
SUNMAO_PORTABLE=1 tools/engine.sh build >/dev/null
cmake -S . -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr \
    -DSUNMAO_PACKAGE=ON >/dev/null
cmake --build "$work" -j "$jobs" --target sunmao sunmao_portable sunmao_shared sunmao-engine sunmao_engine_portable

version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$work/CMakeCache.txt")
arch=$(dpkg --print-architecture)
maintainer=${SUNMAO_MAINTAINER:-the authors of Sunmao <root@localhost>}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
umask 022

# ------------------------------------------------------------- the Debian package

root=$work/root
doc=$root/usr/share/doc/sunmao
rm -rf "$root" "$work/debian"
DESTDIR=$root cmake --install "$work" --strip --component Unspecified >/dev/null
cp -r "$build/web" "$root/usr/share/sunmao/web"
rm -f "$root/usr/share/sunmao/web/.built"
install -Dm644 packaging/sunmao.conf "$root/etc/sunmao/sunmao.conf"
install -Dm644 packaging/sunmao.service "$root/usr/lib/systemd/system/sunmao.service"
install -Dm644 packaging/sunmao.tmpfiles "$root/usr/lib/tmpfiles.d/sunmao.conf"
install -Dm644 -t "$doc" README.md README.zh-CN.md SECURITY.md docs/*.md docs/*.json
install -Dm644 -t "$doc/examples" packaging/nginx.conf examples/ask.c
install -Dm644 -t "$doc/examples/demo" demo/items.jsonl demo/regions.tsv
install -Dm644 -t "$doc/examples/demo/policies" demo/policies/*.md
gzip -9n "$root"/usr/share/man/man1/*.1
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
gzip -9nc >"$doc/changelog.Debian.gz" <<END
sunmao ($version-1) stable; urgency=medium

  * See changelog.gz.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
{
    cat packaging/copyright
    sed 's/^[[:space:]]*$/./; s/^/ /' LICENSE
} >"$doc/copyright"
node packaging/licences.mjs web >"$doc/pages-licences.txt"

mkdir -p "$work/debian"
printf 'Source: sunmao\n\nPackage: sunmao\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -eroot/usr/bin/sunmao -eroot/usr/bin/sunmao-engine \
    $(find root/usr/lib -name 'libsunmao.so.*' -type f -printf '-e%p ') 2>/dev/null |
    sed -n 's/^shlibs:Depends=//p')
test -n "$depends"
install -d "$root/DEBIAN"
install -m755 -t "$root/DEBIAN" packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm
echo /etc/sunmao/sunmao.conf >"$root/DEBIAN/conffiles"
sed "s|@VERSION@|$version-1|; s|@ARCH@|$arch|; s|@MAINTAINER@|$maintainer|; s|@DEPENDS@|$depends|
    s|@SIZE@|$(du -sk --exclude=DEBIAN "$root" | cut -f 1)|" packaging/deb/control.in >"$root/DEBIAN/control"
printf 'activate-noawait ldconfig\n' >"$root/DEBIAN/triggers"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) \
    >"$work/md5sums"
install -m644 "$work/md5sums" "$root/DEBIAN/md5sums"
rm -f "$build"/sunmao_*.deb "$build"/sunmao-*-linux-*.tar.gz
dpkg-deb --root-owner-group -Zxz --build "$root" "$build/sunmao_$version-1_$arch.deb" >/dev/null

# ---------------------------------------------------------------- the tarball

name=sunmao-$version-linux-$(uname -m)
tree=$work/$name
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/lib" "$tree/etc"
cp -r "$root/usr/share" "$tree/share"
cp -r "$root/usr/include" "$tree/include"
install -m755 -s "$work/portable/sunmao" "$work/portable/sunmao-engine" "$tree/bin"
find "$root/usr/lib" -name 'libsunmao.so*' -exec cp -a {} "$tree/lib/" \;
cp packaging/sunmao.conf packaging/sunmao.service packaging/sunmao.tmpfiles packaging/nginx.conf "$tree/etc"
cp LICENSE README.md README.zh-CN.md CHANGELOG.md "$tree"
# Every library but the C library's own, with its licence.
ldd "$work/portable/sunmao" "$work/portable/sunmao-engine" | awk '$3 ~ /^\// { print $1, $3 }' | LC_ALL=C sort -u |
    grep -vE '^(libc|libm|libdl|librt|libpthread|libresolv)\.so' |
    while read -r soname file; do
        install -m644 "$(readlink -f "$file")" "$tree/lib/$soname"
        owner=$(dpkg-query -S "$(readlink -f "$file")" "*/$(basename "$(readlink -f "$file")")" 2>/dev/null |
            head -n 1 | cut -d: -f 1)
        install -Dm644 "/usr/share/doc/$owner/copyright" "$tree/share/doc/sunmao/libraries/$owner.txt"
    done
# The C library, for a machine whose own is older; install.sh takes it only then.
libc=$(ldd "$work/portable/sunmao" | awk '$1 == "libc.so.6" { print $3 }')
loader=$(ldd "$work/portable/sunmao" | awk '$1 ~ /ld-linux/ { print $1 }')
mkdir -p "$tree/lib/glibc"
for part in libc.so.6 libm.so.6 libresolv.so.2; do
    install -m644 "$(dirname "$libc")/$part" "$tree/lib/glibc"
done
install -m755 "$(readlink -f "$loader")" "$tree/lib/glibc/ld.so"
install -Dm644 /usr/share/doc/libc6/copyright "$tree/share/doc/sunmao/libraries/libc6.txt"
sed "s|@ARCH@|$(uname -m)|" packaging/install.sh >"$tree/install.sh"
chmod 755 "$tree/install.sh"
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$name" |
    gzip -9n >"$build/$name.tar.gz"

(cd "$build" && sha256sum "sunmao_$version-1_$arch.deb" "$name.tar.gz" | tee "sunmao-$version-$arch.sha256")
