/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SGIs between the vCPUs of one VM, without their VMM (microkit_vcpu_arm_bind_sgi). The core of the
 * sender leaves a bit in the target's box and interrupts the target's core by GIC_POST; that one
 * takes what is in the box and gives it to list.c. So neither has anything but its own lock.
 *
 * A core is interrupted for what its vCPU wants. That is all that the guest has enabled while it
 * runs, and while it sleeps; what has come while it does not run it wants no more before it runs
 * again, or its VMM has changed something. So nobody can keep a core busy with SGIs to a vCPU that
 * does not run there, or that sleeps and is not woken by them.
 */
#ifndef SLUICE_KERNEL_VCPU_SGI_H
#define SLUICE_KERNEL_VCPU_SGI_H

#include "kernel/vcpu/vcpu.h"

void sgi_init_vcpu(struct vcpu *vcpu, uint64_t stage2);

/* ---- The guest sends ---- */

/* Its write to a system register, or its data abort at `ipa`, sends SGIs, and they are sent. False:
 * it does not, or not those alone that its VM has here; nothing was done. With the core's lock. */
bool sgi_send_by_register(const struct vcpu *vcpu, uint64_t syndrome);
bool sgi_send_by_store(const struct vcpu *vcpu, uint64_t syndrome, uint64_t ipa);

/* Where it does so: struct vcpu.sgi_gate. Or the address of GICD_SGIR, which is none of these. */
#define SGI_NO_GATE       0UL
#define SGI_REGISTER_GATE 1UL

/* ---- The target's core ---- */

/* GIC_POST has come. */
void sgi_receive(struct cpu *cpu);
/* The same, if all that is there is for the guest that runs, and simple. False: nothing was done.
 */
bool sgi_receive_quickly(struct vcpu *vcpu);
/* The vCPU is about to run again, and VCPU_DUE_SGIS is set. */
void sgi_resume(struct vcpu *vcpu);
/* The guest has ended what `virq`, which is one of the vCPU's SGIs, had. */
void sgi_end(struct vcpu *vcpu, struct virq *virq);

/* ---- Its VMM, which has looked (inject.c) ---- */

static inline bool sgi_is_bound(const struct vcpu *vcpu, uint32_t intid)
{
    return intid < VCPU_SGIS && (vcpu->sgis_bound >> intid & 1) != 0;
}

/* It is CPU `number` of its guest. Its affinity counts where CPUs have a GICv3; where a GICv2, its
 * GICD_SGIR is at `sgir`, or that is 0. */
void sgi_route(struct vcpu *vcpu, unsigned int number, uint64_t affinity, uint64_t sgir);
/* How the guest has it now. False: it is in a slot, injected; nothing was done. */
bool sgi_bind(struct vcpu *vcpu, struct gic_virq virq, bool enabled);
/* Of one that is bound: pending from these CPUs no more, and from those. Returns from which it is
 * after that. */
uint8_t sgi_change(struct vcpu *vcpu, uint32_t intid, uint8_t clear, uint8_t set);
/* ABI_IRQ_* of one that is bound. */
uint64_t sgi_state(struct vcpu *vcpu, uint32_t intid);
/* One that is bound, and that the guest has taken, is active no more. False: it was not. */
bool sgi_deactivate(struct vcpu *vcpu, uint32_t intid);
/* Nothing is bound or pending any more. It is on no core, and its lists are empty. */
void sgi_reset(struct vcpu *vcpu);

#endif
