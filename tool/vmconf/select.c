/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The choice of nodes: a device is passed through when the guest has all of its registers where
 * the board has them, and the VMM all of its interrupts. With it go its children, the buses above
 * it, and what it refers to, as long as that has no registers either.
 */
#include "tool/vmconf/select.h"

#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/flash.h"
#include "tool/vmconf/maps.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/refs.h"

const struct sdf_irq *select_find_irq(const struct sdf_pd *pd, uint32_t intid)
{
    for (size_t i = 0; i < pd->irq_count; i++) {
        if (pd->irqs[i].intid == intid) {
            return &pd->irqs[i];
        }
    }
    return NULL;
}

bool select_is_kept(const struct guest *guest, size_t node)
{
    return node != TREE_NONE && guest->choices[node].kind >= CHOICE_DEVICE;
}

static const char *missing_irq(const struct guest *guest, const struct tree_node *node)
{
    for (size_t i = 0; i < node->irq_count; i++) {
        if (select_find_irq(guest->pd, node->irqs[i].intid) == NULL) {
            return arena_printf(guest->arena,
                                "its interrupt %" PRIu32 " is not declared by an <irq>",
                                node->irqs[i].intid);
        }
    }
    return NULL;
}

static const char *missing_registers(const struct guest *guest, size_t index)
{
    const struct tree_node *node = &guest->board->tree->nodes[index];

    for (size_t i = 0; i < node->reg_count; i++) {
        const struct tree_range *reg = &node->regs[i];
        if (!maps_cover_identically(guest, reg) && !flash_bank_is_absent(guest, index, i)) {
            return arena_printf(guest->arena,
                                "its registers 0x%" PRIx64 "..0x%" PRIx64
                                " are not all mapped at their own address",
                                reg->start, reg->start + reg->size);
        }
    }
    return NULL;
}

/* The nearest node above that has registers must come along. */
static const char *missing_parent(const struct guest *guest, size_t index)
{
    const struct tree *tree = guest->board->tree;

    for (size_t i = tree->nodes[index].parent; i != TREE_ROOT; i = tree->nodes[i].parent) {
        if (tree->nodes[i].has_reg && guest->choices[i].kind != CHOICE_DEVICE) {
            return arena_printf(guest->arena, "%s above it is not passed through",
                                tree->nodes[i].path);
        }
    }
    return NULL;
}

static const char *unsupported(const struct guest *guest, size_t index)
{
    const struct tree *tree = guest->board->tree;
    int length;

    if (!tree->nodes[index].enabled) {
        return "it is disabled in the board's device tree";
    }
    if (tree_property(tree, index, "interrupt-map", &length) != NULL) {
        return "a bus with an interrupt-map is passed through only if it is a PCI host bridge of "
               "the generic kind (pci-host-ecam-generic)";
    }
    return NULL;
}

static const struct bridge *find_bridge(const struct board *board, size_t node)
{
    for (size_t i = 0; i < board->bridge_count; i++) {
        if (board->bridges[i].node == node) {
            return &board->bridges[i];
        }
    }
    return NULL;
}

static const char *why_not(const struct guest *guest, size_t index)
{
    const struct tree_node *node = &guest->board->tree->nodes[index];
    const struct bridge *bridge = find_bridge(guest->board, index);

    if (bridge != NULL) {
        return pci_whole_why_not(guest, bridge);
    }
    const char *why = unsupported(guest, index);

    why = why != NULL ? why : missing_registers(guest, index);
    why = why != NULL ? why : missing_irq(guest, node);
    return why != NULL ? why : missing_parent(guest, index);
}

static bool is_within_reach(const struct guest *guest, size_t index)
{
    const struct tree_node *node = &guest->board->tree->nodes[index];

    if (!board_is_device(guest->board, index)) {
        return false;
    }
    for (size_t i = 0; i < node->reg_count; i++) {
        if (maps_touch_device(guest, &node->regs[i])) {
            return true;
        }
    }
    return false;
}

/* Parents come before their children in the table, so that one pass settles both. */
static void choose_devices(struct guest *guest)
{
    const struct tree *tree = guest->board->tree;

    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
        struct choice *choice = &guest->choices[i];
        const struct choice *above = &guest->choices[tree->nodes[i].parent];
        if (is_within_reach(guest, i)) {
            choice->why = why_not(guest, i);
            choice->kind = choice->why == NULL ? CHOICE_DEVICE : CHOICE_LEFT_OUT;
            choice->device = i;
        } else if (tree->nodes[i].reg_count == 0 &&
                   (above->kind == CHOICE_DEVICE || above->kind == CHOICE_CHILD)) {
            choice->why = missing_irq(guest, &tree->nodes[i]);
            choice->kind = choice->why == NULL ? CHOICE_CHILD : CHOICE_LEFT_OUT;
            choice->device = above->device;
        }
    }
}

