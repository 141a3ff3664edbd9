# The commands of the README. Everything that is built or fetched goes to target/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SUFFIXES:
# Of Python: what is built goes to target/.
export PYTHONDONTWRITEBYTECODE := 1

CARGO ?= cargo
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
TOOL := tests/setup/tool.sh
# How often the library's own code ran while it compiled and ran the benchmark's programs: see `make profile`.
PROFILE := $(CURDIR)/src/release.profdata
# All that is built in release mode is built so; code may have moved on from the profile. As a configuration, to which RUSTFLAGS take
# precedence.
RELEASE := --release --config 'build.rustflags=["-Cprofile-use=$(PROFILE)", "-Cllvm-args=-no-pgo-warn-mismatch"]'
REL := target/release
SO := $(REL)/libtenon.so
DEMO := target/demo
# Only what a static link of the archive needs beside libc.
STATIC_LIBS := -lpthread -ldl -lm -lrt
# The version whose names and layouts the headers have.
ABI_VERSION := $(shell sed -n 's/^#define WASMTIME_VERSION "\(.*\)"/\1/p' include/wasmtime.h)

.PHONY: all lib program demo test test-sanitizers test-rust test-go test-go-std test-clients test-clients-own test-install soak fuzz test-machines bench profile install clean help

all: lib program

help:
	@sed -n 's/^## //p' Makefile

## make program  the command-line program, release mode, in target/release
program:
	$(CARGO) build $(RELEASE) --bin tenon

## make lib      the shared and the static library, release mode, in target/release
lib:
	$(CARGO) build $(RELEASE) --lib

## make demo     programs compiled by Go and C toolchains, run from a C and from a Go host
demo: lib $(DEMO)/host-c guests
	go=$$($(TOOL) go); cd go-bindings && "$$go" build -o ../$(DEMO)/host-go ./examples/core
	c-examples/demo/run.sh $(DEMO)

C_FLAGS := -std=gnu11 -O2 -Wall -Wextra

$(DEMO)/host-c: c-examples/demo/host.c $(wildcard include/*.h include/*/*.h) | lib
	mkdir -p $(DEMO)
	cc=$$($(TOOL) cc); $$cc $(C_FLAGS) -Iinclude -o $@ $< -L$(REL) -ltenon -Wl,-rpath,'$$ORIGIN/../release'

.PHONY: guests
guests: $(DEMO)/loglens.wasm $(DEMO)/loglens-native $(DEMO)/mdpress.wasm $(DEMO)/mdpress-native

