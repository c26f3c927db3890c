/* SPDX-License-Identifier: BSD-2-Clause */
/* See check_dma.h. On a board without an SMMU all DMA is as it is, which the report says. */
#include "tool/vmconf/check_dma.h"

#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/devices.h"
#include "tool/vmconf/maps.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/refs.h"
#include "tool/vmconf/smmu.h"

static const char *const remedy = "or say in the overlay that its DMA may go anywhere: &sluice { ";

/* The node of the SMMU that a function is behind; TREE_NONE: it is behind none. */
static size_t smmu_of(const struct guest *guest, uint32_t function)
{
    const struct board *board = guest->board;
    uint32_t id;
    size_t node =
        bridge_find_stream(guest->pci.bridge, guest->pci.config.functions[function].physical, &id);

    for (size_t i = 0; i < board->smmu_count; i++) {
        if (board->smmus[i].node == node) {
            return node;
        }
    }
    return TREE_NONE;
}

static void refuse_function(struct guest *guest, uint32_t index)
{
    const struct sdf_region *region = guest->pci.function_regions[index];
    const struct tree_node *nodes = guest->board->tree->nodes;
    size_t smmu = smmu_of(guest, index);
    const char *way;

    if (smmu == TREE_NONE) {
        way = arena_printf(guest->arena, "no SMMU confines it (iommu-map of %s): take another slot",
                           nodes[guest->pci.bridge->node].path);
    } else {
        way = arena_printf(guest->arena,
                           "nobody owns %s: map its registers (0x%" PRIx64
                           ") into a protection domain that runs smmu.elf",
                           nodes[smmu].path, nodes[smmu].regs[0].start);
    }
    sdf_error(guest->messages, &region->pos,
              "%s masters DMA, and %s, %spci { %s { dma = \"unconfined\"; }; }; };",
              pci_name(guest, index), way, remedy, region->name);
}

/* Whether a function's DMA goes anywhere. */
static bool check_function(struct guest *guest, uint32_t index)
{
    bool may = guest->unconfined_functions[index];

    if (pci_name(guest, index) == NULL) {
        return false;
    }
    if (smmu_confines(guest, index)) {
        if (may) {
            vmconf_error(guest->messages,
                         "%s: /sluice/pci/%s: dma = \"unconfined\" is for what no SMMU confines, "
                         "and %s confines it",
                         guest->overlay_file, guest->pci.function_regions[index]->name,
                         guest->board->tree->nodes[smmu_of(guest, index)].path);
        }
        return false;
    }
    if (!may && guest->board->smmu_count > 0) {
        refuse_function(guest, index);
        return false;
    }
    return true;
}

static bool is_allowed(const struct guest *guest, const char *path)
{
    for (size_t i = 0; i < guest->unconfined_count; i++) {
        if (strcmp(guest->unconfined[i]->path, path) == 0) {
            return true;
        }
    }
    return false;
}

static const char *label_of(const struct guest *guest, const char *path)
{
    for (size_t i = 0; i < guest->label_count; i++) {
        if (strcmp(guest->labels[i].path, path) == 0) {
            return guest->labels[i].label;
        }
    }
    return NULL;
}

/* Its functions are not known, and no stream is theirs: whatever the overlay says they reach
 * nothing. */
static bool refuse_whole(struct guest *guest, size_t index)
{
    const struct tree_node *node = &guest->tree->nodes[index];
    const struct guest_map *map = maps_at(guest, node->regs[0].start);
    uint16_t bus;

    if (guest->pci.whole_smmu == NULL || map == NULL || !pci_whole_is(guest, node->path, &bus)) {
        return false;
    }
    sdf_error(
        guest->messages, &map->map->pos,
        "%s is behind %s, whose owner has streams for functions that are passed through one by "
        "one, and for no host bridge whole",
        node->path, guest->pci.whole_smmu);
    return true;
}

struct search {
    const struct guest *guest;
    const char *smmu; /* that is owned, and that the device is behind; NULL: there is none */
};

static void look_at_reference(void *context, const struct ref *ref)
{
    struct search *search = context;
    const struct board *board = search->guest->board;

    for (size_t i = 0; i < board->smmu_count && strcmp(ref->property, "iommus") == 0; i++) {
        if (board->smmus[i].node == ref->target && search->guest->owned_smmus[i]) {
            search->smmu = board->tree->nodes[ref->target].path;
        }
    }
}

/* No stream is its: whatever the overlay says it reaches nothing. What is malformed about its
 * references was reported when it was selected. */
static bool refuse_owned(struct guest *guest, size_t index)
{
    const char *path = guest->tree->nodes[index].path;
    const struct guest_map *map = maps_at(guest, guest->tree->nodes[index].regs[0].start);
    size_t node = tree_find_path(guest->board->tree, path);
    struct search search = {.guest = guest};

    if (node == TREE_NONE || map == NULL) {
        return false;
    }
    refs_visit(guest->board->tree, node, guest->messages, look_at_reference, &search);
    if (search.smmu == NULL) {
        return false;
    }
    sdf_error(guest->messages, &map->map->pos,
              "%s is behind %s (iommus), whose owner has streams for PCI functions alone: it would "
              "reach nothing",
              path, search.smmu);
    return true;
}

/* What the overlay itself added has no label of the tree's. */
static void refuse_device(struct guest *guest, size_t index)
{
    const struct tree_node *node = &guest->tree->nodes[index];
    const struct guest_map *map = maps_at(guest, node->regs[0].start);
    const char *label = label_of(guest, node->path);
    const char *way =
        label == NULL
            ? ""
            : arena_printf(guest->arena, ", %sdevices { %s { dma = \"unconfined\"; }; }; };",
                           remedy, label);

    if (map != NULL) { /* checks.c reports those with registers that the guest does not have */
        sdf_error(guest->messages, &map->map->pos,
                  "%s masters DMA, and no SMMU confines it: take a PCI function instead%s",
                  node->path, way);
    }
}

static bool check_device(struct guest *guest, size_t index)
{
    if (!devices_has(guest, index) || !devices_masters_dma(guest, index)) {
        return false;
    }
    if (refuse_whole(guest, index) || refuse_owned(guest, index)) {
        return false;
    }
    if (guest->board->smmu_count > 0 && !is_allowed(guest, guest->tree->nodes[index].path)) {
        refuse_device(guest, index);
        return false;
    }
    return true;
}

void check_dma(struct guest *guest)
{
    const char *master = NULL; /* the first that goes anywhere */

    for (uint32_t i = 0; i < guest->pci.config.function_count; i++) {
        if (check_function(guest, i) && master == NULL) {
            master = pci_name(guest, i);
        }
    }
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        if (check_device(guest, i) && master == NULL) {
            master = guest->tree->nodes[i].path;
        }
    }
    for (size_t i = 0; i < guest->ram_count && master != NULL; i++) {
        const struct guest_map *ram = guest->ram[i];
        if (!ram->region->has_phys_addr || ram->region->phys_addr != ram->ipa) {
            sdf_error(guest->messages, &ram->map->pos,
                      "%s masters DMA with physical addresses, so the guest's RAM must be mapped "
                      "1:1: give region '%s' phys_addr=\"0x%" PRIx64 "\", the address of this map",
                      master, ram->region->name, ram->ipa);
        }
    }
}
