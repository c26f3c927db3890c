/* SPDX-License-Identifier: BSD-2-Clause */
/* See board.h. The tree is the SDK's own; still, every length is checked. */
#include "tool/microkit/board.h"

#include <errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tool/microkit/board_conf.h"
#include "tool/microkit/file.h"

#define PPI_BASE  16
#define MAX_DEPTH 16 /* of buses around a device */

struct reading {
    struct board *board;
    struct board_conf conf;
    const void *tree;
    const char *path;
    const char *conf_path;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void fail(struct reading *reading, const char *format,
                                                       ...)
{
    va_list arguments;

    fprintf(stderr, "microkit: error: %s: ", reading->path);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    reading->failed = true;
}

static uint64_t read_cells(const fdt32_t *cells, int count)
{
    uint64_t value = 0;

    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cells[i]);
    }
    return value;
}

static bool is_cell_count(int count)
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

    if (cells == NULL || !is_cell_count(child_cells) || !is_cell_count(parent_cells) ||
        !is_cell_count(size_cells)) {
        return false;
    }
    int stride = child_cells + parent_cells + size_cells;
    for (int i = 0; i + stride <= length / 4; i += stride) {
        uint64_t start = read_cells(cells + i, child_cells);
        uint64_t size = read_cells(cells + i + child_cells + parent_cells, size_cells);

        if (*address >= start && *address - start < size) {
            *address = read_cells(cells + i + child_cells, parent_cells) + (*address - start);
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
static bool read_reg(const struct reading *reading, int node, int index, uint64_t *start,
                     uint64_t *size)
{
    int bus = fdt_parent_offset(reading->tree, node);
    int address_cells = bus < 0 ? 0 : fdt_address_cells(reading->tree, bus);
    int size_cells = bus < 0 ? 0 : fdt_size_cells(reading->tree, bus);
    int length;
    const fdt32_t *cells = fdt_getprop(reading->tree, node, "reg", &length);
    int entry = address_cells + size_cells;

    if (cells == NULL || !is_cell_count(address_cells) || !is_cell_count(size_cells) ||
        length / 4 < (index + 1) * entry) {
        return false;
    }
    *start = read_cells(cells + index * entry, address_cells);
    *size = read_cells(cells + index * entry + address_cells, size_cells);
    return translate_to_root(reading->tree, bus, start);
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

/* ---- What the kernel is told ---- */

/* The bank that holds the load address: the kernel reaches no other. */
static void read_memory(struct reading *reading)
{
    struct board *board = reading->board;
    int node = -1;

    while ((node = fdt_node_offset_by_prop_value(reading->tree, node, "device_type", "memory",
                                                 sizeof("memory"))) >= 0) {
        uint64_t start;
        uint64_t size;

        for (int i = 0; read_reg(reading, node, i, &start, &size); i++) {
            if (board->load_address >= start && board->load_address - start < size) {
                board->ram_start = start;
                board->ram_end = start + size;
                return;
            }
        }
    }
    fail(reading, "no RAM at the load address 0x%lx", (unsigned long)board->load_address);
}

static bool add_frame(struct reading *reading, int node, int index, const char *name,
                      uint64_t *start)
{
    struct board_frame *frame = &reading->board->frames[reading->board->frame_count];

    if (!read_reg(reading, node, index, &frame->start, &frame->size)) {
        return false;
    }
    frame->name = name;
    *start = frame->start;
    reading->board->frame_count++;
    return true;
}

/* reg: distributor, CPU interface, virtual interface control, virtual CPU interface. */
static void read_gicv2(struct reading *reading, int node)
{
    struct board *board = reading->board;
    struct image_machine *machine = &board->machine;
    uint64_t size;

    machine->gic_version = 2;
    if (!add_frame(reading, node, 0, "distributor", &machine->gicd) ||
        !add_frame(reading, node, 1, "CPU interface", &machine->gicc)) {
        fail(reading, "the GICv2 has no distributor or no CPU interface");
        return;
    }
    if (!add_frame(reading, node, 2, "virtual interface control", &machine->gich)) {
        machine->gich = reading->conf.gich;
        board->frames[board->frame_count++] =
            (struct board_frame){"virtual interface control", machine->gich, ABI_PAGE_SIZE};
    }
    if (!read_reg(reading, node, 3, &machine->gicv, &size)) {
        machine->gicv = reading->conf.gicv;
    }
    if (machine->gich == 0 || machine->gicv == 0) {
        fail(reading, "the GICv2 has no virtualisation interface (board.conf: gich, gicv)");
    }
}

static void read_gicv3(struct reading *reading, int node)
{
    struct board *board = reading->board;
    struct image_machine *machine = &board->machine;

    machine->gic_version = 3;
    if (!add_frame(reading, node, 0, "distributor", &machine->gicd) ||
        !add_frame(reading, node, 1, "redistributor", &machine->gicr)) {
        fail(reading, "the GICv3 has no distributor or no redistributors");
        return;
    }
    machine->gicr_size = board->frames[board->frame_count - 1].size;
}

static void read_gic(struct reading *reading)
{
    static const char *const v2[] = {"arm,gic-400", "arm,cortex-a15-gic", NULL};
    static const char *const v3[] = {"arm,gic-v3", NULL};
    int node = find_compatible(reading, v2);

    if (node >= 0) {
        read_gicv2(reading, node);
    } else if ((node = find_compatible(reading, v3)) >= 0) {
        read_gicv3(reading, node);
    } else {
        fail(reading, "no GICv2 and no GICv3");
        return;
    }
    if (!read_ppi(reading, node, 0, &reading->board->machine.maintenance_intid)) {
        fail(reading, "the interrupt controller has no maintenance interrupt");
    }
}

/* The PL011 of /chosen's stdout-path, else the first. */
static int find_uart(const struct reading *reading)
{
    static const char *const pl011[] = {"arm,pl011", NULL};
    int chosen = fdt_path_offset(reading->tree, "/chosen");
    const char *path = chosen < 0 ? NULL : fdt_getprop(reading->tree, chosen, "stdout-path", NULL);
    int node = -1;

    if (path != NULL) { /* options such as the speed follow a colon */
        node = fdt_path_offset_namelen(reading->tree, path, (int)strcspn(path, ":"));
    }
    if (node >= 0 && fdt_node_check_compatible(reading->tree, node, pl011[0]) == 0) {
        return node;
    }
    return find_compatible(reading, pl011);
}

static void read_uart(struct reading *reading)
{
    int node = find_uart(reading);
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

    machine->cpu_count = (uint32_t)reading->conf.cpu_count;
    fdt_for_each_subnode(node, reading->tree, cpus)
    {
        int length;
        const fdt32_t *reg = fdt_getprop(reading->tree, node, "reg", &length);
        const char *type = fdt_getprop(reading->tree, node, "device_type", NULL);

        if (type != NULL && strcmp(type, "cpu") == 0 && reg != NULL && is_cell_count(cells) &&
            length >= 4 * cells && found < ABI_MAX_CPUS) {
            machine->mpidr[found++] = read_cells(reg, cells);
        }
    }
    if (machine->cpu_count > found) {
        fail(reading, "the board has %u cores, the configuration needs %u", found,
             machine->cpu_count);
    }
}

/* PSCI 0.1 has numbers of the firmware's choice, which the tree tells. */
static void check_calls(struct reading *reading, int psci)
{
    static const char *const functions[] = {"cpu_suspend", "cpu_off", "cpu_on", "migrate"};

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        int length;
        const fdt32_t *cell = fdt_getprop(reading->tree, psci, functions[i], &length);

        for (unsigned int k = 0; k < reading->conf.call_count; k++) {
            const struct board_conf_call *call = &reading->conf.calls[k];

            if (cell != NULL && length >= 4 && fdt32_to_cpu(*cell) == call->function) {
                fprintf(stderr,
                        "microkit: error: %s:%u: firmware_call 0x%x is PSCI's %s, of which the "
                        "kernel allows what may be asked\n",
                        reading->conf_path, call->line, call->function, functions[i]);
                reading->failed = true;
            }
        }
    }
}

static void read_psci(struct reading *reading)
{
    static const char *const psci[] = {"arm,psci-1.0", "arm,psci-0.2", "arm,psci", NULL};
    int node = find_compatible(reading, psci);
    const char *method = node < 0 ? NULL : fdt_getprop(reading->tree, node, "method", NULL);

    reading->board->machine.psci_conduit = method != NULL && strcmp(method, "hvc") == 0;
    if (node >= 0) {
        check_calls(reading, node);
    }
}

/* ---- Files ---- */

static bool open_part(struct arena *arena, struct reading *reading, const char *directory,
                      const char *name, struct file *file)
{
    reading->path = arena_printf(arena, "%s/elf/%s", directory, name);
    if (!file_read(arena, reading->path, file)) {
        fail(reading, "%s", strerror(errno));
    }
    return !reading->failed;
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

bool board_read(struct arena *arena, const char *directory, struct board *board)
{
    struct reading reading = {.board = board};
    struct file file;

    *board = (struct board){0};
    if (!open_part(arena, &reading, directory, "board.conf", &file) ||
        !board_conf_read(reading.path, (char *)file.bytes, &reading.conf)) {
        return false;
    }
    board->load_address = reading.conf.load_address;
    board->reserve_start = reading.conf.reserve_start;
    board->reserve_end = reading.conf.reserve_start + reading.conf.reserve_size;
    board->has_debug_console = reading.conf.debug_console != 0;
    board->is_benchmark = reading.conf.benchmark != 0;
    board->firmware_call_count = reading.conf.call_count;
    for (unsigned int i = 0; i < reading.conf.call_count; i++) {
        board->firmware_calls[i] = reading.conf.calls[i].function;
    }
    reading.conf_path = reading.path;
    if (open_part(arena, &reading, directory, "board.dtb", &file)) {
        read_tree(&reading, &file);
    }
    return !reading.failed;
}
