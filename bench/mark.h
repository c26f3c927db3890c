/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mark for bench/plugin/count.c: one NOP to every processor, and not counted. Numbers 0..63.
 */
#ifndef SLUICE_BENCH_MARK_H
#define SLUICE_BENCH_MARK_H

#define MARK(number) __asm__ volatile("hint #%0" : : "i"(64 + (number)) : "memory")

#endif
