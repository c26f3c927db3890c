/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interface to the machine. arch/aarch64 implements it with system registers; arch/host in
 * plain C, so that kernel logic is tested and fuzzed on the host.
 *
 * Everything runs at EL2 with interrupts masked, on the core it concerns.
 */
#ifndef SLUICE_KERNEL_ARCH_ARCH_H
#define SLUICE_KERNEL_ARCH_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/arch/frame.h"

struct thread;

/* ---- The core ---- */

unsigned int arch_current_el(void);
uint64_t arch_mpidr(void);      /* affinity fields only */
_Noreturn void arch_halt(void); /* sleeps for good */
void arch_wait_for_interrupt(void);
/* Between cores that wait for each other: WFE, and SEV after the store that is waited for. */
void arch_wait_for_event(void);
void arch_send_event(void);
/* Before this core interrupts another: that one then sees what this one has stored. */
void arch_before_interrupt(void);
/* In a loop that looks at what another core is about to write: YIELD. (An emulator that has one
 * thread for all cores would stay in the loop for as long as no timer fires.) */
void arch_relax(void);
/* `index` if it is below `count`, otherwise 0; by arithmetic, which no core speculates about.
 * Between the check of a number that a program chose and its use as an index: the check is a
 * branch, and behind a branch that was guessed wrong a load would bring into the caches what a
 * program may not know. */
uint64_t arch_bound(uint64_t index, uint64_t count);
/* Control registers of EL2; `cpu` comes back from arch_cpu_local() on this core from now on. */
void arch_cpu_init(void *cpu);
void *arch_cpu_local(void);
/* Physical address at which firmware starts another core, with its index as context id. */
uint64_t arch_secondary_entry(void);
/* Leaves the kernel for the first time; every other return is vectors.S's. */
_Noreturn void arch_return_to_thread(struct thread *thread);

/* ---- Memory ---- */

enum arch_memory {
    ARCH_MEMORY_NORMAL,
    ARCH_MEMORY_DEVICE,
    ARCH_MEMORY_UNZEROED, /* RAM, for arch_zero_range() and arch_unzeroed() only */
};

/* Writes dirty lines of this core's caches back and invalidates them: before the MMU is on. */
void arch_cache_clean_all(void);
/* Writes back what was stored in this range, so that memory has it (the point of coherency), and
 * instruction fetches (that of unification). */
void arch_cache_clean(uint64_t start, uint64_t size);
/* Writes back and invalidates the line that the operand of a DC by set and way names, on this core,
 * if the level is one that such maintenance has to reach. */
void arch_cache_clean_set_way(uint64_t operand);
/* Adds [start, end), as pages, or of devices rounded to 2 MiB, to the kernel's own identity map,
 * where nothing is yet. */
void arch_mmu_map(uint64_t start, uint64_t end, enum arch_memory memory);
/* Protects the kernel's own pages (text, read-only data) and turns the MMU and caches on. */
void arch_mmu_enable(void);
/* Zeroes RAM so that a guest with its caches off reads zeroes; of whole words. */
void arch_zero_range(uint64_t paddr, uint64_t size);
/* Where to look at what is in RAM before it is zeroed, up to arch_zero_done(). */
void *arch_unzeroed(uint64_t paddr);
/* The same MMU set-up on another core. */
void arch_mmu_join(void);
/* Ends the use of arch_zero_range: unzeroed memory is none any more, and may be mapped. */
void arch_zero_done(void);
/* Instructions were loaded as data: makes them visible to fetches, once at boot. */
void arch_sync_instructions(void);
enum arch_cache {
    ARCH_CACHE_CLEAN, /* to the point of coherency, for devices */
    ARCH_CACHE_CLEAN_INVALIDATE,
    ARCH_CACHE_UNIFY, /* what was written as data is executed, on all cores */
};
/* By the lines that hold [paddr, paddr + size), which is within a page; nothing if the kernel has
 * not mapped it as memory. */
void arch_cache_maintain(uint64_t paddr, uint64_t size, enum arch_cache operation);
/* Makes stage-2 table entries written so far visible to the walkers, and forgets old ones. */
void arch_stage2_sync(void);
/* Whether a word of this unzeroed RAM can be read, instead of aborting. */
bool arch_probe(uint64_t paddr);

