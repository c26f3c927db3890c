/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seL4_Assert() is checked in every configuration, seL4_DebugAssert() in those with a debug build.
 * What does not hold is printed, and the program faults.
 */
#ifndef SEL4_ASSERT_H
#define SEL4_ASSERT_H

#include <kernel/gen_config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls __assert_fail(), which a program may define, and of which C libraries have declarations
 * that differ. */
void sluice_assert_fail(const char *expression, const char *file, unsigned int line,
                        const char *function);

#ifdef __cplusplus
}
#endif

#define seL4_Fail(text) sluice_assert_fail(text, __FILE__, __LINE__, __func__)
#define seL4_Assert(expression)     \
    do {                            \
        if (!(expression)) {        \
            seL4_Fail(#expression); \
        }                           \
    } while (0)

#ifdef CONFIG_DEBUG_BUILD
#define seL4_DebugAssert(expression) seL4_Assert(expression)
#else
#define seL4_DebugAssert(expression) ((void)0)
#endif

#endif
