/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console multiplexer, a program: up to nine clients (console.h), and the UART's driver
 * (uart.h). What the description fills:
 *
 *   uart_vaddr, uart_channel                   the region and channel shared with the driver
 *   client1_vaddr, client1_channel … client9   those shared with clients; not there: no such client
 *   timer_irq                                  INTID 30; without it, nothing waits for time
 *   config_vaddr, config_size                  the configuration's text, if there is one
 */
#include "components/lib/filled.h"
#include "components/serial/mux/mux.h"

#define FOR_EACH_CLIENT(what) \
    what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9)

extern uintptr_t uart_vaddr;
extern uint64_t uart_channel;
extern uint64_t timer_irq;
extern uintptr_t config_vaddr;
extern uint64_t config_size;

uintptr_t uart_vaddr FILLED_BY_TOOL;
uint64_t uart_channel FILLED_BY_TOOL;
uint64_t timer_irq FILLED_BY_TOOL = FILLED_WITH_NOTHING;
uintptr_t config_vaddr FILLED_BY_TOOL;
uint64_t config_size FILLED_BY_TOOL;

#define DEFINE_CLIENT(n)                        \
    extern uintptr_t client##n##_vaddr;         \
    extern uint64_t client##n##_channel;        \
    uintptr_t client##n##_vaddr FILLED_BY_TOOL; \
    uint64_t client##n##_channel FILLED_BY_TOOL;

FOR_EACH_CLIENT(DEFINE_CLIENT)

static struct mux mux;

void init(void)
{
    struct mux_setup setup = {
        .uart = (void *)uart_vaddr,
        .uart_channel = (microkit_channel)uart_channel,
        .has_timer = timer_irq != FILLED_WITH_NOTHING,
        .timer = (microkit_channel)timer_irq,
        .config = (const char *)config_vaddr,
        .config_size = config_size,
    };

#define SET_CLIENT(n)                                    \
    setup.clients[n].region = (void *)client##n##_vaddr; \
    setup.clients[n].channel = (microkit_channel)client##n##_channel;
    FOR_EACH_CLIENT(SET_CLIENT)
    mux_init(&mux, &setup);
}

void notified(microkit_channel channel)
{
    mux_signalled(&mux, channel);
}
