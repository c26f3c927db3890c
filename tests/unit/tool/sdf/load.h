/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the unit tests of tool/sdf: loads a description from text, and keeps what is said on stderr.
 * tests/sdf has the exact messages of every rule; here it is the model that is looked at.
 */
#ifndef SLUICE_TESTS_UNIT_TOOL_SDF_LOAD_H
#define SLUICE_TESTS_UNIT_TOOL_SDF_LOAD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tool/sdf/sdf.h"

extern struct sdf_messages load_messages;
/* 2 cores, no search path, prefill files may be missing. */
struct sdf *load_text(const char *text);

#endif
