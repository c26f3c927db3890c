/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BARs: which regions belong to them, by name, and whether those are such as a BAR can be. A region
 * that begins like several functions' names is the one's with the longest.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tool/vmconf/maps.h"
#include "tool/vmconf/pci.h"

#define PAGE_SIZE 0x1000u

#define BAR_SUFFIX "_bar"

/* A region whose name is a BAR's. */
struct bar_region {
    size_t index; /* among the description's */
    const struct sdf_region *region;
    uint32_t function;
    unsigned int bar;
};

/* Whether `name` is that of a BAR of `function`, or of a part of one. */
static bool is_bar_of(const char *name, const char *function, unsigned int *bar)
{
    size_t length = strlen(function);

    if (strncmp(name, function, length) != 0 ||
        strncmp(name + length, BAR_SUFFIX, strlen(BAR_SUFFIX)) != 0) {
        return false;
    }
    const char *number = name + length + strlen(BAR_SUFFIX);
    if (*number < '0' || *number > '9' || (number[1] != '\0' && number[1] != '_')) {
        return false;
    }
    *bar = (unsigned int)(*number - '0');
    return true;
}

static bool find_function(const struct guest_pci *pci, struct bar_region *found, const char *name)
{
    size_t longest = 0;
    unsigned int bar;

    for (uint32_t i = 0; i < pci->config.function_count; i++) {
        const char *function = pci->function_regions[i]->name;
        if (strlen(function) > longest && is_bar_of(name, function, &bar)) {
            longest = strlen(function);
            found->function = i;
            found->bar = bar;
        }
    }
    return longest > 0;
}

static const struct bridge_window *find_window(const struct bridge *bridge,
                                               const struct sdf_region *region)
{
    for (size_t i = 0; i < bridge->window_count; i++) {
        const struct tree_range *range = &bridge->windows[i].range;
        if (bridge_takes_bars(&bridge->windows[i]) && region->phys_addr >= range->start &&
            region->phys_addr - range->start < range->size &&
            region->size <= range->size - (region->phys_addr - range->start)) {
            return &bridge->windows[i];
        }
    }
    return NULL;
}

static void add_piece(struct guest *guest, const struct bar_region *bar)
{
    struct guest_pci *pci = &guest->pci;
    struct vm_config_pci *config = &pci->config;
    const struct sdf_region *region = bar->region;
    const struct sdf_map *map = maps_find(guest->vm->maps, guest->vm->map_count, bar->index);
    const struct sdf_map *own = maps_find(guest->pd->maps, guest->pd->map_count, bar->index);

    config->pieces[config->piece_count] = (struct vm_config_pci_piece){
        .ipa = region->phys_addr,
        .size = region->size,
        .vaddr = own == NULL ? 0 : own->vaddr,
        .function = (uint16_t)bar->function,
        .bar = (uint8_t)bar->bar,
        .flags = map == NULL ? 0 : VM_CONFIG_PCI_IN_GUEST,
    };
    pci->piece_regions[config->piece_count++] = region;
}

static int by_function_and_address(const void *a, const void *b)
{
    const struct bar_region *first = a;
    const struct bar_region *second = b;

    if (first->function != second->function) {
        return first->function < second->function ? -1 : 1;
    }
    return (first->region->phys_addr > second->region->phys_addr) -
           (first->region->phys_addr < second->region->phys_addr);
}

void pci_read_bars(struct guest *guest)
{
    const struct sdf *sdf = guest->sdf;
    struct bar_region *bars = arena_array(guest->arena, sdf->region_count, sizeof(*bars));
    size_t count = 0;

    for (size_t i = 0; i < sdf->region_count; i++) {
        bars[count].index = i;
        bars[count].region = &sdf->regions[i];
        count += find_function(&guest->pci, &bars[count], sdf->regions[i].name);
    }
    qsort(bars, count, sizeof(*bars), by_function_and_address);
    for (size_t i = 0; i < count; i++) {
        if (find_window(guest->pci.bridge, bars[i].region) != NULL) {
            add_piece(guest, &bars[i]);
        }
    }
}
