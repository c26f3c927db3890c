/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables that the tool fills with what a system description says (setvar_vaddr and so on). */
#ifndef SLUICE_COMPONENTS_LIB_FILLED_H
#define SLUICE_COMPONENTS_LIB_FILLED_H

#include <stdint.h>

/* Written into the linked program, and so neither constant nor static, and in .data: the compiler
 * then knows nothing about their values. */
#define FILLED_BY_TOOL __attribute__((used, section(".data.filled_by_tool")))

/* For a channel or interrupt that a description need not have. */
#define FILLED_WITH_NOTHING UINT64_MAX

#endif
