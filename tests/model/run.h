/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of the model: main.c's and the fuzzer's. */
#ifndef SLUICE_TESTS_MODEL_RUN_H
#define SLUICE_TESTS_MODEL_RUN_H

#include <stddef.h>

#include "tests/model/model.h"

/* Where choices come from: a generator, or bytes first. */
void run_from_seed(uint64_t seed);
void run_from_bytes(const uint8_t *bytes, size_t size);
/* NULL, or why it failed. `cores` 0: chosen. */
const char *run(unsigned int steps, unsigned int cores, bool traces);
/* How many instructions the last run had. */
uint64_t run_steps(void);
void run_print_trace(void);

#endif
