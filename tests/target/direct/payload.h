/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that payload.S and vmm.c share. */
#ifndef SLUICE_TESTS_TARGET_DIRECT_PAYLOAD_H
#define SLUICE_TESTS_TARGET_DIRECT_PAYLOAD_H

#define RAM        0x40000000
#define UART       0x09000000
#define ENTRY_SIZE 0x400

#define ENTRY_TIMER   0
#define ENTRY_UART    1
#define ENTRY_MASKED  2
#define ENTRY_ENDLESS 3
#define ENTRY_VECTORS 4

/* Interrupts that each entry but the endless one waits for. */
#define ROUNDS 5

/* A word that the guest writes: interrupts taken. */
#define DATA 0x10000

#endif
