/* SPDX-License-Identifier: BSD-2-Clause */
/* See board.h. The tree is the SDK's own; still, every length is checked. */
#include "tool/microkit/board.h"

#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "tool/microkit/board_tree.h"
#include "tool/microkit/file.h"

static bool is_enabled(const struct reading *reading, int node)
{
    const char *status = fdt_getprop(reading->tree, node, "status", NULL);

    return status == NULL || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

static void add_bank(struct board *board, uint64_t start, uint64_t size)
{
    if (board->load_address >= start && board->load_address - start < size) {
        board->ram_start = start;
        board->ram_end = start + size;
    }
    if (board->bounds.ram_count < BOARD_MAX_BANKS) {
        board->banks[board->bounds.ram_count++] = (struct sdf_range){start, size};
    }
}

/* Other machines of this board have more than the one whose tree this is. */
static void extend_bank(struct board *board, uint64_t end)
{
    for (size_t i = 0; i < board->bounds.ram_count; i++) {
        if (board->banks[i].start == board->ram_start && end > board->ram_end) {
            board->banks[i].size = end - board->ram_start;
            board->ram_end = end;
        }
    }
}

/* Of the banks the one that holds the load address is what the kernel reaches. */
static void read_memory(struct reading *reading)
{
    struct board *board = reading->board;
    int node = -1;

    while ((node = fdt_node_offset_by_prop_value(reading->tree, node, "device_type", "memory",
                                                 sizeof("memory"))) >= 0) {
        uint64_t start;
        uint64_t size;

        for (int i = 0; is_enabled(reading, node) && board_reg(reading, node, i, &start, &size);
             i++) {
            add_bank(board, start, size);
        }
    }
    if (board->ram_end == 0) {
        board_fail(reading, "no RAM at the load address 0x%lx", (unsigned long)board->load_address);
    }
    extend_bank(board, reading->conf.ram_end);
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
    return board_compatible(reading, pl011);
}

static void read_uart(struct reading *reading)
{
    int node = find_uart(reading);
    uint64_t size;

    if (node < 0 || !board_reg(reading, node, 0, &reading->board->machine.uart, &size)) {
        board_fail(reading, "no PL011");
    }
}

/* arm,armv8-timer: secure EL1, EL1 physical, virtual, EL2 physical. */
static void read_timers(struct reading *reading)
{
    static const char *const timer[] = {BOARD_TIMER, NULL};
    struct image_machine *machine = &reading->board->machine;
    int node = board_compatible(reading, timer);

    if (node < 0 || !board_ppi(reading, node, 2, &machine->virtual_timer_intid) ||
        !board_ppi(reading, node, 3, &machine->hyp_timer_intid)) {
        board_fail(reading, "no timer with an EL2 interrupt");
    }
}

static void add_reserved(struct reading *reading, uint64_t start, uint64_t size)
{
    struct sdf_board *bounds = &reading->board->bounds;

    if (bounds->reserved_count == BOARD_MAX_BANKS) {
        board_fail(reading, "more than %d reservations of memory", BOARD_MAX_BANKS);
    } else if (size != 0 && size <= UINT64_MAX - start) {
        reading->board->reserved[bounds->reserved_count++] = (struct sdf_range){start, size};
    }
}

/* What the tree's header reserves, and what it forbids even to map. */
static void read_reserved(struct reading *reading)
{
    int parent = fdt_path_offset(reading->tree, "/reserved-memory");
    uint64_t start;
    uint64_t size;
    int node;

    for (int i = 0; i < fdt_num_mem_rsv(reading->tree); i++) {
        if (fdt_get_mem_rsv(reading->tree, i, &start, &size) == 0) {
            add_reserved(reading, start, size);
        }
    }
    fdt_for_each_subnode(node, reading->tree, parent)
    {
        bool is_closed = fdt_getprop(reading->tree, node, "no-map", NULL) != NULL;

        for (int i = 0; is_closed && board_reg(reading, node, i, &start, &size); i++) {
            add_reserved(reading, start, size);
        }
    }
}

static void add_device(struct reading *reading, uint64_t start, uint64_t size, size_t *room)
{
    struct sdf_board *bounds = &reading->board->bounds;

    if (bounds->device_count == *room) {
        struct sdf_range *list = arena_array(reading->arena, 2 * *room + 16, sizeof(*list));

        if (bounds->device_count > 0) {
            memcpy(list, reading->devices, bounds->device_count * sizeof(*list));
        }
        *room = 2 * *room + 16;
        reading->devices = list;
        bounds->devices = list;
    }
    reading->devices[bounds->device_count++] = (struct sdf_range){start, size};
}

/* Whatever has registers, and where buses are seen whose devices are found at run time. */
static void read_devices(struct reading *reading)
{
    size_t room = 0;

    for (int node = 0; node >= 0; node = fdt_next_node(reading->tree, node, NULL)) {
        uint64_t start;
        uint64_t size;

        for (int i = 0; board_reg(reading, node, i, &start, &size); i++) {
            add_device(reading, start, size, &room);
        }
        for (int i = 0; board_window(reading, node, i, &start, &size); i++) {
            add_device(reading, start, size, &room);
        }
    }
    if (reading->conf.further_size != 0) {
        add_device(reading, reading->conf.further_start, reading->conf.further_size, &room);
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

        if (type != NULL && strcmp(type, "cpu") == 0 && reg != NULL && board_is_cell_count(cells) &&
            length >= 4 * cells && found < ABI_MAX_CPUS) {
            machine->mpidr[found++] = board_cells(reg, cells);
        }
    }
    if (machine->cpu_count > found) {
        board_fail(reading, "the board has %u cores, the configuration needs %u", found,
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
    int node = board_compatible(reading, psci);
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
        board_fail(reading, "%s", strerror(errno));
    }
    return !reading->failed;
}

static void read_tree(struct reading *reading, const struct file *file)
{
    if (file->size < sizeof(struct fdt_header) || fdt_check_header(file->bytes) != 0 ||
        fdt_totalsize(file->bytes) > file->size) {
        board_fail(reading, "not a device tree");
        return;
    }
    reading->tree = file->bytes;
    read_memory(reading);
    board_read_gic(reading);
    read_uart(reading);
    read_timers(reading);
    if (!reading->failed) {
        board_read_its(reading);
        board_read_interrupts(reading);
    }
    read_reserved(reading);
    read_devices(reading);
    read_cpus(reading);
    read_psci(reading);
}

bool board_read(struct arena *arena, const char *directory, struct board *board)
{
    struct reading reading = {.board = board, .arena = arena};
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
    board->machine.intid_count = (uint32_t)reading.conf.intids;
    board->bounds = (struct sdf_board){
        .ram = board->banks,
        .frames = board->frames,
        .reserved = board->reserved,
        .intid_count = board->machine.intid_count,
    };
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
