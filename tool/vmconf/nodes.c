/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels and phandles of the guest's nodes; see nodes.h. */
#include "tool/vmconf/nodes.h"

#include <string.h>

uint32_t nodes_fresh_phandle(struct guest *guest)
{
    return guest->next_phandle++;
}

void nodes_add_label(struct guest *guest, const struct fdt_writer *writer, const char *label)
{
    for (size_t i = 0; i < guest->label_count; i++) {
        if (strcmp(guest->labels[i].label, label) == 0) {
            return;
        }
    }
    guest->labels[guest->label_count++] =
        (struct guest_label){.label = label, .path = writer->path};
}

const char *nodes_label_of(struct guest *guest, const char *name)
{
    bool is_digit = name[0] >= '0' && name[0] <= '9';
    char *label = arena_printf(guest->arena, "%s%s", is_digit ? "n" : "", name);

    for (char *at = label; *at != '\0'; at++) {
        if (strchr(",.+-@", *at) != NULL) {
            *at = '_';
        }
    }
    return label;
}

uint32_t nodes_begin(struct guest *guest, struct fdt_writer *writer, const char *name,
                     const char *label)
{
    uint32_t phandle = nodes_fresh_phandle(guest);

    fdt_writer_begin(writer, name);
    fdt_writer_cell(writer, "phandle", phandle);
    nodes_add_label(guest, writer, label);
    return phandle;
}
