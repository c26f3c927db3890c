/* SPDX-License-Identifier: BSD-2-Clause */
/* See vcpu.h. Owns the vCPUs; each is touched by its own core only. */
#include "kernel/vcpu/vcpu.h"

#include "abi/syscall.h"
#include "kernel/pd/pd.h"
#include "kernel/vcpu/sgi.h"

struct vcpu vcpus[ABI_MAX_VCPUS];
unsigned int vcpu_count;

/* vCPUs of one VM have one VMID. */
static struct vcpu *first_beside(unsigned int index, uint8_t cpu, uint64_t stage2)
{
    unsigned int i = 0;

    while (i < index && (vcpus[i].thread.cpu != cpu || vcpus[i].thread.stage2 != stage2)) {
        i++;
    }
    return &vcpus[i];
}

void vcpu_init(unsigned int index, const struct image_vcpu *desc, uint64_t stage2)
{
    struct vcpu *vcpu = &vcpus[index];
    struct thread *thread = &vcpu->thread;

    vcpu->desc = desc;
    vcpu->first = first_beside(index, desc->cpu, stage2);
    list_init_vcpu(vcpu);
    sgi_init_vcpu(vcpu, stage2);
    vcpu->arch.reg[ABI_VCPU_SCTLR] = ABI_VCPU_SCTLR_RESET;

    thread->kind = THREAD_VCPU;
    thread->state = THREAD_STOPPED;
    thread->priority = desc->priority;
    thread->maximum = desc->priority;
    thread->cpu = desc->cpu;
    thread->fpu = true;
    thread->name = desc->name;
    thread->stage2 = stage2;
    budget_init(&thread->own, timer_ticks(desc->budget), timer_ticks(desc->period));
    thread->payer = &thread->own;
    thread->handler = &pds[desc->pd];
    list_push_back(&thread->handler->wards, &thread->ward);
    thread->fault_badge = ABI_BADGE_ENDPOINT | ABI_BADGE_FAULT | desc->id;
    thread->frame.spsr = thread_safe_spsr(thread, 0x5); /* EL1h */
    list_init(&thread->link);
    timer_init(&thread->wake);
}
