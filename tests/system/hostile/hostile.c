/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest that does not: type what it is to do. Nothing of it ends, but for `doom`, a single bad
 * access, at which the VMM of this system's guest "doomed" faults.
 */
#include "bench/mark.h"
#include "tests/system/hostile/guest.h"

#define GICD_SGIR       0xf00
#define VIRTUAL_TIMER   27
#define DOOM            0xbad0000UL
#define PAGE_SIZE       0x1000UL
#define PSCI            0x84000000UL
#define PSCI_CPU_OFF    2
#define PSCI_SYSTEM_OFF 8
#define PSCI_RESET      9
#define PSCI_RESET2     0x12

typedef void (*code_t)(void);

/* A load or store of any size; some that the syndrome does not describe. */
static void touch(uint64_t address, uint64_t value)
{
    switch (random64() % 10) {
    case 0:
        __asm__ volatile("ldrb w0, [%0]" : : "r"(address) : "x0", "memory");
        break;
    case 1:
        __asm__ volatile("ldrh w0, [%0]" : : "r"(address) : "x0", "memory");
        break;
    case 2:
        __asm__ volatile("ldrsw x0, [%0]" : : "r"(address) : "x0", "memory");
        break;
    case 3:
        __asm__ volatile("ldr x0, [%0]" : : "r"(address) : "x0", "memory");
        break;
    case 4:
        __asm__ volatile("strb %w1, [%0]" : : "r"(address), "r"(value) : "memory");
        break;
    case 5:
        __asm__ volatile("strh %w1, [%0]" : : "r"(address), "r"(value) : "memory");
        break;
    case 6:
        __asm__ volatile("str %1, [%0]" : : "r"(address), "r"(value) : "memory");
        break;
    case 7:
        __asm__ volatile("stp %1, %1, [%0]" : : "r"(address), "r"(value) : "memory");
        break;
    case 8:
        __asm__ volatile("ldxr x0, [%0]" : : "r"(address) : "x0", "memory");
        break;
    default:
        mmio_write(address, (uint32_t)value);
        break;
    }
}

static void mask(void)
{
    __asm__ volatile("msr daifset, #15");
    for (;;) {
    }
}

/* All of the RAM, then what it runs in; if it were not its own end, it would jump into the rest. */
__attribute__((section(".last"), noinline)) static void wreck(void)
{
    uint64_t page = (uint64_t)&wreck & ~(PAGE_SIZE - 1);
    uint64_t value = 88172645463325252UL;

    for (uint64_t at = RAM_START; at < RAM_START + RAM_SIZE; at += sizeof(at)) {
        if (at - page >= PAGE_SIZE) {
            value ^= value << 13;
            value ^= value >> 7;
            value ^= value << 17;
            *(volatile uint64_t *)at = value;
        }
    }
    for (uint64_t at = page + PAGE_SIZE; at > page; at -= sizeof(at)) {
        *(volatile uint64_t *)(at - sizeof(at)) = value * at;
    }
    ((code_t)(RAM_START + 0x100))();
}

static void holes(void)
{
    for (;;) {
        uint64_t address = random64() >> 24;

        if (random64() % 4 == 0) {
            address = RAM_START + RAM_SIZE + address % (16 * PAGE_SIZE);
        }
        if (random64() % 8 == 0) {
            ((code_t)(address & ~3UL))();
        } else {
            touch(address, random64());
        }
    }
}

static void distributor(void)
{
    for (;;) {
        uint64_t offset = random64() % (random64() % 8 == 0 ? 0x2000 : 0x1000);

        touch(GICD + (random64() % 4 == 0 ? offset : offset & ~3UL), random64());
        if (random64() % 8 == 0) {
            mmio_write(GICD + GICD_SGIR, (uint32_t)random64());
        }
    }
}

static void uart(void)
{
    for (;;) {
        touch(UART + random64() % (random64() % 2 == 0 ? 0x60 : PAGE_SIZE), random64());
    }
}

/* Everything but what ends the guest in an orderly way. */
static bool is_end(uint64_t function)
{
    uint64_t number = (function & ~(1UL << 30)) - PSCI;

    return number == PSCI_CPU_OFF || number == PSCI_SYSTEM_OFF || number == PSCI_RESET ||
           number == PSCI_RESET2;
}

