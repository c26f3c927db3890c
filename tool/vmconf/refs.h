/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which nodes a node refers to. A blob does not tell phandles from other numbers, so this is a
 * table of the properties that the common bindings give phandles to (refs.c).
 */
#ifndef SLUICE_TOOL_VMCONF_REFS_H
#define SLUICE_TOOL_VMCONF_REFS_H

#include "tool/vmconf/tree.h"

struct ref {
    const char *property;
    uint32_t phandle; /* 0 when the property gives none (an inherited interrupt parent) */
    size_t target;    /* TREE_NONE: no node has the phandle */
};

/*
 * Calls visit() for each reference of the node. A property that is malformed is reported and
 * skipped; so is the rest of a list after a phandle that no node has.
 */
void refs_visit(const struct tree *tree, size_t node, struct sdf_messages *messages,
                void (*visit)(void *context, const struct ref *ref), void *context);

/*
 * Whether a property only ties the node to a controller that stays with the host (an IOMMU, an
 * MSI frame): it is left out when that controller is not passed through.
 */
bool refs_is_host_property(const char *property);

#endif
