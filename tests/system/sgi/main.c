/* SPDX-License-Identifier: BSD-2-Clause */
/* See sgi.h. */
#include "tests/system/sgi/sgi.h"

#define PSCI_CPU_OFF    0x84000002UL
#define PSCI_CPU_ON     0xc4000003UL
#define PSCI_SYSTEM_OFF 0x84000008UL

#define GICR_STRIDE 0x20000UL
#define GICR_SGIS   0x10000UL

struct desk {
    volatile uint64_t command, argument, result, count;
};

static struct desk desks[CPUS];

extern char start_other[];
void cpu_main(uint64_t cpu);

static uint64_t psci(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
    register uint64_t r0 __asm__("x0") = function;
    register uint64_t r1 __asm__("x1") = x1;
    register uint64_t r2 __asm__("x2") = x2;
    register uint64_t r3 __asm__("x3") = x3;

    __asm__ volatile("smc #0" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3) : : "memory");
    return r0;
}

const char guest_name[] = "sgi";

void exception(void)
{
    print("sgi: an exception\r\n");
    (void)psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}

/* ---- What goes into registers ---- */

uint64_t to(unsigned int targets, unsigned int intid)
{
    return gic_is_v3 ? (uint64_t)intid << 24 | targets : (uint64_t)targets << 16 | intid;
}

uint64_t to_others(unsigned int intid)
{
    return gic_is_v3 ? (uint64_t)intid << 24 | 1UL << 40 : 1UL << 24 | intid;
}

uint64_t from(unsigned int source, unsigned int intid)
{
    return gic_is_v3 ? intid : source << 10 | intid;
}

uint64_t own_frame(unsigned int cpu)
{
    return gic_is_v3 ? GICR + cpu * GICR_STRIDE + GICR_SGIS : GICD;
}

static void send(uint64_t value)
{
    if (gic_is_v3) {
        __asm__ volatile("dsb ish; msr S3_0_C12_C11_5, %0; isb" : : "r"(value) : "memory");
    } else {
        write32(GICD + SGIR, (uint32_t)value);
    }
}

static void end(uint64_t iar)
{
    if (iar == NOTHING) {
        return;
    }
    if (gic_is_v3) {
        __asm__ volatile("msr S3_0_C12_C12_1, %0; isb" : : "r"(iar) : "memory");
    } else {
        write32(GICC + 0x10, (uint32_t)iar);
    }
}

static uint64_t sleep(void)
{
    uint64_t iar;

    do {
        __asm__ volatile("wfi" : : : "memory");
        iar = gic_take();
    } while (iar == NOTHING);
    end(iar);
    return iar;
}

/* ---- The other CPUs ---- */

static uint64_t obey(struct desk *desk)
{
    uint64_t argument = desk->argument;

    switch (desk->command) {
    case SEND:
        send(argument);
        return 0;
    case TAKE:
        return gic_take();
    case END:
        end(argument);
        return 0;
    case SLEEP:
        return sleep();
    case COUNT:
        for (; desk->count < argument; desk->count++) {
            (void)sleep();
        }
        return argument;
    case READ:
        return gic_is_v3 ? read32(argument) : read8(argument);
    case CLEAR:
        if (gic_is_v3) {
            write32(argument, 1U << 5);
        } else {
            write8(argument, 0xff);
        }
        return 0;
    default:
        return psci(PSCI_CPU_OFF, 0, 0, 0);
    }
}

static void serve(struct desk *desk)
{
    gic_on_this_cpu();
    for (;;) {
        while (desk->command == IDLE) {
            relax();
        }
        if (desk->command == OFF) {
            desk->command = IDLE;
            (void)psci(PSCI_CPU_OFF, 0, 0, 0);
        }
        desk->result = obey(desk);
        __asm__ volatile("dsb sy" : : : "memory");
        desk->command = IDLE;
    }
}

/* ---- CPU 0 ---- */

void start_asking(unsigned int cpu, enum command command, uint64_t argument)
{
    desks[cpu].argument = argument;
    desks[cpu].count = 0;
    __asm__ volatile("dsb sy" : : : "memory");
    desks[cpu].command = command;
}

uint64_t wait_for(unsigned int cpu)
{
    while (desks[cpu].command != IDLE) {
        relax();
    }
    return desks[cpu].result;
}

uint64_t ask(unsigned int cpu, enum command command, uint64_t argument)
{
    if (cpu == 0) {
        desks[0].command = command;
        desks[0].argument = argument;
        return obey(&desks[0]);
    }
    start_asking(cpu, command, argument);
    return wait_for(cpu);
}

uint64_t count_of(unsigned int cpu)
{
    return desks[cpu].count;
}

void turn_on(unsigned int cpu)
{
    (void)psci(PSCI_CPU_ON, cpu, (uint64_t)(uintptr_t)start_other, cpu);
}

void cpu_main(uint64_t cpu)
{
    if (cpu != 0) {
        gic_find();
        serve(&desks[cpu]);
    }
    gic_find();
    gic_on();
    for (unsigned int i = 1; i < CPUS; i++) {
        turn_on(i);
    }
    checks_all();
    states_all(); /* among them those of an SGI to itself */
    print("sgi: done\r\n");
    (void)psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}
