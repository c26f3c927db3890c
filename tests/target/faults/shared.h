/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parent tells its children to do, and what they write down before they fault. */
#ifndef SLUICE_TESTS_TARGET_FAULTS_SHARED_H
#define SLUICE_TESTS_TARGET_FAULTS_SHARED_H

#include <microkit.h>

/* Where the description maps regions into the child. */
#define CHILD_TEXT       0x200000UL
#define CHILD_SHARED     0x10000000UL
#define CHILD_READONLY   0x10001000UL
#define CHILD_EXECUTABLE 0x10002000UL
#define CHILD_STACK_END  (0xffffffe000UL - 0x4000UL)

enum command {
    COMMAND_READ_NULL,
    COMMAND_READ_UNMAPPED,
    COMMAND_READ_BEYOND,
    COMMAND_READ_NEGATIVE,
    COMMAND_WRITE_TEXT,
    COMMAND_WRITE_READONLY,
    COMMAND_OVERFLOW_STACK,
    COMMAND_EXECUTE_DATA,
    COMMAND_EXECUTE_NOTHING,
    COMMAND_EXCLUSIVE_MISALIGNED,
    COMMAND_READ_TRAPPED_REGISTER,
    COMMAND_MASK_INTERRUPTS,
    COMMAND_READ_EL1_REGISTER,
    COMMAND_READ_CURRENT_EL,
    COMMAND_UNDEFINED,
    COMMAND_HLT,
    COMMAND_SMC,
    COMMAND_HVC,
    COMMAND_ERET,
    COMMAND_BREAK,
    COMMAND_UNKNOWN_CALL,
    COMMAND_NEGATIVE_CALL,
    COMMAND_CALL_NOBODY,
    COMMAND_USE_FP,
    COMMAND_STOP_NOBODY,
    COMMAND_FILL_REGISTERS,
    COMMAND_ASK_AND_TELL,
    COMMAND_RUN_FROM_REGION,
    COMMAND_COUNT_UP,
    COMMAND_SERVE, /* nothing: on to the event loop */
    COMMAND_RECEIVE,
};

struct shared {
    volatile seL4_Word registers[32]; /* first: SP points here at times */
    volatile seL4_Word command;       /* enum command */
    volatile seL4_Word pc;            /* of the instruction that is going to fault */
    volatile seL4_Word starts;        /* how often the child's init() ran, as its .bss counts */
    volatile seL4_Word data;          /* a word of its .data that each start adds to */
    volatile seL4_Word counter;
    volatile seL4_Word notified;
    volatile seL4_Word after;      /* set when the child got past its fault */
    volatile seL4_Word dump_entry; /* a routine that stores x0..x30 from SP on, then stops */
};

extern struct shared *shared; /* each program defines its own: the tool fills it in */

#endif
