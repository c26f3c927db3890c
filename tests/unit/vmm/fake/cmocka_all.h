/* SPDX-License-Identifier: BSD-2-Clause */
/* cmocka, with what it wants to have been included before. */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_CMOCKA_ALL_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#endif
