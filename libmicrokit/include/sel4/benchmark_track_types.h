/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seL4's log of single kernel entries is another configuration than the Microkit SDK's benchmark
 * (CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES is not defined): there is nothing to declare here.
 */
#ifndef SEL4_BENCHMARK_TRACK_TYPES_H
#define SEL4_BENCHMARK_TRACK_TYPES_H

#include <kernel/gen_config.h>

#endif
