/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's words: whole lines that begin "sluice: ". log_line() is silent in images without
 * a debug console; panic() speaks in any image, since it says why the machine stopped.
 *
 * Formats: %s %c %u %d %x, l modifier, width and zero padding.
 */
#ifndef SLUICE_KERNEL_LIB_LOG_H
#define SLUICE_KERNEL_LIB_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_LINE \
    192 /* characters, with the line feed: a longer line is cut, as names have any length */

/* Where text goes, a line or a program's character, and how a panic ends: set once, first thing at
 * boot. */
typedef void (*log_write_t)(const char *text, unsigned int size);
typedef void (*log_halt_t)(void);

void log_init(log_write_t write, log_halt_t halt);
/* What makes room for a panic's words, and then brings them out: `write` may keep them; or NULL. */
void log_set_flush(void (*flush)(void));
/* Turns log_line() and log_putc() on: the image has a debug console. */
void log_enable(bool enabled);
bool log_is_enabled(void);

/* One character of a program, as it is. */
void log_putc(char character);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The machine is not what the image says, or the kernel is wrong. Never reachable by a guest,
 * program or device. Does not return. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Our bug: on in every build, without side effects. */
#define assert(condition) \
    ((condition) ? (void)0 : panic("%s:%u: assertion failed: %s", __FILE__, __LINE__, #condition))

#endif
