/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's PCI functions in the report. */
#include <inttypes.h>

#include "tool/vmconf/pci.h"

static void write_lines(const struct guest *guest, const struct vm_config_pci_function *function,
                        FILE *file)
{
    for (uint32_t pin = 1; pin <= BRIDGE_PINS; pin++) {
        if ((function->pins >> (pin - 1) & 1) != 0) {
            bool is_emulated = function->kind != VM_CONFIG_PCI_PASSTHROUGH;
            fprintf(file, ", INT%c: interrupt %" PRIu32, 'A' + (char)(pin - 1),
                    is_emulated ? guest->console.intid : pci_line_of(guest, function, pin)->intid);
        }
    }
}

static void write_pieces(const struct guest *guest, uint32_t function, FILE *file)
{
    static const char *const owners[] = {"the VMM's", "the guest's", "the guest's, and the VMM's"};
    const struct vm_config_pci *config = &guest->pci.config;

    for (uint32_t i = 0; i < config->piece_count; i++) {
        const struct vm_config_pci_piece *piece = &config->pieces[i];
        if (piece->function == function) {
            bool is_in_guest = (piece->flags & VM_CONFIG_PCI_IN_GUEST) != 0;
            fprintf(file, "      0x%010" PRIx64 "..0x%010" PRIx64 "  BAR %u: %s\n", piece->ipa,
                    piece->ipa + piece->size, piece->bar,
                    owners[is_in_guest + (is_in_guest && piece->vaddr != 0)]);
        }
    }
}

static bool has_registers(const struct guest *guest, uint32_t function)
{
    const struct vm_config_pci *config = &guest->pci.config;

    for (uint32_t i = 0; i < config->piece_count; i++) {
        const struct vm_config_pci_piece *piece = &config->pieces[i];
        if (piece->function == function && piece->vaddr != 0 &&
            (piece->flags & VM_CONFIG_PCI_IN_GUEST) != 0) {
            return true;
        }
    }
    return false;
}

bool pci_needs_flr(const struct guest *guest, uint32_t function)
{
    return guest->pci.config.functions[function].kind == VM_CONFIG_PCI_PASSTHROUGH &&
           !has_registers(guest, function);
}

void pci_write_report(const struct guest *guest, FILE *file)
{
    const struct vm_config_pci *config = &guest->pci.config;
    const struct vm_config_msi *msi = &guest->pci.msi;

    if (config->function_count > 0) {
        fprintf(file, "  PCI functions:\n");
    }
    for (uint32_t i = 0; i < config->function_count; i++) {
        const struct vm_config_pci_function *function = &config->functions[i];
        fprintf(file, "    %s  %s", pci_address(guest->arena, function->virtual), function->name);
        if (function->kind == VM_CONFIG_PCI_PASSTHROUGH) {
            fprintf(file, ", the board's %s", pci_address(guest->arena, function->physical));
        } else {
            fprintf(file, ", emulated");
        }
        if (function->id != 0) {
            fprintf(file, ", expected to be %04" PRIx32 ":%04" PRIx32, function->id & 0xffff,
                    function->id >> 16);
        }
        write_lines(guest, function, file);
        fputc('\n', file);
        write_pieces(guest, i, file);
        if (pci_needs_flr(guest, i)) {
            fprintf(file, "      reset: by FLR alone, as the VMM has no BAR of the guest's\n");
        }
    }
    if (msi->count > 0) {
        fprintf(file, "  vectors of PCI functions: interrupts %" PRIu32 " to %" PRIu32 "\n",
                msi->first, msi->first + (msi->count - 1));
    }
}
