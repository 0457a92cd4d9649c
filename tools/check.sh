#!/bin/sh
# check.sh BUILD: the pages' types; every test under ASan and UBSan, those of threads and of serving
# under TSan; of the release program the library's face, the pages in a browser and the official
# OpenAI client.
set -eu
build=$1
jobs=$(nproc)
tools/web.sh "$build"
(cd web && npm run --silent types)

tools/engine.sh build >/dev/null # libllama, once: CMake takes it where it is there
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j "$jobs"
cmake -S . -B "$build/asan" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSUNMAO_SANITIZE=address,undefined \
    -DSUNMAO_WERROR="${CI:+ON}" >/dev/null
cmake --build "$build/asan" -j "$jobs"
tools/demo-data.sh "$build/bin/sunmao" "$build/check-data"
SUNMAO_DEMO_DATA=$(cd "$build/check-data" && pwd)
export SUNMAO_DEMO_DATA
ctest --test-dir "$build/asan" --output-on-failure -j "$jobs"
cmake -S . -B "$build/tsan" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSUNMAO_SANITIZE=thread >/dev/null
cmake --build "$build/tsan" -j "$jobs" --target sunmao test_threads test_http test_http_hostile test_http_streams
ctest --test-dir "$build/tsan" --output-on-failure -R '^(test_threads|test_http.*|server_talk|server_crash)$'

ctest --test-dir "$build" --output-on-failure -R '^abi_' # those no sanitizer's program can show, too
at=$(cd "$build" && pwd)
SUNMAO_BIN=$at/bin/sunmao SUNMAO_WEB=$at/web SUNMAO_SHOTS=$at/shots node --test --test-concurrency=1 tests/web/*.test.mjs

SUNMAO_BIN=$at/bin/sunmao SUNMAO_VOCAB=$(tools/engine.sh vocab)/ggml-vocab-qwen2.gguf \
    python3 tests/server/faults.py EngineTest.test_its_memory_has_a_limit
(cd tests/client && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
SUNMAO_BIN=$at/bin/sunmao node --test tests/client/*.test.mjs
