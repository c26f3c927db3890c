/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's device tree: nodes that every guest has (memory, cpus, GIC, timer, PSCI, chosen),
 * those of emulated devices, and copies of those that select.c kept, on the paths and with the
 * phandles that they have in the board's tree, so that references stay right. Each node gets a
 * label for the overlay.
 */
#include "tool/vmconf/guest_tree.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/emulate.h"
#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/flash.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/nodes.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/seeds.h"
#include "tool/vmconf/select.h"

#define OWN_ROOM 0x10000u /* for the nodes that are not copies */

#define MAX_BOARD_PHANDLE 0xfff00000u

#define OWN_LABELS (16u + VM_CONFIG_MAX_VCPUS + VM_CONFIG_MAX_RAM)

static const char psci_compatible[] = "arm,psci-1.0\0arm,psci-0.2";

static const struct tree *board_tree(const struct guest *guest)
{
    return guest->board->tree;
}

static void write_root(struct guest *guest, struct fdt_writer *writer)
{
    const char *model = arena_printf(guest->arena, "Sluice virtual machine %s", guest->vm->name);

    fdt_writer_cell(writer, "#address-cells", 2);
    fdt_writer_cell(writer, "#size-cells", 2);
    fdt_writer_string(writer, "compatible", "linux,dummy-virt");
    fdt_writer_string(writer, "model", model);
    fdt_writer_cell(writer, "interrupt-parent", guest->gic_phandle);
}

/* Of a UART that the VMM emulates. The line has no rate, but flow control: with it (r) Linux leaves
 * in the UART what its buffers have no room for; without, it reads and drops that. */
#define LINE_OPTIONS ":115200n8r"

static void write_chosen(struct guest *guest, struct fdt_writer *writer)
{
    const struct board *board = guest->board;
    const struct vm_config_load *load = &guest->load;

    nodes_begin(guest, writer, "chosen", "chosen");
    if (emulate_stdout(guest) != NULL) {
        fdt_writer_string(writer, "stdout-path",
                          arena_printf(guest->arena, "%s%s", emulate_stdout(guest), LINE_OPTIONS));
    } else if (select_is_kept(guest, board->console)) {
        fdt_writer_string(writer, "stdout-path",
                          arena_printf(guest->arena, "%s%s",
                                       board->tree->nodes[board->console].path,
                                       board->console_options));
    }
    if (guest->pci.config.function_count > 0) {
        fdt_writer_cell(writer, "linux,pci-probe-only", 1); /* BARs stay where they are */
    }
    seeds_write(writer);
    if (load->initrd_size > 0) {
        uint64_t start = load->initrd_ipa;
        uint64_t end = load->initrd_ipa + load->initrd_size;
        fdt_writer_u64s(writer, "linux,initrd-start", &start, 1);
        fdt_writer_u64s(writer, "linux,initrd-end", &end, 1);
    }
    fdt_writer_end(writer);
}

/* The board's aliases of what the guest has; serial0 is the console in any case. */
static void write_aliases(struct guest *guest, struct fdt_writer *writer)
{
    const struct tree *tree = board_tree(guest);
    int aliases = fdt_path_offset(tree->fdt, "/aliases");
    bool has_serial = emulate_stdout(guest) != NULL;
    int offset;

    nodes_begin(guest, writer, "aliases", "aliases");
    if (has_serial) {
        fdt_writer_string(writer, "serial0", emulate_stdout(guest));
    }
    if (aliases >= 0) {
        fdt_for_each_property_offset(offset, tree->fdt, aliases)
        {
            const char *name;
            int length;
            const char *path = fdt_getprop_by_offset(tree->fdt, offset, &name, &length);
            if (path != NULL && length > 0 && path[length - 1] == '\0' && path[0] == '/' &&
                select_is_kept(guest, tree_find_path(tree, path)) &&
                !(has_serial && strcmp(name, "serial0") == 0)) {
                fdt_writer_string(writer, name, path);
                has_serial = has_serial || strcmp(name, "serial0") == 0;
            }
        }
    }
    if (!has_serial && select_is_kept(guest, guest->board->console)) {
        fdt_writer_string(writer, "serial0", tree->nodes[guest->board->console].path);
    }
    fdt_writer_end(writer);
}