/* Device registers; each orders itself after earlier accesses to the same device. */
uint32_t arch_read32(uint64_t paddr);
uint64_t arch_read64(uint64_t paddr);
void arch_write32(uint64_t paddr, uint32_t value);
void arch_write64(uint64_t paddr, uint64_t value);
void arch_write8(uint64_t paddr, uint8_t value);

/* ---- Threads ---- */

/* The value of VTTBR_EL2 for tables at `root` and this VMID, which is not 0. */
uint64_t arch_stage2_base(uint64_t root, uint16_t vmid);
uint64_t arch_stage2_root(uint64_t base); /* … and back: where the tables are */
/* This core's TLB forgets what it holds for the VMID of `stage2`: another vCPU of the same VM, with
 * tables of its own, is next. Between arch_vcpu_load() and arch_enter_guest(). */
void arch_stage2_forget(uint64_t stage2);
/* Next is a program at EL0: stage 2, and native values in the EL1 registers that govern EL0. */
void arch_enter_native(uint64_t stage2, bool opens_timer);
/* The same after another program: these registers hold native values already. */
void arch_enter_other_native(uint64_t stage2);
/* Next is a guest, whose EL1 registers are loaded. `trap_wfi`: other threads want the core, so that
 * WFI and WFE trap. */
void arch_enter_guest(uint64_t stage2, const struct arch_vcpu *vcpu, bool trap_wfi);
/* Changes `trap_wfi` of the guest that runs. */
void arch_guest_trap_wfi(bool trap_wfi);
/* The guest has left the core: saves what arch_enter_native() will overwrite, masks its timer. */
void arch_leave_guest(struct arch_vcpu *vcpu);
/* All the other EL1 registers, when the core's vCPU changes or a VMM looks at them. After saving,
 * the timer is off; after loading, it is set, and off until the guest is entered. */
void arch_vcpu_save(struct arch_vcpu *vcpu);
void arch_vcpu_load(const struct arch_vcpu *vcpu);

bool arch_has_aarch32(void); /* at EL0 */
/* Between programs: whether EL0 reaches the EL1 physical timer. Guests never do. */
void arch_open_timer(bool open);

void arch_tls_save(uint64_t *tpidr_el0, uint64_t *tpidrro_el0);
uint64_t arch_tls_save_program(void); /* TPIDR_EL0: EL0 cannot write the other */
void arch_tls_load(uint64_t tpidr_el0, uint64_t tpidrro_el0);
void arch_fp_save(struct arch_fp *fp);
void arch_fp_load(const struct arch_fp *fp);
void arch_fp_trap(bool trap); /* whether lower ELs' use of FP traps */

/* ---- What trapped ---- */

/* Waits until the accesses of who runs are complete. True: one of them has come back with an error,
 * which arch_take_error() takes, as the syndrome of an SError. Before another thread's registers
 * are on the core. */
bool arch_has_error(void);
uint64_t arch_take_error(void);

uint64_t arch_syndrome(void);      /* ESR_EL2 */
uint64_t arch_fault_address(void); /* FAR_EL2 */
uint64_t arch_fault_pc(void);      /* ELR_EL2, before it is saved in the frame */
void arch_skip_trapped(void);      /* … moves behind the instruction, which was done; AArch64 */
/* Guest-physical address of a stage-2 abort just taken; `syndrome` as given by the trap. */
uint64_t arch_fault_ipa(uint64_t syndrome);

/* S3_0_C0_C<crm>_<op2>, a feature register of this core; crm 1 to 7, op2 0 to 7. */
uint64_t arch_feature_register(unsigned int crm, unsigned int op2);

/* ---- Measurement: SDK configuration "benchmark" ---- */

uint64_t arch_cycles(void); /* PMCCNTR_EL0 of this core */
/* On the core itself: the cycle counter runs, EL2 included, and programs, not guests, have the PMU.
 */
void arch_open_pmu(void);
/* On the core itself: no trap takes a short way, so that all pass through trap.c. */
void arch_trap_slowly(void);

/* ---- Time: the system counter and the EL2 physical timer ---- */

uint64_t arch_counter(void);
uint64_t arch_counter_frequency(void);
void arch_timer_set(uint64_t deadline); /* counter value at which INTID 26 fires */
void arch_timer_stop(void);

/* ---- Firmware ---- */

void arch_smc(uint64_t registers[8]);

#endif
