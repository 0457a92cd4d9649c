#!/bin/sh
# engine.sh VERB: libllama for the engine, from the source that the npm package node-llama-cpp holds
# as a git bundle: taken by npm pack (its scripts never run), held against its integrity hash, built
# static, kept outside the tree under SUNMAO_CACHE (or XDG_CACHE_HOME/sunmao).  Nothing is fetched
# once it is kept.
#   build    builds what is missing and prints the folder it is installed in (include, lib, models)
#   path     prints that folder when it is there; else exit 1
#   vocab    prints the folder of the tokenizers (ggml-vocab-*.gguf); fetches the source if need be
#   server   builds llama-server, the peer of the benches, and prints its path
#   peer     prints that path when it is there; else exit 1
# SUNMAO_CUDA=1 builds for NVIDIA cards; SUNMAO_CUDA_ARCHITECTURES names them (CMake's form) where
# the card is not in this machine.  SUNMAO_PORTABLE=1 builds for processors other than this one: x86-64
# with AVX2, any aarch64.  SUNMAO_JOBS is the number of compilers at once (all cores).
set -eu
verb=${1:-build}
package=node-llama-cpp@3.22.1
version=0.5.0
integrity=bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==
cache=${SUNMAO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sunmao}
jobs=${SUNMAO_JOBS:-$(nproc)}
export LC_ALL=C

flags="-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF"
library="-DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF"
server="-DLLAMA_BUILD_COMMON=ON -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_UI=OFF
    -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF"

fail() {
    echo "engine.sh: $*" >&2
    exit 1
}

case "${SUNMAO_CUDA:-0}" in
1 | ON | on | yes)
    PATH=$PATH:/usr/local/cuda/bin
    export PATH
    command -v nvcc >/dev/null || fail "要用 CUDA（SUNMAO_CUDA=1），但是没有找到 nvcc"
    flags="$flags -DGGML_CUDA=ON -DGGML_CUDA_NCCL=OFF ${SUNMAO_CUDA_ARCHITECTURES:+-DCMAKE_CUDA_ARCHITECTURES=$SUNMAO_CUDA_ARCHITECTURES}"
    nvcc=$(nvcc --version)
    ;;
*) nvcc=none ;;
esac

case "${SUNMAO_PORTABLE:-0}" in
1 | ON | on | yes)
    flags="$flags -DGGML_NATIVE=OFF"
    processor=any
    ;;
*) processor=$(grep -m1 -E '^(flags|Features)' /proc/cpuinfo || true) ;;
esac

# What the object code depends on: the source, the flags, the compilers, the processor.
key() {
    {
        echo "$package $integrity" "$@"
        "${CC:-cc}" --version
        "${CXX:-c++}" --version
        echo "$nvcc"
        uname -m
        echo "$processor"
    } | sha256sum | cut -c1-12
}

prefix=$cache/llama-$version-$(key "$flags" "$library")
source=$cache/llama-$version-source
peer=$cache/llama-$version-server-$(key "$flags" "$server")

# The hash is published in base64, sha512sum prints hexadecimal.
check_integrity() {
    want=$(printf %s "$integrity" | base64 -d | od -An -v -tx1 | tr -d ' \n')
    have=$(sha512sum "$1" | cut -d' ' -f1)
    if [ "$want" = "$have" ]; then return; fi
    echo "engine.sh: 下载的 $package 与登记的校验值不符，没有使用" >&2
    fail "应为 sha512 $want，实为 $have。请检查 npm 源（npm config get registry）"
}

fetch() {
    echo "正在获取 llama.cpp 源码（npm 包 $package）…" >&2
    command -v npm >/dev/null || fail "没有 npm，请先安装（tools/packages.sh engine）"
    (cd "$work" && npm pack --ignore-scripts --silent "$package" >/dev/null) ||
        fail "下载 $package 失败：请检查网络与 npm 源；没有网络的机器可以把 $cache 从别的机器上复制过来"
    set -- "$work"/node-llama-cpp-*.tgz
    check_integrity "$1"
    tar -xzf "$1" -C "$work" package/llama/gitRelease.bundle
    git clone -q "$work/package/llama/gitRelease.bundle" "$work/source" 2>/dev/null ||
        fail "无法取出 $package 中的源码"
}

need_source() {
    if [ -d "$source" ]; then return; fi
    fetch
    mv "$work/source" "$source"
}

# The log is shown only when something fails.
configure() {
    # shellcheck disable=SC2086
    cmake -S "$source" -B "$work/build" -G Ninja $flags "$@" >"$work/log" 2>&1 || fail_with_log
}

compile() {
    echo "正在编译 $1（只在第一次，用 $jobs 个进程）…" >&2
    shift
    cmake --build "$work/build" -j "$jobs" "$@" >>"$work/log" 2>&1 || fail_with_log
}

fail_with_log() {
    tail -n 40 "$work/log" >&2
    fail "编译 llama.cpp 失败（上面是日志的末尾）"
}

build_library() {
    need_source
    # shellcheck disable=SC2086
    configure $library
    compile libllama
    cmake --install "$work/build" --prefix "$work/prefix" >>"$work/log" 2>&1 || fail_with_log
    mkdir "$work/prefix/models"
    cp "$source"/models/ggml-vocab-*.gguf "$work/prefix/models/"
    mv "$work/prefix" "$prefix"
}

build_server() {
    need_source
    # shellcheck disable=SC2086
    configure $server
    compile llama-server --target llama-server
    mkdir "$work/peer"
    cp "$work/build/bin/llama-server" "$work/peer/"
    mv "$work/peer" "$peer"
}

# Two at once: the second waits and finds what the first has built.
alone() {
    mkdir -p "$cache"
    exec 9>"$cache/llama.lock"
    flock 9
    rm -rf "$cache"/tmp-* # of one that was killed
    work=$(mktemp -d "$cache/tmp-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
}

case "$verb" in
path)
    [ -d "$prefix" ] || exit 1
    echo "$prefix"
    ;;
build)
    if [ ! -d "$prefix" ]; then
        alone
        if [ ! -d "$prefix" ]; then build_library; fi
    fi
    echo "$prefix"
    ;;
peer)
    [ -d "$peer" ] || exit 1
    echo "$peer/llama-server"
    ;;
vocab)
    if [ -d "$prefix" ]; then
        echo "$prefix/models"
        exit
    fi
    if [ ! -d "$source" ]; then
        alone
        if [ ! -d "$source" ]; then need_source; fi
    fi
    echo "$source/models"
    ;;
server)
    if [ ! -d "$peer" ]; then
        alone
        if [ ! -d "$peer" ]; then build_server; fi
    fi
    echo "$peer/llama-server"
    ;;
*)
    echo "usage: engine.sh build|path|vocab|server|peer" >&2
    exit 2
    ;;
esac
