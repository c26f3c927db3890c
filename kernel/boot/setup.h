/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps of the boot order in main.c, each run once on the boot core. */
#ifndef SLUICE_KERNEL_BOOT_SETUP_H
#define SLUICE_KERNEL_BOOT_SETUP_H

#include "abi/image.h"

/* Panics, with one line on the UART, if the machine is not what the image says. */
void setup_check_machine(const struct image_header *image);
/* The kernel's own address space: RAM, UART, interrupt controller. Turns the MMU on. */
void setup_map(const struct image_header *image);
/* Takes the seed that firmware left at the start of RAM, which setup_memory() may zero. */
void setup_seed(const struct image_header *image);
/* Zeroes and copies what the image lists, then makes instructions visible. */
void setup_memory(const struct image_header *image);
/* Stage-2 tables, PDs, vCPUs; nothing runs yet. */
void setup_objects(const struct image_header *image);
/* The machine's other cores enter secondary_main(); returns when all have started. */
void setup_start_cores(const struct image_header *image);
/* PDs become runnable. */
void setup_start(void);

#endif
