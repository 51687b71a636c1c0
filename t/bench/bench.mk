# The bench.  Included by the Makefile, which sets BUILD and NGINX_SRC.
# make bench BENCH="c d" CONNECTIONS="64 256" ROUNDS=3 SECONDS=1

BENCH       :=
CONNECTIONS := 1 64 256 1024
ROUNDS      := 7
SECONDS     := 1

RAW_MODULE := $(BUILD)/bench/ngx_http_raw_produce_module.so

CASE        := d

.PHONY: bench bench-tools profile

$(RAW_MODULE): t/bench/ngx_http_raw_produce_module.c t/bench/config t/run/configure
	@echo building $@
	@mkdir -p $(@D)
	@cd t/bench && ../run/configure $(abspath $(NGINX_SRC)) $(abspath $(@D))/nginx '$(CC)' '$(MODULE_CFLAGS)' '$(MODULE_LDFLAGS)'
	@$(MAKE) -C $(@D)/nginx -f objs/Makefile modules > $(@D)/make.log 2>&1 || \
	    { cat $(@D)/make.log >&2; exit 1; }
	@cp $(@D)/nginx/objs/$(@F) $@

bench-tools: $(MODULE) $(RAW_MODULE) $(BUILD)/ditto-broker $(BUILD)/ditto-load

bench: deps-test
	@$(MAKE) --no-print-directory bench-tools
	@t/bench/bench $(BENCH) --connections $(CONNECTIONS) --rounds $(ROUNDS) \
	    --seconds $(SECONDS)

# needs valgrind
profile: deps-test
	@$(MAKE) --no-print-directory bench-tools
	@t/bench/profile $(CASE)
