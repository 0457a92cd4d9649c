#!/bin/sh
# bench-fairness.sh BUILD: is compute shared fairly?  The schedule simulated with 2,000 departments on 200 back ends and on
# small systems, what it costs, then a real gateway with a real engine and a tiny model.  SECONDS_EACH (60) of each of the
# three parts of the last.
set -eu
build=$1
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j "$(nproc)" --target sunmao engine bench_fairness bench_schedule bench_backend >&2
"$build/bin/bench_fairness" 1
"$build/bin/bench_schedule"
model=$(mktemp --suffix=.gguf)
trap 'rm -f "$model"' EXIT INT TERM
"$build/bin/sunmao-make-tiny" --kind qwen2 --vocab "$(tools/engine.sh vocab)/ggml-vocab-qwen2.gguf" --out "$model"
python3 bench/fairness/run.py --sunmao "$build/bin/sunmao" --engine "$build/bin/sunmao-engine" --model "$model" \
    --seconds "${SECONDS_EACH:-60}" --slots 4 --rate 1
