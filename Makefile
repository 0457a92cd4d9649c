# The friendly face of the build.  Variables may be given as arguments or in the environment:
#   DATA       where demo-data imports and trains the demo city      (demo-data)
#   DEMO_EXIT  1: `make demo` asks its three questions and ends      (0)
#   PORT       the demo server's port on 127.0.0.1                   (8750)
#   BUILD      the build folder                                      (build)
#   MODEL      a GGUF file for `make demo` to answer with            (none)
#   SUNMAO_CUDA  1: the engine computes on NVIDIA cards              (0)
#   SUNMAO_INSTALL  no: never install packages, only say which are missing
DATA      ?= demo-data
DEMO_EXIT ?= 0
BUILD     ?= build
MODEL     ?=
SUNMAO_CUDA ?= 0

SUNMAO = $(BUILD)/bin/sunmao
DEMO_FILES = $(wildcard demo/*.jsonl demo/*.tsv demo/policies/*.md share/*)

export PORT DEMO_EXIT MODEL SUNMAO_CUDA

.PHONY: all build engine web demo demo-data check check-arm64 package check-package bench bench-model bench-fairness eval-ground fuzz clean help

all: build

help:
	@echo "make            build $(SUNMAO)"
	@echo "make engine     build $(BUILD)/bin/sunmao-engine, which runs GGUF models (libllama is fetched and built once)"
	@echo "make web        build the pages into $(BUILD)/web"
	@echo "make demo       the demo city: install, build, import, train, three questions, then the server"
	@echo "make demo-data  import and train the demo city into DATA=DIR"
	@echo "make check      build and pass every test, under ASan and UBSan"
	@echo "make check-arm64  build for aarch64 (Kunpeng, Phytium) on x86-64, test it under qemu, compare the results;"
	@echo "                not part of make check, no more than check-package"
	@echo "make package    a Debian package and a tarball for machines without a network, into $(BUILD)"
	@echo "make check-package  install, serve behind nginx, ask and remove both in chroots without a network (root)"
	@echo "make bench      print the benchmark table"
	@echo "make bench-fairness  departments that flood while citizens ask: simulated, then with a real engine (4 minutes)"
	@echo "make bench-model  the engine against llama-server on a random model (SIZE=1.5B TYPE=q4_0 ROUNDS=5)"
	@echo "make eval-ground  how well sentences are held against their evidence, on eval/ground"
	@echo "make fuzz       run the fuzzers, a minute each"

build:
	@tools/packages.sh build
	@test -f $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
	@cmake --build $(BUILD) --target sunmao sunmao_shared

# libllama is built only where CMake finds none.
configure_engine = cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release -DSUNMAO_CUDA=$(SUNMAO_CUDA) >/dev/null
engine:
	@tools/packages.sh engine
	@$(configure_engine)
	@test -f $(BUILD)/llama.found || { tools/engine.sh build >/dev/null && $(configure_engine); }
	@cmake --build $(BUILD) --target engine

web:
	@tools/packages.sh web
	@tools/web.sh "$(BUILD)"

demo-data: build
	@tools/demo-data.sh $(SUNMAO) "$(DATA)"

demo: build web $(if $(MODEL),engine)
	@tools/demo-data.sh $(SUNMAO) "$(DATA)"
	@tools/demo.sh $(SUNMAO) "$(DATA)"

check:
	@tools/packages.sh check
	@SUNMAO_CUDA=0 tools/engine.sh build >/dev/null
	@tools/check.sh "$(BUILD)"

check-arm64:
	@tools/packages.sh arm64
	@tools/check-arm64.sh "$(BUILD)"

package:
	@tools/packages.sh package
	@tools/package.sh "$(BUILD)"

check-package: package
	@tools/packages.sh check-package
	@tools/check-package.sh "$(BUILD)"

bench: 
	@tools/packages.sh bench
	@tools/bench.sh "$(BUILD)"

bench-model: engine
	@tools/bench-model.sh "$(BUILD)"

bench-fairness: engine
	@tools/packages.sh bench
	@tools/bench-fairness.sh "$(BUILD)"

eval-ground: build
	@$(SUNMAO) eval ground eval/ground/dev-*.jsonl

fuzz:
	@tools/packages.sh fuzz
	@tools/fuzz.sh "$(BUILD)"

clean:
	rm -rf build demo-data
