/* SPDX-License-Identifier: BSD-2-Clause */
/* See flr.h. */
#include "vmm/pci/flr.h"

#include "components/serial/clock.h"

#include "vmm/pci/hardware.h"
#include "vmm/pci/pci_regs.h"

uint64_t pci_after(unsigned int milliseconds)
{
    return clock_now() + clock_frequency() / 1000 * milliseconds;
}

bool pci_wait_until(uint64_t vaddr, uint32_t mask, uint32_t value, uint64_t end)
{
    bool is_late = false;

    while (((uint32_t)hardware_read(vaddr, 4) & mask) != value) {
        if (is_late) {
            return false;
        }
        is_late = clock_now() >= end;
    }
    return true;
}

void pci_wait_for_transactions(uint64_t space, unsigned int pcie, uint64_t end)
{
    if (pcie != 0) {
        (void)pci_wait_until(space + pcie + PCIE_CONTROL, PCIE_STATUS_PENDING, 0, end);
    }
}

bool pci_flr_is_offered(uint64_t space, unsigned int pcie)
{
    return pcie != 0 && ((uint32_t)hardware_read(space + pcie + PCIE_DEVICE, 4) & PCIE_DEVICE_FLR);
}

void pci_flr_start(uint64_t space, unsigned int pcie)
{
    uint64_t control = space + pcie + PCIE_CONTROL;

    hardware_write(control, 2, (uint16_t)hardware_read(control, 2) | PCIE_CONTROL_FLR);
}
