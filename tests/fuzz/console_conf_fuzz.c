/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer harness for the multiplexer's configuration. Whatever the text, what comes out is one
 * that can be: each line is reported at most once, in order. */
#include <stdlib.h>

#include "components/serial/mux/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static void report(void *context, unsigned int line, const char *why)
{
    unsigned int *last = context;

    require(line > *last && why != NULL && *why != '\0');
    *last = line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned int last = 0;
    struct config config;

    config_set_defaults(&config);
    config_parse(&config, (const char *)data, size, report, &last);
    require(config.escape >= 1 && config.escape < 0x20);
    require(config.escape != '\r' && config.escape != '\n' && config.escape != 0x1b);
    require(config.show <= CONFIG_SHOW_ALL);
    require(last <= size + 1);
    return 0;
}
