/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the console that writes nonsense all over its region, without end. */
#include <microkit.h>

#include "components/lib/filled.h"
#include "components/serial/console.h"

extern uintptr_t console_vaddr;
extern uint64_t console_channel;

uintptr_t console_vaddr FILLED_BY_TOOL;
uint64_t console_channel FILLED_BY_TOOL;

static uint32_t next(void)
{
    static uint32_t state = 1;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

void init(void)
{
    volatile uint32_t *words = (volatile uint32_t *)console_vaddr;
    struct console_region *region = (struct console_region *)console_vaddr;

    for (uint32_t i = 0;; i++) {
        /* The rings' counters and the status more often than the rest. */
        words[next() % (sizeof(*region) / 4)] = next();
        words[0x800 / 4 + next() % (sizeof(struct ring_shared) * 3 / 4)] = next();
        words[next() % (sizeof(struct console_status) / 4)] = next();
        region->out.head += next() % 100;
        region->status.magic = CONSOLE_MAGIC;
        if (i % 64 == 0) {
            microkit_notify((microkit_channel)console_channel);
        }
    }
}

void notified(microkit_channel channel)
{
    (void)channel;
}
