/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this system share in memory. */
#ifndef SLUICE_TESTS_TARGET_SMP_RECORD_H
#define SLUICE_TESTS_TARGET_SMP_RECORD_H

#include <microkit.h>

#define WORKERS 3
#define CALLS   2000

enum task {
    TASK_ECHO,  /* signal back */
    TASK_CALLS, /* CALLS calls to the passive and to the active server, then signal */
    TASK_SPIN,  /* count for good */
    TASK_FAULT, /* touch what is not there */
};

struct record {
    volatile seL4_Word task[WORKERS + 1];
    volatile seL4_Word counter[WORKERS + 1]; /* of TASK_SPIN */
    volatile seL4_Word wrong[WORKERS + 1];   /* answers that were not what was asked for */
    volatile seL4_Word served[2];            /* calls, by the active and the passive server */
    volatile seL4_Word wrong_calls[2];
};

#endif
