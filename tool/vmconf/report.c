/* SPDX-License-Identifier: BSD-2-Clause */
/* The report: what each guest got, and what it did not get and why. */
#include "tool/vmconf/report.h"

#include <inttypes.h>
#include <libfdt.h>

#include "tool/vmconf/devices.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/multiplexer.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/sluice.h"
#include "tool/vmconf/smmu.h"

static const char dma_text[] = "masters DMA that no SMMU confines: the guest can reach all of the "
                               "machine's memory through it";

static void write_ram(const struct guest *guest, FILE *file)
{
    fprintf(file, "  RAM:\n");
    for (size_t i = 0; i < guest->ram_count; i++) {
        const struct guest_map *ram = guest->ram[i];
        bool is_identical = ram->region->has_phys_addr && ram->region->phys_addr == ram->ipa;
        fprintf(file, "    0x%010" PRIx64 "..0x%010" PRIx64 "  %s%s\n", ram->ipa,
                ram->ipa + ram->size, ram->region->name, is_identical ? " (1:1)" : "");
    }
}

static void write_image(FILE *file, const char *what, uint64_t start, uint64_t size)
{
    if (size > 0) {
        fprintf(file, "    0x%010" PRIx64 "..0x%010" PRIx64 "  %s\n", start, start + size, what);
    }
}

static void write_images(const struct guest *guest, FILE *file)
{
    const struct vm_config_load *load = &guest->load;

    if (guest->firmware_place.size > 0) {
        fprintf(file, "  images:\n");
        write_image(file, "firmware", guest->firmware_place.ipa, guest->firmware_place.size);
        write_image(file, "room for the device tree", load->dtb_ipa, load->dtb_size);
        return;
    }
    if (load->kernel_span == 0) {
        fprintf(file, "  images: loaded by the VMM as it sees fit\n");
        return;
    }
    fprintf(file, "  images:\n");
    write_image(file, "kernel, with its .bss", load->kernel_ipa, load->kernel_span);
    write_image(file, "initrd", load->initrd_ipa, load->initrd_size);
    write_image(file, "room for the device tree", load->dtb_ipa, load->dtb_size);
    fprintf(file, "    the kernel is built for %s\n", guest->kernel_note);
}

static void write_devices(const struct guest *guest, FILE *file)
{
    const struct tree *tree = guest->tree;

    fprintf(file, "  devices:\n");
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct tree_node *node = &tree->nodes[i];
        if (!devices_has(guest, i)) {
            continue;
        }
        fprintf(file, "    0x%010" PRIx64 "..0x%010" PRIx64 "  %s", node->regs[0].start,
                node->regs[0].start + node->regs[0].size, node->path);
        for (size_t k = 0; k < node->irq_count; k++) {
            fprintf(file, ", interrupt %" PRIu32 " (%s)", node->irqs[k].intid,
                    node->irqs[k].edge ? "edge" : "level");
        }
        fprintf(file, "%s\n", node->enabled ? "" : ", disabled by the overlay");
    }
}

static void write_emulated(const struct guest *guest, FILE *file)
{
    if (guest->emulated_count > 0) {
        fprintf(file, "  emulated devices:\n");
    }
    for (size_t i = 0; i < guest->emulated_count; i++) {
        const struct emulated_device *device = &guest->emulated[i];
        fprintf(file, "    0x%010" PRIx64 "..0x%010" PRIx64 "  %s", device->range.start,
                device->range.start + device->range.size, device->path);
        if (device->intid != VM_CONFIG_NO_INTID) {
            fprintf(file, ", interrupt %" PRIu32 " (level)", device->intid);
        } else if (device->kind == EMULATED_WATCHDOG) {
            fprintf(file, ", %" PRIu32 " seconds", guest->watchdog.seconds);
        }
        fprintf(file, "\n");
    }
}

static void write_multiplexer(const struct guest *guest, FILE *file)
{
    if (multiplexer_is_there(guest)) {
        fprintf(file, "  console multiplexer: protection domain %s, by channel %" PRIu32 "\n",
                multiplexer_pd(guest)->name, guest->console_end->id);
    }
}

