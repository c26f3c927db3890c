/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines on the debug console, "[vm-name] text". A line is built whole and then given away at once,
 * so that lines of several programs do not mix. Silent in release configurations, by the contract.
 */
#ifndef SLUICE_VMM_LOG_H
#define SLUICE_VMM_LOG_H

/* Lines of this program go there instead, without the name and the newline. */
void log_redirect(void (*put)(void *context, const char *line), void *context);

/* Longer lines are cut off. */
#define LOG_LINE_LENGTH 200

/* `name` is the virtual machine's. No newline in `format`. */
void log_line(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
