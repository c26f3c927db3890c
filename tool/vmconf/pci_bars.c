/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BARs: which regions belong to them, by name, and whether those are such as a BAR can be. A region
 * that begins like several functions' names is the one's with the longest. The size of a BAR is
 * that of its parts together; where it lies is checked here, what the function wants by the VMM.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tool/vmconf/maps.h"
#include "tool/vmconf/pci.h"

#define PAGE_SIZE 0x1000u
#define BAR_LIMIT (1UL << 32) /* of those that take one register */

#define BAR_SUFFIX "_bar"

/* A region whose name is a BAR's. */
struct bar_region {
    size_t index; /* among the description's */
    const struct sdf_region *region;
    uint32_t function;
    unsigned int bar;
};

/* All of a guest's, sorted by function, then by address. */
struct bar_regions {
    struct bar_region *list;
    size_t count;
};

/* Where the number of a BAR is in the name of a region that may be one's; or NULL. */
static const char *find_number(const char *name)
{
    const char *at = name;

    while ((at = strstr(at, BAR_SUFFIX)) != NULL) {
        at += strlen(BAR_SUFFIX);
        if (*at >= '0' && *at <= '9' && (at[1] == '\0' || at[1] == '_')) {
            return at;
        }
    }
    return NULL;
}

/* Whether `name` is that of a BAR of `function`, or of a part of one. */
static bool is_bar_of(const char *name, const char *function, unsigned int *bar)
{
    size_t length = strlen(function);

    if (strncmp(name, function, length) != 0 ||
        find_number(name + length) != name + length + strlen(BAR_SUFFIX)) {
        return false;
    }
    *bar = (unsigned int)(name[length + strlen(BAR_SUFFIX)] - '0');
    return true;
}

/* The page that a region is a BAR's of, whether that is a function or was refused; or NULL. */
static const struct sdf_region *find_page(const struct guest_pci *pci, const char *name,
                                          unsigned int *bar)
{
    const struct sdf_region *found = NULL;
    unsigned int number;

    for (size_t i = 0; i < pci->page_count; i++) {
        if ((found == NULL || strlen(pci->pages[i]->name) > strlen(found->name)) &&
            is_bar_of(name, pci->pages[i]->name, &number)) {
            found = pci->pages[i];
            *bar = number;
        }
    }
    return found;
}

static bool find_function(const struct guest_pci *pci, struct bar_region *bar)
{
    const struct sdf_region *page = find_page(pci, bar->region->name, &bar->bar);

    for (uint32_t i = 0; page != NULL && i < pci->config.function_count; i++) {
        if (pci->function_regions[i] == page) {
            bar->function = i;
            return true;
        }
    }
    return false;
}

static bool is_in_window(const struct bridge *bridge, const struct sdf_region *region)
{
    for (size_t i = 0; i < bridge->window_count; i++) {
        const struct tree_range *range = &bridge->windows[i].range;
        if (bridge_takes_bars(&bridge->windows[i]) && region->has_phys_addr &&
            region->phys_addr >= range->start && region->phys_addr - range->start < range->size &&
            region->size <= range->size - (region->phys_addr - range->start)) {
            return true;
        }
    }
    return false;
}

static void check_place(struct guest *guest, const struct bar_region *bar)
{
    const struct sdf_region *region = bar->region;

    if (bar->bar >= VM_CONFIG_PCI_BARS) {
        sdf_error(guest->messages, &region->pos,
                  "region '%s': a PCI function has BARs 0 to %d, and no %u", region->name,
                  VM_CONFIG_PCI_BARS - 1, bar->bar);
    }
    if (!is_in_window(guest->pci.bridge, region)) {
        sdf_error(guest->messages, &region->pos,
                  "region '%s' is a BAR of PCI function '%s', and must lie in a memory window of "
                  "the host bridge: %s",
                  region->name, guest->pci.function_regions[bar->function]->name,
                  pci_windows(guest->arena, guest->pci.bridge));
    }
}

static bool is_as_registers(const struct sdf_map *map)
{
    const unsigned int needed = SDF_READ | SDF_WRITE;

    return !map->cached && (map->perms & needed) == needed;
}

