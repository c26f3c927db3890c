/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /sluice/pci: a node for each PCI function that the user has something to say of, by the name of
 * its configuration page's region. What there is to say is which vendor and device is expected, and
 * that its DMA may go anywhere.
 */
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/messages.h"
#include "tool/vmconf/sluice.h"

#define ID_LIMIT 0xffffu /* as a vendor: nobody */

static const char *list_functions(const struct guest *guest)
{
    const struct guest_pci *pci = &guest->pci;
    const char *list = "";

    for (uint32_t i = 0; i < pci->config.function_count; i++) {
        if (pci->function_regions[i] != NULL) {
            list = arena_printf(guest->arena, "%s%s%s", list, list[0] == '\0' ? "" : ", ",
                                pci->function_regions[i]->name);
        }
    }
    return list[0] == '\0' ? "none" : list;
}

/* Its index; function_count after a message. */
static uint32_t find_function(struct guest *guest, const char *name)
{
    const struct guest_pci *pci = &guest->pci;

    for (uint32_t i = 0; i < pci->config.function_count; i++) {
        if (pci->function_regions[i] != NULL && strcmp(pci->function_regions[i]->name, name) == 0) {
            return i;
        }
    }
    vmconf_error(guest->messages, "%s: /sluice/pci: the guest has no PCI function '%s', but: %s",
                 guest->overlay_file, name, list_functions(guest));
    return pci->config.function_count;
}

static bool read_id(struct vm_config_pci_function *function, const fdt32_t *cells, int length)
{
    if (length != 2 * (int)sizeof(*cells) || fdt32_ld(&cells[0]) == 0 ||
        fdt32_ld(&cells[0]) >= ID_LIMIT || fdt32_ld(&cells[1]) > ID_LIMIT) {
        return false;
    }
    function->id = fdt32_ld(&cells[0]) | fdt32_ld(&cells[1]) << 16;
    return true;
}

static void read_property(struct guest *guest, uint32_t index, const char *property,
                          const void *value, int length)
{
    const char *name = guest->pci.function_regions[index]->name;

    if (strcmp(property, "dma") == 0) {
        guest->unconfined_functions[index] = sluice_is_unconfined(value, length);
        if (!guest->unconfined_functions[index]) {
            vmconf_error(guest->messages, "%s: /sluice/pci/%s: dma takes \"unconfined\"",
                         guest->overlay_file, name);
        }
    } else if (strcmp(property, "id") != 0) {
        vmconf_error(guest->messages, "%s: /sluice/pci/%s: unknown property '%s'; known: id, dma",
                     guest->overlay_file, name, property);
    } else if (!read_id(&guest->pci.config.functions[index], value, length)) {
        vmconf_error(guest->messages,
                     "%s: /sluice/pci/%s: id takes two cells, vendor and device, as in "
                     "<0x1af4 0x1001>",
                     guest->overlay_file, name);
    }
}

static void read_function(struct guest *guest, int node)
{
    uint32_t index = find_function(guest, fdt_get_name(guest->fdt, node, NULL));
    int offset;

    if (index == guest->pci.config.function_count) {
        return;
    }
    fdt_for_each_property_offset(offset, guest->fdt, node)
    {
        const char *property = "";
        int length;
        const void *value = fdt_getprop_by_offset(guest->fdt, offset, &property, &length);
        if (value != NULL && strcmp(property, "phandle") != 0) {
            read_property(guest, index, property, value, length);
        }
    }
    sluice_refuse_nodes(guest, node, NULL);
}

void sluice_read_pci(struct guest *guest, int node)
{
    int offset;

    fdt_for_each_property_offset(offset, guest->fdt, node)
    {
        const char *property = "";
        if (fdt_getprop_by_offset(guest->fdt, offset, &property, NULL) != NULL &&
            strcmp(property, "phandle") != 0) {
            vmconf_error(guest->messages,
                         "%s: /sluice/pci: unknown property '%s'; it has a node for each function",
                         guest->overlay_file, property);
        }
    }
    fdt_for_each_subnode(offset, guest->fdt, node)
    {
        read_function(guest, offset);
    }
}
