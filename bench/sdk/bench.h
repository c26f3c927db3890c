/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is measured: from a mark in one program to MARK_END in the same or another one, a mark each
 * round. scripts/bench_sdk.py knows what the numbers mean.
 */
#ifndef SLUICE_BENCH_SDK_BENCH_H
#define SLUICE_BENCH_SDK_BENCH_H

#include <microkit.h>

#include "bench/mark.h"

#define ROUNDS 1000

enum mark {
    MARK_END,
    MARK_CALL_ACTIVE,
    MARK_CALL_ACTIVE_WORDS,
    MARK_CALL_PASSIVE,
    MARK_CALL_PASSIVE_WORDS,
    MARK_NOTIFY,
    MARK_NOTIFY_BACK,
    MARK_INTERRUPT,
    MARK_FAULT,
};

struct shared {
    volatile seL4_Word answer; /* echo signals back */
};

#endif
