/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core: EL2's control registers, exceptions of the kernel itself, device registers, the
 * system counter, firmware calls.
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/log.h"

#define VTCR_VALUE                                                                                 \
    (24UL /* T0SZ: 40 bits */ | 1UL << 6 /* SL0: start at level 1 */ | 1UL << 8 /* IRGN0 WBWA */ | \
     1UL << 10 /* ORGN0 */ | 3UL << 12 /* SH0 inner */ | 2UL << 16 /* PS: 40 bits */ |             \
     1UL << 31 /* RES1 */)

#define PMCR_E         (1UL << 0)
#define PMCR_LC        (1UL << 6)
#define PMCNTEN_CYCLES (1UL << 31)
#define PMCCFILTR_NSH  (1UL << 27) /* EL2 as well */

#define CNTHP_ENABLE 1UL

#define MPIDR_AFFINITY 0xff00ffffffUL

#define EC_DATA_ABORT_SAME 0x25
#define EC_SERROR          0x2f

extern char arch_vectors[];
extern char arch_slow_vectors[];
extern char secondary_start[]; /* start.S */

/* arch_can_read() is looking: a data abort is its answer. Only the boot core probes. */
static volatile bool probing;
static volatile bool probe_failed;

unsigned int arch_current_el(void)
{
    return (unsigned int)(sysreg_read(currentel) >> 2 & 3);
}

uint64_t arch_mpidr(void)
{
    return sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
}

_Noreturn void arch_halt(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}

void arch_wait_for_interrupt(void)
{
    dsb_sy(); /* stores that others wait for are out before the core sleeps */
    __asm__ volatile("wfi" : : : "memory");
}

void arch_wait_for_event(void)
{
    __asm__ volatile("wfe" : : : "memory");
}

void arch_send_event(void)
{
    dsb_ish(); /* the store is visible before the event */
    __asm__ volatile("sev" : : : "memory");
}

void arch_before_interrupt(void)
{
    dsb_ish();
}

void arch_relax(void)
{
    __asm__ volatile("yield" : : : "memory");
}

/* CSDB (hint 20): what follows uses no result that was guessed (Arm ARM B2.6.9). */
uint64_t arch_bound(uint64_t index, uint64_t count)
{
    uint64_t bounded;

    __asm__("cmp %1, %2\n\t"
            "sbc %0, xzr, xzr\n\t"
            "and %0, %0, %1\n\t"
            "hint #20"
            : "=&r"(bounded)
            : "r"(index), "r"(count)
            : "cc");
    return bounded;
}

void arch_cpu_init(void *cpu)
{
    sysreg_write(tpidr_el2, (uint64_t)cpu);
    sysreg_write(vbar_el2, (uint64_t)arch_vectors);
    sysreg_write(vtcr_el2, VTCR_VALUE);
    arch_traps_init();
    sysreg_write(vpidr_el2, sysreg_read(midr_el1));
    sysreg_write(cnthp_ctl_el2, 0);
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_write(cntp_ctl_el0, 0);
    sysreg_write(cntvoff_el2, 0);
    /* Guests cannot reach these two: they trap. Programs at EL0 find them off. */
    sysreg_write(mdscr_el1, 0);
    sysreg_write(pmuserenr_el0, 0);
    isb();
}

uint64_t arch_secondary_entry(void)
{
    return (uint64_t)secondary_start;
}

void *arch_cpu_local(void)
{
    void *cpu;

    __asm__("mrs %0, tpidr_el2" : "=r"(cpu));
    return cpu;
}

uint64_t arch_cycles(void)
{
    return sysreg_read(pmccntr_el0);
}

void arch_open_pmu(void)
{
    arch_thread_open_pmu(sysreg_read(mdcr_el2));
    sysreg_write(pmccfiltr_el0, PMCCFILTR_NSH);
    sysreg_write(pmcntenset_el0, PMCNTEN_CYCLES);
    sysreg_write(pmcr_el0, PMCR_E | PMCR_LC);
}

