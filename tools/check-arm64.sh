#!/bin/sh
# check-arm64.sh BUILD: Sunmao for aarch64 (Kunpeng, Phytium), built on this x86-64 machine.  Its
# unit tests and fuzz corpora run under qemu-aarch64; then a part of the demo city is imported,
# trained and asked on an x86-64 with FMA, one without, and on an aarch64: index, models and
# answers must be the same bytes.
set -eu
build=$1
jobs=$(nproc)
if [ "$(uname -m)" != x86_64 ]; then
    echo "check-arm64 要在 x86-64 机器上运行，这台是 $(uname -m)；在 aarch64 上直接用 make check" >&2
    exit 1
fi
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j "$jobs"
build=$(cd "$build" && pwd)
arm=$build/arm64
# shellcheck disable=SC2046
tools/sysroot.sh arm64 "$arm/sysroot" libc6-dev libcmocka-dev $(tools/packages.sh libraries)
cmake -S . -B "$arm" -G Ninja -DCMAKE_BUILD_TYPE=Release -DSUNMAO_WERROR="${CI:+ON}" \
    -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64.cmake -DSUNMAO_SYSROOT="$arm/sysroot" \
    -DSUNMAO_HOST_BUILD="$build" >/dev/null
cmake --build "$arm" -j "$jobs"

tools/demo-data.sh "$build/bin/sunmao" "$build/check-data"
SUNMAO_DEMO_DATA=$build/check-data # made on x86-64, read on aarch64
export SUNMAO_DEMO_DATA
# A test that calls system() while it has threads: qemu forks then, and its glib's own allocator may
# have its lock taken by a thread that the child has not.
G_SLICE=always-malloc
export G_SLICE
ctest --test-dir "$arm" --output-on-failure --timeout 900 -j "$jobs" -R '^(test|fuzz)_'

# ------------------------------------------------------------------ equality

SUNMAO_TODAY=2026-11-23
SUNMAO_SHARE=$PWD/share
export SUNMAO_TODAY SUNMAO_SHARE
work=$arm/equal
rm -rf "$work"
mkdir -p "$work/policies"
cp demo/policies/p0*.md "$work/policies"
head -n 40 demo/items.jsonl >"$work/items.jsonl"
sed 's/^{"code": \("[^"]*"\).*/\1/' "$work/items.jsonl" >"$work/codes"
cat demo/queries-train.jsonl demo/facets-train.jsonl demo/ambiguous-train.jsonl \
    demo/multi-train.jsonl demo/steps-train.jsonl |
    grep -F -f "$work/codes" | awk 'NR % 5 == 0' >"$work/pairs.jsonl"
for kind in single ambiguous facet multi policy out; do
    head -n 25 "demo/queries-dev/$kind.jsonl"
done >"$work/questions.jsonl"

# live NAME COMMAND...: the city's part in $work/NAME; every number of every answer in NAME.answers
live() {
    name=$1
    shift
    echo "== $name"
    "$@" init --data "$work/$name" --regions demo/regions.tsv >/dev/null
    "$@" import --data "$work/$name" --kind policy "$work/policies" >/dev/null
    "$@" import --data "$work/$name" --kind item "$work/items.jsonl" >/dev/null 2>&1
    "$@" train --data "$work/$name" --kind item --pairs "$work/pairs.jsonl"
    "$@" ask --data "$work/$name" --explain --batch "$work/questions.jsonl" |
        sed 's/"ms":[0-9.e+-]*/"ms":0/' >"$work/$name.answers"
    (cd "$work/$name" && find index model -type f -exec sha256sum {} + | sort -k 2) >"$work/$name.sums"
}

live x86-64 "$build/bin/sunmao"
live x86-64-without-fma env GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable "$build/bin/sunmao"
live aarch64 qemu-aarch64 -L "$arm/sysroot" "$arm/bin/sunmao"
test "$(wc -l <"$work/x86-64.answers")" -ge 100
grep -q ' model/guide.model$' "$work/x86-64.sums"
for other in x86-64-without-fma aarch64; do
    diff -u "$work/x86-64.sums" "$work/$other.sums"
    cmp "$work/x86-64.answers" "$work/$other.answers"
done
echo "aarch64 与 x86-64：$(wc -l <"$work/x86-64.sums") 个索引和模型文件、$(wc -l <"$work/x86-64.answers") 个回答逐字节相同"
