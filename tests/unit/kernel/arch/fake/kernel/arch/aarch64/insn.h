/* SPDX-License-Identifier: BSD-2-Clause */
/* In the place of the kernel's: instructions are recorded, in words, and not executed. */
#ifndef SLUICE_KERNEL_ARCH_AARCH64_INSN_H
#define SLUICE_KERNEL_ARCH_AARCH64_INSN_H

#include <stdint.h>

#define INSN_MAX 256

struct insn {
    const char *text;
    uint64_t value; /* written, or the address */
};

extern struct insn insns[INSN_MAX];
extern unsigned int insn_count;

void insn_record(const char *text, uint64_t value);
/* What a register holds: what the test set, or was written last. */
uint64_t insn_read(const char *name);
void insn_set(const char *name, uint64_t value);
/* Nothing is recorded, registers are zero. */
void insn_reset(void);
/* Where `text` is in the record, not before `from`; fails the test if it is not. */
unsigned int insn_find(const char *text, unsigned int from);

#define sysreg_read(name)         insn_read(#name)
#define sysreg_write(name, value) (insn_set(#name, value), insn_record("msr " #name, value))
#define tlbi(operation)           insn_record("tlbi " #operation, 0)
#define ic(operation)             insn_record("ic " #operation, 0)
#define dc(operation, on)         insn_record("dc " #operation, on)
#define at(operation, va)         insn_record("at " #operation, va)
#define esb()                     insn_record("esb", 0)
#define take_serror()             insn_record("take serror", 0)
#define isb()                     insn_record("isb", 0)
#define dsb_sy()                  insn_record("dsb sy", 0)
#define dsb_ish()                 insn_record("dsb ish", 0)
#define dsb_nsh()                 insn_record("dsb nsh", 0)

#endif