void arch_trap_slowly(void)
{
    sysreg_write(vbar_el2, (uint64_t)arch_slow_vectors);
    isb();
}

/* From vectors.S. Returns the address to go on at, if it returns. */
uint64_t arch_kernel_exception(uint64_t pc);
uint64_t arch_kernel_exception(uint64_t pc)
{
    uint64_t syndrome = sysreg_read(esr_el2);

    if (syndrome >> ESR_EC_SHIFT == EC_SERROR) {
        return pc; /* error.c asked for it; masked at any other time */
    }
    if (probing && syndrome >> ESR_EC_SHIFT == EC_DATA_ABORT_SAME) {
        probe_failed = true;
        return pc + 4;
    }
    panic("exception in the kernel: pc %lx, esr %lx, far %lx", pc, syndrome, sysreg_read(far_el2));
}

bool arch_can_read(uint64_t va)
{
    probing = true;
    probe_failed = false;
    (void)arch_read32(va);
    dsb_sy(); /* the abort has been taken */
    probing = false;
    return !probe_failed;
}

/* One load or store of a single register, with the offset in it if there is one; "m" allows no
 * write-back. */
uint32_t arch_read32(uint64_t paddr)
{
    const volatile uint32_t *from = (const volatile uint32_t *)(uintptr_t)paddr;
    uint32_t value;

    __asm__ volatile("ldr %w0, %1" : "=r"(value) : "m"(*from) : "memory");
    return value;
}

uint64_t arch_read64(uint64_t paddr)
{
    const volatile uint64_t *from = (const volatile uint64_t *)(uintptr_t)paddr;
    uint64_t value;

    __asm__ volatile("ldr %0, %1" : "=r"(value) : "m"(*from) : "memory");
    return value;
}

void arch_write32(uint64_t paddr, uint32_t value)
{
    volatile uint32_t *to = (volatile uint32_t *)(uintptr_t)paddr;

    __asm__ volatile("str %w1, %0" : "=m"(*to) : "r"(value) : "memory");
}

void arch_write64(uint64_t paddr, uint64_t value)
{
    volatile uint64_t *to = (volatile uint64_t *)(uintptr_t)paddr;

    __asm__ volatile("str %1, %0" : "=m"(*to) : "r"(value) : "memory");
}

void arch_write8(uint64_t paddr, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(paddr) : "memory");
}

uint64_t arch_counter(void)
{
    isb(); /* not speculated before what it times */
    return sysreg_read(cntpct_el0);
}

uint64_t arch_counter_frequency(void)
{
    return sysreg_read(cntfrq_el0);
}

void arch_timer_set(uint64_t deadline)
{
    sysreg_write(cnthp_cval_el2, deadline);
    sysreg_write(cnthp_ctl_el2, CNTHP_ENABLE);
    isb();
}

void arch_timer_stop(void)
{
    sysreg_write(cnthp_ctl_el2, 0);
    isb(); /* its level is down before interrupts are looked at again */
}

/* SMC calling convention (DEN0028): x0..x7 in and out, x8..x17 may be lost. */
void arch_smc(uint64_t registers[8])
{
    register uint64_t x0 __asm__("x0") = registers[0];
    register uint64_t x1 __asm__("x1") = registers[1];
    register uint64_t x2 __asm__("x2") = registers[2];
    register uint64_t x3 __asm__("x3") = registers[3];
    register uint64_t x4 __asm__("x4") = registers[4];
    register uint64_t x5 __asm__("x5") = registers[5];
    register uint64_t x6 __asm__("x6") = registers[6];
    register uint64_t x7 __asm__("x7") = registers[7];

    __asm__ volatile(
        "smc #0"
        : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
        :
        : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    registers[0] = x0;
    registers[1] = x1;
    registers[2] = x2;
    registers[3] = x3;
    registers[4] = x4;
    registers[5] = x5;
    registers[6] = x6;
    registers[7] = x7;
}
