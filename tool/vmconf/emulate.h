/* SPDX-License-Identifier: BSD-2-Clause */
/* The devices that the VMM emulates beside the interrupt controller. */
#ifndef SLUICE_TOOL_VMCONF_EMULATE_H
#define SLUICE_TOOL_VMCONF_EMULATE_H

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/guest.h"

/* Decides which ones the guest gets, and where; fills in console, watchdog and emulated. After
 * select_nodes() and sluice_look_ahead(). */
void emulate_place(struct guest *guest);

/* Adds one whose place is settled: its path names a node that the tree does not have otherwise.
 * Returns false after a message if it has. */
bool emulate_add(struct guest *guest, const struct emulated_device *device);

/* A place of range->size bytes that nothing has: no node of the board's, no map of the guest, no
 * emulated device; the lowest one behind the board's serial port. `alignment`, a power of two: of
 * its start; `limit`: of its end, not less than both. False: there is none. */
bool emulate_find_range(const struct guest *guest, struct tree_range *range, uint64_t alignment,
                        uint64_t limit);
/* The page of the board's device `node`, if the guest has nothing there. False: not free. */
bool emulate_take_page_of(const struct guest *guest, size_t node, struct tree_range *range);
/* The first of the lowest `count` SPIs in a row that nothing has. VM_CONFIG_NO_INTID: there are
 * none. */
uint32_t emulate_find_intids(const struct guest *guest, uint32_t count);

/* Writes the nodes of those below the root, which is open (emulate_tree.c). */
void emulate_write_nodes(struct guest *guest, struct fdt_writer *writer);

/* The path of the guest's console device, if that is one that Linux finds by stdout-path: a PL011.
 * NULL: none. */
const char *emulate_stdout(const struct guest *guest);

/* Which of them a node of guest->tree is, or NULL. */
const struct emulated_device *emulate_find(const struct guest *guest, size_t node);

#endif
