/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places for emulated devices. A virtual PL011 takes address and interrupt of the board's serial
 * port if the guest has nothing else there, so that it looks to the guest as the board does.
 * Everything else takes the lowest free pages behind the board's serial port, and the lowest free
 * SPI. Free is what no node of the board's tree, no map of the guest, no BAR of its functions and
 * no <irq> of its VMM has.
 */
#include "tool/vmconf/emulate.h"

#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/clock.h"
#include "tool/vmconf/flash_emulated.h"
#include "tool/vmconf/multiplexer.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/select.h"

#define PAGE_SIZE 0x1000u

#define WATCHDOG_CONTROL 0x0u
#define WATCHDOG_REFRESH 0x1000u
#define WATCHDOG_SIZE    0x2000u

#define IPA_LIMIT (1UL << 40) /* of the guest's address space */

#define SPI_FIRST 32u
#define SPI_END   1020u

static uint64_t align_up(uint64_t address, uint64_t alignment)
{
    return (address + alignment - 1) & ~(alignment - 1);
}

static uint64_t end_of(const struct tree_range *range)
{
    return range->start + range->size;
}

/* The end of something that lies in the range; or 0: nothing does. `except` is a node. */
static uint64_t find_obstacle(const struct guest *guest, const struct tree_range *range,
                              size_t except)
{
    const struct tree *tree = guest->board->tree;
    uint64_t end;

    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].reg_count && i != except; k++) {
            if (tree_range_overlaps(&tree->nodes[i].regs[k], range->start, range->size)) {
                return end_of(&tree->nodes[i].regs[k]);
            }
        }
    }
    for (size_t i = 0; i < guest->map_count; i++) {
        if (guest->maps[i].size > 0 &&
            tree_range_overlaps(range, guest->maps[i].ipa, guest->maps[i].size)) {
            return guest->maps[i].ipa + guest->maps[i].size;
        }
    }
    for (size_t i = 0; i < guest->emulated_count; i++) {
        if (tree_range_overlaps(&guest->emulated[i].range, range->start, range->size)) {
            return end_of(&guest->emulated[i].range);
        }
    }
    return pci_has_bar(guest, range->start, range->size, &end) ? end : 0;
}

static bool intid_is_free(const struct guest *guest, uint32_t intid, size_t except)
{
    const struct tree *tree = guest->board->tree;

    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].irq_count && i != except; k++) {
            if (tree->nodes[i].irqs[k].intid == intid) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < guest->emulated_count; i++) {
        if (guest->emulated[i].intid == intid) {
            return false;
        }
    }
    if (guest->console.kind != VM_CONFIG_CONSOLE_NONE && guest->console.intid == intid) {
        return false;
    }
    return select_find_irq(guest->pd, intid) == NULL;
}

/* The board's serial port, if it is a PL011; or TREE_NONE. */
static size_t find_uart(const struct board *board)
{
    size_t node = board->console;

    return node != TREE_NONE && board_is_device(board, node) &&
                   tree_is_compatible(board->tree, node, "arm,pl011")
               ? node
               : TREE_NONE;
}

bool emulate_take_page_of(const struct guest *guest, size_t node, struct tree_range *range)
{
    range->start = guest->board->tree->nodes[node].regs[0].start;
    return range->start % PAGE_SIZE == 0 && range->start <= IPA_LIMIT - range->size &&
           find_obstacle(guest, range, node) == 0;
}

static bool take_uart_page(const struct guest *guest, struct tree_range *range)
{
    size_t uart = find_uart(guest->board);

    return uart != TREE_NONE && emulate_take_page_of(guest, uart, range);
}

bool emulate_find_range(const struct guest *guest, struct tree_range *range, uint64_t alignment,
                        uint64_t limit)
{
    const struct board *board = guest->board;
    bool has_console = board->console != TREE_NONE && board_is_device(board, board->console);
    uint64_t at = end_of(has_console ? &board->tree->nodes[board->console].regs[0]
                                     : board_gic_frame(board, GIC_FRAME_DISTRIBUTOR));

    while (at <= limit - alignment && align_up(at, alignment) <= limit - range->size) {
        range->start = align_up(at, alignment);
        at = find_obstacle(guest, range, TREE_NONE);
        if (at == 0) {
            return true;
        }
    }
    return false;
}

static bool take_free_pages(const struct guest *guest, struct tree_range *range)
{
    return emulate_find_range(guest, range, PAGE_SIZE, IPA_LIMIT);
}

uint32_t emulate_find_intids(const struct guest *guest, uint32_t count)
{
    uint32_t free_count = 0;

    for (uint32_t intid = SPI_FIRST; intid < SPI_END; intid++) {
        free_count = intid_is_free(guest, intid, TREE_NONE) ? free_count + 1 : 0;
        if (free_count == count) {
            return intid + 1 - count;
        }
    }
    return VM_CONFIG_NO_INTID;
}

/* Returns VM_CONFIG_NO_INTID: there is none left. */
static uint32_t take_intid(const struct guest *guest, bool like_uart)
{
    size_t uart = like_uart ? find_uart(guest->board) : TREE_NONE;

    if (uart != TREE_NONE && guest->board->tree->nodes[uart].irq_count > 0) {
        uint32_t intid = guest->board->tree->nodes[uart].irqs[0].intid;
        if (intid >= SPI_FIRST && intid_is_free(guest, intid, uart)) {
            return intid;
        }
    }
    return emulate_find_intids(guest, 1);
}

