/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register sets that the kernel saves for a thread. vectors.S knows the layout of struct
 * arch_frame, through the offsets below, which arch.h's users never need.
 */
#ifndef SLUICE_KERNEL_ARCH_FRAME_H
#define SLUICE_KERNEL_ARCH_FRAME_H

#define ARCH_FRAME_X30  240
#define ARCH_FRAME_SP   248
#define ARCH_FRAME_PC   256
#define ARCH_FRAME_SIZE 272

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "abi/vcpu.h"

/* What every entry to the kernel saves. */
struct arch_frame {
    uint64_t x[31];
    uint64_t sp; /* SP_EL0 */
    uint64_t pc; /* ELR_EL2 */
    uint64_t spsr;
};

/* Saved when another thread on the core uses FP or SIMD registers. */
struct arch_fp {
    __attribute__((aligned(16))) uint64_t fpcr;
    uint64_t fpsr;
    uint64_t v[64];
};

/* APIAKey, APIBKey, APDAKey, APDBKey, APGAKey: two words each. */
#define ARCH_KEY_WORDS 10

/* EL1 state of a vCPU, by enum abi_vcpu_reg, and what a VMM cannot name. */
struct arch_vcpu {
    uint64_t reg[ABI_VCPU_REG_COUNT];
    uint64_t csselr;
    uint64_t disr;                 /* where there is RAS */
    uint64_t tpidr2;               /* where there is SME without fine-grained traps */
    uint64_t keys[ARCH_KEY_WORDS]; /* of pointer authentication, where there is that */
};

_Static_assert(offsetof(struct arch_frame, x[30]) == ARCH_FRAME_X30, "vectors.S");
_Static_assert(offsetof(struct arch_frame, sp) == ARCH_FRAME_SP, "vectors.S");
_Static_assert(offsetof(struct arch_frame, pc) == ARCH_FRAME_PC, "vectors.S");
_Static_assert(sizeof(struct arch_frame) == ARCH_FRAME_SIZE, "vectors.S");

#endif
#endif