static void check_maps(struct guest *guest, const struct bar_region *bar)
{
    const struct sdf_map *map = maps_find(guest->vm->maps, guest->vm->map_count, bar->index);
    const struct sdf_map *own = maps_find(guest->pd->maps, guest->pd->map_count, bar->index);
    const char *function = guest->pci.function_regions[bar->function]->name;

    if (map == NULL && own == NULL) {
        sdf_error(guest->messages, &bar->region->pos,
                  "region '%s' is a BAR of PCI function '%s': map it into '%s', or, if it is not "
                  "for the guest, into protection domain '%s'",
                  bar->region->name, function, guest->vm->name, guest->pd->name);
    }
    if (map != NULL && bar->region->has_phys_addr && map->vaddr != bar->region->phys_addr) {
        sdf_error(guest->messages, &map->pos,
                  "region '%s' is a BAR of PCI function '%s', and is mapped at its own address: "
                  "vaddr=\"0x%" PRIx64 "\"",
                  bar->region->name, function, bar->region->phys_addr);
    }
    for (size_t i = 0; i < 2; i++) {
        const struct sdf_map *here = i == 0 ? map : own;
        if (here != NULL && !is_as_registers(here)) {
            sdf_error(guest->messages, &here->pos,
                      "region '%s' is a BAR of PCI function '%s': map it with perms=\"rw\" "
                      "cached=\"false\"",
                      bar->region->name, function);
        }
    }
}

/* The next part of the BAR that list[index] is of, or NULL. */
static const struct bar_region *next_part(const struct bar_regions *bars, size_t index)
{
    for (size_t i = index + 1; i < bars->count; i++) {
        if (bars->list[i].function == bars->list[index].function &&
            bars->list[i].bar == bars->list[index].bar) {
            return &bars->list[i];
        }
    }
    return NULL;
}

static bool has_bar(const struct bar_regions *bars, uint32_t function, unsigned int bar)
{
    for (size_t i = 0; i < bars->count; i++) {
        if (bars->list[i].function == function && bars->list[i].bar == bar) {
            return true;
        }
    }
    return false;
}

/* What its parts make of a BAR; `first` is the first of them. */
static void check_size(struct guest *guest, const struct bar_region *first, uint64_t size)
{
    const char *function = guest->pci.function_regions[first->function]->name;

    if ((size & (size - 1)) != 0) {
        sdf_error(guest->messages, &first->region->pos,
                  "BAR %u of PCI function '%s' has 0x%" PRIx64
                  " bytes by its regions: the size of a BAR is a power of two, and all of it has "
                  "regions",
                  first->bar, function, size);
    } else if ((first->region->phys_addr & (size - 1)) != 0) {
        sdf_error(guest->messages, &first->region->pos,
                  "BAR %u of PCI function '%s' has 0x%" PRIx64
                  " bytes, and lies on a multiple of its size, which 0x%" PRIx64 " is not",
                  first->bar, function, size, first->region->phys_addr);
    }
}

static void check_registers(struct guest *guest, const struct bar_regions *bars,
                            const struct bar_region *first)
{
    if (first->region->phys_addr >= BAR_LIMIT &&
        (first->bar == VM_CONFIG_PCI_BARS - 1 || has_bar(bars, first->function, first->bar + 1))) {
        sdf_error(guest->messages, &first->region->pos,
                  "BAR %u of PCI function '%s' lies above 4 GiB and so needs two registers, of "
                  "which the second is not free: put it below",
                  first->bar, guest->pci.function_regions[first->function]->name);
    }
}

/* The BAR that list[index] is the first part of. */
static void check_bar(struct guest *guest, const struct bar_regions *bars, size_t index)
{
    const struct bar_region *first = &bars->list[index];
    const struct bar_region *part = first;
    uint64_t size = first->region->size;

    for (;;) {
        const struct bar_region *next = next_part(bars, (size_t)(part - bars->list));
        if (next == NULL) {
            break;
        }
        if (next->region->phys_addr != part->region->phys_addr + part->region->size) {
            sdf_error(guest->messages, &next->region->pos,
                      "region '%s' begins at 0x%" PRIx64 ", and '%s' before it ends at 0x%" PRIx64
                      ": parts of a BAR are adjacent",
                      next->region->name, next->region->phys_addr, part->region->name,
                      part->region->phys_addr + part->region->size);
            return;
        }
        size += next->region->size;
        part = next;
    }
    check_size(guest, first, size);
    check_registers(guest, bars, first);
}

static bool is_first_part(const struct bar_regions *bars, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (next_part(bars, i) == &bars->list[index]) {
            return false;
        }
    }
    return true;
}

