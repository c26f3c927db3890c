/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller of a board: its frames, and what is wired to it. */
#include <libfdt.h>
#include <string.h>

#include "tool/microkit/board_tree.h"

#define MAX_DEPTH  16 /* of nodes above one with interrupts */
#define SPI        0
#define PPI        1
#define SPI_BASE   32
#define FLAGS_EDGE 0x3

static bool add_frame(struct reading *reading, int node, int index, const char *name,
                      struct sdf_frame **added)
{
    struct board *board = reading->board;
    struct sdf_frame frame = {.name = name};

    if (!board_reg(reading, node, index, &frame.start, &frame.size)) {
        return false;
    }
    if (board->bounds.frame_count == BOARD_MAX_FRAMES) {
        board_fail(reading, "the interrupt controller has more than %d frames", BOARD_MAX_FRAMES);
        return false;
    }
    *added = &board->frames[board->bounds.frame_count++];
    **added = frame;
    return true;
}

/* One that the tree may lack - there is room for the four of a GICv2 -, and board.conf has then,
 * two pages long as the architecture says. */
static uint64_t add_frame_or(struct reading *reading, int node, int index, const char *name,
                             uint64_t otherwise)
{
    struct board *board = reading->board;
    struct sdf_frame *frame;

    if (!add_frame(reading, node, index, name, &frame)) {
        frame = &board->frames[board->bounds.frame_count++];
        *frame = (struct sdf_frame){.name = name, .start = otherwise, .size = 2 * ABI_PAGE_SIZE};
    }
    return frame->start;
}

#define VIRTUAL_CPU_INTERFACE "virtual CPU interface"

/* reg: distributor, CPU interface, virtual interface control, virtual CPU interface. */
static void read_gicv2(struct reading *reading, int node)
{
    struct board *board = reading->board;
    struct image_machine *machine = &board->machine;
    struct sdf_frame *distributor;
    struct sdf_frame *interface;

    machine->gic_version = 2;
    if (!add_frame(reading, node, 0, "distributor", &distributor) ||
        !add_frame(reading, node, 1, "CPU interface", &interface)) {
        board_fail(reading, "the GICv2 has no distributor or no CPU interface");
        return;
    }
    machine->gicd = distributor->start;
    machine->gicc = interface->start;
    machine->gich = add_frame_or(reading, node, 2, "virtual interface control", reading->conf.gich);
    machine->gicv = add_frame_or(reading, node, 3, VIRTUAL_CPU_INTERFACE, reading->conf.gicv);
    board->frames[board->bounds.frame_count - 1].is_for_vms = true;
    if (machine->gich == 0 || machine->gicv == 0) {
        board_fail(reading, "the GICv2 has no virtualisation interface (board.conf: gich, gicv)");
    }
}

/* reg: distributor, redistributor regions, then the frames of GICv2 programs' compatibility. */
static void read_gicv3(struct reading *reading, int node)
{
    static const char *const others[] = {"CPU interface", "virtual interface control",
                                         VIRTUAL_CPU_INTERFACE};
    struct image_machine *machine = &reading->board->machine;
    uint32_t regions = board_cell(reading, node, "#redistributor-regions", 1);
    struct sdf_frame *distributor;
    struct sdf_frame *first;
    struct sdf_frame *frame;

    machine->gic_version = 3;
    reading->board->bounds.is_gicv3 = true;
    if (regions == 0 || regions > BOARD_MAX_FRAMES) {
        board_fail(reading, "the GICv3 has %u regions of redistributors", regions);
        return;
    }
    if (!add_frame(reading, node, 0, "distributor", &distributor) ||
        !add_frame(reading, node, 1, "redistributor", &first)) {
        board_fail(reading, "the GICv3 has no distributor or no redistributors");
        return;
    }
    machine->gicd = distributor->start;
    machine->gicr = first->start;
    machine->gicr_size = first->size;
    for (uint32_t i = 1; i < regions; i++) {
        (void)add_frame(reading, node, (int)i + 1, "redistributor", &frame);
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (add_frame(reading, node, (int)(regions + i) + 1, others[i], &frame)) {
            frame->is_for_vms = strcmp(others[i], VIRTUAL_CPU_INTERFACE) == 0;
        }
    }
}

