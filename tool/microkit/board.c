/* SPDX-License-Identifier: BSD-2-Clause */
/* See board.h. */
#include "tool/microkit/board.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/microkit/file.h"

#define PPI_BASE 16

struct reading {
    struct board *board;
    const void *tree;
    const char *path;
    bool failed;
};

static void fail(struct reading *reading, const char *what)
{
    fprintf(stderr, "microkit: error: %s: %s\n", reading->path, what);
    reading->failed = true;
}

/* ---- board.conf: "key = value", # starts a comment ---- */

static bool set_value(struct board *board, const char *key, uint64_t value)
{
    if (strcmp(key, "load_address") == 0) {
        board->load_address = value;
    } else if (strcmp(key, "reserve_start") == 0) {
        board->reserve_start = value;
    } else if (strcmp(key, "reserve_size") == 0) {
        board->reserve_end = value; /* made an end when all is read */
    } else if (strcmp(key, "cpu_count") == 0) {
        board->machine.cpu_count = (uint32_t)value;
    } else if (strcmp(key, "debug_console") == 0) {
        board->has_debug_console = value != 0;
    } else {
        return false;
    }
    return true;
}

static void read_conf(struct reading *reading, char *text)
{
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        char key[32];
        uint64_t value;

        line[strcspn(line, "#")] = '\0';
        if (line[strspn(line, " \t")] == '\0') {
            continue;
        }
        if (sscanf(line, " %31[a-z_] = %" SCNi64, key, (int64_t *)&value) != 2 ||
            !set_value(reading->board, key, value)) {
            fail(reading, "a line that is not 'key = number' with a known key");
            return;
        }
    }
    reading->board->reserve_end += reading->board->reserve_start;
}

/* ---- board.dtb ---- */

static uint64_t read_cells(const fdt32_t *cells, int count)
{
    uint64_t value = 0;

    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cells[i]);
    }
    return value;
}

/* Entry `index` of a node's reg; the node is a child of the root. */
static bool read_reg(const struct reading *reading, int node, int index, uint64_t *start,
                     uint64_t *size)
{
    int address_cells = fdt_address_cells(reading->tree, 0);
    int size_cells = fdt_size_cells(reading->tree, 0);
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "reg", &length);
    int entry = address_cells + size_cells;

    if (cells == NULL || address_cells < 1 || address_cells > 2 || size_cells < 1 ||
        size_cells > 2 || length / 4 < (index + 1) * entry) {
        return false;
    }
    *start = read_cells(cells + index * entry, address_cells);
    *size = read_cells(cells + index * entry + address_cells, size_cells);
    return true;
}

static int find_compatible(const struct reading *reading, const char *const *list)
{
    int node = -1;

    for (; *list != NULL && node < 0; list++) {
        node = fdt_node_offset_by_compatible(reading->tree, -1, *list);
    }
    return node;
}

/* The INTID of a PPI in a three-cell GIC interrupt specifier. */
static bool read_ppi(const struct reading *reading, int node, int index, uint32_t *intid)
{
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "interrupts", &length);

    if (cells == NULL || length / 12 <= index || fdt32_to_cpu(cells[3 * index]) != 1) {
        return false;
    }
    *intid = fdt32_to_cpu(cells[3 * index + 1]) + PPI_BASE;
    return true;
}

static void read_memory(struct reading *reading)
{
    int node = fdt_node_offset_by_prop_value(reading->tree, -1, "device_type", "memory", 7);
    uint64_t size;

    if (node < 0 || !read_reg(reading, node, 0, &reading->board->ram_start, &size)) {
        fail(reading, "no memory node");
        return;
    }
    reading->board->ram_end = reading->board->ram_start + size;
}

static void read_gicv2(struct reading *reading, int node)
{
    struct image_machine *machine = &reading->board->machine;
    uint64_t size;

    machine->gic_version = 2;
    if (!read_reg(reading, node, 0, &machine->gicd, &size) ||
        !read_reg(reading, node, 1, &machine->gicc, &size) ||
        !read_reg(reading, node, 2, &machine->gich, &size) ||
        !read_reg(reading, node, 3, &machine->gicv, &size) ||
        !read_ppi(reading, node, 0, &machine->maintenance_intid)) {
        fail(reading, "the GICv2 has no virtualisation interface");
    }
}

