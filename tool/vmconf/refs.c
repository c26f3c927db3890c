/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of properties that hold phandles, and the walk over one node's. */
#include "tool/vmconf/refs.h"

#include <ctype.h>
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/messages.h"

#define MAX_SPECIFIER_CELLS 16u

/* How a property's name is matched, and what follows each phandle in it. */
enum match {
    MATCH_NAME,
    MATCH_SUFFIX,
    MATCH_NUMBERED, /* name followed by digits */
};

struct kind {
    enum match match;
    const char *name;
    const char *cells; /* property of the target that says how many cells follow; NULL: none */
};

static const struct kind kinds[] = {
    {MATCH_NAME, "clocks", "#clock-cells"},
    {MATCH_NAME, "assigned-clocks", "#clock-cells"},
    {MATCH_NAME, "assigned-clock-parents", "#clock-cells"},
    {MATCH_NAME, "resets", "#reset-cells"},
    {MATCH_NAME, "power-domains", "#power-domain-cells"},
    {MATCH_NAME, "dmas", "#dma-cells"},
    {MATCH_NAME, "iommus", "#iommu-cells"},
    {MATCH_NAME, "phys", "#phy-cells"},
    {MATCH_NAME, "mboxes", "#mbox-cells"},
    {MATCH_NAME, "pwms", "#pwm-cells"},
    {MATCH_NAME, "io-channels", "#io-channel-cells"},
    {MATCH_NAME, "interconnects", "#interconnect-cells"},
    {MATCH_NAME, "thermal-sensors", "#thermal-sensor-cells"},
    {MATCH_NAME, "hwlocks", "#hwlock-cells"},
    {MATCH_NAME, "nvmem-cells", "#nvmem-cell-cells"},
    {MATCH_NAME, "sound-dai", "#sound-dai-cells"},
    {MATCH_NAME, "interrupts-extended", "#interrupt-cells"},
    {MATCH_NAME, "msi-parent", "#msi-cells"},
    {MATCH_NAME, "gpios", "#gpio-cells"},
    {MATCH_SUFFIX, "-gpios", "#gpio-cells"},
    {MATCH_SUFFIX, "-gpio", "#gpio-cells"},
    {MATCH_NUMBERED, "pinctrl-", NULL},
    {MATCH_SUFFIX, "-supply", NULL},
    {MATCH_NAME, "memory-region", NULL},
    {MATCH_NAME, "phy-handle", NULL},
    {MATCH_NAME, "next-level-cache", NULL},
    {MATCH_NAME, "operating-points-v2", NULL},
    {MATCH_NAME, "cpu-idle-states", NULL},
    {MATCH_NAME, "interrupt-parent", NULL},
};

/* Maps of (number, phandle, number, length), for buses whose functions have numbers. */
static const char *const id_maps[] = {"iommu-map", "msi-map"};
#define ID_MAP_CELLS   4u
#define ID_MAP_PHANDLE 1u

static const char *const host_properties[] = {
    "iommus", "iommu-map", "iommu-map-mask", "msi-parent", "msi-map", "msi-map-mask",
};

struct walk {
    const struct tree *tree;
    size_t node;
    struct sdf_messages *messages;
    void (*visit)(void *context, const struct ref *ref);
    void *context;
};

bool refs_is_host_property(const char *property)
{
    for (size_t i = 0; i < sizeof(host_properties) / sizeof(host_properties[0]); i++) {
        if (strcmp(property, host_properties[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool kind_matches(const struct kind *kind, const char *property)
{
    size_t length = strlen(kind->name);
    size_t property_length = strlen(property);

    switch (kind->match) {
    case MATCH_SUFFIX:
        return property_length > length &&
               strcmp(property + property_length - length, kind->name) == 0;
    case MATCH_NUMBERED:
        return strncmp(property, kind->name, length) == 0 && is_number(property + length);
    case MATCH_NAME:
    default:
        return strcmp(property, kind->name) == 0;
    }
}

static void report_malformed(const struct walk *walk, const char *property)
{
    vmconf_error(walk->messages, "%s: %s: property '%s' is malformed", walk->tree->file,
                 walk->tree->nodes[walk->node].path, property);
}

static size_t visit_phandle(const struct walk *walk, const char *property, uint32_t phandle)
{
    struct ref ref = {
        .property = property,
        .phandle = phandle,
        .target = tree_find_phandle(walk->tree, phandle),
    };

    walk->visit(walk->context, &ref);
    return ref.target;
}

static void walk_list(const struct walk *walk, const struct kind *kind, const char *property,
                      const fdt32_t *cells, size_t count)
{
    while (count > 0) {
        uint32_t phandle = fdt32_ld(cells);
        uint32_t specifier = 0;

        /* 0 marks an entry that is left out, as in a list with names beside it. */
        if (phandle != 0) {
            size_t target = visit_phandle(walk, property, phandle);
            if (target == TREE_NONE) {
                return;
            }
            specifier = kind->cells == NULL ? 0 : tree_cell(walk->tree, target, kind->cells, 0);
        }
        if (specifier > MAX_SPECIFIER_CELLS || specifier + 1 > count) {
            report_malformed(walk, property);
            return;
        }
        cells += specifier + 1;
        count -= specifier + 1;
    }
}

static void walk_id_map(const struct walk *walk, const char *property, const fdt32_t *cells,
                        size_t count)
{
    if (count % ID_MAP_CELLS != 0) {
        report_malformed(walk, property);
        return;
    }
    for (size_t i = 0; i < count; i += ID_MAP_CELLS) {
        visit_phandle(walk, property, fdt32_ld(&cells[i + ID_MAP_PHANDLE]));
    }
}

static void walk_property(const struct walk *walk, const char *property, const fdt32_t *cells,
                          int length)
{
    size_t count = (size_t)length / sizeof(*cells);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!kind_matches(&kinds[i], property)) {
            continue;
        }
        if ((size_t)length % sizeof(*cells) != 0) {
            report_malformed(walk, property);
        } else {
            walk_list(walk, &kinds[i], property, cells, count);
        }
        return;
    }
    for (size_t i = 0; i < sizeof(id_maps) / sizeof(id_maps[0]); i++) {
        if (strcmp(property, id_maps[i]) == 0) {
            walk_id_map(walk, property, cells, count);
        }
    }
}

void refs_visit(const struct tree *tree, size_t node, struct sdf_messages *messages,
                void (*visit)(void *context, const struct ref *ref), void *context)
{
    struct walk walk = {tree, node, messages, visit, context};
    int offset;

    fdt_for_each_property_offset(offset, tree->fdt, tree->nodes[node].offset)
    {
        const char *property;
        int length;
        const void *value = fdt_getprop_by_offset(tree->fdt, offset, &property, &length);
        if (value != NULL && length >= 0) {
            walk_property(&walk, property, value, length);
        }
    }
    if (tree->nodes[node].interrupt_parent != TREE_NONE) {
        struct ref ref = {.property = "interrupts", .target = tree->nodes[node].interrupt_parent};
        visit(context, &ref);
    }
}
