/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one guest's PCI functions have to do with other programs and guests: nothing. Memory that is
 * mapped into two VMs is check_sharing.c's, what is in a VM that has no such function pci_bars.c's.
 */
#include <inttypes.h>

#include "tool/vmconf/maps.h"
#include "tool/vmconf/pci.h"

/* A region of a function that another program has as well. Two VMMs that both take it for a
 * function's are said once. */
static void check_owner(const struct guest *guest, const struct sdf_region *region,
                        const char *function, const struct sdf_pd *pd)
{
    size_t index = (size_t)(region - guest->sdf->regions);
    const struct sdf_map *map = maps_find(pd->maps, pd->map_count, index);

    if (map != NULL && (pd->vm == NULL || pd > guest->pd)) {
        sdf_error(guest->messages, &map->pos,
                  "region '%s' is of PCI function '%s' of '%s', and may not be mapped into "
                  "protection domain '%s', too: a function has one owner",
                  region->name, function, guest->vm->name, pd->name);
    }
}

static void check_owners(const struct guest *guest)
{
    const struct guest_pci *pci = &guest->pci;

    for (size_t i = 0; i < guest->sdf->pd_count; i++) {
        const struct sdf_pd *pd = &guest->sdf->pds[i];
        for (uint32_t k = 0; k < pci->config.function_count && pd != guest->pd; k++) {
            check_owner(guest, pci->function_regions[k], pci->function_regions[k]->name, pd);
        }
        for (uint32_t k = 0; k < pci->config.piece_count && pd != guest->pd; k++) {
            check_owner(guest, pci->piece_regions[k],
                        pci->function_regions[pci->config.pieces[k].function]->name, pd);
        }
    }
}

/* The first line that a function has and another one has, too, if one of them uses it; or NULL. */
static const struct tree_irq *find_common_line(const struct guest *guest, uint32_t index,
                                               const struct guest *other, uint32_t other_index)
{
    const struct vm_config_pci_function *function = &guest->pci.config.functions[index];
    const struct vm_config_pci_function *of_other = &other->pci.config.functions[other_index];

    for (uint32_t pin = 1; pin <= BRIDGE_PINS; pin++) {
        const struct tree_irq *line = pci_line_of(guest, function, pin);
        for (uint32_t k = 1; k <= BRIDGE_PINS && line != NULL; k++) {
            const struct tree_irq *same = pci_line_of(other, of_other, k);
            bool is_used = ((function->pins >> (pin - 1) | of_other->pins >> (k - 1)) & 1) != 0;
            if (same != NULL && same->intid == line->intid && is_used) {
                return line;
            }
        }
    }
    return NULL;
}

static void check_lines(const struct guest *guest, const struct guest *other)
{
    for (uint32_t i = 0; i < guest->pci.config.function_count; i++) {
        for (uint32_t k = 0; k < other->pci.config.function_count; k++) {
            const struct tree_irq *line = find_common_line(guest, i, other, k);
            if (line == NULL || guest->pci.function_regions[i] == other->pci.function_regions[k]) {
                continue;
            }
            sdf_error(guest->messages, &guest->pci.function_regions[i]->pos,
                      "PCI function '%s' shares its line, interrupt %" PRIu32
                      ", with '%s' of '%s': the functions of a line go to one guest. Put one into "
                      "another slot (QEMU: addr=), or use the line in neither",
                      guest->pci.function_regions[i]->name, line->intid,
                      other->pci.function_regions[k]->name, other->vm->name);
        }
    }
}

void pci_check_sharing(const struct guest *guests, size_t guest_count)
{
    for (size_t i = 0; i < guest_count; i++) {
        check_owners(&guests[i]);
        for (size_t k = 0; k < i; k++) {
            check_lines(&guests[i], &guests[k]);
        }
    }
}
