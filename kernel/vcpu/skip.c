/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instruction of a guest that trapped is done: the guest goes on behind it. In AArch32 state an
 * instruction has a condition, which may have failed and trapped all the same (Arm ARM D17.2.37,
 * ISS.CV and ISS.COND), and a T32 one may be in an IT block, whose state moves on with it (Arm ARM
 * F1.5.4, "Use of the ITSTATE bits").
 */
#include "kernel/vcpu/vcpu.h"

#define ISS_IL         (1UL << 25) /* 32 bits long */
#define ISS_CV         (1UL << 24)
#define ISS_COND_SHIFT 20

#define SPSR_AARCH32 (1UL << 4)
#define SPSR_V_SHIFT 28
#define SPSR_IT_LOW  (3UL << 25)    /* ITSTATE[1:0] */
#define SPSR_IT_HIGH (0x3fUL << 10) /* ITSTATE[7:2] */

#define COND_ALWAYS 0xe

static unsigned int it_state(uint64_t spsr)
{
    return (unsigned int)((spsr & SPSR_IT_HIGH) >> 8 | (spsr & SPSR_IT_LOW) >> 25);
}

static unsigned int condition_of(uint64_t spsr, uint64_t syndrome)
{
    if ((syndrome & ISS_CV) != 0) {
        return (unsigned int)(syndrome >> ISS_COND_SHIFT) & 0xf;
    }
    return it_state(spsr) != 0 ? it_state(spsr) >> 4 : COND_ALWAYS;
}

/* Arm ARM C1.2.4; a condition of odd number is the one before it, negated. */
static bool holds(unsigned int condition, uint64_t spsr)
{
    bool v = (spsr >> SPSR_V_SHIFT & 1) != 0;
    bool c = (spsr >> SPSR_V_SHIFT & 2) != 0;
    bool z = (spsr >> SPSR_V_SHIFT & 4) != 0;
    bool n = (spsr >> SPSR_V_SHIFT & 8) != 0;
    const bool even[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};

    return condition >= COND_ALWAYS || even[condition >> 1] == ((condition & 1) == 0);
}

static uint64_t behind_in_it_block(uint64_t spsr)
{
    unsigned int state = it_state(spsr);
    uint64_t next = (state & 7) == 0 ? 0 : (state & 0xe0) | (state << 1 & 0x1f);

    return (spsr & ~(SPSR_IT_LOW | SPSR_IT_HIGH)) | (next & 3) << 25 | (next >> 2) << 10;
}

bool skip_instruction(struct arch_frame *frame, uint64_t syndrome)
{
    uint64_t spsr = frame->spsr;

    frame->pc += (syndrome & ISS_IL) != 0 ? 4 : 2;
    if ((spsr & SPSR_AARCH32) == 0) {
        return true;
    }
    frame->spsr = behind_in_it_block(spsr);
    return holds(condition_of(spsr, syndrome), spsr);
}
