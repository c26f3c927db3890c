/* SPDX-License-Identifier: BSD-2-Clause */
/* The short way (fast.h) for a guest's SGIs: they are sent, and it goes on. */
#include "kernel/trap/fast.h"

#include "kernel/vcpu/sgi.h"

static bool enter(struct cpu *cpu)
{
    return !cpu->has_peers || smp_try_enter(cpu);
}

static inline struct thread *leave(const struct cpu *cpu, struct thread *current, bool is_sent)
{
    if (is_sent) {
        arch_skip_trapped();
    }
    if (cpu->has_peers) {
        smp_leave_quickly();
    }
    return is_sent ? current : NULL;
}

struct thread *trap_fast_register(struct thread *current)
{
    const struct vcpu *vcpu = vcpu_from_thread(current);
    struct cpu *cpu = cpu_local();
    uint64_t syndrome = arch_syndrome();

    if (current->kind != THREAD_VCPU || vcpu->sgi_gate != SGI_REGISTER_GATE || !enter(cpu)) {
        return NULL;
    }
    return leave(cpu, current, sgi_send_by_register(vcpu, syndrome));
}

struct thread *trap_fast_store(struct thread *current, uint64_t syndrome)
{
    const struct vcpu *vcpu = vcpu_from_thread(current);
    struct cpu *cpu = cpu_local();

    if (!enter(cpu)) {
        return NULL;
    }
    return leave(cpu, current, sgi_send_by_store(vcpu, syndrome, vcpu->sgi_gate));
}
