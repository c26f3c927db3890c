/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that C has no words for: system registers, barriers, maintenance. Unit tests put
 * another header in the place of this one, and see in which order they come
 * (tests/unit/kernel/arch).
 */
#ifndef SLUICE_KERNEL_ARCH_AARCH64_INSN_H
#define SLUICE_KERNEL_ARCH_AARCH64_INSN_H

#include <stdint.h>

#define sysreg_read(name)                                 \
    ({                                                    \
        uint64_t read_;                                   \
        __asm__ volatile("mrs %0, " #name : "=r"(read_)); \
        read_;                                            \
    })

#define sysreg_write(name, value)                                           \
    ({                                                                      \
        uint64_t written_ = (value);                                        \
        __asm__ volatile("msr " #name ", %0" : : "r"(written_) : "memory"); \
    })

#define tlbi(operation)   __asm__ volatile("tlbi " #operation : : : "memory")
#define ic(operation)     __asm__ volatile("ic " #operation : : : "memory")
#define dc(operation, on) __asm__ volatile("dc " #operation ", %0" : : "r"(on) : "memory")
#define at(operation, va) __asm__ volatile("at " #operation ", %0" : : "r"(va) : "memory")

/* ESB, where there is RAS: an SError that is pending goes to DISR_EL1 (Arm ARM D8.16). */
static inline void esb(void)
{
    __asm__ volatile("hint #16" : : : "memory");
}

/* An SError that is pending is taken here. */
static inline void take_serror(void)
{
    __asm__ volatile("msr daifclr, #4\n\t"
                     "isb\n\t"
                     "msr daifset, #4"
                     :
                     :
                     : "memory");
}

static inline void isb(void)
{
    __asm__ volatile("isb" : : : "memory");
}

static inline void dsb_sy(void)
{
    __asm__ volatile("dsb sy" : : : "memory");
}

static inline void dsb_ish(void)
{
    __asm__ volatile("dsb ish" : : : "memory");
}

static inline void dsb_nsh(void)
{
    __asm__ volatile("dsb nsh" : : : "memory");
}

#endif
