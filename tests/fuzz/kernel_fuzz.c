/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's fuzzer: a run of the model test (docs/model.md) whose choices are the input's - the
 * system, the instructions of its programs and guests, devices, and which core is faster - and
 * when that has ended a generator's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/model/run.h"

#define STEPS 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why;

    run_from_bytes(data, size);
    why = run(STEPS, 0, false);
    if (why != NULL) {
        run_print_trace();
        (void)fprintf(stderr, "%s\n", why);
        abort();
    }
    return 0;
}