/* Keeps the buses above a node. They have no registers: missing_parent(), can_follow(). */
static void keep_ancestors(struct guest *guest, size_t index)
{
    const struct tree *tree = guest->board->tree;
    size_t device = guest->choices[index].device;

    for (size_t i = tree->nodes[index].parent; i != TREE_ROOT && i != TREE_NONE;
         i = tree->nodes[i].parent) {
        if (!select_is_kept(guest, i)) {
            guest->choices[i] = (struct choice){.kind = CHOICE_CONTAINER, .device = device};
        }
    }
}

/* What describes a dependency further (the entries of a table, say) is part of it. */
static void keep_children(struct guest *guest, size_t index)
{
    const struct tree *tree = guest->board->tree;

    for (size_t i = index + 1; i < tree->nodes[index].end; i++) {
        if (!tree->nodes[i].has_reg && guest->choices[i].kind == CHOICE_NONE &&
            select_is_kept(guest, tree->nodes[i].parent)) {
            guest->choices[i] =
                (struct choice){.kind = CHOICE_CHILD, .device = guest->choices[index].device};
        }
    }
}

static bool can_follow(const struct board *board, size_t target)
{
    const struct tree *tree = board->tree;
    int length;

    if (board_is_own(board, target)) {
        return false;
    }

    for (size_t i = target; i != TREE_ROOT && i != TREE_NONE; i = tree->nodes[i].parent) {
        if (tree->nodes[i].has_reg) {
            return false;
        }
    }
    return tree_property(tree, target, "interrupt-map", &length) == NULL;
}

struct follow {
    struct guest *guest;
    size_t node;
    bool changed;
};

static void refuse_reference(struct guest *guest, size_t node, const struct ref *ref)
{
    const struct tree *tree = guest->board->tree;
    size_t device = guest->choices[node].device;
    const struct guest_map *map = maps_at(guest, tree->nodes[device].regs[0].start);

    if (ref->target == TREE_NONE) {
        sdf_error(guest->messages, &map->map->pos,
                  "%s refers to a node that the board's device tree lacks (property '%s')",
                  tree->nodes[node].path, ref->property);
        return;
    }
    sdf_error(
        guest->messages, &map->map->pos,
        "%s refers to %s (property '%s'), which is a device of its own and not passed through",
        tree->nodes[node].path, tree->nodes[ref->target].path, ref->property);
}

static void follow(void *context, const struct ref *ref)
{
    struct follow *walk = context;
    struct guest *guest = walk->guest;
    const struct tree *tree = guest->board->tree;

    if (refs_is_host_property(ref->property) ||
        (ref->target != TREE_NONE &&
         (ref->target == tree->gic || select_is_kept(guest, ref->target)))) {
        return;
    }
    if (ref->target == TREE_NONE || !can_follow(guest->board, ref->target)) {
        refuse_reference(guest, walk->node, ref);
        return;
    }
    guest->choices[ref->target] =
        (struct choice){.kind = CHOICE_DEPENDENCY, .device = guest->choices[walk->node].device};
    keep_ancestors(guest, ref->target);
    keep_children(guest, ref->target);
    walk->changed = true;
}

/* Until nothing is added: each node's references once. */
static void follow_references(struct guest *guest)
{
    const struct tree *tree = guest->board->tree;
    bool *is_done = arena_array(guest->arena, tree->node_count, sizeof(*is_done));
    struct follow walk = {.guest = guest, .changed = true};

    while (walk.changed) {
        walk.changed = false;
        for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
            if (select_is_kept(guest, i) && !is_done[i]) {
                is_done[i] = true;
                walk.node = i;
                refs_visit(tree, i, guest->messages, follow, &walk);
            }
        }
    }
}

void select_nodes(struct guest *guest)
{
    const struct tree *tree = guest->board->tree;

    guest->choices = arena_array(guest->arena, tree->node_count, sizeof(*guest->choices));
    choose_devices(guest);
    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
        if (guest->choices[i].kind == CHOICE_DEVICE) {
            keep_ancestors(guest, i);
        }
    }
    follow_references(guest);
}

struct host_check {
    const struct guest *guest;
    const char *property;
    bool stays;
};

static void check_host(void *context, const struct ref *ref)
{
    struct host_check *check = context;

    /* "iommu-map-mask" goes with "iommu-map". */
    if (strncmp(check->property, ref->property, strlen(ref->property)) == 0 &&
        !select_is_kept(check->guest, ref->target)) {
        check->stays = true;
    }
}

bool select_drops_property(const struct guest *guest, size_t node, const char *property)
{
    struct host_check check = {.guest = guest, .property = property};

    if (!refs_is_host_property(property)) {
        return false;
    }
    refs_visit(guest->board->tree, node, guest->messages, check_host, &check);
    return check.stays;
}
