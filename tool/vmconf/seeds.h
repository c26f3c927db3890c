/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Room in the guest's device tree for seeds, which its VMM fills in at each start. What an overlay
 * gives or deletes is the user's; and a VMM that knows nothing of this has a tree without seeds.
 */
#ifndef SLUICE_TOOL_VMCONF_SEEDS_H
#define SLUICE_TOOL_VMCONF_SEEDS_H

#include "tool/vmconf/fdt_writer.h"
#include "vmm/vm_config.h"

#define SEEDS_KASLR "kaslr-seed"
#define SEEDS_RNG   "rng-seed"

/* Writes both properties, all zero, into the open node. */
void seeds_write(struct fdt_writer *writer);

/* Takes one out of /chosen of the finished tree, if it is as it was written, and says where it was;
 * no room otherwise. */
struct vm_config_seed seeds_take(void *fdt, const char *name, int size);

#endif
