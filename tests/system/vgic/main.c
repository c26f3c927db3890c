/* SPDX-License-Identifier: BSD-2-Clause */
/* See vgic.h. */
#include "tests/system/vgic/vgic.h"

#define PSCI_SYSTEM_OFF 0x84000008UL

static void power_off(void)
{
    register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;

    __asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

const char guest_name[] = "vgic";

void exception(void)
{
    print("vgic: an exception\r\n");
    power_off();
}

void guest_main(void)
{
    gic_find();
    registers_all();
    states_all();
    print("vgic: done\r\n");
    power_off();
}
