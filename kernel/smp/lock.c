/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See lock.h. Test and set, with the cores that wait asleep in WFE: under an emulator, and under
 * another hypervisor, a ticket would go to a core that is not running just then, and all wait.
 */
#include "kernel/smp/lock.h"

#include <stddef.h>

#include "kernel/dev/gic.h"

static bool lock;

static smp_service_t evict_service;

void smp_init(unsigned int cpu_count, smp_service_t evict)
{
    for (unsigned int i = 0; i < cpu_count; i++) {
        cpus[i].has_peers = cpu_count > 1;
    }
    evict_service = evict;
}

/* Does what the holder of the lock asks of this core; the flag pairs with smp_evict_core(). */
static void serve(struct cpu *cpu)
{
    if (__atomic_load_n(&cpu->evict_request, __ATOMIC_ACQUIRE)) {
        evict_service(cpu);
        __atomic_store_n(&cpu->evict_request, false, __ATOMIC_RELEASE);
    }
}

void smp_enter(struct cpu *cpu)
{
    if (!cpu->has_peers) {
        return;
    }
    /* Pairs with smp_stop_core(): saved registers before the flag. */
    __atomic_store_n(&cpu->in_kernel, true, __ATOMIC_RELEASE);
    /* Pairs with smp_leave() of the core before. */
    while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE)) {
        serve(cpu);
        arch_wait_for_event();
    }
}

void smp_leave(struct cpu *cpu, bool idle)
{
    if (!cpu->has_peers) {
        return;
    }
    __atomic_store_n(&cpu->in_kernel, idle, __ATOMIC_RELAXED); /* ordered by the lock */
    __atomic_clear(&lock, __ATOMIC_RELEASE);
    arch_send_event();
}

bool smp_try_enter(void)
{
    return !__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE);
}

void smp_leave_quickly(void)
{
    __atomic_clear(&lock, __ATOMIC_RELEASE);
    arch_send_event();
}

void smp_kick(const struct cpu *cpu)
{
    if (cpu->has_peers && cpu != cpu_local()) {
        gic->send_ipi(cpu->index);
    }
}

void smp_stop_core(unsigned int cpu)
{
    if (cpu == cpu_local()->index) {
        return;
    }
    gic->send_ipi(cpu);
    /* Pairs with smp_enter(). */
    while (!__atomic_load_n(&cpus[cpu].in_kernel, __ATOMIC_ACQUIRE)) {
    }
}

void smp_evict_core(unsigned int cpu)
{
    if (cpu == cpu_local()->index) {
        return;
    }
    /* Set before the core enters or wakes, so that it finds the request while it waits. */
    __atomic_store_n(&cpus[cpu].evict_request, true, __ATOMIC_RELEASE);
    gic->send_ipi(cpu);
    arch_send_event();
    while (__atomic_load_n(&cpus[cpu].evict_request, __ATOMIC_ACQUIRE)) {
    }
}
