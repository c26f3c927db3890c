/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes of the guest's host bridge and of its MSI frame, after Linux's bindings
 * host-generic-pci and arm,gic-v2m-frame. The bridge has one bus, the windows are no larger than
 * the BARs in them need.
 */
#include <libfdt.h>

#include "tool/vmconf/nodes.h"
#include "tool/vmconf/pci.h"

#define FRAME_SIZE 0x1000u

#define FIRST_CELL_MEMORY_32 0x2000000u
#define FIRST_CELL_MEMORY_64 0x3000000u
#define DEVICE_SHIFT         11u

#define LINE_CELLS     10u /* of an interrupt-map entry: 3 address, pin, phandle, 2 address, 3 */
#define MAX_LINES      (VM_CONFIG_MAX_PCI_FUNCTIONS * BRIDGE_PINS)
#define ALL_DEVICE_IDS 0x10000u

#define SPI_FIRST 32u
#define SPI_LEVEL 4u

static const uint32_t line_mask[] = {0xf800, 0, 0, 7};

/* What the BARs of passed-through functions, or of emulated ones, span within [start, end); size 0:
 * nothing. */
static struct tree_range span(const struct vm_config_pci *config, bool is_emulated, uint64_t start,
                              uint64_t end)
{
    uint64_t low = end;
    uint64_t high = start;

    for (uint32_t i = 0; i < config->piece_count; i++) {
        const struct vm_config_pci_piece *piece = &config->pieces[i];
        bool is_of_kind =
            (config->functions[piece->function].kind != VM_CONFIG_PCI_PASSTHROUGH) == is_emulated;
        if (is_of_kind && piece->ipa >= start && piece->ipa < end) {
            low = piece->ipa < low ? piece->ipa : low;
            high = piece->ipa + piece->size > high ? piece->ipa + piece->size : high;
        }
    }
    return (struct tree_range){low, low < high ? high - low : 0};
}

void pci_window_cells(uint32_t *cells, uint32_t flags, uint64_t pci, const struct tree_range *range)
{
    cells[0] = flags;
    cells[1] = (uint32_t)(pci >> 32);
    cells[2] = (uint32_t)pci;
    cells[3] = (uint32_t)(range->start >> 32);
    cells[4] = (uint32_t)range->start;
    cells[5] = (uint32_t)(range->size >> 32);
    cells[6] = (uint32_t)range->size;
}

/* Without BARs: Linux takes no bridge that has no window. */
static struct tree_range first_window(const struct bridge *bridge)
{
    for (size_t i = 0; i < bridge->window_count; i++) {
        if (bridge_takes_bars(&bridge->windows[i]) &&
            bridge_space(&bridge->windows[i]) == BRIDGE_MEMORY_32) {
            return bridge->windows[i].range;
        }
    }
    return (struct tree_range){0};
}

static void write_ranges(const struct guest *guest, struct fdt_writer *writer)
{
    const struct vm_config_pci *config = &guest->pci.config;
    struct {
        uint32_t flags;
        struct tree_range range;
    } windows[] = {
        {FIRST_CELL_MEMORY_32, span(config, false, 0, 1UL << 32)},
        {FIRST_CELL_MEMORY_32, span(config, true, 0, 1UL << 32)},
        {FIRST_CELL_MEMORY_64, span(config, false, 1UL << 32, UINT64_MAX)},
    };

    if (config->piece_count == 0) {
        windows[0].range = first_window(guest->pci.bridge);
    }
    uint32_t cells[sizeof(windows) / sizeof(windows[0]) * PCI_WINDOW_CELLS];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        const struct tree_range *range = &windows[i].range;
        if (range->size > 0) {
            pci_window_cells(cells + count, windows[i].flags, range->start, range);
            count += PCI_WINDOW_CELLS;
        }
    }
    fdt_writer_cells(writer, "ranges", cells, count);
}

/* Functions of one device have its entries in common: the first one writes them. */
static bool is_first_of_device(const struct vm_config_pci *config, uint32_t index)
{
    return index == 0 ||
           config->functions[index - 1].virtual >> 3 != config->functions[index].virtual >> 3;
}

