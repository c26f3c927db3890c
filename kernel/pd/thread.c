/* SPDX-License-Identifier: BSD-2-Clause */
/* See thread.h. */
#include "kernel/pd/thread.h"

/* SPSR_EL2, AArch64 (Arm ARM C5.2.20) */
#define SPSR_MODE  0x1fUL
#define SPSR_EL0T  0x0UL
#define SPSR_EL1T  0x4UL
#define SPSR_EL1H  0x5UL
#define SPSR_NZCV  (0xfUL << 28)
#define SPSR_SS_IL (3UL << 20)

uint64_t thread_safe_spsr(const struct thread *thread, uint64_t value)
{
    uint64_t mode = value & SPSR_MODE;

    if (thread->kind == THREAD_PD) {
        return (value & SPSR_NZCV) | SPSR_EL0T;
    }
    if (mode != SPSR_EL0T && mode != SPSR_EL1T) {
        mode = SPSR_EL1H;
    }
    return (value & ~(SPSR_MODE | SPSR_SS_IL)) | mode;
}
