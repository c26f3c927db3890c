/* SPDX-License-Identifier: BSD-2-Clause */
/* See host.h. Implements arch.h as far as kernel logic above it is tested on the host. */
#include "kernel/arch/host/host.h"

#include <stddef.h>

#include "kernel/arch/arch.h"

struct host_machine host;

void host_reset(void)
{
    host = (struct host_machine){.timer = UINT64_MAX};
}

static void record(enum host_event event, uint64_t value)
{
    if (host.event_count < HOST_EVENTS) {
        host.events[host.event_count++] = (struct host_record){event, value};
    }
}

void arch_cpu_init(void *cpu)
{
    host.cpu = cpu;
}

unsigned int arch_current_el(void)
{
    return 2;
}

uint64_t arch_mpidr(void)
{
    return host.mpidr;
}

uint64_t arch_secondary_entry(void)
{
    return 0;
}

void *arch_cpu_local(void)
{
    return host.cpu;
}

void arch_wait_for_interrupt(void)
{
    if (host.wait_for_interrupt != NULL) {
        host.wait_for_interrupt();
    }
}

uint64_t arch_cycles(void)
{
    return host.counter;
}

void arch_wait_for_event(void)
{
}

void arch_relax(void)
{
}

void arch_send_event(void)
{
}

void arch_before_interrupt(void)
{
}

uint64_t arch_bound(uint64_t index, uint64_t count)
{
    host.bounds++;
    return index < count ? index : 0;
}

void arch_stage2_sync(void)
{
    record(HOST_STAGE2_SYNC, 0);
}

void arch_cache_clean_all(void)
{
    record(HOST_CACHE_CLEAN_ALL, 0);
}

void arch_cache_clean(uint64_t start, uint64_t size)
{
    (void)size;
    record(HOST_CACHE_CLEAN, start);
}

void arch_mmu_map(uint64_t start, uint64_t end, enum arch_memory memory)
{
    (void)end;
    (void)memory;
    record(HOST_MMU_MAP, start);
}

void arch_mmu_enable(void)
{
    record(HOST_MMU_ENABLE, 0);
}

void arch_zero_range(uint64_t paddr, uint64_t size)
{
    (void)size;
    record(HOST_ZERO_RANGE, paddr);
}

void *arch_unzeroed(uint64_t paddr)
{
    return (void *)(uintptr_t)paddr;
}

void arch_zero_done(void)
{
    record(HOST_ZERO_DONE, 0);
}

void arch_sync_instructions(void)
{
    record(HOST_SYNC_INSTRUCTIONS, 0);
}

bool arch_probe(uint64_t paddr)
{
    (void)paddr;
    return true;
}

uint64_t arch_stage2_base(uint64_t root, uint16_t vmid)
{
    return root | (uint64_t)vmid << 48;
}

uint64_t arch_stage2_root(uint64_t base)
{
    return base & 0x0000fffffffffffeUL;
}

void arch_cache_maintain(uint64_t paddr, uint64_t size, enum arch_cache operation)
{
    host.cache = (struct host_cache){paddr, size, operation};
}

void arch_stage2_forget(uint64_t stage2)
{
    record(HOST_STAGE2_FORGET, stage2);
}

void arch_enter_native(uint64_t stage2, bool opens_timer)
{
    host.opens_timer = opens_timer;
    record(HOST_ENTER_NATIVE, stage2);
}

void arch_enter_other_native(uint64_t stage2)
{
    record(HOST_ENTER_OTHER_NATIVE, stage2);
}

void arch_enter_guest(uint64_t stage2, const struct arch_vcpu *vcpu, bool trap_wfi)
{
    (void)vcpu;
    record(HOST_ENTER_GUEST, stage2);
    host.traps_wfi = trap_wfi;
}

void arch_guest_trap_wfi(bool trap_wfi)
{
    host.traps_wfi = trap_wfi;
}

void arch_leave_guest(struct arch_vcpu *vcpu)
{
    record(HOST_LEAVE_GUEST, 0);
    vcpu->reg[ABI_VCPU_CNTV_CTL] = host.virtual_control;
    vcpu->reg[ABI_VCPU_CNTV_CVAL] = host.virtual_deadline;
}

void arch_vcpu_save(struct arch_vcpu *vcpu)
{
    (void)vcpu;
    record(HOST_VCPU_SAVE, 0);
}

void arch_vcpu_load(const struct arch_vcpu *vcpu)
{
    (void)vcpu;
    record(HOST_VCPU_LOAD, 0);
}

bool arch_has_aarch32(void)
{
    return !host.lacks_aarch32;
}

void arch_open_timer(bool open)
{
    host.opens_timer = open;
}

void arch_tls_save(uint64_t *tpidr_el0, uint64_t *tpidrro_el0)
{
    *tpidr_el0 = 0;
    *tpidrro_el0 = 0;
}

uint64_t arch_tls_save_program(void)
{
    return 0;
}

void arch_tls_load(uint64_t tpidr_el0, uint64_t tpidrro_el0)
{
    (void)tpidr_el0;
    (void)tpidrro_el0;
}

void arch_fp_save(struct arch_fp *fp)
{
    (void)fp;
}

void arch_fp_load(const struct arch_fp *fp)
{
    (void)fp;
}

void arch_fp_trap(bool trap)
{
    host.traps_fp = trap;
}

bool arch_has_error(void)
{
    record(HOST_COLLECT_ERROR, host.error);
    return host.error != 0;
}

uint64_t arch_take_error(void)
{
    uint64_t error = host.error;

    host.error = 0;
    return error;
}

uint64_t arch_syndrome(void)
{
    return host.syndrome;
}

uint64_t arch_fault_address(void)
{
    return host.fault_address;
}

uint64_t arch_fault_pc(void)
{
    return host.fault_pc;
}

void arch_skip_trapped(void)
{
    host.fault_pc += 4;
}

uint64_t arch_feature_register(unsigned int crm, unsigned int op2)
{
    return host.features[crm][op2];
}

void arch_cache_clean_set_way(uint64_t operand)
{
    record(HOST_CACHE_CLEAN_SET_WAY, operand);
}

uint64_t arch_fault_ipa(uint64_t syndrome)
{
    (void)syndrome;
    return host.fault_ipa;
}

uint64_t arch_counter(void)
{
    return host.counter;
}

uint64_t arch_counter_frequency(void)
{
    return 1000000; /* a tick is a microsecond */
}

void arch_timer_set(uint64_t deadline)
{
    host.timer = deadline;
}

void arch_timer_stop(void)
{
    host.timer = UINT64_MAX;
}

void arch_smc(uint64_t registers[8])
{
    host.smc_count++;
    host.smc_function = registers[0];
    registers[0] = 0;
}
