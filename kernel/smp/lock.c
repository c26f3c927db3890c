/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See lock.h. A ticket lock, with the cores that wait asleep in WFE: it goes to them in the order
 * in which they came, so a core waits for each of the others once at most.
 */
#include "kernel/smp/lock.h"

#include <stddef.h>

#include "kernel/dev/gic.h"

static uint32_t next_ticket;
static uint32_t served_ticket; /* who holds the lock, or gets it next: equal to the other, free */

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

static void unlock(void)
{
    /* Only the holder writes it. Pairs with smp_enter() and smp_try_enter() of the next core. */
    __atomic_store_n(&served_ticket, served_ticket + 1, __ATOMIC_RELEASE);
    arch_send_event();
}

void smp_enter(struct cpu *cpu)
{
    uint32_t ticket;

    if (!cpu->has_peers) {
        return;
    }
    /* Pairs with smp_stop_core(): saved registers before the flag. */
    __atomic_store_n(&cpu->in_kernel, true, __ATOMIC_RELEASE);
    if (cpu->keeps_lock) {
        cpu->keeps_lock = false;
        return;
    }
    ticket = __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);
    /* Pairs with unlock() of the core before. */
    while (__atomic_load_n(&served_ticket, __ATOMIC_ACQUIRE) != ticket) {
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
    unlock();
}

bool smp_try_enter(void)
{
    uint32_t ticket = __atomic_load_n(&served_ticket, __ATOMIC_ACQUIRE);

    return __atomic_compare_exchange_n(&next_ticket, &ticket, ticket + 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

void smp_leave_quickly(void)
{
    unlock();
}

void smp_keep(struct cpu *cpu)
{
    cpu->keeps_lock = true;
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