/* A board that has given the name to something else makes no sense, but is an input. */
static bool path_is_free(const struct guest *guest, const char *path)
{
    for (size_t i = 0; i < guest->board->tree->node_count; i++) {
        if (select_is_kept(guest, i) && strcmp(guest->board->tree->nodes[i].path, path) == 0) {
            return false;
        }
    }
    return true;
}

bool emulate_add(struct guest *guest, const struct emulated_device *device)
{
    if (!path_is_free(guest, device->path)) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "the board's device tree gives the name %s to another device than the VMM does",
                  device->path);
        return false;
    }
    guest->emulated[guest->emulated_count++] = *device;
    return true;
}

static void place_console(struct guest *guest, enum vm_config_console_kind kind)
{
    bool is_pl011 = kind == VM_CONFIG_CONSOLE_PL011;
    bool is_function = !is_pl011 && guest->sluice.virtio_is_pci;
    struct tree_range range = {.size = PAGE_SIZE};
    uint32_t intid = take_intid(guest, is_pl011);

    if (intid != VM_CONFIG_NO_INTID && is_function) {
        guest->console = (struct vm_config_console){.kind = kind, .intid = intid};
        return; /* its place: pci_place_console() */
    }
    if (intid == VM_CONFIG_NO_INTID ||
        !((is_pl011 && take_uart_page(guest, &range)) || take_free_pages(guest, &range))) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "there is no free page or interrupt for the guest's console");
        return;
    }
    const char *name = is_pl011 ? "pl011" : "virtio_mmio";
    const struct emulated_device device = {
        .kind = EMULATED_CONSOLE,
        .path = arena_printf(guest->arena, "/%s@%" PRIx64, name, range.start),
        .range = range,
        .intid = intid,
    };
    if (emulate_add(guest, &device)) {
        guest->console = (struct vm_config_console){
            .kind = kind, .intid = intid, .ipa = range.start, .size = range.size};
    }
}

static void place_watchdog(struct guest *guest)
{
    struct tree_range range = {.size = WATCHDOG_SIZE};

    if (!take_free_pages(guest, &range)) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "there are no free pages for the guest's watchdog");
        return;
    }
    const struct emulated_device device = {
        .kind = EMULATED_WATCHDOG,
        .path = arena_printf(guest->arena, "/watchdog@%" PRIx64, range.start),
        .range = range,
        .intid = VM_CONFIG_NO_INTID,
    };
    if (emulate_add(guest, &device)) {
        guest->watchdog = (struct vm_config_watchdog){
            .refresh_ipa = range.start + WATCHDOG_REFRESH,
            .control_ipa = range.start + WATCHDOG_CONTROL,
            .seconds = guest->sluice.watchdog,
        };
    }
}

static enum vm_config_console_kind console_kind(const struct guest *guest)
{
    switch (guest->sluice.console) {
    case SLUICE_CONSOLE_PL011:
        return VM_CONFIG_CONSOLE_PL011;
    case SLUICE_CONSOLE_VIRTIO:
        return VM_CONFIG_CONSOLE_VIRTIO;
    case SLUICE_CONSOLE_NONE:
        return VM_CONFIG_CONSOLE_NONE;
    case SLUICE_CONSOLE_DEFAULT:
    default:
        return multiplexer_is_there(guest) ? VM_CONFIG_CONSOLE_PL011 : VM_CONFIG_CONSOLE_NONE;
    }
}

/* Whether the VMM has a console multiplexer, which a property of /sluice needs. */
static bool check_multiplexer(struct guest *guest, bool is_needed, const char *property)
{
    if (!is_needed || multiplexer_is_there(guest)) {
        return is_needed;
    }
    sdf_error(guest->messages, &guest->pd->pos,
              "%s: /sluice: %s needs a console multiplexer: map a region that the two share into "
              "protection domain '%s' with setvar_vaddr=\"console_vaddr\", and give its end of a "
              "channel with it setvar_id=\"console_channel\"",
              guest->overlay_file, property, guest->pd->name);
    return false;
}

void emulate_place(struct guest *guest)
{
    enum vm_config_console_kind kind = console_kind(guest);

    if (check_multiplexer(guest, kind != VM_CONFIG_CONSOLE_NONE, "console")) {
        place_console(guest, kind);
    }
    if (check_multiplexer(guest, guest->sluice.watchdog != 0, "watchdog")) {
        place_watchdog(guest);
    }
    check_multiplexer(guest, guest->sluice.waits, "autostart = \"no\"");
    clock_place(guest);
    flash_emulated_place(guest);
    pci_place(guest);
    if (guest->console.kind == VM_CONFIG_CONSOLE_VIRTIO && guest->sluice.virtio_is_pci) {
        pci_place_console(guest);
    }
}

const char *emulate_stdout(const struct guest *guest)
{
    return guest->console.kind == VM_CONFIG_CONSOLE_PL011 ? guest->emulated[0].path : NULL;
}

const struct emulated_device *emulate_find(const struct guest *guest, size_t node)
{
    for (size_t i = 0; i < guest->emulated_count; i++) {
        if (strcmp(guest->tree->nodes[node].path, guest->emulated[i].path) == 0) {
            return &guest->emulated[i];
        }
    }
    return NULL;
}