static void write_left_out(const struct guest *guest, FILE *file)
{
    const struct tree *tree = guest->board->tree;
    bool is_first = true;

    for (size_t i = 0; i < tree->node_count; i++) {
        if (guest->choices[i].kind != CHOICE_LEFT_OUT) {
            continue;
        }
        if (is_first) {
            fprintf(file,
                    "  left out, though within reach of the guest (pages are given whole):\n");
            is_first = false;
        }
        fprintf(file, "    %s: %s\n", tree->nodes[i].path, guest->choices[i].why);
    }
}

static void write_dma(const struct guest *guest, FILE *file)
{
    for (uint32_t i = 0; i < guest->pci.config.function_count; i++) {
        if (pci_name(guest, i) != NULL && smmu_confines(guest, i)) {
            fprintf(file, "  note: %s masters DMA that an SMMU confines, see below\n",
                    pci_name(guest, i));
        } else if (pci_name(guest, i) != NULL) {
            fprintf(file, "  note: %s %s\n", pci_name(guest, i), dma_text);
        }
    }
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        if (devices_has(guest, i) && devices_masters_dma(guest, i)) {
            fprintf(file, "  note: %s %s\n", guest->tree->nodes[i].path, dma_text);
            if (!tree_is_coherent(guest->tree, i)) {
                fprintf(file, "  note: %s is not coherent with the caches (no dma-coherent)\n",
                        guest->tree->nodes[i].path);
            }
        }
    }
}

static void write_gic(const struct vm_config *config, FILE *file)
{
    fprintf(file, "  interrupt controller: GICv%" PRIu32 ", distributor 0x%" PRIx64 " (emulated), ",
            config->gic_version, config->gicd_ipa);
    if (config->gic_version == 3) {
        fprintf(file, "redistributors 0x%" PRIx64 " (emulated)\n", config->gicr_ipa);
    } else {
        fprintf(file, "CPU interface 0x%" PRIx64 "\n", config->gicc_ipa);
    }
}

void report_write(const struct guest *guest, FILE *file)
{
    int length;
    const void *bootargs =
        fdt_getprop(guest->fdt, fdt_path_offset(guest->fdt, "/chosen"), "bootargs", &length);

    fprintf(file, "virtual machine %s (VMM: protection domain %s, program %s)\n", guest->vm->name,
            guest->pd->name, guest->pd->image_path);
    fprintf(file, "  vcpus: %" PRIu32 "\n", guest->config.vcpu_count);
    write_ram(guest, file);
    write_images(guest, file);
    write_gic(&guest->config, file);
    write_multiplexer(guest, file);
    write_emulated(guest, file);
    pci_write_report(guest, file);
    write_devices(guest, file);
    write_left_out(guest, file);
    fprintf(file, "  overlay: %s\n", guest->overlay_file == NULL ? "none" : guest->overlay_file);
    fprintf(file, "  bootargs: %.*s\n", bootargs == NULL ? 0 : length - 1,
            bootargs == NULL ? "" : (const char *)bootargs);
    if (guest->sluice.waits) {
        fprintf(file, "  starts: by command\n");
    }
    fprintf(file, "  restarts: %s\n", guest->sluice.never_restarts ? "never" : "always");
    write_dma(guest, file);
}

/* Only the machine knows which functions have FLR. */
static void note_reset(const struct guest *guest, uint32_t function)
{
    if (sluice_may_restart(guest) && pci_needs_flr(guest, function)) {
        vmconf_note(
            "guest '%s': %s: its VMM maps no BAR that the guest has, so that only FLR resets "
            "it: if it has none, the guest cannot be restarted",
            guest->vm->name, pci_name(guest, function));
    }
}

void report_notes(const struct guest *guest)
{
    for (uint32_t i = 0; i < guest->pci.config.function_count; i++) {
        if (pci_name(guest, i) == NULL) {
            continue;
        }
        if (!smmu_confines(guest, i)) {
            vmconf_note("guest '%s': %s %s", guest->vm->name, pci_name(guest, i), dma_text);
        }
        note_reset(guest, i);
    }
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        if (devices_has(guest, i) && devices_masters_dma(guest, i)) {
            vmconf_note("guest '%s': %s %s", guest->vm->name, guest->tree->nodes[i].path, dma_text);
        }
    }
}
