/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual CPU: started, stopped, its registers. Reading and writing registers goes through the
 * message registers, so a fault's message is read before.
 */
#ifndef SLUICE_VMM_GUEST_VCPU_H
#define SLUICE_VMM_GUEST_VCPU_H

#include <microkit.h>
#include <stdbool.h>
#include <stdint.h>

/* PSTATE of a booting CPU: EL1h, everything masked. */
#define VCPU_PSTATE_RESET   0x3c5UL
#define VCPU_PSTATE_AARCH32 0x10UL

#define VCPU_ZERO_REGISTER 31

enum vcpu_state {
    VCPU_OFF,
    VCPU_ON,
    VCPU_WAITING, /* on, stopped in a WFI until an interrupt is pending */
};

struct vcpu {
    uint32_t id;    /* of <vcpu> */
    uint64_t mpidr; /* affinity fields */
    enum vcpu_state state;
};

/* Makes it run at `entry` with `argument` in x0 and every other register as after a reset. */
void vcpu_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument);
/* It does not run any more, and a fault of it is not to be answered. */
void vcpu_stop(struct vcpu *vcpu);

/* All registers, and back, if vcpu_can_write(). */
void vcpu_read_context(const struct vcpu *vcpu, seL4_UserContext *context);
void vcpu_write_context(const struct vcpu *vcpu, seL4_UserContext *context);
uint64_t vcpu_read_pc(const struct vcpu *vcpu);
void vcpu_write_pc(const struct vcpu *vcpu, uint64_t pc);
void vcpu_advance_pc(const struct vcpu *vcpu, unsigned int bytes);

/* By the contract a pstate of AArch32 becomes one of AArch64; with an extension it stays. */
bool vcpu_can_write(const seL4_UserContext *context);
/* The instruction at the pc is done. */
void vcpu_context_skip(seL4_UserContext *context, unsigned int bytes);
/* x0..x30; 31 is the zero register, NULL. */
seL4_Word *vcpu_context_register(seL4_UserContext *context, unsigned int number);

/* Stops in a WFI, until vcpu_wake(); behind it then. */
void vcpu_wait(struct vcpu *vcpu);
void vcpu_wake(struct vcpu *vcpu);
/* Its virtual timer is on and will raise an interrupt some time. */
bool vcpu_timer_is_armed(const struct vcpu *vcpu);

#endif
