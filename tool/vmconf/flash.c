/* SPDX-License-Identifier: BSD-2-Clause */
/* See flash.h. */
#include "tool/vmconf/flash.h"

#include <libfdt.h>

#include "tool/vmconf/maps.h"

#define ENTRY_SIZE 16 /* of reg: two cells of address, two of size, as below the root */

bool flash_has_banks(const struct tree *tree, size_t node)
{
    int length;

    return tree_is_compatible(tree, node, "cfi-flash") && tree->nodes[node].parent == TREE_ROOT &&
           tree_property(tree, node, "reg", &length) != NULL &&
           (size_t)length == tree->nodes[node].reg_count * ENTRY_SIZE;
}

bool flash_bank_is_absent(const struct guest *guest, size_t node, size_t bank)
{
    const struct tree_node *flash = &guest->board->tree->nodes[node];

    if (!flash_has_banks(guest->board->tree, node) ||
        maps_touch_device(guest, &flash->regs[bank])) {
        return false;
    }
    for (size_t i = 0; i < flash->reg_count; i++) {
        if (maps_touch_device(guest, &flash->regs[i])) {
            return true;
        }
    }
    return false;
}

void flash_write_reg(const struct guest *guest, struct fdt_writer *writer, size_t node)
{
    const struct tree_node *flash = &guest->board->tree->nodes[node];
    uint64_t *reg = arena_array(guest->arena, 2 * flash->reg_count, sizeof(*reg));
    size_t count = 0;

    for (size_t i = 0; i < flash->reg_count; i++) {
        if (!flash_bank_is_absent(guest, node, i)) {
            reg[count++] = flash->regs[i].start;
            reg[count++] = flash->regs[i].size;
        }
    }
    fdt_writer_u64s(writer, "reg", reg, count);
}
