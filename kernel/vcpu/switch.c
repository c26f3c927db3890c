/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only place that switches a core's EL1, list register, timer and FP state. Runs on the
 * core's exit path, once per change of thread.
 */
#include <stddef.h>

#include "kernel/lib/log.h"
#include "kernel/sched/account.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "kernel/vcpu/vcpu.h"

/* What the thread has done is its own, and not of who is next. */
static inline __attribute__((always_inline)) void collect_error(struct thread *thread)
{
    if (__builtin_expect(arch_has_error(), 0)) {
        thread->error = arch_take_error();
    }
}

static void leave(struct thread *thread)
{
    collect_error(thread);
    arch_tls_save(&thread->tpidr_el0, &thread->tpidrro_el0);
    if (thread->kind == THREAD_VCPU) {
        arch_leave_guest(&vcpu_from_thread(thread)->arch);
    }
}

/* The guest has disabled its timer's interrupt, which is bound to it: it waits at the GIC. */
static void mask_timer(struct cpu *cpu, bool mask)
{
    if (cpu->masks_timer != mask) {
        cpu->masks_timer = mask;
        gic->set_enabled(gic_intids.virtual_timer, !mask);
    }
}

/* Vcpus of one VM have their own stage 1 each under one VMID, and are not told that they share a
 * TLB: a guest that runs on several cores keeps entries of one apart from those of another (CnP 0).
 */
static void make_newest(struct vcpu *vcpu)
{
    if (vcpu->first->newest != vcpu) {
        vcpu->first->newest = vcpu;
        arch_stage2_forget(vcpu->thread.stage2);
    }
}

static void make_resident(struct cpu *cpu, struct vcpu *vcpu)
{
    if (cpu->vcpu == vcpu) {
        return;
    }
    if (cpu->vcpu != NULL) {
        switch_evict(cpu->vcpu);
    }
    arch_vcpu_load(&vcpu->arch);
    make_newest(vcpu);
    gic->vcpu_load(&vcpu->gic);
    if (vcpu->timer_active) {
        gic->set_active(gic_intids.virtual_timer, true);
    }
    mask_timer(cpu, vcpu->timer.vcpu != NULL && vcpu->timer.open == NULL);
    cpu->vcpu = vcpu;
}

static bool others_are_runnable(const struct cpu *cpu)
{
    return cpu->top != CPU_NOBODY;
}

static void enter_guest(struct cpu *cpu, struct vcpu *vcpu)
{
    cpu->traps_wfi = others_are_runnable(cpu);
    arch_enter_guest(vcpu->thread.stage2, &vcpu->arch, cpu->traps_wfi);
    cpu->is_native = false;
}

/* After a guest, or first of all. */
static void enter_native(struct cpu *cpu, const struct thread *thread)
{
    cpu->opens_timer = thread->owns_timer;
    arch_enter_native(thread->stage2, thread->owns_timer);
    cpu->is_native = true;
}

static void enter(struct cpu *cpu, struct thread *thread)
{
    arch_tls_load(thread->tpidr_el0, thread->tpidrro_el0);
    cpu_trap_fp(cpu, cpu->fp_owner != thread);
    if (thread->kind == THREAD_VCPU) {
        make_resident(cpu, vcpu_from_thread(thread));
        enter_guest(cpu, vcpu_from_thread(thread));
    } else if (cpu->is_native) {
        cpu_open_timer(cpu, thread->owns_timer);
        arch_enter_other_native(thread->stage2);
    } else {
        enter_native(cpu, thread);
    }
}

void switch_program(struct cpu *cpu, struct thread *next)
{
    collect_error(cpu->current);
    cpu->current->tpidr_el0 = arch_tls_save_program();
    cpu->current = next;
    arch_tls_load(next->tpidr_el0, next->tpidrro_el0);
    if (cpu->fp_owner != NULL) { /* else it traps already */
        cpu_trap_fp(cpu, cpu->fp_owner != next);
    }
    cpu_open_timer(cpu, next->owns_timer);
    arch_enter_other_native(next->stage2);
}

