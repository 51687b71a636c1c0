# What "make run" and the integration tests need beside the module itself.
# Included by the Makefile, which sets BUILD.

TOOL_FLAGS := -std=c11 -Wall -Wextra -Werror -O2 -g

TOOLS := $(BUILD)/ditto-broker $(BUILD)/ditto-tail $(BUILD)/ditto-load

.PHONY: tools

tools: $(TOOLS)

$(BUILD)/ditto-broker: t/kafka/broker.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_FLAGS) -o $@ $< -lrdkafka

$(BUILD)/ditto-tail: t/kafka/tail.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_FLAGS) -o $@ $< -lrdkafka

$(BUILD)/ditto-load: $(wildcard t/load/*.c) t/load/load.h
	@mkdir -p $(@D)
	$(CC) $(TOOL_FLAGS) -o $@ $(filter %.c,$^) -lssl

# --- make run ----------------------------------------------------------------

.PHONY: run

run: deps-run
	@$(MAKE) --no-print-directory $(MODULE) tools
	@t/run/run

# --- integration tests -------------------------------------------------------

# PYTHON without a virtual environment of its own, INTEGRATION to choose:
# make integration INTEGRATION="-k policies"

PYTHON ?= python3
INTEGRATION ?=

.PHONY: integration

$(BUILD)/venv/ready: t/integration/requirements.txt
	$(PYTHON) -m venv $(BUILD)/venv
	$(BUILD)/venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# the time of day, as a test wants it

$(BUILD)/ditto-clock.so: t/integration/lib/clock.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_FLAGS) -fPIC -shared -o $@ $<

integration: $(BUILD)/ngx_http_ditto_kafka_module.so $(TOOLS) \
		$(BUILD)/ditto-clock.so $(BUILD)/venv/ready
	$(BUILD)/venv/bin/pytest t/integration $(INTEGRATION)
