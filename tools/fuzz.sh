#!/bin/sh
# fuzz.sh BUILD: every fuzzer for SECONDS_EACH (60) seconds under ASan and UBSan, from its corpus; new inputs
# stay in BUILD/fuzz/found/<name>.
set -eu
build=$1/fuzz
seconds=${SECONDS_EACH:-60}
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang -DSUNMAO_FUZZ=ON \
    -DSUNMAO_SANITIZE=address,undefined >/dev/null
cmake --build "$build" -j "$(nproc)"
for source in fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    mkdir -p "$build/found/$name"
    echo "== $name, $seconds s"
    "$build/bin/fuzz_$name" -max_total_time="$seconds" -print_final_stats=1 "$build/found/$name" "fuzz/corpus/$name"
done
