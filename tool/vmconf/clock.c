/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See clock.h. <map mr="…" perms="r" cached="false" setvar_vaddr="rtc_vaddr"/> in the VMM's
 * protection domain; reading the device changes nothing in it, so any number of them may.
 */
#include "tool/vmconf/clock.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/emulate.h"
#include "tool/vmconf/nodes.h"

#define SYMBOL "rtc_vaddr"
#define SIZE   0x1000u

#define IPA_LIMIT (UINT64_C(1) << 40)

#define CLOCK_FREQUENCY 24000000u /* of its bus, which the emulation does not have */

static const char compatible[] = "arm,pl031\0arm,primecell";

static const struct sdf_map *find_map(const struct guest *guest)
{
    for (size_t i = 0; i < guest->pd->map_count; i++) {
        const char *symbol = guest->pd->maps[i].setvar_vaddr;
        if (symbol != NULL && strcmp(symbol, SYMBOL) == 0) {
            return &guest->pd->maps[i];
        }
    }
    return NULL;
}

/* The board's PL031 at the region's start, or TREE_NONE. */
static size_t find_node(const struct guest *guest, const struct sdf_region *region)
{
    const struct tree *tree = guest->board->tree;

    for (size_t i = 0; i < tree->node_count && region->has_phys_addr; i++) {
        if (board_is_device(guest->board, i) && tree_is_compatible(tree, i, "arm,pl031") &&
            tree->nodes[i].regs[0].start == region->phys_addr) {
            return i;
        }
    }
    return TREE_NONE;
}

static bool check(struct guest *guest, const struct sdf_map *map, size_t node)
{
    const struct sdf_region *region = &guest->sdf->regions[map->region];
    size_t errors = guest->messages->error_count;

    if (node == TREE_NONE) {
        sdf_error(guest->messages, &map->pos,
                  "setvar_vaddr=\"" SYMBOL "\" is for a clock of the board (arm,pl031), which "
                  "region '%s' does not hold",
                  region->name);
    }
    if ((map->perms & SDF_READ) == 0 || map->cached) {
        sdf_error(guest->messages, &map->pos,
                  "the VMM reads the clock in region '%s': perms=\"r\" cached=\"false\"",
                  region->name);
    }
    for (size_t i = 0; i < guest->map_count; i++) {
        if (guest->maps[i].region == region) {
            sdf_error(guest->messages, &guest->maps[i].map->pos,
                      "the guest has the clock in region '%s' itself; setvar_vaddr=\"" SYMBOL
                      "\" is for guests that share it",
                      region->name);
        }
    }
    return guest->messages->error_count == errors;
}

void clock_place(struct guest *guest)
{
    const struct sdf_map *map = find_map(guest);
    struct tree_range range = {.size = SIZE};

    if (map == NULL) {
        return;
    }
    size_t node = find_node(guest, &guest->sdf->regions[map->region]);
    if (!check(guest, map, node)) {
        return;
    }
    if (!emulate_take_page_of(guest, node, &range) &&
        !emulate_find_range(guest, &range, SIZE, IPA_LIMIT)) {
        sdf_error(guest->messages, &guest->vm->pos, "there is no free page for the guest's clock");
        return;
    }
    const struct emulated_device device = {
        .kind = EMULATED_CLOCK,
        .path = arena_printf(guest->arena, "/pl031@%" PRIx64, range.start),
        .range = range,
        .intid = VM_CONFIG_NO_INTID,
    };
    if (emulate_add(guest, &device)) {
        guest->rtc_ipa = range.start;
    }
}

static uint32_t write_bus_clock(struct guest *guest, struct fdt_writer *writer)
{
    uint32_t phandle = nodes_begin(guest, writer, "rtc-clock", "rtc_clock");

    fdt_writer_string(writer, "compatible", "fixed-clock");
    fdt_writer_cell(writer, "#clock-cells", 0);
    fdt_writer_cell(writer, "clock-frequency", CLOCK_FREQUENCY);
    fdt_writer_end(writer);
    return phandle;
}

void clock_write(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    const uint64_t reg[2] = {guest->rtc_ipa, SIZE};
    uint32_t clock = write_bus_clock(guest, writer);

    nodes_begin(guest, writer, name, "rtc");
    fdt_writer_bytes(writer, "compatible", compatible, sizeof(compatible));
    fdt_writer_u64s(writer, "reg", reg, 2);
    fdt_writer_cell(writer, "clocks", clock);
    fdt_writer_string(writer, "clock-names", "apb_pclk");
    fdt_writer_end(writer);
}
