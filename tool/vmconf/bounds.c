/* SPDX-License-Identifier: BSD-2-Clause */
/* See bounds.h. Triggers and devices are left out: checks.c knows more about those of guests. */
#include "tool/vmconf/bounds.h"

#include <libfdt.h>
#include <string.h>

#define FIRST_SPI 32u

/* Boards whose GIC's size is known by their name; of others it has to be told. */
static const struct {
    const char *compatible;
    unsigned int gic_version;
    uint32_t intid_count;
} known_boards[] = {
    {"linux,dummy-virt", 2, 288}, /* QEMU's virt machine, of any version */
    {"linux,dummy-virt", 3, 256},
};

static const char *const frame_names[GIC_FRAME_COUNT] = {
    [GIC_FRAME_DISTRIBUTOR] = "distributor",
    [GIC_FRAME_CPU] = "CPU interface",
    [GIC_FRAME_HYPERVISOR] = "virtual interface control",
    [GIC_FRAME_VIRTUAL_CPU] = "virtual CPU interface",
};

static const char *frame_name(const struct tree *tree, size_t index)
{
    if (tree->gic_version == 3 && index != GIC_FRAME_DISTRIBUTOR) {
        return "redistributor";
    }
    return frame_names[index];
}

/* Those of the GIC's own node, and below it of what makes interrupts of messages. */
static void add_frames(struct arena *arena, const struct tree *tree, struct sdf_board *bounds)
{
    const struct tree_node *gic = &tree->nodes[tree->gic];
    struct sdf_frame *frames;
    size_t room = 0;

    for (size_t i = tree->gic; i < gic->end; i++) {
        room += tree->nodes[i].reg_count;
    }
    frames = arena_array(arena, room, sizeof(*frames));
    for (size_t i = tree->gic; i < gic->end; i++) {
        for (size_t k = 0; k < tree->nodes[i].reg_count; k++) {
            bool is_own = i == tree->gic && k < GIC_FRAME_COUNT;
            frames[bounds->frame_count++] = (struct sdf_frame){
                .name = is_own ? frame_name(tree, k) : "frame for message interrupts",
                .start = tree->nodes[i].regs[k].start,
                .size = tree->nodes[i].regs[k].size,
                .is_for_vms = is_own && k == GIC_FRAME_VIRTUAL_CPU && tree->gic_version == 2,
            };
        }
    }
    bounds->frames = frames;
}

/* Where the specification forbids even to map it, and what the tree's header reserves. */
static bool is_reserved(const struct tree *tree, size_t node)
{
    size_t parent = tree->nodes[node].parent;
    int length;

    return parent != TREE_NONE && strcmp(tree->nodes[parent].path, "/reserved-memory") == 0 &&
           tree_property(tree, node, "no-map", &length) != NULL;
}

static void add_reserved(struct arena *arena, const struct tree *tree, struct sdf_board *bounds)
{
    int count = fdt_num_mem_rsv(tree->fdt);
    size_t room = count < 0 ? 0 : (size_t)count;
    struct sdf_range *reserved;

    for (size_t i = 0; i < tree->node_count; i++) {
        room += is_reserved(tree, i) ? tree->nodes[i].reg_count : 0;
    }
    reserved = arena_array(arena, room, sizeof(*reserved));
    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; is_reserved(tree, i) && k < tree->nodes[i].reg_count; k++) {
            reserved[bounds->reserved_count++] =
                (struct sdf_range){tree->nodes[i].regs[k].start, tree->nodes[i].regs[k].size};
        }
    }
    for (int i = 0; i < count; i++) {
        struct sdf_range *range = &reserved[bounds->reserved_count];
        if (fdt_get_mem_rsv(tree->fdt, i, &range->start, &range->size) == 0 &&
            range->size <= UINT64_MAX - range->start) {
            bounds->reserved_count++;
        }
    }
    bounds->reserved = reserved;
}

static uint32_t ppi_bit(const struct tree_node *node, size_t index)
{
    return node->irq_count > index && node->irqs[index].intid < FIRST_SPI
               ? 1u << node->irqs[index].intid
               : 0;
}

/* PPIs that programs may have: those of the tree's nodes, but for timers whose registers they have
 * not: the secure world's, and EL2's own. */
static void add_ppis(const struct board *board, struct sdf_board *bounds)
{
    const struct tree *tree = board->tree;
    const struct tree_node *timer = &tree->nodes[board->timer];

    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].irq_count; k++) {
            bounds->ppis |= ppi_bit(&tree->nodes[i], k);
        }
    }
    bounds->ppis &= ~(ppi_bit(timer, TIMER_SECURE) | ppi_bit(timer, TIMER_HYPERVISOR_VIRTUAL));
    bounds->kernel_ppis = ppi_bit(&tree->nodes[tree->gic], 0) | ppi_bit(timer, TIMER_VIRTUAL) |
                          ppi_bit(timer, TIMER_HYPERVISOR);
}

static uint32_t known_intid_count(const struct tree *tree)
{
    for (size_t i = 0; i < sizeof(known_boards) / sizeof(known_boards[0]); i++) {
        if (known_boards[i].gic_version == tree->gic_version &&
            tree_is_compatible(tree, TREE_ROOT, known_boards[i].compatible)) {
            return known_boards[i].intid_count;
        }
    }
    return 0;
}

const struct sdf_board *bounds_of(struct arena *arena, const struct board *board,
                                  uint32_t intid_count)
{
    struct sdf_board *bounds = arena_alloc(arena, sizeof(*bounds));
    struct sdf_range *ram = arena_array(arena, board->memory_count, sizeof(*ram));

    for (size_t i = 0; i < board->memory_count; i++) {
        ram[i] = (struct sdf_range){board->memory[i].start, board->memory[i].size};
    }
    *bounds = (struct sdf_board){.ram = ram,
                                 .ram_count = board->memory_count,
                                 .intid_count = intid_count != 0 ? intid_count
                                                                 : known_intid_count(board->tree)};
    add_frames(arena, board->tree, bounds);
    add_reserved(arena, board->tree, bounds);
    add_ppis(board, bounds);
    return bounds;
}
