/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GICv3's ITS, and the PCI functions whose messages it gets. By which id it knows one is what the
 * host bridge's msi-map says (Linux's binding pci-msi), or its number on the bus.
 */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "tool/microkit/board_tree.h"

#define BUS_SHIFT     20 /* of an ECAM */
#define MAP_CELLS     4
#define ALL_FUNCTIONS 0x10000
#define ALL_BITS      0xffffffffU

static const struct board_map as_on_the_bus = {.first = 0, .count = ALL_FUNCTIONS, .id = 0};

static const fdt32_t *read_cells(const struct reading *reading, int node, const char *name,
                                 int *count)
{
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, name, &length);

    *count = cells == NULL ? 0 : length / 4;
    return cells;
}

/* Entries of msi-map: first function, controller, first id, how many. False: none is the ITS's. */
static bool read_maps(struct reading *reading, int node, uint32_t its, struct board_ecam *ecam)
{
    int count;
    const fdt32_t *cells = read_cells(reading, node, "msi-map", &count);

    for (int i = 0; i + MAP_CELLS <= count; i += MAP_CELLS) {
        struct board_map map = {.first = fdt32_to_cpu(cells[i]),
                                .id = fdt32_to_cpu(cells[i + 2]),
                                .count = fdt32_to_cpu(cells[i + 3])};

        if (fdt32_to_cpu(cells[i + 1]) != its) {
            continue;
        }
        if (ecam->map_count == BOARD_MAX_MAPS || map.first >= ALL_FUNCTIONS ||
            map.count > ALL_FUNCTIONS || map.id > UINT32_MAX - map.count) {
            board_fail(reading, "a PCI host bridge has an msi-map with too many or too large "
                                "entries");
            return false;
        }
        ecam->maps[ecam->map_count++] = map;
    }
    if (cells == NULL && board_cell(reading, node, "msi-parent", 0) == its) {
        ecam->maps[ecam->map_count++] = as_on_the_bus;
    }
    return ecam->map_count > 0;
}

static void add_ecam(struct reading *reading, const struct board_ecam *ecam)
{
    struct board *board = reading->board;

    if (board->ecam_count < BOARD_MAX_ECAMS) {
        board->ecams[board->ecam_count++] = *ecam;
    } else {
        board_fail(reading, "more than %d PCI host bridges", BOARD_MAX_ECAMS);
    }
}

static void read_bridge(struct reading *reading, int node, uint32_t its)
{
    struct board_ecam ecam = {.mask = board_cell(reading, node, "msi-map-mask", ALL_BITS)};
    int count;
    const fdt32_t *buses = read_cells(reading, node, "bus-range", &count);

    ecam.first_bus = count == 2 ? fdt32_to_cpu(buses[0]) : 0;
    if (its != 0 && board_reg(reading, node, 0, &ecam.start, &ecam.size) &&
        ecam.first_bus <= 0xff && read_maps(reading, node, its, &ecam)) {
        add_ecam(reading, &ecam);
    }
}

void board_read_its(struct reading *reading)
{
    static const char *const its[] = {"arm,gic-v3-its", NULL};
    static const char bridge[] = "pci-host-ecam-generic";
    struct board *board = reading->board;
    int node = board_compatible(reading, its);
    uint64_t size;
    uint32_t phandle;

    if (board->machine.gic_version != 3 || node < 0 || reading->conf.msi_count == 0 ||
        !board_reg(reading, node, 0, &board->its, &size)) {
        return;
    }
    if (reading->conf.msi_first + reading->conf.msi_count > ABI_MAX_LPIS) {
        board_fail(reading,
                   "board.conf: msi_first and msi_count end above %d, as many LPIs as "
                   "there are",
                   ABI_MAX_LPIS);
    }
    board->msi_first = (uint32_t)reading->conf.msi_first;
    board->msi_count = (uint32_t)reading->conf.msi_count;
    phandle = fdt_get_phandle(reading->tree, node);
    node = -1;
    while ((node = fdt_node_offset_by_compatible(reading->tree, node, bridge)) >= 0) {
        read_bridge(reading, node, phandle);
    }
    if (reading->conf.further_size >> BUS_SHIFT != 0) {
        add_ecam(reading, &(struct board_ecam){.start = reading->conf.further_start,
                                               .size = reading->conf.further_size,
                                               .mask = ALL_BITS,
                                               .maps = {as_on_the_bus},
                                               .map_count = 1});
    }
}

bool board_is_message(const struct board *board, const struct sdf_irq *irq)
{
    return irq->edge && irq->intid >= board->msi_first &&
           irq->intid - board->msi_first < board->msi_count &&
           board->bounds.triggers[irq->intid] == 0;
}
