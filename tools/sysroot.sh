#!/bin/sh
# sysroot.sh ARCH DIR PACKAGE...: DIR becomes a tree of Debian packages of ARCH with all that they
# depend on, unpacked and not installed: neither this machine's packages nor its list of
# processors change.  Made already of the same packages: nothing is done again.
# SUNMAO_MIRROR is the archive (http://deb.debian.org/debian).
set -eu
arch=$1
dir=$2
shift 2
mirror=${SUNMAO_MIRROR:-http://deb.debian.org/debian}
. /etc/os-release
suite=$VERSION_CODENAME

if [ -f "$dir/.packages" ] && [ "$(cat "$dir/.packages")" = "$suite $arch $*" ]; then
    exit 0
fi
rm -rf "$dir" "$dir.apt"
mkdir -p "$dir.apt/lists/partial" "$dir.apt/archives/partial"
apt=$(cd "$dir.apt" && pwd)
: >"$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
# An apt of its own that believes nothing is installed.
cat >"$apt/apt.conf" <<CONF
APT { Architecture "$arch"; Architectures { "$arch"; }; Sandbox::User "root"; };
Dir { State "$apt"; State::status "$apt/status"; Cache "$apt";
      Etc { sourcelist "$apt/sources.list"; sourceparts "/dev/null"; preferencesparts "/dev/null"; }; };
CONF
echo "正在取 $arch 的软件包：$*" >&2
APT_CONFIG=$apt/apt.conf apt-get update -qq
APT_CONFIG=$apt/apt.conf apt-get install -qq -y --download-only --no-install-recommends "$@" >/dev/null

mkdir -p "$dir/usr/lib" "$dir/usr/bin" "$dir/usr/sbin"
for merged in lib bin sbin; do
    ln -s "usr/$merged" "$dir/$merged"
done
for deb in "$apt"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --keep-directory-symlink
done
echo "$suite $arch $*" >"$dir/.packages"
rm -rf "$apt"
