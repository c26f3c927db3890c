/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way for physical interrupts while a guest runs (fast.h): bound to it, into a list
 * register; otherwise to its VMM, or another program, which waits on this core. In the first case
 * the guest goes on, and in the others its EL1 and list registers stay where they are.
 */
#include "kernel/trap/fast.h"

#include "abi/fault.h"
#include "abi/limits.h"
#include "kernel/dev/gic.h"
#include "kernel/irq/route.h"
#include "kernel/vcpu/sgi.h"

/* How the interrupt goes to the guest that runs, if it does so directly. */
static struct binding *binding_of(struct vcpu *vcpu, uint32_t intid)
{
    struct irq *irq;

    if (intid == gic_intids.virtual_timer) {
        return &vcpu->timer;
    }
    irq = route_lookup(intid);
    return irq != NULL ? &irq->binding : NULL;
}

static bool into_list(struct vcpu *vcpu, struct binding *binding, uint32_t intid)
{
    int index = gic->drop_to_list(intid, binding->virq.value);

    if (index < 0) {
        return false;
    }
    vcpu->owners[index] = &binding->virq;
    return true;
}

/* An LPI comes again while the guest has it: that is pending once more where it is. */
FAST_APART static bool repeat(struct vcpu *vcpu, struct binding *binding, uint32_t intid)
{
    for (uint32_t used = gic->lists_used(); used != 0; used &= used - 1) {
        unsigned int index = (unsigned int)__builtin_ctz(used);

        if (vcpu->owners[index] == &binding->virq) {
            gic->list_write(index, gic->list_repeat(gic->list_read(index)));
            gic->drop(intid);
            return true;
        }
    }
    return !binding->virq.is_parked && into_list(vcpu, binding, intid);
}

/* Whether it goes to the guest that runs, with nobody before it. */
static bool is_for(const struct vcpu *vcpu, const struct binding *binding)
{
    return binding != NULL && binding->open == vcpu && list_is_empty(&vcpu->waiting);
}

/* Of an LPI, or SGIs from another core. Usually the guest has nothing. What is parked is in no list
 * register. */
static bool inject_message(struct vcpu *vcpu, uint32_t intid)
{
    struct binding *binding;

    if (intid == GIC_POST) {
        return sgi_receive_quickly(vcpu);
    }
    binding = binding_of(vcpu, intid);
    if (!is_for(vcpu, binding)) {
        return false;
    }
    if (binding->virq.is_parked || !gic->drop_to_first(intid, binding->virq.value)) {
        return repeat(vcpu, binding, intid);
    }
    vcpu->owners[0] = &binding->virq;
    return true;
}

/* For the running guest: into a list register, and back. */
static bool inject_at_once(struct vcpu *vcpu, uint32_t intid)
{
    struct binding *binding;

    if (__builtin_expect(intid - GIC_CORE_SGIS >= ABI_MAX_INTID - GIC_CORE_SGIS, 0)) {
        return inject_message(vcpu, intid); /* or one of those, or none */
    }
    binding = binding_of(vcpu, intid);
    return is_for(vcpu, binding) && into_list(vcpu, binding, intid);
}

static struct thread *run(struct cpu *cpu, struct pd *pd)
{
    fast_choose(cpu, &pd->thread);
    switch_to_program(cpu, &pd->thread);
    return &pd->thread;
}

/* A fault of one word, to a VMM that fast_is_ready(). */
static struct thread *fault(struct cpu *cpu, struct vcpu *vcpu, enum abi_fault label, uint64_t word)
{
    struct thread *guest = &vcpu->thread;
    struct pd *vmm = guest->handler;

    guest->message.words[0] = word;
    vmm->ipc_buffer[0] = word;
    fast_deliver_fault(guest, label, 1);
    return run(cpu, vmm);
}

static struct thread *fault_timer(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid)
{
    gic->drop(intid); /* deactivated when the VMM acks it */
    vcpu->timer_active = true;
    return fault(cpu, vcpu, ABI_FAULT_VPPI_EVENT, intid);
}

static struct thread *fault_ended(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid)
{
    gic->drop(intid);
    inject_maintenance(cpu);
    gic->deactivate(intid);
    if (vcpu->due == 0) {
        return &vcpu->thread;
    }
    return fault(cpu, vcpu, ABI_FAULT_VGIC_MAINTENANCE, inject_take_ended(vcpu));
}

static struct thread *notify(struct cpu *cpu, struct irq *irq)
{
    struct pd *pd = pd_at(irq->desc->pd);

    gic->drop(irq->desc->intid); /* deactivated when the PD acks it */
    irq->active = true;
    fast_notify(cpu, pd, 1UL << irq->desc->channel);
    return run(cpu, pd);
}

/* Who runs after an interrupt that is not the guest's directly. */
static struct thread *dispatch(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid)
{
    bool is_timer = intid == gic_intids.virtual_timer && vcpu->timer.vcpu == NULL;
    struct irq *irq;

    if (is_timer || intid == gic_intids.maintenance) {
        const struct pd *vmm = vcpu->thread.handler;

        if (!fast_is_ready(cpu, vmm, fast_is_passive(vmm))) {
            return NULL;
        }
        return is_timer ? fault_timer(cpu, vcpu, intid) : fault_ended(cpu, vcpu, intid);
    }
    irq = route_lookup(intid);
    if (irq == NULL || irq->binding.vcpu != NULL ||
        !fast_is_preempting(cpu, &vcpu->thread, pd_at(irq->desc->pd))) {
        return NULL;
    }
    return notify(cpu, irq);
}

/* Acknowledged, and the long way's: other cores may come in before that. */
FAST_APART static struct thread *refuse(struct cpu *cpu, uint32_t intid)
{
    if (!cpu->has_peers) {
        cpu->acknowledged = intid;
        return NULL;
    }
    if (gic_is_interrupt(intid)) {
        interrupt_defer(cpu, intid);
    }
    smp_leave_quickly();
    return NULL;
}

FAST_APART static struct thread *leave_guest(struct cpu *cpu, uint32_t intid)
{
    struct thread *current = cpu->current;
    struct thread *next = NULL;

    if (cpu->quick == current && cpu->chosen == current) {
        next = dispatch(cpu, vcpu_from_thread(current), intid);
    }
    if (next == NULL) {
        return refuse(cpu, intid);
    }
    return cpu->has_peers ? fast_leave(current, next) : next;
}

struct thread *trap_fast_interrupt(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    struct vcpu *vcpu = cpu->vcpu;
    uint32_t intid;

    if (current != (struct thread *)vcpu || (cpu->has_peers && !smp_try_enter(cpu))) {
        return NULL;
    }
    intid = gic->acknowledge();
    if (!inject_at_once(vcpu, intid)) {
        return leave_guest(cpu, intid);
    }
    if (cpu->has_peers) {
        smp_leave_quickly();
    }
    return current;
}