void switch_to_program(struct cpu *cpu, struct thread *next)
{
    struct thread *guest = cpu->current;

    collect_error(guest);
    arch_tls_save(&guest->tpidr_el0, &guest->tpidrro_el0);
    arch_leave_guest(&vcpu_from_thread(guest)->arch);
    cpu->current = next;
    arch_tls_load(next->tpidr_el0, next->tpidrro_el0);
    cpu_trap_fp(cpu, cpu->fp_owner != next);
    enter_native(cpu, next);
}

void switch_to_guest(struct cpu *cpu)
{
    struct vcpu *vcpu = cpu->vcpu;

    collect_error(cpu->current);
    cpu->current->tpidr_el0 = arch_tls_save_program();
    cpu->current = &vcpu->thread;
    arch_tls_load(vcpu->thread.tpidr_el0, vcpu->thread.tpidrro_el0);
    cpu_trap_fp(cpu, cpu->fp_owner != &vcpu->thread);
    enter_guest(cpu, vcpu);
}

void switch_to(struct cpu *cpu, struct thread *next)
{
    struct thread *current = cpu->current;

    if (account_is_on) {
        account_switch(cpu, next);
    }
    if (current != NULL && next != NULL && current->kind == THREAD_PD && next->kind == THREAD_PD) {
        switch_program(cpu, next);
        return;
    }
    if (current != NULL) {
        leave(current);
    }
    cpu->current = next;
    if (next != NULL) {
        enter(cpu, next);
    }
}

void switch_from_stopped(struct cpu *cpu)
{
    if (cpu->current != NULL && cpu->current->state != THREAD_RUNNABLE) {
        switch_to(cpu, NULL);
    }
}

void switch_take_all(struct cpu *cpu)
{
    if (!cpu->has_all) {
        smp_take_all(cpu);
        switch_from_stopped(cpu);
    }
}

void switch_refresh_wfi(struct cpu *cpu)
{
    if (cpu->traps_wfi != others_are_runnable(cpu)) {
        cpu->traps_wfi = !cpu->traps_wfi;
        arch_guest_trap_wfi(cpu->traps_wfi);
    }
}

void switch_evict(struct vcpu *vcpu)
{
    struct cpu *cpu = &cpus[vcpu->thread.cpu];

    switch_evict_remote(vcpu);
    if (cpu->vcpu != vcpu) {
        return;
    }
    assert(cpu->current != &vcpu->thread);
    list_take_unlisted(vcpu);
    arch_vcpu_save(&vcpu->arch);
    gic->vcpu_save(&vcpu->gic);
    if (vcpu->timer.vcpu != NULL) {
        vcpu->timer_active = gic->is_active(gic_intids.virtual_timer);
    }
    if (vcpu->timer_active) { /* it is this vCPU's state, not the core's */
        gic->set_active(gic_intids.virtual_timer, false);
    }
    cpu->vcpu = NULL;
}

void switch_evict_all(struct cpu *cpu)
{
    if (cpu->current != NULL) {
        switch_to(cpu, NULL);
    }
    if (cpu->vcpu != NULL) {
        switch_evict(cpu->vcpu);
    }
    cpu_drop_fp(cpu);
}

void switch_evict_remote(struct vcpu *vcpu)
{
    unsigned int index = vcpu->thread.cpu;

    if (index != cpu_local()->index && cpus[index].vcpu == vcpu) {
        smp_evict_core(index);
    }
}

void switch_fp(struct cpu *cpu, struct thread *thread)
{
    cpu_trap_fp(cpu, false);
    if (cpu->fp_owner != NULL) {
        arch_fp_save(&cpu->fp_owner->fp);
    }
    arch_fp_load(&thread->fp);
    cpu->fp_owner = thread;
}
