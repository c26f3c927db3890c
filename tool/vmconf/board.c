/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the board's device tree. Called by vmconf.c. */
#include "tool/vmconf/board.h"

#include <string.h>

#include "tool/vmconf/messages.h"

/* Nodes below the root that describe no device, and that each guest gets its own of. */
static const char *const own_nodes[] = {
    "cpus",        "chosen",          "aliases",          "psci",
    "timer",       "reserved-memory", "firmware",         "sluice",
    "__symbols__", "__fixups__",      "__local_fixups__",
};

static size_t find_child(const struct tree *tree, const char *path)
{
    size_t index = tree_find_path(tree, path);

    return index != TREE_NONE && strcmp(tree->nodes[index].path, path) == 0 ? index : TREE_NONE;
}

static void read_memory(struct arena *arena, struct board *board)
{
    const struct tree *tree = board->tree;
    size_t count = 0;

    for (size_t i = 0; i < tree->node_count; i++) {
        count += tree_is_memory(tree, i) ? tree->nodes[i].reg_count : 0;
    }
    board->memory = arena_array(arena, count, sizeof(*board->memory));
    for (size_t i = 0; i < tree->node_count; i++) {
        if (tree_is_memory(tree, i) && tree->nodes[i].enabled) {
            for (size_t k = 0; k < tree->nodes[i].reg_count; k++) {
                board->memory[board->memory_count++] = tree->nodes[i].regs[k];
            }
        }
    }
}

static void read_cpus(struct arena *arena, struct board *board)
{
    const struct tree *tree = board->tree;
    size_t cpus = find_child(tree, "/cpus");

    board->cpus = arena_array(arena, tree->node_count, sizeof(*board->cpus));
    for (size_t i = 0; i < tree->node_count; i++) {
        const char *type = tree_string(tree, i, "device_type");
        if (tree->nodes[i].parent == cpus && cpus != TREE_NONE && type != NULL &&
            strcmp(type, "cpu") == 0 && tree_string(tree, i, "compatible") != NULL) {
            board->cpus[board->cpu_count++] = i;
        }
    }
}

static void read_timer(struct board *board)
{
    const struct tree *tree = board->tree;

    board->timer = TREE_NONE;
    for (size_t i = 0; i < tree->node_count; i++) {
        if (tree_is_compatible(tree, i, "arm,armv8-timer") &&
            tree->nodes[i].irq_count > TIMER_VIRTUAL) {
            board->timer = i;
            board->virtual_timer_intid = tree->nodes[i].irqs[TIMER_VIRTUAL].intid;
            return;
        }
    }
}

static void read_console(struct board *board)
{
    size_t chosen = find_child(board->tree, "/chosen");
    const char *path = chosen == TREE_NONE ? NULL : tree_string(board->tree, chosen, "stdout-path");

    board->console = path == NULL ? TREE_NONE : tree_find_path(board->tree, path);
    board->console_options = path == NULL ? "" : path + strcspn(path, ":");
}

static void check_gic(const struct board *board, struct sdf_messages *messages)
{
    const struct tree *tree = board->tree;

    if (tree->gic == TREE_NONE) {
        vmconf_error(messages, "%s: no interrupt controller that vmconf knows (a GICv2 or a GICv3)",
                     tree->file);
    } else if (tree->gic_version == 3 &&
               tree->nodes[tree->gic].reg_count <= GIC_FRAME_REDISTRIBUTORS) {
        vmconf_error(messages, "%s: %s has no redistributors", tree->file,
                     tree->nodes[tree->gic].path);
    } else if (tree->gic_version == 2 && tree->nodes[tree->gic].reg_count < GIC_FRAME_COUNT) {
        vmconf_error(messages,
                     "%s: %s has no registers for virtual machines (GICH, GICV); on QEMU use "
                     "-machine virtualization=on",
                     tree->file, tree->nodes[tree->gic].path);
    }
}