static void write_memory(struct guest *guest, struct fdt_writer *writer)
{
    for (size_t i = 0; i < guest->range_count; i++) {
        uint64_t range[2] = {guest->ranges[i].ipa, guest->ranges[i].size};
        const char *name = arena_printf(guest->arena, "memory@%" PRIx64, range[0]);
        nodes_begin(guest, writer, name, i == 0 ? "memory" : nodes_label_of(guest, name));
        fdt_writer_string(writer, "device_type", "memory");
        fdt_writer_u64s(writer, "reg", range, 2);
        fdt_writer_end(writer);
    }
}

/* vCPU i has affinity i; it is of the kind of the core that it runs on. */
static void write_cpus(struct guest *guest, struct fdt_writer *writer)
{
    const struct tree *tree = board_tree(guest);

    fdt_writer_begin(writer, "cpus");
    fdt_writer_cell(writer, "#address-cells", 1);
    fdt_writer_cell(writer, "#size-cells", 0);
    for (size_t i = 0; i < guest->vm->vcpu_count; i++) {
        size_t node = guest->board->cpus[guest->vm->vcpus[i].cpu];
        int length;
        const void *compatible = tree_property(tree, node, "compatible", &length);
        nodes_begin(guest, writer, arena_printf(guest->arena, "cpu@%zx", i),
                    arena_printf(guest->arena, "cpu%zu", i));
        fdt_writer_string(writer, "device_type", "cpu");
        fdt_writer_bytes(writer, "compatible", compatible, length);
        fdt_writer_cell(writer, "reg", (uint32_t)i);
        fdt_writer_string(writer, "enable-method", "psci");
        fdt_writer_end(writer);
    }
    fdt_writer_end(writer);
}

static void write_psci(struct guest *guest, struct fdt_writer *writer)
{
    nodes_begin(guest, writer, "psci", "psci");
    fdt_writer_bytes(writer, "compatible", psci_compatible, sizeof(psci_compatible));
    fdt_writer_string(writer, "method", "smc");
    fdt_writer_end(writer);
}

static void write_timer(struct guest *guest, struct fdt_writer *writer)
{
    const struct tree *tree = board_tree(guest);
    static const char *const copied[] = {"compatible", "interrupts", "always-on"};

    nodes_begin(guest, writer, "timer", "timer");
    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
        int length;
        const void *value = tree_property(tree, guest->board->timer, copied[i], &length);
        if (value != NULL) {
            fdt_writer_bytes(writer, copied[i], value, length);
        }
    }
    fdt_writer_end(writer);
}

/* Distributor, and redistributors if it is a GICv3, are emulated where the board has its own; a
 * GICv2's CPU interface is the virtual one, where the description maps it. */
static void write_gic(struct guest *guest, struct fdt_writer *writer)
{
    const struct tree *tree = board_tree(guest);
    const struct tree_range *gicd = board_gic_frame(guest->board, GIC_FRAME_DISTRIBUTOR);
    const struct tree_range *gicr = board_gic_frame(guest->board, GIC_FRAME_REDISTRIBUTORS);
    bool is_v3 = tree->gic_version == 3;
    uint64_t reg[4] = {gicd->start, gicd->size, is_v3 ? gicr->start : guest->gic_cpu->ipa,
                       is_v3 ? guest->vm->vcpu_count * VMCONF_REDISTRIBUTOR_SIZE
                             : guest->gic_cpu->size};
    int length;
    const void *compatible = tree_property(tree, tree->gic, "compatible", &length);

    fdt_writer_begin(writer,
                     arena_printf(guest->arena, "interrupt-controller@%" PRIx64, gicd->start));
    nodes_add_label(guest, writer, "gic");
    fdt_writer_cell(writer, "phandle", guest->gic_phandle);
    fdt_writer_bytes(writer, "compatible", compatible, length);
    fdt_writer_empty(writer, "interrupt-controller");
    fdt_writer_cell(writer, "#interrupt-cells", 3);
    fdt_writer_cell(writer, "#address-cells", 2);
    fdt_writer_cell(writer, "#size-cells", 2);
    fdt_writer_empty(writer, "ranges");
    fdt_writer_u64s(writer, "reg", reg, 4);
    for (size_t i = 0; i < guest->emulated_count; i++) {
        if (guest->emulated[i].kind == EMULATED_MSI) {
            pci_write_msi(guest, writer, strrchr(guest->emulated[i].path, '/') + 1);
        }
    }
    fdt_writer_end(writer);
}

