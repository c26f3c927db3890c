/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration pages. Functions come in the order of their addresses. On the guest's bus, those of
 * the board's first bus keep their device number, all others get the lowest that is free; device 0
 * is the guest's host bridge itself. Functions of one device stay together, from 0 on without gaps:
 * a guest looks for others only where it finds function 0.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tool/vmconf/maps.h"
#include "tool/vmconf/pci.h"

#define PAGE_SIZE    0x1000u
#define DEVICE_COUNT 32u

struct page {
    const struct sdf_region *region;
    const struct sdf_map *map; /* the VMM's */
};

static bool check_size(struct guest *guest, const struct bridge *bridge, const struct page *page)
{
    const struct sdf_region *region = page->region;
    uint64_t offset = region->phys_addr - bridge->ecam.start;

    if (region->size != PAGE_SIZE) {
        sdf_error(guest->messages, &region->pos,
                  "region '%s' lies in the PCI host bridge's ECAM, where each function has a page "
                  "of its own: give it size=\"0x%x\"",
                  region->name, PAGE_SIZE);
        return false;
    }
    if (offset >> BRIDGE_BUS_SHIFT >= bridge->bus_count) {
        sdf_error(guest->messages, &region->pos,
                  "region '%s' is a PCI function of bus %" PRIu64 ", and the board has buses "
                  "%" PRIu32 " to %" PRIu32,
                  region->name, bridge->first_bus + (offset >> BRIDGE_BUS_SHIFT), bridge->first_bus,
                  bridge->first_bus + bridge->bus_count - 1);
        return false;
    }
    return true;
}

static bool check_map(struct guest *guest, const struct page *page)
{
    const unsigned int needed = SDF_READ | SDF_WRITE;

    if (page->map->cached || (page->map->perms & needed) != needed) {
        sdf_error(guest->messages, &page->map->pos,
                  "region '%s' is a PCI function's configuration page: map it with perms=\"rw\" "
                  "cached=\"false\"",
                  page->region->name);
        return false;
    }
    return true;
}

static void add_function(struct guest *guest, const struct bridge *bridge, const struct page *page)
{
    struct guest_pci *pci = &guest->pci;
    struct vm_config_pci *config = &pci->config;
    uint64_t offset = page->region->phys_addr - bridge->ecam.start;

    if (pci->bridge != NULL && pci->bridge != bridge) {
        sdf_error(guest->messages, &page->region->pos,
                  "region '%s' is a PCI function of %s, and region '%s' of %s: a guest has those "
                  "of one host bridge",
                  page->region->name, guest->board->tree->nodes[bridge->node].path,
                  pci->function_regions[0]->name,
                  guest->board->tree->nodes[pci->bridge->node].path);
        return;
    }
    if (config->function_count == VM_CONFIG_MAX_PCI_FUNCTIONS) {
        sdf_error(guest->messages, &page->region->pos,
                  "region '%s' is one PCI function more than the %d that the VMM has room for",
                  page->region->name, VM_CONFIG_MAX_PCI_FUNCTIONS);
        return;
    }
    struct vm_config_pci_function *function = &config->functions[config->function_count];
    *function = (struct vm_config_pci_function){
        .kind = VM_CONFIG_PCI_PASSTHROUGH,
        .config_vaddr = page->map->vaddr,
        .physical = (uint16_t)((bridge->first_bus << 8) + (offset >> BRIDGE_FUNCTION_SHIFT)),
    };
    strncpy(function->name, page->region->name, sizeof(function->name) - 1);
    pci->bridge = bridge;
    pci->function_regions[config->function_count++] = page->region;
}

static int by_address(const void *a, const void *b)
{
    const struct page *first = a;
    const struct page *second = b;

    return (first->region->phys_addr > second->region->phys_addr) -
           (first->region->phys_addr < second->region->phys_addr);
}