static void check_board(const struct board *board, struct sdf_messages *messages)
{
    const struct tree *tree = board->tree;

    check_gic(board, messages);
    if (board->timer == TREE_NONE) {
        vmconf_error(messages, "%s: no arm,armv8-timer with a virtual timer's interrupt",
                     tree->file);
    }
    if (board->cpu_count == 0) {
        vmconf_error(messages, "%s: no cpu node below /cpus", tree->file);
    }
    if (board->memory_count == 0) {
        vmconf_error(messages, "%s: no memory node", tree->file);
    }
}

struct board *board_read(struct arena *arena, const void *blob, size_t size, const char *file,
                         struct sdf_messages *messages)
{
    size_t errors = messages->error_count;
    struct board *board = arena_alloc(arena, sizeof(*board));

    board->tree = tree_parse(arena, blob, size, file, messages);
    if (board->tree == NULL) {
        return NULL;
    }
    read_memory(arena, board);
    read_cpus(arena, board);
    read_timer(board);
    read_console(board);
    board->bridges = bridge_read_all(arena, board->tree, &board->bridge_count, messages);
    board->smmus = smmu_read_all(arena, board->tree, &board->smmu_count);
    check_board(board, messages);
    return messages->error_count == errors ? board : NULL;
}

void board_set_vectors(struct board *board, uint32_t first, uint32_t count, bool has_its)
{
    for (size_t i = 0; i < board->bridge_count; i++) {
        struct bridge_msi *msi = &board->bridges[i].msi;
        if (msi->node != TREE_NONE && msi->count == 0) {
            msi->first = first;
            msi->count = count;
        }
        msi->is_for_nothing = msi->is_its && !has_its;
    }
}

bool board_is_own(const struct board *board, size_t node)
{
    const struct tree *tree = board->tree;

    if (node == TREE_ROOT || tree_is_memory(tree, node) || tree_is_below(tree, node, tree->gic)) {
        return true;
    }
    while (tree->nodes[node].parent != TREE_ROOT) {
        node = tree->nodes[node].parent;
    }
    for (size_t i = 0; i < sizeof(own_nodes) / sizeof(own_nodes[0]); i++) {
        if (strcmp(tree->nodes[node].name, own_nodes[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool board_is_device(const struct board *board, size_t node)
{
    return board->tree->nodes[node].reg_count > 0 && !board_is_own(board, node);
}

static bool meets_device(const struct board *board, uint64_t start, uint64_t size)
{
    const struct tree *tree = board->tree;

    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].reg_count; k++) {
            if (tree_range_overlaps(&tree->nodes[i].regs[k], start, size) &&
                (board_is_device(board, i) || i == tree->gic)) {
                return true;
            }
        }
    }
    return false;
}

enum board_place board_place(const struct board *board, uint64_t start, uint64_t size)
{
    bool meets_memory = false;

    for (size_t i = 0; i < board->memory_count; i++) {
        const struct tree_range *memory = &board->memory[i];
        if (start >= memory->start && start - memory->start < memory->size &&
            size <= memory->size - (start - memory->start)) {
            return meets_device(board, start, size) ? BOARD_PLACE_DEVICE : BOARD_PLACE_RAM;
        }
        meets_memory = meets_memory || tree_range_overlaps(memory, start, size);
    }
    return meets_memory ? BOARD_PLACE_BOTH : BOARD_PLACE_DEVICE;
}

bool board_is_empty(const struct board *board, uint64_t start, uint64_t size)
{
    const struct tree *tree = board->tree;

    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].reg_count; k++) {
            if (tree_range_overlaps(&tree->nodes[i].regs[k], start, size)) {
                return false;
            }
        }
    }
    return true;
}

const struct tree_range *board_gic_frame(const struct board *board, enum gic_frame frame)
{
    return &board->tree->nodes[board->tree->gic].regs[frame];
}

size_t board_transport_number(const struct board *board, size_t node)
{
    const struct tree *tree = board->tree;
    size_t number = 0;

    if (tree->nodes[node].reg_count == 0 || !tree_is_compatible(tree, node, "virtio,mmio")) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < tree->node_count; i++) {
        if (tree->nodes[i].reg_count > 0 && tree_is_compatible(tree, i, "virtio,mmio") &&
            tree->nodes[i].regs[0].start < tree->nodes[node].regs[0].start) {
            number++;
        }
    }
    return number;
}
