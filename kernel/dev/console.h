/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug console's text - the kernel's lines and what programs print - on its way: a ring, from
 * which it goes to the UART as that has room, or to a program that reads it (ipc/debuglog.h). A
 * UART takes longer for a character than the kernel for a system call: a panic alone waits for it.
 * Under the lock for all.
 */
#ifndef SLUICE_KERNEL_DEV_CONSOLE_H
#define SLUICE_KERNEL_DEV_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#define CONSOLE_SIZE 16384 /* what comes on top is counted, and said */

/* As log_init() takes it. It is kept; console_drain() sends it. */
void console_write(const char *text, unsigned int size);
bool console_is_empty(void);
/* For a character of a program, which waits otherwise: most of the ring is the kernel's. */
bool console_has_room(void);
/* The UART gets what it has room for, up to a FIFO's worth. True: more waits for it. */
bool console_drain(void);
/* Whether anything waits for the UART. This, and report_is_due(), under any lock: nobody else has
 * the one for all then. */
bool console_is_waiting(void);
/* Counter value at which to look again, while more waits. */
uint64_t console_next_look(void);
/* Everything goes to the UART, and is waited for: the machine stops, or panics. */
void console_flush(void);

/* From now on text stays in the ring, for console_read(), and `tell` is called with each line;
 * NULL: it goes to the UART again, what nobody has read first. */
void console_divert(void (*tell)(void));
/* Takes at most `size` bytes of what waits; returns how many. */
uint64_t console_read(char *to, uint64_t size);

#endif