static void read_gic(struct reading *reading)
{
    static const char *const v2[] = {"arm,cortex-a15-gic", "arm,gic-400", NULL};
    static const char *const v3[] = {"arm,gic-v3", NULL};
    struct image_machine *machine = &reading->board->machine;
    int node = find_compatible(reading, v2);
    uint64_t size;

    if (node >= 0) {
        read_gicv2(reading, node);
        return;
    }
    node = find_compatible(reading, v3);
    machine->gic_version = 3;
    if (node < 0 || !read_reg(reading, node, 0, &machine->gicd, &size) ||
        !read_reg(reading, node, 1, &machine->gicr, &machine->gicr_size) ||
        !read_ppi(reading, node, 0, &machine->maintenance_intid)) {
        fail(reading, "no GICv2 or GICv3");
    }
}

static void read_uart(struct reading *reading)
{
    static const char *const pl011[] = {"arm,pl011", NULL};
    int node = find_compatible(reading, pl011);
    uint64_t size;

    if (node < 0 || !read_reg(reading, node, 0, &reading->board->machine.uart, &size)) {
        fail(reading, "no PL011");
    }
}

/* arm,armv8-timer: secure EL1, EL1 physical, virtual, EL2 physical. */
static void read_timers(struct reading *reading)
{
    static const char *const timer[] = {"arm,armv8-timer", NULL};
    struct image_machine *machine = &reading->board->machine;
    int node = find_compatible(reading, timer);

    if (node < 0 || !read_ppi(reading, node, 2, &machine->virtual_timer_intid) ||
        !read_ppi(reading, node, 3, &machine->hyp_timer_intid)) {
        fail(reading, "no timer with an EL2 interrupt");
    }
}

static void read_cpus(struct reading *reading)
{
    int cpus = fdt_path_offset(reading->tree, "/cpus");
    struct image_machine *machine = &reading->board->machine;
    int cells = cpus < 0 ? -1 : fdt_address_cells(reading->tree, cpus);
    uint32_t found = 0;
    int node;

    fdt_for_each_subnode(node, reading->tree, cpus)
    {
        int length;
        const fdt32_t *reg = fdt_getprop(reading->tree, node, "reg", &length);
        const char *type = fdt_getprop(reading->tree, node, "device_type", NULL);

        if (type != NULL && strcmp(type, "cpu") == 0 && reg != NULL && cells >= 1 && cells <= 2 &&
            length >= 4 * cells && found < ABI_MAX_CPUS) {
            machine->mpidr[found++] = read_cells(reg, cells);
        }
    }
    if (machine->cpu_count == 0 || machine->cpu_count > found) {
        fail(reading, "fewer cores than board.conf's cpu_count");
    }
}

static void read_psci(struct reading *reading)
{
    static const char *const psci[] = {"arm,psci-1.0", "arm,psci-0.2", "arm,psci", NULL};
    int node = find_compatible(reading, psci);
    const char *method = node < 0 ? NULL : fdt_getprop(reading->tree, node, "method", NULL);

    reading->board->machine.psci_conduit = method != NULL && strcmp(method, "hvc") == 0;
}

static void read_tree(struct reading *reading, const struct file *file)
{
    if (file->size < sizeof(struct fdt_header) || fdt_check_header(file->bytes) != 0 ||
        fdt_totalsize(file->bytes) > file->size) {
        fail(reading, "not a device tree");
        return;
    }
    reading->tree = file->bytes;
    read_memory(reading);
    read_gic(reading);
    read_uart(reading);
    read_timers(reading);
    read_cpus(reading);
    read_psci(reading);
}

static bool open_part(struct arena *arena, struct reading *reading, const char *directory,
                      const char *name, struct file *file)
{
    reading->path = arena_printf(arena, "%s/elf/%s", directory, name);
    if (!file_read(arena, reading->path, file)) {
        fail(reading, "cannot be read");
        return false;
    }
    return true;
}

bool board_read(struct arena *arena, const char *directory, struct board *board)
{
    struct reading reading = {.board = board};
    struct file file;

    *board = (struct board){0};
    if (open_part(arena, &reading, directory, "board.conf", &file)) {
        read_conf(&reading, (char *)file.bytes);
    }
    if (open_part(arena, &reading, directory, "board.dtb", &file)) {
        read_tree(&reading, &file);
    }
    return !reading.failed;
}
