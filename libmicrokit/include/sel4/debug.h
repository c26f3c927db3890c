/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug console, and seL4's debugging calls. The first two are silent in configurations without
 * the console; the others are of debug configurations alone (absent.h).
 */
#ifndef SEL4_DEBUG_H
#define SEL4_DEBUG_H

#include <kernel/gen_config.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

static inline void seL4_DebugPutChar(char c)
{
    sluice_syscall(SLUICE_SYS_DEBUG_PUTC, (seL4_Uint8)c, 0, 0, 0, 0);
}

static inline void seL4_DebugPutString(const char *text)
{
    for (; *text != '\0'; text++) {
        seL4_DebugPutChar(*text);
    }
}

#ifdef CONFIG_DEBUG_BUILD

#ifdef __cplusplus
extern "C" {
#endif

/* A line for every thread of the system: name, state, priority, core, pc. */
void seL4_DebugDumpScheduler(void);
/* The program stops, and says so; all others go on. Its parent may restart it. */
void seL4_DebugHalt(void);
/* The name of the thread in reports from now on; at most 63 characters of it. A TCB that the
 * program does not hold changes nothing. */
void seL4_DebugNameThread(seL4_CPtr tcb, const char *name);

#ifdef __cplusplus
}
#endif

/* What the capability is, as seL4 numbers them; 0: the program holds none there. */
static inline seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap)
{
    return (seL4_Uint32)sluice_syscall(SLUICE_SYS_DEBUG_IDENTIFY, cap, 0, 0, 0, 0).x1;
}

#endif
#endif
