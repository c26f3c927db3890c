/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that the VMM emulates: virtio devices behind virtio-pci. They stand on the bridge of
 * the passed-through functions, behind these, or on one of their own, at a free place. Their BARs
 * are two pages: registers, and MSI-X table. A guest whose passed-through functions have vectors
 * has its MSI frame for these: Linux gives a function any vector of the frame, and each of them
 * must be one that the board's function can raise; so the emulated ones have their line, and no
 * MSI-X.
 */
#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/emulate.h"
#include "tool/vmconf/pci.h"

#define PAGE_SIZE    0x1000u
#define DEVICE_COUNT 32u

#define ECAM_SIZE (1u << BRIDGE_BUS_SHIFT)
#define BAR_LIMIT (1UL << 32) /* they are of 32 bits */
#define IPA_LIMIT (1UL << 40)

#define CONSOLE_VECTORS 3u /* two queues, configuration */
#define REGISTERS_BAR   0u
#define MSIX_BAR        1u
#define BAR_COUNT       2u
#define PIN_A           1u

/* Where the guest's bridge is to be if nothing is passed through. */
static bool place_bridge(struct guest *guest)
{
    struct vm_config_pci *config = &guest->pci.config;
    struct tree_range ecam = {.size = ECAM_SIZE};

    if (config->function_count > 0) {
        return true;
    }
    if (!emulate_find_range(guest, &ecam, ECAM_SIZE, IPA_LIMIT)) {
        return false;
    }
    config->ecam_ipa = ecam.start;
    config->ecam_size = ecam.size;
    return emulate_add(guest, &(struct emulated_device){
                                  .kind = EMULATED_BRIDGE,
                                  .path = arena_printf(guest->arena, "/pcie@%" PRIx64, ecam.start),
                                  .range = ecam,
                                  .intid = VM_CONFIG_NO_INTID,
                              });
}

static bool place_msi(struct guest *guest)
{
    struct tree_range frame = {.size = PAGE_SIZE};
    uint32_t first = emulate_find_intids(guest, CONSOLE_VECTORS);

    if (first == VM_CONFIG_NO_INTID || !emulate_find_range(guest, &frame, PAGE_SIZE, IPA_LIMIT)) {
        return false;
    }
    guest->pci.msi =
        (struct vm_config_msi){.ipa = frame.start, .first = first, .count = CONSOLE_VECTORS};
    return pci_add_msi(guest);
}

static uint16_t find_free_device(const struct vm_config_pci *config)
{
    bool is_taken[DEVICE_COUNT] = {[0] = true};
    uint16_t device = 0;

    for (uint32_t i = 0; i < config->function_count; i++) {
        is_taken[config->functions[i].virtual >> 3] = true;
    }
    while (is_taken[device]) {
        device++; /* ends: there are more devices than functions */
    }
    return device;
}

static void add_bar(struct vm_config_pci *config, uint64_t ipa, uint8_t bar)
{
    config->pieces[config->piece_count++] = (struct vm_config_pci_piece){
        .ipa = ipa,
        .size = PAGE_SIZE,
        .function = (uint16_t)(config->function_count - 1),
        .bar = bar,
    };
}

static bool check_room(struct guest *guest)
{
    const struct vm_config_pci *config = &guest->pci.config;

    if (guest->pci.whole != NULL) {
        sdf_error(
            guest->messages, &guest->vm->pos,
            "%s: /sluice: virtio = \"pci\" is not for a guest that has a PCI host bridge of "
            "the board's whole: Linux gives addresses to all of its PCI functions, or to none",
            guest->overlay_file);
        return false;
    }
    if (config->function_count == VM_CONFIG_MAX_PCI_FUNCTIONS ||
        config->piece_count > VM_CONFIG_MAX_PCI_PIECES - BAR_COUNT) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "the guest's console is one PCI function more than the VMM has room for (%d "
                  "functions, with BARs of %d regions)",
                  VM_CONFIG_MAX_PCI_FUNCTIONS, VM_CONFIG_MAX_PCI_PIECES);
        return false;
    }
    return true;
}

static bool place_function(struct guest *guest)
{
    struct vm_config_pci *config = &guest->pci.config;
    struct tree_range bars = {.size = (uint64_t)BAR_COUNT * PAGE_SIZE};
    bool has_msix = guest->pci.msi.doorbell == 0;

    if (!place_bridge(guest) || !emulate_find_range(guest, &bars, bars.size, BAR_LIMIT)) {
        return false;
    }
    struct vm_config_pci_function *function = &config->functions[config->function_count];
    *function = (struct vm_config_pci_function){
        .name = "console",
        .kind = VM_CONFIG_PCI_CONSOLE,
        .physical = VM_CONFIG_PCI_NOWHERE,
        .virtual = (uint16_t)(find_free_device(config) << 3),
        .pins = PIN_A,
    };
    config->function_count++;
    add_bar(config, bars.start, REGISTERS_BAR);
    if (has_msix) {
        add_bar(config, bars.start + PAGE_SIZE, MSIX_BAR);
    }
    guest->console.ipa = bars.start;
    guest->console.size = PAGE_SIZE;
    return !has_msix || place_msi(guest);
}

void pci_place_console(struct guest *guest)
{
    size_t errors = guest->messages->error_count;

    if (check_room(guest) && !place_function(guest) && guest->messages->error_count == errors) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "there are no free pages or interrupts for the guest's console and its PCI host "
                  "bridge");
    }
}
