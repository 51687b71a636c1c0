# Eclipse Ditto's Kafka binding as a dynamic module for nginx.
# "make help" lists what there is to do.

BUILD    := build
CC       ?= cc
WARNINGS := -std=c11 -Wall -Wextra -Wshadow -Wconversion -Werror
SANITIZE := -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=undefined -DDITTO_SCRATCH_CHUNK=0

CORE       := $(wildcard src/ditto/*.c)
CORE_DEBUG := $(CORE:src/ditto/%.c=$(BUILD)/debug/%.o)
UNIT       := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(wildcard t/unit/test_*.c))
UNIT_SHARED := $(wildcard t/unit/unit_*.c)
VECTORS    := $(wildcard t/vectors/*.c)

MODULE  := $(BUILD)/ngx_http_ditto_kafka_module.so
SOURCES := config $(wildcard src/*/*.c src/*/*.h)

# nginx to build against: the distribution's headers, or any source tree
NGINX_SRC ?= /usr/share/nginx/src
NGINX_TREE := $(BUILD)/nginx

MODULE_CFLAGS  := -g -O3
MODULE_LDFLAGS :=

.SECONDARY:
.DEFAULT_GOAL := module
.PHONY: help deps deps-run deps-test module run test unit vectors \
        integration install clean FORCE

help:
	@echo 'make               build/ngx_http_ditto_kafka_module.so'
	@echo 'make NGINX_SRC=DIR the same for the nginx source tree DIR'
	@echo 'make run           broker, nginx and one message; PORT=, BOOTSTRAP=host:9092'
	@echo 'make test          unit tests, vectors, integration tests'
	@echo 'make unit          unit tests of the core alone, with sanitizers'
	@echo 'make vectors       the core against what Ditto answered; DIR=, SETS="..."'
	@echo 'make integration   nginx against brokers; INTEGRATION="-k policies"'
	@echo 'make bench         beside nginx alone and a raw producer; docs/performance.md'
	@echo 'make profile CASE=d  instructions by function (valgrind)'
	@echo 'make fuzz          the core against libFuzzer; SECONDS=60, FUZZ="json ..."'
	@echo 'make install       the module into nginx (DESTDIR=, MODULES=)'
	@echo 'make deps          install what building and running need (Debian, Ubuntu)'
	@echo 'make clean         remove build/'

# --- what it needs: packages of Debian and Ubuntu ------------------------------

DEPS      := gcc libc6-dev make bash nginx nginx-dev librdkafka-dev libjansson-dev
DEPS_RUN  := $(DEPS) curl python3 libssl-dev
DEPS_TEST := $(DEPS_RUN) libcmocka-dev python3-venv openssl kcat valgrind \
             util-linux openjdk-17-jre-headless maven

deps:
	@t/run/deps $(DEPS)

deps-run:
	@t/run/deps $(DEPS_RUN)

deps-test:
	@t/run/deps $(DEPS_TEST)

# --- the module ----------------------------------------------------------------

module: $(MODULE)

# changes when a file comes or goes
$(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(NGINX_SRC) $(SOURCES)' | cmp -s - $@ || echo '$(NGINX_SRC) $(SOURCES)' > $@

$(NGINX_TREE)/objs/Makefile: config $(BUILD)/sources t/run/configure
	@t/run/configure $(NGINX_SRC) $(NGINX_TREE) '$(CC)' '$(MODULE_CFLAGS)' '$(MODULE_LDFLAGS)'

$(MODULE): $(SOURCES) $(NGINX_TREE)/objs/Makefile
	@echo building $@
	@$(MAKE) -C $(NGINX_TREE) -f objs/Makefile modules > $(BUILD)/make.log 2>&1 || \
	    { cat $(BUILD)/make.log >&2; exit 1; }
	@cp $(NGINX_TREE)/objs/$(@F) $@

MODULES ?= $(shell nginx -V 2>&1 | tr ' ' '\n' | sed -n 's/^--modules-path=//p')

install: $(MODULE)
	install -D -m 644 $(MODULE) $(DESTDIR)$(MODULES)/$(notdir $(MODULE))

# --- everything ------------------------------------------------------------------

test: deps-test
	$(MAKE) unit vectors integration

include t/tests.mk
include t/bench/bench.mk
include t/fuzz/fuzz.mk

# --- the core as a library: no nginx, no librdkafka in its include path -----

$(BUILD)/debug/%.o: src/ditto/%.c $(wildcard src/ditto/*.h)
	@mkdir -p $(@D)
	$(CC) $(WARNINGS) $(SANITIZE) -c -o $@ $<

$(BUILD)/debug/libditto.a: $(CORE_DEBUG)
	rm -f $@ && ar rcs $@ $^

# --- unit tests and vectors --------------------------------------------------

$(BUILD)/unit/%: t/unit/%.c t/unit/malloc.c $(UNIT_SHARED) \
		$(wildcard t/unit/unit_*.h) $(BUILD)/debug/libditto.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE $(SANITIZE) -Isrc/ditto -It/unit \
	    -Wl,--wrap=malloc -o $@ $< t/unit/malloc.c $(UNIT_SHARED) \
	    $(BUILD)/debug/libditto.a -lcmocka -ljansson

unit: $(UNIT)
	@set -e; for t in $(UNIT); do echo "$$t"; $$t; done

$(BUILD)/vectors: $(VECTORS) t/vectors/vectors.h $(UNIT_SHARED) \
		$(BUILD)/debug/libditto.a
	$(CC) -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE $(SANITIZE) -Isrc/ditto -It/unit \
	    -o $@ $(VECTORS) $(UNIT_SHARED) $(BUILD)/debug/libditto.a -ljansson

DIR ?= t/data/vectors

# each rule of t/vectors/vectors_intended.c has its row
vectors: $(BUILD)/vectors
	@$(BUILD)/vectors --rules | while read -r rule; do \
	    grep -qF "| $$rule |" docs/compatibility.md || \
	    { echo "docs/compatibility.md: no row \"$$rule\"" >&2; exit 1; }; done
	@$(BUILD)/vectors $(DIR) $(SETS)

clean:
	rm -rf $(BUILD)
