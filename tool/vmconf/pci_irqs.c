/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines and vectors. A function of the first bus may raise the line of its INTA, one of several of
 * a device those of all its pins (PCI 3.0, 2.2.6); where the lines of functions behind further
 * bridges arrive, only the machine can tell, so they have vectors alone. Vectors belong to no
 * function: the guest's MSI frame has as many as the VMM has <irq> elements for.
 */
#include <inttypes.h>

#include "tool/vmconf/pci.h"
#include "tool/vmconf/select.h"

/* The bridge that lines and vectors are of, or NULL. */
static const struct bridge *bridge_of(const struct guest *guest)
{
    return guest->pci.bridge != NULL ? guest->pci.bridge : guest->pci.whole;
}

static bool is_vector(const struct guest *guest, const struct sdf_irq *irq)
{
    return irq->setvar_id == NULL && bridge_has_vector(bridge_of(guest), irq->intid);
}

static bool is_alone(const struct vm_config_pci *config, const struct vm_config_pci_function *asked)
{
    for (uint32_t i = 0; i < config->function_count; i++) {
        if (&config->functions[i] != asked &&
            config->functions[i].physical >> 3 == asked->physical >> 3) {
            return false;
        }
    }
    return (asked->physical & 7) == 0;
}

const struct tree_irq *pci_line_of(const struct guest *guest,
                                   const struct vm_config_pci_function *function, uint32_t pin)
{
    const struct bridge *bridge = guest->pci.bridge;

    if (function->kind != VM_CONFIG_PCI_PASSTHROUGH ||
        function->physical >> 8 != bridge->first_bus ||
        (pin > 1 && is_alone(&guest->pci.config, function))) {
        return NULL;
    }
    return bridge_find_line(bridge, function->physical >> 3 & 31, function->physical & 7, pin);
}

static void read_lines(struct guest *guest, struct vm_config_pci_function *function)
{
    for (uint32_t pin = 1; pin <= BRIDGE_PINS; pin++) {
        const struct tree_irq *line = pci_line_of(guest, function, pin);
        if (line != NULL && select_find_irq(guest->pd, line->intid) != NULL) {
            function->pins |= 1u << (pin - 1);
        }
    }
}

static void read_vectors(struct guest *guest)
{
    const struct bridge_msi *msi = &bridge_of(guest)->msi;
    uint32_t first = UINT32_MAX;
    uint32_t count = 0;

    for (size_t i = 0; i < guest->pd->irq_count; i++) {
        if (is_vector(guest, &guest->pd->irqs[i])) {
            first = guest->pd->irqs[i].intid < first ? guest->pd->irqs[i].intid : first;
            count++;
        }
    }
    if (count > 0) {
        guest->pci.msi = (struct vm_config_msi){
            .ipa = msi->frame.start,
            .doorbell = msi->frame.start + BRIDGE_DOORBELL,
            .first = first,
            .count = count,
        };
    }
}

void pci_read_irqs(struct guest *guest)
{
    struct vm_config_pci *config = &guest->pci.config;

    if (bridge_of(guest) == NULL) {
        return;
    }
    read_vectors(guest);
    for (uint32_t i = 0; i < config->function_count; i++) {
        read_lines(guest, &config->functions[i]);
    }
}

bool pci_has_irq(const struct guest *guest, uint32_t intid)
{
    const struct vm_config_pci *config = &guest->pci.config;
    const struct vm_config_msi *msi = &guest->pci.msi;

    if (msi->count > 0 && intid >= msi->first && intid - msi->first < msi->count) {
        return true;
    }
    if (guest->pci.whole != NULL && bridge_has_line(guest->pci.whole, intid)) {
        return true;
    }
    for (uint32_t i = 0; i < config->function_count; i++) {
        for (uint32_t pin = 1; pin <= BRIDGE_PINS; pin++) {
            const struct tree_irq *line = pci_line_of(guest, &config->functions[i], pin);
            if (line != NULL && line->intid == intid) {
                return true;
            }
        }
    }
    return false;
}
