#!/bin/sh
# bench-model.sh BUILD: the engine against llama-server, built from the same source (tools/engine.sh),
# on a model of random weights.  SIZE (1.5B, 7B) and TYPE (q4_0, q8_0, q4_k, f16) of the model, ROUNDS,
# THREADS, GPU_LAYERS; what else is given goes to bench/model/model.py.
set -eu
build=$1
shift
cache=${SUNMAO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sunmao}
size=${SIZE:-1.5B}
type=${TYPE:-q4_0}
model=$cache/random-qwen2-$size-$type.gguf
peer=$(tools/engine.sh server)
if [ ! -f "$model" ]; then
    "$build/bin/sunmao-make-tiny" --kind qwen2 --size "$size" --type "$type" \
        --vocab "$(tools/engine.sh vocab)/ggml-vocab-qwen2.gguf" --out "$model.part"
    mv "$model.part" "$model"
fi
echo "$(date +%F), $(nproc) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg), random $size $type"
exec python3 bench/model/model.py "$build/bin/sunmao-engine" "$peer" "$model" --rounds "${ROUNDS:-5}" \
    --threads "${THREADS:-$(nproc)}" --gpu-layers "${GPU_LAYERS:-0}" "$@"
