/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes of emulated devices, after the bindings arm,pl011, fixed-clock, virtio/mmio and
 * arm,sbsa-gwdt of Linux. The console is labelled `console`, whatever it is.
 */
#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/clock.h"
#include "tool/vmconf/emulate.h"
#include "tool/vmconf/flash_emulated.h"
#include "tool/vmconf/nodes.h"
#include "tool/vmconf/pci.h"

#define CLOCK_FREQUENCY 24000000u /* the PL011's usual one; the emulation has no baud rate */

#define SPI_FIRST  32u
#define SPI_LEVEL  4u /* level-triggered, active high */
#define FRAME_SIZE 0x1000u

static const char pl011_compatible[] = "arm,pl011\0arm,primecell";
static const char pl011_clock_names[] = "uartclk\0apb_pclk";

static void write_interrupt(struct fdt_writer *writer, uint32_t intid)
{
    const fdt32_t cells[3] = {0, cpu_to_fdt32(intid - SPI_FIRST), cpu_to_fdt32(SPI_LEVEL)};

    fdt_writer_bytes(writer, "interrupts", cells, sizeof(cells));
}

static void write_reg(struct fdt_writer *writer, const struct vm_config_console *console)
{
    uint64_t reg[2] = {console->ipa, console->size};

    fdt_writer_u64s(writer, "reg", reg, 2);
}

static uint32_t write_clock(struct guest *guest, struct fdt_writer *writer)
{
    uint32_t phandle = nodes_begin(guest, writer, "console-clock", "console_clock");

    fdt_writer_string(writer, "compatible", "fixed-clock");
    fdt_writer_cell(writer, "#clock-cells", 0);
    fdt_writer_cell(writer, "clock-frequency", CLOCK_FREQUENCY);
    fdt_writer_end(writer);
    return phandle;
}

static void write_pl011(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    fdt32_t clock = cpu_to_fdt32(write_clock(guest, writer));
    const fdt32_t clocks[2] = {clock, clock};

    nodes_begin(guest, writer, name, "console");
    fdt_writer_bytes(writer, "compatible", pl011_compatible, sizeof(pl011_compatible));
    write_reg(writer, &guest->console);
    write_interrupt(writer, guest->console.intid);
    fdt_writer_bytes(writer, "clocks", clocks, sizeof(clocks));
    fdt_writer_bytes(writer, "clock-names", pl011_clock_names, sizeof(pl011_clock_names));
    fdt_writer_end(writer);
}

static void write_virtio(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    nodes_begin(guest, writer, name, "console");
    fdt_writer_string(writer, "compatible", "virtio,mmio");
    write_reg(writer, &guest->console);
    write_interrupt(writer, guest->console.intid);
    fdt_writer_empty(writer, "dma-coherent");
    fdt_writer_end(writer);
}

static void write_console(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    if (guest->console.kind == VM_CONFIG_CONSOLE_PL011) {
        write_pl011(guest, writer, name);
    } else {
        write_virtio(guest, writer, name);
    }
}

static void write_watchdog(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    const struct vm_config_watchdog *watchdog = &guest->watchdog;
    uint64_t reg[4] = {watchdog->control_ipa, FRAME_SIZE, watchdog->refresh_ipa, FRAME_SIZE};

    nodes_begin(guest, writer, name, "watchdog");
    fdt_writer_string(writer, "compatible", "arm,sbsa-gwdt");
    fdt_writer_u64s(writer, "reg", reg, 4);
    fdt_writer_cell(writer, "timeout-sec", watchdog->seconds);
    fdt_writer_end(writer);
}

void emulate_write_nodes(struct guest *guest, struct fdt_writer *writer)
{
    for (size_t i = 0; i < guest->emulated_count; i++) {
        const struct emulated_device *device = &guest->emulated[i];
        const char *name = strrchr(device->path, '/') + 1;
        switch (device->kind) {
        case EMULATED_CONSOLE:
            write_console(guest, writer, name);
            break;
        case EMULATED_WATCHDOG:
            write_watchdog(guest, writer, name);
            break;
        case EMULATED_CLOCK:
            clock_write(guest, writer, name);
            break;
        case EMULATED_FLASH:
            flash_emulated_write(guest, writer, name);
            break;
        case EMULATED_BRIDGE:
            pci_write_bridge(guest, writer, name);
            break;
        case EMULATED_MSI:
        default:
            break; /* guest_tree.c: below the interrupt controller */
        }
    }
}