/* In the calling convention, and with an immediate, which is not. */
static void call(uint64_t function, uint64_t number, uint64_t argument, unsigned int way)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = argument;
    register uint64_t x7 __asm__("x7") = number; /* where a program has its system call's */

    switch (way) {
    case 0:
        __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x7) : : "x2", "x3", "memory");
        break;
    case 1:
        __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x7) : : "x2", "x3", "memory");
        break;
    case 2:
        __asm__ volatile("hvc #1" : "+r"(x0), "+r"(x1), "+r"(x7) : : "x2", "x3", "memory");
        break;
    default:
        __asm__ volatile("smc #1" : "+r"(x0), "+r"(x1), "+r"(x7) : : "x2", "x3", "memory");
        break;
    }
}

/* CPU_SUSPEND among them: something is always pending, at which it ends. */
static void calls(void)
{
    mmio_write(GICD + GICD_ISENABLER, 1U << VIRTUAL_TIMER);
    __asm__ volatile("msr cntv_tval_el0, xzr; msr cntv_ctl_el0, %0" : : "r"(1UL));
    for (;;) {
        uint64_t function = random64() >> random64() % 64;

        if (random64() % 2 == 0) {
            function = PSCI + random64() % 32 + (random64() % 2 << 30);
        }
        if (!is_end(function & 0xffffffff)) {
            call(function, random64() >> random64() % 64, random64(), random64() % 4);
        }
    }
}

static void registers(void)
{
    for (;;) {
        uint64_t x = random64();

        __asm__ volatile("mrs x0, actlr_el1; msr actlr_el1, %0" : : "r"(x) : "x0");
        __asm__ volatile("mrs x0, pmcr_el0; msr pmcr_el0, %0" : : "r"(x) : "x0");
        __asm__ volatile("mrs x0, dbgbvr0_el1; msr dbgbcr0_el1, %0" : : "r"(x) : "x0");
        __asm__ volatile("msr oslar_el1, %0; mrs x0, mdscr_el1" : : "r"(x) : "x0");
        __asm__ volatile("msr cntp_ctl_el0, %0; mrs x0, cntp_tval_el0" : : "r"(x) : "x0");
        __asm__ volatile("mrs x0, cntpct_el0; mrs x0, s3_4_c1_c1_0" : : : "x0");
        __asm__ volatile("msr s3_4_c1_c1_0, %0; msr s3_0_c12_c11_5, %0" : : "r"(x));
        __asm__ volatile("dc isw, %0; dc cisw, %0; tlbi vmalle1is" : : "r"(x) : "memory");
        __asm__ volatile("msr sp_el0, %0; brk #1; svc #2; .word 0" : : "r"(x));
    }
}

/* Its timer is due, so that WFI never waits; WFE does when there is no event. */
static void sleeps(void)
{
    __asm__ volatile("msr daifset, #15; msr cntv_tval_el0, xzr; msr cntv_ctl_el0, %0" : : "r"(1UL));
    for (;;) {
        __asm__ volatile("wfi; sevl; wfe; wfe; yield");
    }
}

/* Nobody takes the cause away. */
static void interrupts(void)
{
    mmio_write(GICD + GICD_ISENABLER, 1U << VIRTUAL_TIMER | 0xffff);
    __asm__ volatile("msr cntv_tval_el0, xzr; msr cntv_ctl_el0, %0; msr daifclr, #15" : : "r"(1UL));
    for (;;) {
    }
}

static void prints(void)
{
    for (;;) {
        print("all work and no play \033[31m\033[6nmakes\r\n");
    }
}

static void doom(void)
{
    (void)mmio_read(DOOM);
}

static const struct {
    const char *name;
    code_t run;
} deeds[] = {
    {"mask", mask},
    {"wreck", wreck},
    {"holes", holes},
    {"distributor", distributor},
    {"uart", uart},
    {"calls", calls},
    {"registers", registers},
    {"sleeps", sleeps},
    {"interrupts", interrupts},
    {"prints", prints},
    {"doom", doom},
};

#define DEED_COUNT (sizeof(deeds) / sizeof(deeds[0]))

static code_t find(const char *line)
{
    for (unsigned int i = 0; i < DEED_COUNT; i++) {
        if (equal(line, deeds[i].name)) {
            return deeds[i].run;
        }
    }
    return 0;
}

void guest_main(void)
{
    char line[LINE_SIZE];

    enable_input();
    print("begun\r\n");
    for (;;) {
        code_t run;

        print("hostile> ");
        read_line(line);
        run = find(line);
        if (run == 0) {
            print("no such deed\r\n");
            continue;
        }
        print("doing ");
        print(line);
        print("\r\n");
        MARK(3);
        run();
    }
}