/* A configuration page is nothing for a VM; more of ECAM is the whole bridge. */
static void find_whole(struct guest *guest)
{
    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        const struct bridge *bridge = pci_bridge_of(guest->board, map->region);
        if (bridge != NULL && map->size == PAGE_SIZE) {
            sdf_error(
                guest->messages, &map->map->pos,
                "region '%s' is a PCI function's configuration page, which the guest gets a "
                "virtual one for: map it into protection domain '%s' alone, with perms=\"rw\" "
                "cached=\"false\"",
                map->region->name, guest->pd->name);
        } else if (bridge != NULL && guest->pci.whole != NULL && guest->pci.whole != bridge) {
            sdf_error(guest->messages, &map->map->pos,
                      "region '%s' is of the ECAM of %s, and '%s' has %s whole: a guest has one "
                      "host bridge of the board's",
                      map->region->name, guest->board->tree->nodes[bridge->node].path,
                      guest->vm->name, guest->board->tree->nodes[guest->pci.whole->node].path);
        } else if (bridge != NULL) {
            guest->pci.whole = bridge;
        }
    }
}

/* Whether a map of the VMM's is of ECAM, and the first of its region. More than a page is meant as
 * one, but where the guest has it as well, or the VMM is the user's own, which knows what it does
 * with it. */
static bool is_page(const struct guest *guest, const struct sdf_map *map)
{
    const struct sdf_region *region = &guest->sdf->regions[map->region];
    bool is_in_guest = maps_find(guest->vm->maps, guest->vm->map_count, map->region) != NULL;

    return pci_bridge_of(guest->board, region) != NULL &&
           maps_find(guest->pd->maps, guest->pd->map_count, map->region) == map &&
           (region->size == PAGE_SIZE || (guest->is_stock && !is_in_guest));
}

/* By address. */
static struct page *find_pages(struct guest *guest, size_t *count)
{
    const struct sdf_pd *pd = guest->pd;
    struct page *pages = arena_array(guest->arena, pd->map_count, sizeof(*pages));

    *count = 0;
    for (size_t i = 0; i < pd->map_count; i++) {
        if (is_page(guest, &pd->maps[i])) {
            const struct sdf_region *region = &guest->sdf->regions[pd->maps[i].region];
            pages[(*count)++] = (struct page){region, &pd->maps[i]};
        }
    }
    qsort(pages, *count, sizeof(*pages), by_address);
    return pages;
}

static uint32_t take_free_device(const bool *is_taken)
{
    uint32_t device = 1;

    while (device < DEVICE_COUNT - 1 && is_taken[device]) {
        device++; /* ends: there are more devices than functions */
    }
    return device;
}

static bool keeps_device(const struct guest_pci *pci, uint16_t physical)
{
    return physical >> 8 == pci->bridge->first_bus && (physical >> 3 & 31) != 0;
}

static void assign_slots(struct guest_pci *pci)
{
    struct vm_config_pci *config = &pci->config;
    bool is_taken[DEVICE_COUNT] = {[0] = true};

    for (uint32_t i = 0; i < config->function_count; i++) {
        if (keeps_device(pci, config->functions[i].physical)) {
            is_taken[config->functions[i].physical >> 3 & 31] = true;
        }
    }
    for (uint32_t i = 0; i < config->function_count; i++) {
        struct vm_config_pci_function *function = &config->functions[i];
        const struct vm_config_pci_function *previous = i == 0 ? NULL : &config->functions[i - 1];
        uint32_t device = function->physical >> 3 & 31;
        if (previous != NULL && previous->physical >> 3 == function->physical >> 3) {
            function->virtual = (uint16_t)(previous->virtual + 1);
            continue;
        }
        if (!keeps_device(pci, function->physical)) {
            device = take_free_device(is_taken);
            is_taken[device] = true;
        }
        function->virtual = (uint16_t)(device << 3);
    }
}

void pci_read_functions(struct guest *guest)
{
    struct guest_pci *pci = &guest->pci;
    const struct page *pages = find_pages(guest, &pci->page_count);

    pci->pages = arena_array(guest->arena, pci->page_count, sizeof(*pci->pages));
    for (size_t i = 0; i < pci->page_count; i++) {
        const struct bridge *bridge = pci_bridge_of(guest->board, pages[i].region);
        pci->pages[i] = pages[i].region;
        if (check_size(guest, bridge, &pages[i]) && check_map(guest, &pages[i])) {
            add_function(guest, bridge, &pages[i]);
        }
    }
    assign_slots(pci);
    find_whole(guest);
    if (pci->whole != NULL && pci->bridge != NULL) {
        sdf_error(guest->messages, &pci->function_regions[0]->pos,
                  "region '%s' is a PCI function, and '%s' has %s whole: a guest has one or the "
                  "other",
                  pci->function_regions[0]->name, guest->vm->name,
                  guest->board->tree->nodes[pci->whole->node].path);
    }
}
