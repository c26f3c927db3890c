/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ITS's command queue (IHI 0069H, 5.3 and 12.19): a ring in memory, which the kernel writes and
 * the ITS reads. its.c's alone.
 */
#ifndef SLUICE_KERNEL_DEV_ITS_QUEUE_H
#define SLUICE_KERNEL_DEV_ITS_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"

#define ITS_COMMAND_WORDS 4

struct its_command {
    uint64_t words[ITS_COMMAND_WORDS];
};

/* Writes a register that says where a table is, with its field InnerCache at `cache`, so that the
 * table is looked up through the caches if it can be. */
void its_write_base(uint64_t address, uint64_t value, unsigned int cache);

/* `base` is that of the ITS's registers, whose GITS_CTLR.Enabled is clear. */
void its_queue_init(uint64_t base, const struct image_range *memory);
/* Behind those that are not run yet. A full queue is run first. */
void its_queue_add(struct its_command command);
/* All of them, to the end. False: the ITS did not do it in time, or refused; it is not asked again,
 * and this, or its_queue_add(), has said so. */
bool its_queue_run(void);

#endif