LOGLENS := $(wildcard c-examples/demo/loglens/*)
MDPRESS := $(wildcard c-examples/demo/mdpress/*)

$(DEMO)/loglens.wasm: $(LOGLENS)
	mkdir -p $(DEMO)
	go=$$($(TOOL) go); cd c-examples/demo/loglens && GOOS=wasip1 GOARCH=wasm "$$go" build -o $(CURDIR)/$@ .

$(DEMO)/loglens-native: $(LOGLENS)
	mkdir -p $(DEMO)
	go=$$($(TOOL) go); cd c-examples/demo/loglens && CGO_ENABLED=0 "$$go" build -o $(CURDIR)/$@ .

$(DEMO)/mdpress.wasm: $(MDPRESS)
	mkdir -p $(DEMO)
	cc=$$($(TOOL) wasicc); $$cc $(C_FLAGS) -s -o $@ $(filter %.c,$^)

$(DEMO)/mdpress-native: $(MDPRESS)
	mkdir -p $(DEMO)
	cc=$$($(TOOL) cc); $$cc $(C_FLAGS) -o $@ $(filter %.c,$^)

## make test     everything: Rust and C tests, Go tests with -race, cgocheck and tenon_debug, installing, the demo
test: test-rust test-go test-install demo

test-install: lib
	tests/setup/install.sh

test-rust: lib
	$(CARGO) test --no-fail-fast

test-go: lib
	go=$$($(TOOL) go); export PATH="$$(dirname "$$go"):$$PATH"; cd go-bindings && "$$go" vet ./... && \
	  "$$go" vet -tags tenon_cgo_only ./... && \
	  "$$go" test -race -count=1 ./... && GODEBUG=cgocheck=1 GOGC=1 "$$go" test -count=1 ./... && \
	  "$$go" test -tags tenon_debug -count=1 -timeout 5m ./...

## make test-sanitizers  random orders of C calls with the library's memory watched (minutes; builds anew)
test-sanitizers:
	tests/setup/sanitizers.sh

## make test-clients-own  libwasmtime's Python and Go bindings, fetched, with our library in place of theirs
test-clients-own: lib
	tests/clients/python.sh
	tests/clients/go.sh

## make test-clients  the tests of other Go bindings, fetched, against ours
test-clients: lib test-clients-own
	go=$$($(TOOL) go); export PATH="$$(dirname "$$go"):$$PATH"; go-bindings/internal/conform/wasmtime-go.sh

## make test-go-std  Go's tests of its own standard library, under `tenon run` (minutes)
test-go-std:
	$(CARGO) test $(RELEASE) --test go_std -- --ignored --nocapture

## make soak MINUTES=n  all machines that hunt for faults, for that time; SEED=n repeats a hunt
MINUTES ?= 10
soak:
	python3 tests/soak/soak.py $(MINUTES) $(if $(SEED),--seed $(SEED)) $(SOAK_FLAGS)

## make fuzz TARGET=name SECONDS=n  one machine with libFuzzer choosing its inputs; targets are in tests/fuzz
SECONDS ?= 60
fuzz:
	tests/fuzz/run.sh "$(TARGET)" "$(SECONDS)"

## make test-machines  do those machines find faults? Each of six that are put in must be found within ten minutes
test-machines:
	python3 tests/soak/seeded.py $(MACHINE_FLAGS)

## make bench    Tenon beside its peers, which are fetched: a table and a chart; QUICK=1 takes under three minutes
bench: lib
	python3 tests/benches/bench.py $(if $(QUICK),--quick) $(BENCH_FLAGS)

## make profile  counts anew what the library's own code does most, for release builds; after `make bench`
profile:
	python3 tests/benches/profile.py

## make install  program, headers, libraries, tenon.pc and a CMake package into PREFIX; WASMTIME_ALIAS=1 adds libwasmtime's names
install: lib program
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 $(REL)/tenon "$(DESTDIR)$(PREFIX)/bin/tenon"
	install -d "$(DESTDIR)$(PREFIX)/include" "$(DESTDIR)$(PREFIX)/lib/pkgconfig"
	cp -R include/. "$(DESTDIR)$(PREFIX)/include/"
	install -m 755 $(SO) "$(DESTDIR)$(PREFIX)/lib/libtenon.so.$(VERSION)"
	soname=$$($(READ_SONAME)); cd "$(DESTDIR)$(PREFIX)/lib" && \
	  { [ "$$soname" = libtenon.so ] || ln -sf libtenon.so.$(VERSION) "$$soname"; } && \
	  ln -sf libtenon.so.$(VERSION) libtenon.so
	install -m 644 $(REL)/libtenon.a "$(DESTDIR)$(PREFIX)/lib/libtenon.a"
	$(call packages,tenon,$(VERSION))
ifeq ($(WASMTIME_ALIAS),1)
	cd "$(DESTDIR)$(PREFIX)/lib" && ln -sf libtenon.so.$(VERSION) libwasmtime.so && ln -sf libtenon.a libwasmtime.a
	$(call packages,wasmtime,$(ABI_VERSION))
endif

# Package files for pkg-config and CMake: $(call packages,name,version).
packages = dir="$(DESTDIR)$(PREFIX)/lib"; install -d "$$dir/cmake/$(1)"; \
	fill() { sed -e 's|@NAME@|$(1)|g; s|@VERSION@|$(2)|g; s|@PREFIX@|$(PREFIX)|g; s|@STATIC_LIBS@|$(STATIC_LIBS)|g' "src/capi/package/$$1.in" > "$$2"; \
	  chmod 644 "$$2"; }; \
	fill package.pc "$$dir/pkgconfig/$(1).pc"; \
	fill config.cmake "$$dir/cmake/$(1)/$(1)-config.cmake"; \
	fill config-version.cmake "$$dir/cmake/$(1)/$(1)-config-version.cmake"

# The name that programs linked against the library will look for.
READ_SONAME = { readelf -d $(SO) 2>/dev/null || true; } | sed -n 's/.*soname: \[\(.*\)\].*/\1/p' | grep . || echo libtenon.so

clean:
	$(CARGO) clean
