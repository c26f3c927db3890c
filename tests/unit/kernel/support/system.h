/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small system for kernel tests: core 0, PDs 0 (priority 10), 1 (20) and 2 (20), each with its
 * IPC buffer, PD 0 a child of PD 1; one vCPU (priority 5) of PD 1; a GIC that records.
 */
#ifndef SLUICE_TESTS_UNIT_KERNEL_SUPPORT_SYSTEM_H
#define SLUICE_TESTS_UNIT_KERNEL_SUPPORT_SYSTEM_H

#include "kernel/arch/host/host.h"
#include "kernel/pd/pd.h"
#include "kernel/vcpu/vcpu.h"

struct fake_gic {
    uint64_t list[GIC_LIST_REGISTERS];
    uint32_t pending;     /* what acknowledge() returns next, once */
    uint32_t ended;       /* what take_ended() reports next */
    uint32_t dropped;     /* last INTID dropped, or 0 */
    uint32_t deactivated; /* … and deactivated */
    bool timer_ppi_active;
    unsigned int ipis; /* sent */
};

extern struct fake_gic fake_gic;

/* The UART behind dev/console.c, which a test names in log_init(). */
struct fake_uart {
    char text[4096];
    unsigned int size;
    unsigned int room; /* characters that it still takes */
};

extern struct fake_uart fake_uart;

/* cmocka setup function: everything as after boot, PDs runnable, the vCPU stopped. */
int system_setup(void **state);
/* Their PDs' channels are these interrupts. */
void system_give_irqs(const struct image_irq *irqs, unsigned int count);
/* Who runs next, chosen and switched to as on the way out of the kernel, but for the sleep of an
 * idle core; NULL: nobody. */
struct thread *system_run_next(void);

#endif
