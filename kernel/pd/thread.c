/* SPDX-License-Identifier: BSD-2-Clause */
/* See thread.h. */
#include "kernel/pd/thread.h"

#include "kernel/arch/arch.h"

/* SPSR_EL2 (Arm ARM C5.2.20) */
#define SPSR_MODE  0x1fUL
#define SPSR_EL0T  0x0UL
#define SPSR_EL1T  0x4UL
#define SPSR_EL1H  0x5UL
#define SPSR_USER  0x10UL /* AArch32 */
#define SPSR_NZCV  (0xfUL << 28)
#define SPSR_SS_IL (3UL << 20)

bool thread_may_have_spsr(const struct thread *thread, uint64_t value)
{
    if (thread->kind == THREAD_PD) {
        return true; /* it gets the flags of it */
    }
    switch (value & SPSR_MODE) {
    case SPSR_EL0T:
    case SPSR_EL1T:
    case SPSR_EL1H:
        return true;
    case SPSR_USER:
        return arch_has_aarch32();
    default:
        return false;
    }
}

uint64_t thread_safe_spsr(const struct thread *thread, uint64_t value)
{
    if (thread->kind == THREAD_PD) {
        return (value & SPSR_NZCV) | SPSR_EL0T;
    }
    return thread_may_have_spsr(thread, value) ? value & ~SPSR_SS_IL : thread->frame.spsr;
}

void thread_copy_name(char *to, const char *from)
{
    unsigned int i = 0;

    for (; i < ABI_NAME_LENGTH - 1 && from[i] != '\0'; i++) {
        to[i] = from[i];
    }
    for (; i < ABI_NAME_LENGTH; i++) {
        to[i] = '\0';
    }
}

void thread_rename(struct thread *thread, const char *text)
{
    thread_copy_name(thread->given_name, text);
    for (char *c = thread->given_name; *c != '\0'; c++) {
        *c = *c >= ' ' && *c <= '~' ? *c : '?';
    }
    thread->name = thread->given_name;
}