/* GICv2m frames and ITSs make interrupts of writes: whoever has them could raise any other's. */
static void read_gic_children(struct reading *reading, int node)
{
    struct sdf_frame *frame;
    int child;

    fdt_for_each_subnode(child, reading->tree, node)
    {
        for (int i = 0; add_frame(reading, child, i, "frame for message interrupts", &frame); i++) {
        }
    }
}

void board_read_gic(struct reading *reading)
{
    static const char *const v2[] = {"arm,gic-400", "arm,cortex-a15-gic", NULL};
    static const char *const v3[] = {"arm,gic-v3", NULL};
    int node = board_compatible(reading, v2);

    if (node >= 0) {
        read_gicv2(reading, node);
    } else if ((node = board_compatible(reading, v3)) >= 0) {
        read_gicv3(reading, node);
    } else {
        board_fail(reading, "no GICv2 and no GICv3");
        return;
    }
    reading->gic = node;
    read_gic_children(reading, node);
    if (!board_ppi(reading, node, 0, &reading->board->machine.maintenance_intid)) {
        board_fail(reading, "the interrupt controller has no maintenance interrupt");
    }
}

/* A specifier: type (0 SPI, 1 PPI), number, flags (1, 2 edge; 4, 8 level). */
static void add_interrupt(struct sdf_board *bounds, const fdt32_t *cells)
{
    uint32_t type = fdt32_to_cpu(cells[0]);
    uint32_t number = fdt32_to_cpu(cells[1]);
    uint32_t intid = number + (type == SPI ? SPI_BASE : BOARD_PPI_BASE);

    if (type == SPI ? number < SDF_INTID_COUNT - SPI_BASE
                    : type == PPI && number < BOARD_PPI_COUNT) {
        bounds->triggers[intid] |=
            (fdt32_to_cpu(cells[2]) & FLAGS_EDGE) != 0 ? SDF_TRIGGER_EDGE : SDF_TRIGGER_LEVEL;
        bounds->ppis |= type == PPI ? 1U << intid : 0;
    }
}

/* Whether a node's interrupts are the GIC's: the nearest interrupt-parent above says so. */
static bool is_wired_to_gic(const struct reading *reading, int node)
{
    for (int depth = 0; node >= 0 && depth < MAX_DEPTH; depth++) {
        uint32_t parent = board_cell(reading, node, "interrupt-parent", 0);

        if (parent != 0) {
            return parent == fdt_get_phandle(reading->tree, reading->gic);
        }
        node = fdt_parent_offset(reading->tree, node);
    }
    return true;
}

static void add_interrupts(const struct reading *reading, int node)
{
    uint32_t gic = fdt_get_phandle(reading->tree, reading->gic);
    struct sdf_board *bounds = &reading->board->bounds;
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "interrupts-extended", &length);

    for (int i = 0; cells != NULL && i + 4 <= length / 4 && fdt32_to_cpu(cells[i]) == gic; i += 4) {
        add_interrupt(bounds, &cells[i + 1]);
    }
    if (cells == NULL && is_wired_to_gic(reading, node)) {
        cells = fdt_getprop(reading->tree, node, "interrupts", &length);
        for (int i = 0; cells != NULL && i + 3 <= length / 4; i += 3) {
            add_interrupt(bounds, &cells[i]);
        }
    }
}

void board_read_interrupts(struct reading *reading)
{
    /* Of the architected timer's: the secure world's, and where there is VHE EL2's virtual one. No
     * program has their registers. */
    static const int out_of_reach[] = {0, 4};
    struct sdf_board *bounds = &reading->board->bounds;
    const struct image_machine *machine = &reading->board->machine;
    int timer = fdt_node_offset_by_compatible(reading->tree, -1, BOARD_TIMER);

    for (int node = 0; node >= 0; node = fdt_next_node(reading->tree, node, NULL)) {
        add_interrupts(reading, node);
    }
    for (size_t i = 0; i < sizeof(out_of_reach) / sizeof(out_of_reach[0]); i++) {
        uint32_t intid;

        if (board_ppi(reading, timer, out_of_reach[i], &intid)) {
            bounds->ppis &= ~(1U << intid);
        }
    }
    bounds->kernel_ppis = 1U << machine->maintenance_intid | 1U << machine->hyp_timer_intid |
                          1U << machine->virtual_timer_intid;
}
