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

$(BUILD)/ditto-load: t/integration/load.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_FLAGS) -o $@ $<
