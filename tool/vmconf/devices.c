/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmconf knows about kinds of devices, by their compatible strings. */
#include "tool/vmconf/devices.h"

#include <string.h>

#include "tool/vmconf/emulate.h"

/* A device is taken to master DMA unless it is one of these. */
static const char *const without_dma[] = {"arm,pl011", "arm,pl031", "arm,pl061", "cfi-flash"};

static const struct {
    const char *compatible;
    enum vm_config_device_kind kind;
} device_kinds[] = {
    {"virtio,mmio", VM_CONFIG_DEVICE_VIRTIO_MMIO},
    {"arm,pl011", VM_CONFIG_DEVICE_PL011},
    {"cfi-flash", VM_CONFIG_DEVICE_FLASH},
};

bool devices_has(const struct guest *guest, size_t node)
{
    const struct tree *tree = guest->tree;

    if (tree->nodes[node].reg_count == 0 || tree_is_memory(tree, node) ||
        tree_is_below(tree, node, tree->gic) || emulate_find(guest, node) != NULL) {
        return false;
    }
    return strncmp(tree->nodes[node].path, "/reserved-memory/", strlen("/reserved-memory/")) != 0;
}

bool devices_masters_dma(const struct guest *guest, size_t node)
{
    for (size_t i = 0; i < sizeof(without_dma) / sizeof(without_dma[0]); i++) {
        if (tree_is_compatible(guest->tree, node, without_dma[i])) {
            return false;
        }
    }
    return true;
}

enum vm_config_device_kind devices_kind(const struct guest *guest, size_t node)
{
    for (size_t i = 0; i < sizeof(device_kinds) / sizeof(device_kinds[0]); i++) {
        if (tree_is_compatible(guest->tree, node, device_kinds[i].compatible)) {
            return device_kinds[i].kind;
        }
    }
    return VM_CONFIG_DEVICE_OTHER;
}
