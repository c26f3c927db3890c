/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fixups as dtc -@ writes them. /__fixups__ has a property for each label that the overlay does
 * not define: a list of strings "path:property:offset". /__local_fixups__ mirrors the overlay's
 * own nodes; its properties have the names of theirs, and hold offsets.
 */
#include "tool/vmconf/fixups.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OFFSET_DIGITS 9u

static bool is_inside(unsigned long offset, int length)
{
    return length >= (int)sizeof(fdt32_t) && offset <= (size_t)length - sizeof(fdt32_t);
}

static bool place_is_sound(const void *overlay, const char *place)
{
    const char *property = strchr(place, ':');
    const char *offset = property == NULL ? NULL : strchr(property + 1, ':');

    if (offset == NULL) {
        return false;
    }
    size_t digits = strspn(offset + 1, "0123456789");
    if (digits == 0 || digits > MAX_OFFSET_DIGITS || offset[1 + digits] != '\0') {
        return false;
    }
    int length;
    int node = fdt_path_offset_namelen(overlay, place, (int)(property - place));
    if (node < 0 || fdt_getprop_namelen(overlay, node, property + 1, (int)(offset - property - 1),
                                        &length) == NULL) {
        return false;
    }
    return is_inside(strtoul(offset + 1, NULL, 10), length);
}

static bool label_is_sound(const void *overlay, const char *places, int length)
{
    if (length <= 0 || places[length - 1] != '\0') {
        return false;
    }
    for (const char *end = places + length; places < end; places += strlen(places) + 1) {
        if (!place_is_sound(overlay, places)) {
            return false;
        }
    }
    return true;
}

static bool labels_are_sound(const void *overlay)
{
    int fixups = fdt_path_offset(overlay, "/__fixups__");
    int offset;

    if (fixups < 0) {
        return true;
    }
    fdt_for_each_property_offset(offset, overlay, fixups)
    {
        int length;
        const char *places = fdt_getprop_by_offset(overlay, offset, NULL, &length);
        if (places == NULL || !label_is_sound(overlay, places, length)) {
            return false;
        }
    }
    return true;
}

static bool local_property_is_sound(const void *overlay, int property, int node)
{
    const char *name;
    int length;
    int target_length;
    const fdt32_t *offsets = fdt_getprop_by_offset(overlay, property, &name, &length);

    if (offsets == NULL || (size_t)length % sizeof(*offsets) != 0 ||
        fdt_getprop(overlay, node, name, &target_length) == NULL) {
        return false;
    }
    for (size_t i = 0; i < (size_t)length / sizeof(*offsets); i++) {
        if (!is_inside(fdt32_ld(&offsets[i]), target_length)) {
            return false;
        }
    }
    return true;
}

/* `fixup` mirrors `node`. The depth is bounded by blob_check(). */
static bool local_node_is_sound(const void *overlay, int fixup, int node)
{
    int offset;

    fdt_for_each_property_offset(offset, overlay, fixup)
    {
        if (!local_property_is_sound(overlay, offset, node)) {
            return false;
        }
    }
    fdt_for_each_subnode(offset, overlay, fixup)
    {
        int target = fdt_subnode_offset(overlay, node, fdt_get_name(overlay, offset, NULL));
        if (target < 0 || !local_node_is_sound(overlay, offset, target)) {
            return false;
        }
    }
    return true;
}

bool fixups_are_sound(const void *overlay)
{
    int local = fdt_path_offset(overlay, "/__local_fixups__");

    return labels_are_sound(overlay) && (local < 0 || local_node_is_sound(overlay, local, 0));
}
