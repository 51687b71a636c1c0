# Fuzzing of the core with libFuzzer.  Included by the Makefile, which sets
# BUILD, CORE and WARNINGS.  A target is a file t/fuzz/fuzz_<name>.c.

FUZZ_CC    ?= clang
FUZZ_FLAGS := -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
              -fno-sanitize-recover=undefined -DDITTO_SCRATCH_CHUNK=0

DEPS_FUZZ := clang libclang-rt-14-dev libc6-dev libjansson-dev make python3

FUZZ_ALL     := $(patsubst t/fuzz/fuzz_%.c,%,$(wildcard t/fuzz/fuzz_*.c))
FUZZ_CORE    := $(CORE:src/ditto/%.c=$(BUILD)/fuzz/core/%.o)
FUZZ_SHARED  := t/fuzz/fuzz.c $(UNIT_SHARED)
FUZZ_VECTORS := t/data/vectors

# make fuzz SECONDS=600 FUZZ="json signal"

SECONDS ?= 60
FUZZ    ?= $(FUZZ_ALL)

.PHONY: deps-fuzz fuzz fuzz-targets

deps-fuzz:
	@t/run/deps $(DEPS_FUZZ)

fuzz: deps-fuzz
	@$(MAKE) --no-print-directory fuzz-targets
	@t/run/fuzz $(SECONDS) $(BUILD)/fuzz $(FUZZ)

fuzz-targets: $(FUZZ:%=$(BUILD)/fuzz/%/fuzz) $(FUZZ:%=$(BUILD)/fuzz/%/dict)

$(BUILD)/fuzz/core/%.o: src/ditto/%.c $(wildcard src/ditto/*.h)
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(WARNINGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(BUILD)/fuzz/libditto.a: $(FUZZ_CORE)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/fuzz/%/fuzz: t/fuzz/fuzz_%.c t/fuzz/fuzz.h $(FUZZ_SHARED) \
		$(wildcard t/unit/unit_*.h) $(BUILD)/fuzz/libditto.a
	@mkdir -p $(@D)
	@echo building $@
	@$(FUZZ_CC) -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE $(FUZZ_FLAGS) \
	    -fsanitize=fuzzer -Isrc/ditto -It/unit -It/fuzz -o $@ $< \
	    $(FUZZ_SHARED) $(BUILD)/fuzz/libditto.a -ljansson

$(BUILD)/fuzz/%/dict: t/fuzz/fuzz_%.c t/fuzz/seeds $(wildcard t/fuzz/*.dict) \
		$(wildcard $(FUZZ_VECTORS)/*.json)
	@t/fuzz/seeds $(FUZZ_VECTORS) $< $(@D)
