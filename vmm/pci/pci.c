/* SPDX-License-Identifier: BSD-2-Clause */
/* See pci.h. */
#include "vmm/pci/pci.h"

#include <stddef.h>

#include "vmm/pci/bars.h"
#include "vmm/pci/report.h"
#include "vmm/pci/reset.h"
#include "vmm/pci/smmu.h"

bool pci_config_is_sound(const struct vm_config *config)
{
    const struct vm_config_pci *pci = &config->pci;

    if (pci->function_count > VM_CONFIG_MAX_PCI_FUNCTIONS ||
        pci->piece_count > VM_CONFIG_MAX_PCI_PIECES || config->msi.first >= VGIC_INTID_COUNT ||
        config->msi.count > VGIC_INTID_COUNT - config->msi.first) {
        return false;
    }
    for (unsigned int i = 0; i < pci->function_count; i++) {
        if (pci->functions[i].virtual >= pci->ecam_size / PCI_SPACE_SIZE ||
            (pci->functions[i].kind == VM_CONFIG_PCI_PASSTHROUGH &&
             pci->functions[i].config_vaddr == 0)) {
            return false;
        }
    }
    for (unsigned int i = 0; i < pci->piece_count; i++) {
        if (pci->pieces[i].function >= pci->function_count ||
            pci->pieces[i].bar >= VM_CONFIG_PCI_BARS) {
            return false;
        }
    }
    return true;
}

unsigned int pci_max_intid(const struct vm_config *config)
{
    return config->msi.count == 0 ? 0 : config->msi.first + config->msi.count - 1;
}

static bool add_function(struct vm_pci *pci, const struct vm_config *config, unsigned int index)
{
    struct pci_passthrough *function = &pci->functions[pci->count];

    if (config->pci.functions[index].kind != VM_CONFIG_PCI_PASSTHROUGH) {
        return true;
    }
    pci->count++;
    pci_passthrough_init(function, config, index);
    return pci_bridge_add(&pci->bridge, config->pci.functions[index].virtual, &function->space);
}

static struct pci_passthrough *find_function(struct vm_pci *pci, unsigned int index)
{
    for (unsigned int i = 0; i < pci->count; i++) {
        if (pci->functions[i].index == index) {
            return &pci->functions[i];
        }
    }
    return NULL;
}

static bool add_trap(struct vm_pci *pci, const struct vm_config *config, unsigned int index,
                     struct mmio_bus *bus)
{
    const struct vm_config_pci_piece *piece = &config->pci.pieces[index];
    struct mmio_device device = {.name = "BAR",
                                 .ipa = piece->ipa,
                                 .size = piece->size,
                                 .ops = &pci_trap_ops,
                                 .context = &pci->traps[index]};

    pci->traps[index] = (struct pci_trap){.function = find_function(pci, piece->function),
                                          .piece = piece,
                                          .offset = pci_bars_piece_offset(config, index)};
    return pci->traps[index].function == NULL || piece->vaddr == 0 ||
           (piece->flags & VM_CONFIG_PCI_IN_GUEST) != 0 || mmio_bus_add(bus, &device);
}

static bool add_frame(struct vm_pci *pci, const struct vm_config *config, struct vgic *vgic,
                      struct mmio_bus *bus)
{
    const struct mmio_device device = {.name = "MSI frame",
                                       .ipa = config->msi.ipa,
                                       .size = V2M_FRAME_SIZE,
                                       .ops = &v2m_ops,
                                       .context = &pci->v2m};

    return v2m_init(&pci->v2m, &config->msi, vgic) &&
           (config->msi.count == 0 || mmio_bus_add(bus, &device));
}

bool pci_create(struct vm_pci *pci, const struct vm_config *config, struct vgic *vgic,
                struct mmio_bus *bus)
{
    const struct mmio_device ecam = {.name = "host bridge",
                                     .ipa = config->pci.ecam_ipa,
                                     .size = config->pci.ecam_size,
                                     .ops = &pci_ecam_ops,
                                     .context = &pci->bridge};
    bool is_good = add_frame(pci, config, vgic, bus);

    pci_hosts_init(&pci->hosts, config);
    pci_bridge_init(&pci->bridge);
    if (config->pci.function_count != 0) {
        is_good = mmio_bus_add(bus, &ecam) && is_good;
    }
    for (unsigned int i = 0; i < config->pci.function_count; i++) {
        is_good = add_function(pci, config, i) && is_good;
    }
    for (unsigned int i = 0; i < config->pci.piece_count; i++) {
        is_good = add_trap(pci, config, i, bus) && is_good;
    }
    return is_good;
}

bool pci_prepare(struct vm_pci *pci)
{
    bool is_good = pci_hosts_wait(&pci->hosts);

    for (unsigned int i = 0; i < pci->count; i++) {
        is_good = pci_reset_wait(&pci->functions[i]) &&
                  pci_passthrough_prepare(&pci->functions[i]) && is_good;
    }
    return is_good;
}

void pci_halt(struct vm_pci *pci)
{
    pci_hosts_halt(&pci->hosts);
    for (unsigned int i = 0; i < pci->count; i++) {
        pci_reset_start(&pci->functions[i]);
    }
}

bool pci_can_restart(const struct vm_pci *pci)
{
    bool can = pci_hosts_can_restart(&pci->hosts);

    for (unsigned int i = 0; i < pci->count; i++) {
        if (pci->functions[i].reset == NULL) {
            pci_report(pci->functions[i].config, pci->functions[i].index,
                       "no reset is known, so that the guest cannot be started again");
            can = false;
        }
    }
    return can;
}

bool pci_has_channel(const struct vm_pci *pci, microkit_channel ch)
{
    for (unsigned int i = 0; i < pci->count; i++) {
        const struct vm_config_pci_function *function =
            &pci->functions[i].config->pci.functions[pci->functions[i].index];

        if ((function->flags & VM_CONFIG_PCI_SMMU) != 0 && function->smmu_channel == ch) {
            return true;
        }
    }
    return false;
}

uint64_t pci_count_faults(struct vm_pci *pci)
{
    uint64_t count = 0;

    for (unsigned int i = 0; i < pci->count; i++) {
        pci_smmu_look(&pci->functions[i]);
        count += pci->functions[i].fault_count;
    }
    return count;
}

void pci_reset_irqs(struct vm_pci *pci)
{
    v2m_reset(&pci->v2m);
}
