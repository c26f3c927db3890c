/* SPDX-License-Identifier: BSD-2-Clause */
/* See reset.h. */
#include "vmm/pci/reset.h"

#include <stddef.h>

#include "components/serial/clock.h"

#include "vmm/pci/bars.h"
#include "vmm/pci/flr.h"
#include "vmm/pci/hardware.h"
#include "vmm/pci/report.h"
#include "vmm/pci/smmu.h"

#define DEVICE_MS 2000

/* NVM Express 1.4, 3.1 */
#define NVME_CLASS      0x010802u
#define NVME_CC         0x14u
#define NVME_CC_ENABLE  0x1u
#define NVME_CSTS       0x1cu
#define NVME_CSTS_READY 0x1u

/* Intel 82574L, 10.2 */
#define E1000E_ID         0x10d38086u
#define E1000E_CTRL       0x00u
#define E1000E_CTRL_RESET (1u << 26)
#define E1000E_IMC        0xd8u

/* xHCI 1.1, 5.3 and 5.4 */
#define XHCI_CLASS           0x0c0330u
#define XHCI_CAP_LENGTH(dw)  ((dw)&0xff)
#define XHCI_COMMAND         0x00u /* from the operational registers' start */
#define XHCI_COMMAND_RUN     0x1u
#define XHCI_COMMAND_RESET   0x2u
#define XHCI_STATUS          0x04u
#define XHCI_STATUS_HALTED   0x1u
#define XHCI_STATUS_BUSY     0x800u /* controller not ready */
#define XHCI_REGISTERS_LIMIT 0x200u

static bool wait_for(uint64_t vaddr, uint32_t mask, uint32_t value, unsigned int milliseconds)
{
    return pci_wait_until(vaddr, mask, value, pci_after(milliseconds));
}

static uint64_t config_space(const struct pci_passthrough *function)
{
    return function->config->pci.functions[function->index].config_vaddr;
}

static uint32_t read_config(const struct pci_passthrough *function, unsigned int offset)
{
    return (uint32_t)hardware_read(config_space(function) + offset, 4);
}

/* Registers of a BAR that the VMM has; 0: it does not. */
static uint64_t find_registers(const struct pci_passthrough *function, unsigned int bar,
                               uint64_t offset, uint64_t size)
{
    return pci_bars_find(function->config, function->index, bar, offset, size, false);
}

static bool has_flr(const struct pci_passthrough *function)
{
    return pci_flr_is_offered(config_space(function), function->found.pcie);
}

static uint64_t find_virtio(const struct pci_passthrough *function)
{
    return pci_bars_find_virtio(function->config, function->index, function->found.virtio_common);
}

static bool is_virtio(const struct pci_passthrough *function)
{
    return find_virtio(function) != 0;
}

/* The device has stopped using its queues when the status reads as zero (2.4). */
static bool reset_virtio(const struct pci_passthrough *function)
{
    uint64_t status = find_virtio(function) + VIRTIO_DEVICE_STATUS;

    hardware_write(status, 1, 0);
    return wait_for(status, 0xff, 0, DEVICE_MS);
}

static uint64_t find_nvme(const struct pci_passthrough *function)
{
    return read_config(function, PCI_CLASS) >> 8 == NVME_CLASS
               ? find_registers(function, 0, 0, NVME_CSTS + 4)
               : 0;
}

static bool is_nvme(const struct pci_passthrough *function)
{
    return find_nvme(function) != 0;
}

static bool reset_nvme(const struct pci_passthrough *function)
{
    uint64_t base = find_nvme(function);
    uint32_t control = (uint32_t)hardware_read(base + NVME_CC, 4);

    hardware_write(base + NVME_CC, 4, control & ~NVME_CC_ENABLE);
    return wait_for(base + NVME_CSTS, NVME_CSTS_READY, 0, DEVICE_MS);
}

static uint64_t find_e1000e(const struct pci_passthrough *function)
{
    return read_config(function, PCI_ID) == E1000E_ID
               ? find_registers(function, 0, 0, E1000E_IMC + 4)
               : 0;
}

static bool is_e1000e(const struct pci_passthrough *function)
{
    return find_e1000e(function) != 0;
}

static bool reset_e1000e(const struct pci_passthrough *function)
{
    uint64_t base = find_e1000e(function);
    uint32_t control = (uint32_t)hardware_read(base + E1000E_CTRL, 4);

    hardware_write(base + E1000E_IMC, 4, ~0u);
    hardware_write(base + E1000E_CTRL, 4, control | E1000E_CTRL_RESET);
    return wait_for(base + E1000E_CTRL, E1000E_CTRL_RESET, 0, DEVICE_MS);
}