static void check_all(struct guest *guest, const struct bar_regions *bars)
{
    size_t errors = guest->messages->error_count;

    if (bars->count > VM_CONFIG_MAX_PCI_PIECES) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "the PCI functions of '%s' have %zu BARs and parts of BARs, and the VMM has room "
                  "for %d",
                  guest->vm->name, bars->count, VM_CONFIG_MAX_PCI_PIECES);
        return;
    }
    for (size_t i = 0; i < bars->count; i++) {
        check_place(guest, &bars->list[i]);
        check_maps(guest, &bars->list[i]);
    }
    bool are_sound = guest->messages->error_count == errors;
    for (size_t i = 0; i < bars->count && are_sound; i++) {
        if (is_first_part(bars, i)) {
            check_bar(guest, bars, i);
        }
    }
}

static void add_piece(struct guest *guest, const struct bar_region *bar)
{
    struct guest_pci *pci = &guest->pci;
    struct vm_config_pci *config = &pci->config;
    const struct sdf_map *map = maps_find(guest->vm->maps, guest->vm->map_count, bar->index);
    const struct sdf_map *own = maps_find(guest->pd->maps, guest->pd->map_count, bar->index);

    config->pieces[config->piece_count] = (struct vm_config_pci_piece){
        .ipa = bar->region->phys_addr,
        .size = bar->region->size,
        .vaddr = own == NULL ? 0 : own->vaddr,
        .function = (uint16_t)bar->function,
        .bar = (uint8_t)bar->bar,
        .flags = map == NULL ? 0 : VM_CONFIG_PCI_IN_GUEST,
    };
    pci->piece_regions[config->piece_count++] = bar->region;
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
    struct bar_regions bars = {
        .list = arena_array(guest->arena, sdf->region_count, sizeof(*bars.list)),
    };
    size_t errors = guest->messages->error_count;

    for (size_t i = 0; i < sdf->region_count; i++) {
        bars.list[bars.count].index = i;
        bars.list[bars.count].region = &sdf->regions[i];
        bars.count += find_function(&guest->pci, &bars.list[bars.count]);
    }
    qsort(bars.list, bars.count, sizeof(*bars.list), by_function_and_address);
    check_all(guest, &bars);
    for (size_t i = 0; i < bars.count && guest->messages->error_count == errors; i++) {
        add_piece(guest, &bars.list[i]);
    }
}

/* The bridge that a region has a byte of a window of, or NULL. */
static const struct bridge *find_bridge(const struct board *board, const struct sdf_region *region)
{
    for (size_t i = 0; i < board->bridge_count; i++) {
        for (size_t k = 0; k < board->bridges[i].window_count; k++) {
            if (region->has_phys_addr && region->size > 0 &&
                tree_range_overlaps(&board->bridges[i].windows[k].range, region->phys_addr,
                                    region->size)) {
                return &board->bridges[i];
            }
        }
    }
    return NULL;
}

static void refuse_stray(struct guest *guest, const struct sdf_map *map)
{
    const struct sdf_region *region = &guest->sdf->regions[map->region];
    const struct bridge *bridge = find_bridge(guest->board, region);
    const char *number = find_number(region->name);
    unsigned int bar;

    if (bridge == NULL || bridge == guest->pci.whole ||
        find_page(&guest->pci, region->name, &bar) != NULL) {
        return;
    }
    if (number == NULL) {
        sdf_error(guest->messages, &map->pos,
                  "region '%s' lies in a window of the PCI host bridge (ECAM 0x%" PRIx64
                  "..0x%" PRIx64
                  "), and belongs to no function: those of BARs are named NAME_bar0 to NAME_bar%d, "
                  "and NAME is the function's configuration page",
                  region->name, bridge->ecam.start, bridge->ecam.start + bridge->ecam.size,
                  VM_CONFIG_PCI_BARS - 1);
        return;
    }
    sdf_error(
        guest->messages, &map->pos,
        "region '%s' is a BAR by its name, but no region '%.*s' of the PCI host bridge's ECAM "
        "(0x%" PRIx64 "..0x%" PRIx64 ") is mapped into protection domain '%s'",
        region->name, (int)((size_t)(number - region->name) - strlen(BAR_SUFFIX)), region->name,
        bridge->ecam.start, bridge->ecam.start + bridge->ecam.size, guest->pd->name);
}

/* A VMM of the user's own may have registers for itself. */
void pci_refuse_strays(struct guest *guest)
{
    for (size_t i = 0; i < guest->vm->map_count; i++) {
        refuse_stray(guest, &guest->vm->maps[i]);
    }
    for (size_t i = 0; i < guest->pd->map_count && guest->is_stock; i++) {
        const struct sdf_map *map = &guest->pd->maps[i];
        if (maps_find(guest->vm->maps, guest->vm->map_count, map->region) == NULL) {
            refuse_stray(guest, map);
        }
    }
}
