/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /sluice/devices: a node for each device of the board's that the user has something to say of, by
 * its label in the guest's tree. What there is to say is that its DMA may go anywhere.
 */
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/messages.h"
#include "tool/vmconf/sluice.h"

bool sluice_is_unconfined(const void *value, int length)
{
    return length == (int)sizeof("unconfined") && memcmp(value, "unconfined", (size_t)length) == 0;
}

static const struct guest_label *find_label(struct guest *guest, const char *name)
{
    for (size_t i = 0; i < guest->label_count; i++) {
        if (strcmp(guest->labels[i].label, name) == 0) {
            return &guest->labels[i];
        }
    }
    vmconf_error(guest->messages, "%s: /sluice/devices: label '%s' is unknown", guest->overlay_file,
                 name);
    return NULL;
}

static void read_device(struct guest *guest, int node)
{
    const char *name = fdt_get_name(guest->fdt, node, NULL);
    const struct guest_label *label = find_label(guest, name);
    int offset;

    if (label == NULL) {
        return;
    }
    fdt_for_each_property_offset(offset, guest->fdt, node)
    {
        const char *property = "";
        int length;
        const void *value = fdt_getprop_by_offset(guest->fdt, offset, &property, &length);
        if (value == NULL || strcmp(property, "phandle") == 0) {
            continue;
        }
        if (strcmp(property, "dma") != 0) {
            vmconf_error(guest->messages,
                         "%s: /sluice/devices/%s: unknown property '%s'; known: dma",
                         guest->overlay_file, name, property);
        } else if (!sluice_is_unconfined(value, length)) {
            vmconf_error(guest->messages, "%s: /sluice/devices/%s: dma takes \"unconfined\"",
                         guest->overlay_file, name);
        } else {
            guest->unconfined[guest->unconfined_count++] = label; /* names are unique */
        }
    }
    sluice_refuse_nodes(guest, node, NULL);
}

void sluice_read_devices(struct guest *guest, int node)
{
    int offset;

    guest->unconfined =
        arena_array(guest->arena, guest->label_count, sizeof(const struct guest_label *));
    fdt_for_each_property_offset(offset, guest->fdt, node)
    {
        const char *property = "";
        if (fdt_getprop_by_offset(guest->fdt, offset, &property, NULL) != NULL &&
            strcmp(property, "phandle") != 0) {
            vmconf_error(guest->messages,
                         "%s: /sluice/devices: unknown property '%s'; it has a node for each "
                         "device",
                         guest->overlay_file, property);
        }
    }
    fdt_for_each_subnode(offset, guest->fdt, node)
    {
        read_device(guest, offset);
    }
}
