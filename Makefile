# Eclipse Ditto's Kafka binding as a dynamic module for nginx.
# "make help" lists what there is to do.

BUILD    := build
CC       ?= cc
WARNINGS := -std=c11 -Wall -Wextra -Wshadow -Wconversion -Werror
SANITIZE := -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=undefined

CORE       := $(wildcard src/ditto/*.c)
CORE_DEBUG := $(CORE:src/ditto/%.c=$(BUILD)/debug/%.o)
UNIT       := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(wildcard t/unit/test_*.c))
VECTORS    := $(wildcard t/vectors/*.c)

.SECONDARY:
.PHONY: unit vectors clean

# --- the core as a library: no nginx, no librdkafka in its include path -----

$(BUILD)/debug/%.o: src/ditto/%.c $(wildcard src/ditto/*.h)
	@mkdir -p $(@D)
	$(CC) $(WARNINGS) $(SANITIZE) -c -o $@ $<

$(BUILD)/debug/libditto.a: $(CORE_DEBUG)
	rm -f $@ && ar rcs $@ $^

# --- unit tests and vectors --------------------------------------------------

$(BUILD)/unit/%: t/unit/%.c t/unit/unit_pool.c t/unit/unit_pool.h \
		$(BUILD)/debug/libditto.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE $(SANITIZE) -Isrc/ditto -It/unit \
	    -o $@ $< t/unit/unit_pool.c $(BUILD)/debug/libditto.a -lcmocka -ljansson

unit: $(UNIT)
	@set -e; for t in $(UNIT); do echo "$$t"; $$t; done

$(BUILD)/vectors: $(VECTORS) t/vectors/vectors.h t/unit/unit_pool.c \
		$(BUILD)/debug/libditto.a
	$(CC) -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE $(SANITIZE) -Isrc/ditto -It/unit \
	    -o $@ $(VECTORS) t/unit/unit_pool.c $(BUILD)/debug/libditto.a -ljansson

DIR ?= t/data/vectors

vectors: $(BUILD)/vectors
	$(BUILD)/vectors $(DIR) $(SETS)

clean:
	rm -rf $(BUILD)
