/* SPDX-License-Identifier: BSD-2-Clause */
/* See smmu.h. */
#include "vmm/pci/smmu.h"

#include <inttypes.h>
#include <microkit.h>
#include <stddef.h>

#include "components/serial/clock.h"
#include "components/smmu/smmu.h"

#include "vmm/pci/bars.h"
#include "vmm/pci/hardware.h"
#include "vmm/pci/report.h"

#define LINE_MS 1000

static const struct vm_config_pci_function *config_of(const struct pci_passthrough *function)
{
    return &function->config->pci.functions[function->index];
}

static bool is_behind(const struct pci_passthrough *function)
{
    return (config_of(function)->flags & VM_CONFIG_PCI_SMMU) != 0;
}

/* Message registers are the answer's when this returns. */
static uint64_t call(const struct pci_passthrough *function, enum smmu_call what)
{
    microkit_mr_set(0, config_of(function)->stream);
    return microkit_msginfo_get_label(
        microkit_ppcall(config_of(function)->smmu_channel, microkit_msginfo_new(what, 1)));
}

static const char *name_of(uint64_t status)
{
    static const char *const names[] = {
        [0] = "it has no channel for calls to it",
        [SMMU_NOT_YOURS] = "the stream is not this guest's",
        [SMMU_BAD_CALL] = "the call is of another version",
        [SMMU_FAILED] = "the hardware does not do it",
    };

    return status < sizeof(names) / sizeof(names[0]) && names[status] != NULL ? names[status]
                                                                              : "nobody knows why";
}

static bool ask(const struct pci_passthrough *function, enum smmu_call what, const char *name)
{
    uint64_t status = call(function, what);

    if (status != SMMU_OK) {
        pci_report(function->config, function->index,
                   "expected the SMMU's owner to %s stream 0x%x, found: %s", name,
                   (unsigned int)config_of(function)->stream, name_of(status));
    }
    return status == SMMU_OK;
}

static bool is_virtio(const struct pci_passthrough *function)
{
    uint32_t id = (uint32_t)hardware_read(config_of(function)->config_vaddr + PCI_ID, 4);

    return (id & 0xffff) == VIRTIO_VENDOR && id >> 16 >= VIRTIO_FIRST_ID &&
           id >> 16 <= VIRTIO_LAST_ID;
}

/* A virtio device without this feature uses physical addresses, whatever is in between. With it, it
 * does not work for a driver that does not accept it (2.2.3, 6.1). */
static bool goes_through(const struct pci_passthrough *function)
{
    uint64_t common =
        pci_bars_find_virtio(function->config, function->index, function->found.virtio_common);

    if (!is_virtio(function)) {
        return true;
    }
    if (common == 0) {
        pci_report(function->config, function->index,
                   "expected virtio's registers mapped for the VMM, to see whether its DMA is "
                   "confined, found none");
        return false;
    }
    hardware_write(common + VIRTIO_DEVICE_FEATURE_SELECT, 4, VIRTIO_ACCESS_PLATFORM / 32);
    if ((hardware_read(common + VIRTIO_DEVICE_FEATURE, 4) & 1UL << VIRTIO_ACCESS_PLATFORM % 32) ==
        0) {
        pci_report(function->config, function->index,
                   "expected a device whose DMA is confined (feature 33, ACCESS_PLATFORM), found "
                   "one that goes past the SMMU");
        return false;
    }
    return true;
}

bool pci_smmu_lets(const struct pci_passthrough *function)
{
    return !is_behind(function) || function->is_attached;
}

bool pci_smmu_attach(struct pci_passthrough *function)
{
    if (!is_behind(function)) {
        return true;
    }
    if (!pci_smmu_detach(function)) {
        return false;
    }
    function->is_attached = goes_through(function) && ask(function, SMMU_ATTACH, "attach");
    return function->is_attached;
}

/* A function that could not be detached stays attached here, and is detached again before it may be
 * attached. */
bool pci_smmu_detach(struct pci_passthrough *function)
{
    if (is_behind(function) && function->is_attached) {
        function->is_attached = !ask(function, SMMU_DETACH, "detach");
    }
    return !function->is_attached;
}

static void say(const struct pci_passthrough *function, uint64_t address, uint64_t kind)
{
    const char *more = (kind & SMMU_FAULT_SUPPRESSED) != 0 ? ", and no more are counted" : "";

    if ((kind & (SMMU_FAULT_READ | SMMU_FAULT_WRITE)) == 0) {
        pci_report(function->config, function->index,
                   "DMA refused: the SMMU finds its tables wrong (%" PRIu64 " so far%s)",
                   function->fault_count, more);
        return;
    }
    pci_report(function->config, function->index,
               "DMA refused: %s 0x%" PRIx64 " is not this guest's RAM (%" PRIu64 " so far%s)",
               (kind & SMMU_FAULT_READ) != 0 ? "reading" : "writing", address,
               function->fault_count, more);
}

void pci_smmu_look(struct pci_passthrough *function)
{
    uint64_t now = clock_now();
    uint64_t count;

    if (!is_behind(function) || call(function, SMMU_FAULTS) != SMMU_OK) {
        return;
    }
    count = microkit_mr_get(SMMU_FAULTS_COUNT);
    if (count == function->fault_count) {
        return;
    }
    function->fault_count = count;
    if (function->fault_line == 0 ||
        now - function->fault_line >= clock_frequency() / 1000 * LINE_MS) {
        function->fault_line = now;
        say(function, microkit_mr_get(SMMU_FAULTS_ADDRESS), microkit_mr_get(SMMU_FAULTS_KIND));
    }
}