static void copy_properties(struct guest *guest, struct fdt_writer *writer, size_t node)
{
    const struct tree *tree = board_tree(guest);
    int offset;

    fdt_for_each_property_offset(offset, tree->fdt, tree->nodes[node].offset)
    {
        const char *name;
        int length;
        const void *value = fdt_getprop_by_offset(tree->fdt, offset, &name, &length);
        if (value == NULL || strcmp(name, "phandle") == 0 || strcmp(name, "linux,phandle") == 0 ||
            select_drops_property(guest, node, name) || pci_whole_replaces(guest, node, name)) {
            continue;
        }
        if (strcmp(name, "reg") == 0 && flash_has_banks(tree, node)) {
            flash_write_reg(guest, writer, node);
        } else {
            fdt_writer_bytes(writer, name, value, length);
        }
    }
    pci_whole_write(guest, writer, node);
}

static void copy_node(struct guest *guest, struct fdt_writer *writer, size_t index)
{
    const struct tree_node *node = &board_tree(guest)->nodes[index];

    fdt_writer_begin(writer, node->name);
    fdt_writer_cell(writer, "phandle",
                    node->phandle != 0 ? node->phandle : nodes_fresh_phandle(guest));
    nodes_add_label(guest, writer, nodes_label_of(guest, node->name));
    copy_properties(guest, writer, index);
    for (size_t i = index + 1; i < node->end; i = board_tree(guest)->nodes[i].end) {
        if (select_is_kept(guest, i)) {
            copy_node(guest, writer, i); /* no deeper than BLOB_MAX_DEPTH */
        }
    }
    fdt_writer_end(writer);
}

static void write_copies(struct guest *guest, struct fdt_writer *writer)
{
    const struct tree *tree = board_tree(guest);

    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i = tree->nodes[i].end) {
        if (select_is_kept(guest, i)) {
            copy_node(guest, writer, i);
        }
    }
}

static void write_symbols(struct guest *guest, struct fdt_writer *writer)
{
    fdt_writer_begin(writer, "__symbols__");
    for (size_t i = 0; i < guest->label_count; i++) {
        fdt_writer_string(writer, guest->labels[i].label, guest->labels[i].path);
    }
    fdt_writer_end(writer);
}

/* Properties below the board's root are for its two cells of address and size. */
static bool check_root_cells(struct guest *guest)
{
    const struct tree_node *root = &board_tree(guest)->nodes[TREE_ROOT];

    if (root->address_cells != 2 || root->size_cells != 2) {
        vmconf_error(guest->messages,
                     "%s: the root has #address-cells %" PRIu32 " and #size-cells %" PRIu32
                     ", vmconf needs 2 and 2",
                     board_tree(guest)->file, root->address_cells, root->size_cells);
        return false;
    }
    return true;
}

/* Fresh phandles start above the board's. */
static bool start_phandles(struct guest *guest)
{
    const struct tree *tree = board_tree(guest);
    uint32_t highest;

    if (fdt_find_max_phandle(tree->fdt, &highest) != 0 || highest > MAX_BOARD_PHANDLE) {
        vmconf_error(guest->messages, "%s: phandles leave no room for new ones", tree->file);
        return false;
    }
    guest->next_phandle = highest + 1;
    guest->gic_phandle = tree->nodes[tree->gic].phandle;
    if (guest->gic_phandle == 0) {
        guest->gic_phandle = nodes_fresh_phandle(guest);
    }
    return true;
}

void guest_tree_write(struct guest *guest)
{
    const struct tree *tree = board_tree(guest);
    struct fdt_writer writer;

    if (!check_root_cells(guest) || !start_phandles(guest)) {
        return;
    }
    guest->labels =
        arena_array(guest->arena, tree->node_count + OWN_LABELS, sizeof(*guest->labels));
    fdt_writer_start(&writer, guest->arena, 2 * (size_t)fdt_totalsize(tree->fdt) + OWN_ROOM);
    write_root(guest, &writer);
    write_chosen(guest, &writer);
    write_aliases(guest, &writer);
    write_memory(guest, &writer);
    write_cpus(guest, &writer);
    write_psci(guest, &writer);
    write_timer(guest, &writer);
    write_gic(guest, &writer);
    emulate_write_nodes(guest, &writer);
    write_copies(guest, &writer);
    nodes_begin(guest, &writer, "sluice", "sluice");
    fdt_writer_end(&writer);
    write_symbols(guest, &writer);
    fdt_writer_finish(&writer);
    if (writer.error != 0) {
        vmconf_error(guest->messages, "the device tree of '%s' cannot be written (%s)",
                     guest->vm->name, fdt_strerror(writer.error));
        return;
    }
    guest->fdt = writer.fdt;
}
