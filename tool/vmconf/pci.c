/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's PCI functions: the order of the parts, and look-ups in the result. See pci.h. */
#include "tool/vmconf/pci.h"

#include <inttypes.h>

#include "tool/vmconf/emulate.h"

#define FRAME_SIZE 0x1000u

const char *pci_address(struct arena *arena, uint16_t address)
{
    return arena_printf(arena, "%02x:%02x.%x", address >> 8, address >> 3 & 31, address & 7);
}

const struct bridge *pci_bridge_of(const struct board *board, const struct sdf_region *region)
{
    for (size_t i = 0; i < board->bridge_count; i++) {
        const struct bridge *bridge = &board->bridges[i];
        if (region->has_phys_addr && region->size > 0 &&
            tree_range_overlaps(&bridge->ecam, region->phys_addr, region->size)) {
            return bridge;
        }
    }
    return NULL;
}

const char *pci_windows(struct arena *arena, const struct bridge *bridge)
{
    const char *list = "";

    for (size_t i = 0; i < bridge->window_count; i++) {
        const struct bridge_window *window = &bridge->windows[i];
        if (bridge_space(window) >= BRIDGE_MEMORY_32) {
            list = arena_printf(arena, "%s%s0x%" PRIx64 "..0x%" PRIx64 "%s", list,
                                list[0] == '\0' ? "" : ", ", window->range.start,
                                window->range.start + window->range.size,
                                bridge_takes_bars(window) ? "" : " (elsewhere on the bus)");
        }
    }
    return list;
}

static void refuse_map_over(struct guest *guest, const char *what, uint64_t start, uint64_t size)
{
    const struct tree_range range = {start, size};

    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        if (map->size > 0 && tree_range_overlaps(&range, map->ipa, map->size)) {
            sdf_error(guest->messages, &map->map->pos,
                      "the map lies over the guest's %s, which the VMM emulates at 0x%" PRIx64
                      "..0x%" PRIx64,
                      what, start, start + size);
        }
    }
}

/* What the VMM emulates has to trap. */
static void check_traps(struct guest *guest)
{
    const struct guest_pci *pci = &guest->pci;

    if (pci->config.function_count > 0) {
        refuse_map_over(guest, "PCI host bridge", pci->config.ecam_ipa, pci->config.ecam_size);
    }
    if (pci->msi.count > 0) {
        refuse_map_over(guest, "MSI frame", pci->msi.ipa, FRAME_SIZE);
    }
    for (uint32_t i = 0; i < pci->config.piece_count; i++) {
        const struct vm_config_pci_piece *piece = &pci->config.pieces[i];
        if ((piece->flags & VM_CONFIG_PCI_IN_GUEST) == 0) {
            refuse_map_over(guest, arena_printf(guest->arena, "'%s'", pci->piece_regions[i]->name),
                            piece->ipa, piece->size);
        }
    }
}

void pci_read(struct guest *guest)
{
    size_t errors = guest->messages->error_count;

    pci_read_functions(guest);
    pci_read_bars(guest);
    pci_refuse_strays(guest);
    if (guest->messages->error_count == errors) {
        pci_read_irqs(guest);
    }
    if (guest->pci.bridge != NULL) {
        guest->pci.config.ecam_ipa = guest->pci.bridge->ecam.start;
        guest->pci.config.ecam_size = 1u << BRIDGE_BUS_SHIFT;
    }
    if (guest->messages->error_count == errors) {
        check_traps(guest);
    }
}

bool pci_has_bar(const struct guest *guest, uint64_t at, uint64_t size, uint64_t *end)
{
    const struct vm_config_pci *config = &guest->pci.config;

    for (uint32_t i = 0; i < config->piece_count; i++) {
        const struct tree_range range = {config->pieces[i].ipa, config->pieces[i].size};
        if (tree_range_overlaps(&range, at, size)) {
            *end = range.start + range.size;
            return true;
        }
    }
    return false;
}

const char *pci_name(const struct guest *guest, uint32_t index)
{
    const struct vm_config_pci_function *function = &guest->pci.config.functions[index];

    return function->kind != VM_CONFIG_PCI_PASSTHROUGH
               ? NULL
               : arena_printf(guest->arena, "PCI function %s (%s)",
                              guest->pci.function_regions[index]->name,
                              pci_address(guest->arena, function->physical));
}

void pci_warn_of_incoherent(struct guest *guest)
{
    const struct guest_pci *pci = &guest->pci;

    for (uint32_t i = 0; i < pci->config.function_count; i++) {
        if (pci_name(guest, i) != NULL && !pci->bridge->is_coherent) {
            sdf_warning(guest->messages, &pci->function_regions[i]->pos,
                        "%s masters DMA, and the board's device tree has no dma-coherent for its "
                        "host bridge: it does not see what is in caches, which the guest has to "
                        "write back",
                        pci_name(guest, i));
        }
    }
}

bool pci_add_msi(struct guest *guest)
{
    const struct vm_config_msi *msi = &guest->pci.msi;
    const struct tree_range *gicd = board_gic_frame(guest->board, GIC_FRAME_DISTRIBUTOR);

    return emulate_add(
        guest,
        &(struct emulated_device){
            .kind = EMULATED_MSI,
            .path = arena_printf(guest->arena, "/interrupt-controller@%" PRIx64 "/v2m@%" PRIx64,
                                 gicd->start, msi->ipa),
            .range = {msi->ipa, FRAME_SIZE},
            .intid = VM_CONFIG_NO_INTID,
        });
}

void pci_place(struct guest *guest)
{
    const struct guest_pci *pci = &guest->pci;

    if (pci->config.function_count > 0) {
        emulate_add(guest,
                    &(struct emulated_device){
                        .kind = EMULATED_BRIDGE,
                        .path = arena_printf(guest->arena, "/pcie@%" PRIx64, pci->config.ecam_ipa),
                        .range = {pci->config.ecam_ipa, pci->config.ecam_size},
                        .intid = VM_CONFIG_NO_INTID,
                    });
    }
    if (pci->msi.count > 0) {
        pci_add_msi(guest);
    }
}
