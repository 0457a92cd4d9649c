#!/bin/sh
# bench.sh BUILD: the benchmark table, every speed and size.  SUNMAO_DATA names a folder with
# laws/ and stard/ for the figures on real texts; without it those are skipped, and said so.
set -eu
build=$1
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j "$(nproc)" --target bench_match bench_search bench_ground bench_gateway bench_backend sunmao >&2
echo "| figure | measured | command |"
echo "|---|---|---|"
"$build/bin/bench_match"
"$build/bin/bench_search"
"$build/bin/bench_ground" eval/ground/dev-*.jsonl

tools/demo-data.sh "$build/bin/sunmao" "$build/check-data" >&2
tools/bench-http.sh "$build/bin/sunmao" "$build/check-data"
tools/bench-gateway.sh "$build/bin/sunmao" "$build/bin/bench_backend" "$build/bin/bench_gateway"
