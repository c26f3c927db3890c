/* SPDX-License-Identifier: BSD-2-Clause */
/* See dma_map.h. */
#include "tool/vmconf/dma_map.h"

#include <inttypes.h>

#include "tool/vmconf/devices.h"
#include "tool/vmconf/pci.h"

static void write_range(const struct guest *guest, const char *prefix, const char *what,
                        const struct tree_range *range, const char *region, FILE *file)
{
    fprintf(file, "%s\t%s\t%s\t0x%" PRIx64 "\t0x%" PRIx64 "\t%s\n", guest->vm->name, prefix, what,
            range->start, range->size, region);
}

/* All functions of a guest's behind SMMUs reach the same: smmu.c. */
static void write_confined(const struct guest *guest, uint32_t function, FILE *file)
{
    const uint64_t page = UINT64_C(0x1000);
    uint32_t id;
    size_t smmu =
        bridge_find_stream(guest->pci.bridge, guest->pci.config.functions[function].physical, &id);
    const char *prefix = arena_printf(guest->arena, "%s\t%s\t0x%" PRIx32, pci_name(guest, function),
                                      guest->board->tree->nodes[smmu].path, id);
    const struct tree_range doorbell = {guest->pci.msi.doorbell & ~(page - 1), page};

    for (size_t i = 0; i < guest->ram_count; i++) {
        const struct tree_range ram = {guest->ram[i]->ipa, guest->ram[i]->size};
        write_range(guest, prefix, "ram", &ram, guest->ram[i]->region->name, file);
    }
    if (guest->pci.msi.doorbell != 0) {
        write_range(guest, prefix, "doorbell", &doorbell, "-", file);
    }
}

static void write_guest(const struct guest *guest, FILE *file)
{
    for (uint32_t i = 0; i < guest->pci.config.function_count; i++) {
        if (smmu_confines(guest, i)) {
            write_confined(guest, i, file);
        } else if (pci_name(guest, i) != NULL) {
            fprintf(file, "%s\t%s\t-\n", guest->vm->name, pci_name(guest, i));
        }
    }
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        if (devices_has(guest, i) && devices_masters_dma(guest, i)) {
            fprintf(file, "%s\t%s\t-\n", guest->vm->name, guest->tree->nodes[i].path);
        }
    }
}

void dma_map_write(const struct vmconf_result *result, FILE *file)
{
    for (size_t i = 0; i < result->guest_count; i++) {
        write_guest(&result->guests[i], file);
    }
}
