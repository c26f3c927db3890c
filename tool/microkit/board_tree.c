/* SPDX-License-Identifier: BSD-2-Clause */
/* See board_tree.h. Every length is checked. */
#include "tool/microkit/board_tree.h"

#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>

#define MAX_DEPTH 16 /* of buses around a device */

void board_fail(struct reading *reading, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "microkit: error: %s: ", reading->path);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    reading->failed = true;
}

uint64_t board_cells(const fdt32_t *cells, int count)
{
    uint64_t value = 0;

    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cells[i]);
    }
    return value;
}

bool board_is_cell_count(int count)
{
    return count == 1 || count == 2;
}

/* One step up, through the bus's "ranges". */
static bool translate(const void *tree, int bus, int above, uint64_t *address)
{
    int child_cells = fdt_address_cells(tree, bus);
    int parent_cells = fdt_address_cells(tree, above);
    int size_cells = fdt_size_cells(tree, bus);
    int length;
    const fdt32_t *cells = fdt_getprop(tree, bus, "ranges", &length);

    if (cells == NULL || !board_is_cell_count(child_cells) || !board_is_cell_count(parent_cells) ||
        !board_is_cell_count(size_cells)) {
        return false;
    }
    int stride = child_cells + parent_cells + size_cells;
    for (int i = 0; i + stride <= length / 4; i += stride) {
        uint64_t start = board_cells(cells + i, child_cells);
        uint64_t size = board_cells(cells + i + child_cells + parent_cells, size_cells);

        if (*address >= start && *address - start < size) {
            *address = board_cells(cells + i + child_cells, parent_cells) + (*address - start);
            return true;
        }
    }
    return length == 0; /* empty: both sides are the same */
}

static bool translate_to_root(const void *tree, int bus, uint64_t *address)
{
    for (int depth = 0; bus > 0 && depth < MAX_DEPTH; depth++) {
        int above = fdt_parent_offset(tree, bus);

        if (above < 0 || !translate(tree, bus, above, address)) {
            return false;
        }
        bus = above;
    }
    return bus == 0;
}

/* Entry `index` of a node's reg, as the CPU sees it. */
bool board_reg(const struct reading *reading, int node, int index, uint64_t *start, uint64_t *size)
{
    int bus = fdt_parent_offset(reading->tree, node);
    int address_cells = bus < 0 ? 0 : fdt_address_cells(reading->tree, bus);
    int size_cells = bus < 0 ? 0 : fdt_size_cells(reading->tree, bus);
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "reg", &length);
    int entry = address_cells + size_cells;

    if (cells == NULL || !board_is_cell_count(address_cells) || !board_is_cell_count(size_cells) ||
        length / 4 < (index + 1) * entry) {
        return false;
    }
    *start = board_cells(cells + index * entry, address_cells);
    *size = board_cells(cells + index * entry + address_cells, size_cells);
    return translate_to_root(reading->tree, bus, start);
}

bool board_window(const struct reading *reading, int node, int index, uint64_t *start,
                  uint64_t *size)
{
    int bus = fdt_parent_offset(reading->tree, node);
    int child_cells = fdt_address_cells(reading->tree, node);
    int parent_cells = bus < 0 ? 0 : fdt_address_cells(reading->tree, bus);
    int size_cells = fdt_size_cells(reading->tree, node);
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "ranges", &length);
    int entry = child_cells + parent_cells + size_cells;

    if (cells == NULL || child_cells < 1 || !board_is_cell_count(parent_cells) ||
        !board_is_cell_count(size_cells) || length / 4 < (index + 1) * entry) {
        return false;
    }
    *start = board_cells(cells + index * entry + child_cells, parent_cells);
    *size = board_cells(cells + index * entry + child_cells + parent_cells, size_cells);
    return translate_to_root(reading->tree, bus, start);
}

int board_compatible(const struct reading *reading, const char *const *list)
{
    int node = -1;

    for (; *list != NULL && node < 0; list++) {
        node = fdt_node_offset_by_compatible(reading->tree, -1, *list);
    }
    return node;
}

/* The INTID of a PPI in a three-cell GIC interrupt specifier. */
bool board_ppi(const struct reading *reading, int node, int index, uint32_t *intid)
{
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "interrupts", &length);

    if (cells == NULL || length / 12 <= index || fdt32_to_cpu(cells[3 * index]) != 1 ||
        fdt32_to_cpu(cells[3 * index + 1]) >= BOARD_PPI_COUNT) {
        return false;
    }
    *intid = fdt32_to_cpu(cells[3 * index + 1]) + BOARD_PPI_BASE;
    return true;
}

uint32_t board_cell(const struct reading *reading, int node, const char *name, uint32_t otherwise)
{
    int length;
    const fdt32_t *cell = fdt_getprop(reading->tree, node, name, &length);

    return cell != NULL && length == 4 ? fdt32_to_cpu(*cell) : otherwise;
}
