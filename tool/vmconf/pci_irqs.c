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

static bool is_of_a_node(const struct tree *tree, uint32_t intid)
{
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct tree_node *node = &tree->nodes[i];
        for (size_t k = 0; k < node->irq_count && node->enabled; k++) {
            if (node->irqs[k].intid == intid) {
                return true;
            }
        }
    }
    return false;
}

/* The frame may say that it raises more than is left to it: what a device has is the device's. */
static bool is_vector(const struct guest *guest, const struct sdf_irq *irq)
{
    return irq->setvar_id == NULL && bridge_has_vector(bridge_of(guest), irq->intid) &&
           !is_of_a_node(guest->board->tree, irq->intid);
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
    return bridge_find_line(bridge, function->physical >> 3 & 31, pin);
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

static void check_triggers(struct guest *guest)
{
    for (size_t i = 0; i < guest->pd->irq_count; i++) {
        const struct sdf_irq *irq = &guest->pd->irqs[i];
        if (irq->setvar_id == NULL && irq->edge && bridge_has_line(bridge_of(guest), irq->intid)) {
            sdf_error(guest->messages, &irq->pos,
                      "interrupt %" PRIu32 " is a line of the PCI host bridge, and needs "
                      "trigger=\"level\"",
                      irq->intid);
        }
        if (!irq->edge && is_vector(guest, irq)) {
            sdf_error(guest->messages, &irq->pos,
                      "interrupt %" PRIu32 " is raised by the board's MSI frame, and needs "
                      "trigger=\"edge\"",
                      irq->intid);
        }
    }
}

bool pci_has_idle_irq(const struct guest *guest, const struct sdf_irq *irq)
{
    const struct bridge *bridge = bridge_of(guest);

    return bridge != NULL && bridge->msi.is_for_nothing && is_vector(guest, irq);
}

static bool has_vector(const struct guest *guest, uint32_t intid)
{
    const struct sdf_irq *irq = select_find_irq(guest->pd, intid);

    return irq != NULL && is_vector(guest, irq);
}

/* The guest's MSI frame has one range of interrupts. */
static void check_vectors(struct guest *guest)
{
    const struct vm_config_msi *msi = &guest->pci.msi;

    for (size_t i = 0; i < guest->pd->irq_count; i++) {
        const struct sdf_irq *irq = &guest->pd->irqs[i];
        if (!is_vector(guest, irq) || pci_has_idle_irq(guest, irq) ||
            irq->intid - msi->first < msi->count) {
            continue;
        }
        uint32_t missing = msi->first;
        while (has_vector(guest, missing)) {
            missing++;
        }
        sdf_error(guest->messages, &irq->pos,
                  "interrupt %" PRIu32
                  " does not go with the guest's other vectors, which begin at "
                  "%" PRIu32 ": they follow one another, and it has no %" PRIu32,
                  irq->intid, msi->first, missing);
        return;
    }
}

/* How vectors can be had; "": not at all. */
static const char *describe_vectors(const struct guest *guest)
{
    const struct bridge_msi *msi = &guest->pci.bridge->msi;

    if (msi->node == TREE_NONE || msi->is_for_nothing) {
        return "";
    }
    return msi->count == 0
               ? "with trigger=\"edge\" for vectors (which, the board's device tree does not say: "
                 "give --msi-first and --msi-count)"
               : arena_printf(guest->arena,
                              "with trigger=\"edge\" for vectors, of %" PRIu32 " to %" PRIu32,
                              msi->first, msi->first + (msi->count - 1));
}

static void check_has_some(struct guest *guest, uint32_t index)
{
    const struct vm_config_pci_function *function = &guest->pci.config.functions[index];
    const struct tree_irq *line = pci_line_of(guest, function, 1);
    const char *vectors = describe_vectors(guest);
    const char *choice = vectors[0] == '\0' ? "that the board does not offer" : vectors;

    if (function->pins != 0 || guest->pci.msi.count > 0) {
        return;
    }
    if (line != NULL) {
        choice = arena_printf(guest->arena, "for its line, %" PRIu32 "%s%s", line->intid,
                              vectors[0] == '\0' ? "" : ", or ", vectors);
    }
    sdf_error(guest->messages, &guest->pci.function_regions[index]->pos,
              "PCI function '%s' has no interrupt: protection domain '%s' needs an <irq> %s",
              guest->pci.function_regions[index]->name, guest->pd->name, choice);
}

static void read_vectors(struct guest *guest)
{
    const struct bridge_msi *msi = &bridge_of(guest)->msi;
    uint32_t first = UINT32_MAX;
    uint32_t count = 0;

    for (size_t i = 0; i < guest->pd->irq_count && !msi->is_for_nothing; i++) {
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
    size_t errors = guest->messages->error_count;
    check_triggers(guest);
    read_vectors(guest);
    for (uint32_t i = 0; i < config->function_count; i++) {
        read_lines(guest, &config->functions[i]);
    }
    if (guest->messages->error_count == errors) {
        check_vectors(guest);
        for (uint32_t i = 0; i < config->function_count; i++) {
            check_has_some(guest, i);
        }
    }
}

const char *pci_irq_hint(const struct guest *guest, const struct sdf_irq *irq)
{
    const struct bridge *bridge = bridge_of(guest);

    if (bridge == NULL) {
        return "";
    }
    if (bridge_has_line(bridge, irq->intid)) {
        return " (it is a line of the PCI host bridge, and of none of the guest's functions)";
    }
    if (!irq->edge) {
        return "";
    }
    if (bridge->msi.node == TREE_NONE) {
        return " (the board has neither a GICv2m frame nor an ITS, which make interrupts of PCI "
               "functions' messages)";
    }
    return bridge->msi.count == 0
               ? " (which interrupts the board's MSI frame raises is not known: give --msi-first "
                 "and --msi-count)"
               : arena_printf(guest->arena,
                              " (vectors of PCI functions are %" PRIu32 " to %" PRIu32 ")",
                              bridge->msi.first, bridge->msi.first + bridge->msi.count - 1);
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