static uint64_t find_xhci(const struct pci_passthrough *function)
{
    return read_config(function, PCI_CLASS) >> 8 == XHCI_CLASS
               ? find_registers(function, 0, 0, XHCI_REGISTERS_LIMIT)
               : 0;
}

static bool is_xhci(const struct pci_passthrough *function)
{
    return find_xhci(function) != 0;
}

/* Only a controller that has come to a halt may be reset (5.4.1). */
static bool reset_xhci(const struct pci_passthrough *function)
{
    uint64_t base = find_xhci(function);
    uint32_t command;

    base += XHCI_CAP_LENGTH((uint32_t)hardware_read(base, 4)) & ~0x3u;
    command = (uint32_t)hardware_read(base + XHCI_COMMAND, 4);
    hardware_write(base + XHCI_COMMAND, 4, command & ~(XHCI_COMMAND_RUN | XHCI_COMMAND_RESET));
    (void)wait_for(base + XHCI_STATUS, XHCI_STATUS_HALTED, XHCI_STATUS_HALTED, DEVICE_MS);
    hardware_write(base + XHCI_COMMAND, 4, XHCI_COMMAND_RESET);
    return wait_for(base + XHCI_COMMAND, XHCI_COMMAND_RESET, 0, DEVICE_MS) &&
           wait_for(base + XHCI_STATUS, XHCI_STATUS_BUSY, 0, DEVICE_MS);
}

/* The first that fits. */
static const struct pci_reset resets[] = {
    {"function-level reset", has_flr, NULL},  {"virtio device", is_virtio, reset_virtio},
    {"NVMe controller", is_nvme, reset_nvme}, {"82574L network card", is_e1000e, reset_e1000e},
    {"xHCI controller", is_xhci, reset_xhci},
};

const struct pci_reset *pci_reset_find(const struct pci_passthrough *function)
{
    for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
        if (resets[i].is_for(function)) {
            return &resets[i];
        }
    }
    return NULL;
}

bool pci_reset_is_quick(const struct pci_passthrough *function)
{
    return function->reset != NULL && function->reset->reset != NULL;
}

void pci_reset_start(struct pci_passthrough *function)
{
    pci_passthrough_quiet(function);
    if (function->reset_end != 0) {
        return; /* the guest began one */
    }
    pci_wait_for_transactions(config_space(function), function->found.pcie,
                              pci_after(PCI_PENDING_MS));
    (void)pci_smmu_detach(function); /* pci_passthrough_prepare() asks again */
    if (function->reset == NULL) {
        return;
    }
    if (function->reset->reset == NULL) {
        pci_flr_start(config_space(function), function->found.pcie);
        function->reset_end = pci_after(PCI_FLR_MS);
    } else {
        function->is_stuck = !function->reset->reset(function);
    }
}

static bool answers(const struct pci_passthrough *function)
{
    return read_config(function, PCI_ID) != PCI_NOTHING;
}

static bool is_out(const struct pci_passthrough *function)
{
    return function->reset->reset == NULL ? answers(function) : function->reset->reset(function);
}

bool pci_reset_wait(struct pci_passthrough *function)
{
    uint64_t late = function->reset_end + clock_frequency() / 1000 * PCI_READY_MS;

    if (function->reset_end != 0) {
        while (clock_now() < function->reset_end || (!answers(function) && clock_now() < late)) {
        }
        function->reset_end = 0;
        function->is_stuck = true;
    }
    function->is_stuck = function->is_stuck && !is_out(function); /* it gets another chance */
    if (function->is_stuck) {
        pci_report(function->config, function->index, "does not come out of its reset: %s",
                   function->reset->name);
    }
    return !function->is_stuck;
}

void pci_reset_for_guest(struct pci_passthrough *function)
{
    pci_reset_start(function);
    if (function->reset_end == 0 && pci_reset_wait(function)) {
        (void)pci_passthrough_prepare(function);
    }
}

bool pci_reset_is_over(struct pci_passthrough *function)
{
    if (function->reset_end == 0) {
        return true;
    }
    if (clock_now() < function->reset_end || !answers(function)) {
        return false;
    }
    function->reset_end = 0;
    (void)pci_passthrough_prepare(function);
    return true;
}
