/* SPDX-License-Identifier: BSD-2-Clause */
/* The bare guest's parts, and what they share (lib.c). No MMU; interrupts are masked at PSTATE, and
 * looked for at the CPU interface. */
#ifndef SLUICE_TESTS_BARE_H
#define SLUICE_TESTS_BARE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/system/bare/machine.h"

#define GICD             0x8000000UL
#define GICD_CTLR        0x000
#define GICD_TYPER       0x004
#define GICD_IIDR        0x008
#define GICD_IGROUPR     0x080
#define GICD_ISENABLER   0x100
#define GICD_ICENABLER   0x180
#define GICD_ISPENDR     0x200
#define GICD_ICPENDR     0x280
#define GICD_ISACTIVER   0x300
#define GICD_IPRIORITYR  0x400
#define GICD_ITARGETSR   0x800
#define GICD_SGIR        0xf00
#define GICD_CPENDSGIR   0xf10
#define GICC             0x8010000UL
#define GICC_CTLR        0x0
#define GICC_PMR         0x4
#define GICC_IAR         0xc
#define GICC_EOIR        0x10
#define GICC_HPPIR       0x18
#define CTLR_ON          3
#define CTLR_BOTH_GROUPS 7 /* IAR tells of group 1, too: AckCtl */
#define PMR_ALL          0xf8
#define INTID(iar)       ((iar)&0x3ff)
#define SOURCE(iar)      ((iar) >> 10 & 7)

#define PSCI_VERSION      0x84000000UL
#define PSCI_CPU_SUSPEND  0xc4000001UL
#define PSCI_CPU_OFF      0x84000002UL
#define PSCI_CPU_ON       0xc4000003UL
#define PSCI_SYSTEM_OFF   0x84000008UL
#define PSCI_SYSTEM_RESET 0x84000009UL

/* Of a register with a bit for each interrupt. */
static inline void write_bit(unsigned int reg, unsigned int intid)
{
    write32(GICD + reg + intid / 32 * 4, 1U << intid % 32);
}

static inline bool read_bit(unsigned int reg, unsigned int intid)
{
    return (read32(GICD + reg + intid / 32 * 4) >> intid % 32 & 1) != 0;
}

static inline void set_timer(uint64_t at)
{
    __asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb" : : "r"(at), "r"(1UL));
}

static inline void stop_timer(void)
{
    __asm__ volatile("msr cntv_ctl_el0, xzr; isb");
}

static inline void wfi(void)
{
    __asm__ volatile("wfi" : : : "memory");
}

static inline uint64_t smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;

    __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
    return x0;
}

static inline uint64_t hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;

    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
    return x0;
}

void wait_us(uint64_t us);
void print(const char *text);
void print_number(uint64_t number);
/* A line "PART NAME INTID: ok", or what was got and what wanted. */
void check(const char *part, const char *name, unsigned int intid, uint64_t got, uint64_t want);
/* Distributor and this CPU's interface on, everything unmasked. */
void gic_on(void);
/* Takes an interrupt, if one comes within a moment: IAR. */
uint32_t take(void);
void end(uint32_t iar);
uint32_t take_and_end(void);
/* Starts the second vCPU there, and waits until it is. */
void start_second(void (*run)(void));
void exception(void);
void guest_main(void);
void guest_second(void);

/* sleep.c: ways to sleep. False: there are no more. */
bool sleep_way(uint64_t number);
/* pending.c: what the distributor shows and does of what is pending. */
void pending_all(void);
/* senders.c: SGIs of two CPUs. */
void senders_all(void);
/* aarch32.c: AArch32 code at emulated devices. */
void aarch32_all(void);
/* calls.c: calls by HVC and SMC. The exception is one of its own: the guest goes on. */
void calls_all(void);
bool calls_exception(void);

#endif