static uint32_t pins_of_device(const struct vm_config_pci *config, uint32_t index)
{
    uint16_t device = config->functions[index].virtual >> 3;
    uint32_t pins = 0;

    for (; index < config->function_count && config->functions[index].virtual >> 3 == device;
         index++) {
        pins |= config->functions[index].pins;
    }
    return pins;
}

/* Where a pin that the guest has of a device arrives. */
static uint32_t intid_of(const struct guest *guest, const struct vm_config_pci_function *function,
                         uint32_t pin)
{
    return function->kind == VM_CONFIG_PCI_CONSOLE
               ? guest->console.intid
               : bridge_find_line(guest->pci.bridge, function->physical >> 3 & 31, pin)->intid;
}

static void write_lines(const struct guest *guest, struct fdt_writer *writer)
{
    const struct vm_config_pci *config = &guest->pci.config;
    uint32_t *cells = arena_array(guest->arena, (size_t)MAX_LINES * LINE_CELLS, sizeof(*cells));
    size_t count = 0;

    for (uint32_t i = 0; i < config->function_count; i++) {
        const struct vm_config_pci_function *function = &config->functions[i];
        uint32_t pins = is_first_of_device(config, i) ? pins_of_device(config, i) : 0;
        for (uint32_t pin = 1; pin <= BRIDGE_PINS; pin++) {
            if ((pins >> (pin - 1) & 1) == 0) {
                continue;
            }
            uint32_t intid = intid_of(guest, function, pin);
            cells[count] = (uint32_t)function->virtual >> 3 << DEVICE_SHIFT;
            cells[count + 3] = pin;
            cells[count + 4] = guest->gic_phandle;
            cells[count + 8] = intid - SPI_FIRST;
            cells[count + 9] = SPI_LEVEL;
            count += LINE_CELLS;
        }
    }
    if (count > 0) { /* who has no lines does not say how many cells one takes: dtc 1.7 */
        fdt_writer_cell(writer, "#interrupt-cells", 1);
        fdt_writer_cells(writer, "interrupt-map-mask", line_mask,
                         sizeof(line_mask) / sizeof(line_mask[0]));
        fdt_writer_cells(writer, "interrupt-map", cells, count);
    }
}

void pci_write_bridge(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    const struct vm_config_pci *config = &guest->pci.config;
    const uint64_t reg[2] = {config->ecam_ipa, config->ecam_size};
    const uint32_t buses[2] = {0, 0};
    const uint32_t msi_map[4] = {0, guest->msi_phandle, 0, ALL_DEVICE_IDS};

    nodes_begin(guest, writer, name, "pcie");
    fdt_writer_string(writer, "compatible", "pci-host-ecam-generic");
    fdt_writer_string(writer, "device_type", "pci");
    fdt_writer_cell(writer, "#address-cells", 3);
    fdt_writer_cell(writer, "#size-cells", 2);
    fdt_writer_u64s(writer, "reg", reg, 2);
    fdt_writer_cells(writer, "bus-range", buses, 2);
    write_ranges(guest, writer);
    write_lines(guest, writer);
    if (guest->pci.msi.count > 0) {
        fdt_writer_cells(writer, "msi-map", msi_map, 4);
    }
    if (guest->pci.bridge == NULL || guest->pci.bridge->is_coherent) {
        fdt_writer_empty(writer, "dma-coherent");
    }
    fdt_writer_end(writer);
}

/* The properties take precedence over MSI_TYPER, and say the same. */
void pci_write_msi(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    const struct vm_config_msi *msi = &guest->pci.msi;
    const uint64_t reg[2] = {msi->ipa, FRAME_SIZE};

    guest->msi_phandle = nodes_begin(guest, writer, name, "v2m");
    fdt_writer_string(writer, "compatible", "arm,gic-v2m-frame");
    fdt_writer_empty(writer, "msi-controller");
    fdt_writer_u64s(writer, "reg", reg, 2);
    fdt_writer_cell(writer, "arm,msi-base-spi", msi->first);
    fdt_writer_cell(writer, "arm,msi-num-spis", msi->count);
    fdt_writer_end(writer);
}
