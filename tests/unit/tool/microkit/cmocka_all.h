/* SPDX-License-Identifier: BSD-2-Clause */
/* cmocka with what its header expects to be included before it. */
#ifndef SLUICE_TESTS_UNIT_TOOL_MICROKIT_CMOCKA_ALL_H
#define SLUICE_TESTS_UNIT_TOOL_MICROKIT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
