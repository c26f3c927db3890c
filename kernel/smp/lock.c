/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See lock.h. The lock for all: test and set, with the cores that wait asleep in WFE, and a bound:
 * who has waited while others had the lock SMP_PATIENCE times goes to the head of the line, and
 * then nobody takes it before. (The lock does not simply go round: under an emulator, and under
 * another hypervisor, it would go to a core that is not running just then, and all wait for that.
 * Who asks to be first is running.)
 *
 * A core's lock is a flag, which it sets before it looks whether another core has the lock for all;
 * and who takes that looks at the flags after it. One of them sees the other (Arm ARM B2.3.7: STLR,
 * and STLXR, are observed before a later LDAR).
 */
#include "kernel/smp/lock.h"

#include <stddef.h>

#include "kernel/dev/gic.h"

static bool lock;
static uint32_t passes; /* how often it was given back: written by its holder */
static uint32_t head;   /* of the line: a core's index + 1; 0: there is no line */

static smp_service_t evict_service;
static const struct cpu *end; /* of the cores */

void smp_init(unsigned int cpu_count, smp_service_t evict)
{
    for (unsigned int i = 0; i < cpu_count; i++) {
        cpus[i].has_peers = cpu_count > 1;
        cpus[i].has_all = cpu_count == 1;
    }
    evict_service = evict;
    end = &cpus[cpu_count];
}

/* Does what the holder of the lock asks of this core; the flag pairs with smp_evict_core(). */
static void serve(struct cpu *cpu)
{
    if (__atomic_load_n(&cpu->evict_request, __ATOMIC_ACQUIRE)) {
        evict_service(cpu);
        __atomic_store_n(&cpu->evict_request, false, __ATOMIC_RELEASE);
    }
}

/* False: somebody else has it, or is first. */
static bool take(uint32_t me)
{
    uint32_t first = __atomic_load_n(&head, __ATOMIC_RELAXED);

    /* Pairs with unlock() of the core before, and with take_own(). */
    return (first == 0 || first == me) && !__atomic_test_and_set(&lock, __ATOMIC_SEQ_CST);
}

static void unlock(struct cpu *cpu)
{
    __atomic_store_n(&passes, passes + 1, __ATOMIC_RELAXED);
    cpu->has_all = false;
    __atomic_clear(&lock, __ATOMIC_RELEASE);
    arch_send_event();
}

/* Another one may be there already; it is asked for again then. */
static bool ask_to_be_first(uint32_t me, uint32_t since)
{
    uint32_t nobody = 0;

    return __atomic_load_n(&passes, __ATOMIC_RELAXED) - since >= SMP_PATIENCE &&
           __atomic_compare_exchange_n(&head, &nobody, me, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}

static void wait_for_lock(struct cpu *cpu)
{
    uint32_t me = cpu->index + 1;
    uint32_t since = __atomic_load_n(&passes, __ATOMIC_RELAXED);
    bool is_first = false;

    while (!take(me)) {
        serve(cpu);
        is_first = is_first || ask_to_be_first(me, since);
        arch_wait_for_event();
    }
    if (is_first) {
        __atomic_store_n(&head, 0, __ATOMIC_RELAXED); /* the others look when it is given back */
    }
}

/* The core's own: true, unless another one has all. */
static bool take_own(struct cpu *cpu)
{
    __atomic_store_n(&cpu->is_taken, true, __ATOMIC_SEQ_CST);
    return !__atomic_load_n(&lock, __ATOMIC_SEQ_CST);
}

static void give_own_back(struct cpu *cpu)
{
    __atomic_store_n(&cpu->is_taken, false, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&lock, __ATOMIC_SEQ_CST)) {
        arch_send_event(); /* to who waits in wait_for_others() */
    }
}

/* With the lock for all: until no other core has its own. They wait for nobody. */
static void wait_for_others(const struct cpu *me)
{
    for (const struct cpu *cpu = cpus; cpu != end; cpu++) {
        while (cpu != me && __atomic_load_n(&cpu->is_taken, __ATOMIC_SEQ_CST)) {
            arch_wait_for_event();
        }
    }
}

static void enter_all(struct cpu *cpu)
{
    wait_for_lock(cpu);
    wait_for_others(cpu);
    cpu->has_all = true;
}

void smp_enter(struct cpu *cpu)
{
    if (!cpu->has_peers) {
        return;
    }
    /* Pairs with smp_stop_core(): saved registers before the flag. */
    __atomic_store_n(&cpu->in_kernel, true, __ATOMIC_RELEASE);
    enter_all(cpu);
}

void smp_enter_alone(struct cpu *cpu)
{
    if (!cpu->has_peers) {
        return;
    }
    __atomic_store_n(&cpu->in_kernel, true, __ATOMIC_RELEASE); /* as above */
    if (!smp_try_enter(cpu)) {
        enter_all(cpu);
    }
}

void smp_take_all(struct cpu *cpu)
{
    __atomic_store_n(&cpu->in_kernel, true, __ATOMIC_RELEASE); /* as above */
    give_own_back(cpu);
    enter_all(cpu);
}

void smp_leave(struct cpu *cpu, bool idle)
{
    if (!cpu->has_peers) {
        return;
    }
    __atomic_store_n(&cpu->in_kernel, idle, __ATOMIC_RELAXED); /* ordered by the lock */
    if (cpu->has_all) {
        unlock(cpu);
    } else {
        give_own_back(cpu);
    }
}

bool smp_try_enter(struct cpu *cpu)
{
    if (take_own(cpu)) {
        return true;
    }
    give_own_back(cpu);
    return false;
}

void smp_leave_quickly(void)
{
    give_own_back(cpu_local());
}

bool smp_try_take_all(struct cpu *cpu)
{
    if (!take(cpu->index + 1)) {
        return false;
    }
    wait_for_others(cpu);
    cpu->has_all = true;
    return true;
}

void smp_give_all_back(struct cpu *cpu)
{
    unlock(cpu);
}

void smp_kick(const struct cpu *cpu)
{
    if (cpu->has_peers && cpu != cpu_local()) {
        gic->send_ipi(cpu->index, GIC_IPI);
    }
}

void smp_stop_core(unsigned int cpu)
{
    if (cpu == cpu_local()->index) {
        return;
    }
    gic->send_ipi(cpu, GIC_IPI);
    /* Pairs with smp_enter(). */
    while (!__atomic_load_n(&cpus[cpu].in_kernel, __ATOMIC_ACQUIRE)) {
        arch_relax();
    }
}

void smp_evict_core(unsigned int cpu)
{
    if (cpu == cpu_local()->index) {
        return;
    }
    /* Set before the core enters or wakes, so that it finds the request while it waits. */
    __atomic_store_n(&cpus[cpu].evict_request, true, __ATOMIC_RELEASE);
    gic->send_ipi(cpu, GIC_IPI);
    arch_send_event();
    while (__atomic_load_n(&cpus[cpu].evict_request, __ATOMIC_ACQUIRE)) {
        arch_relax();
    }
}
