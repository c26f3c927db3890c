/* SPDX-License-Identifier: BSD-2-Clause */
/* See hardware.h. */
#include "vmm/pci/hardware.h"

uint64_t hardware_read(uint64_t vaddr, unsigned int size)
{
    uintptr_t address = (uintptr_t)vaddr;

    switch (size) {
    case 1:
        return *(volatile uint8_t *)address;
    case 2:
        return *(volatile uint16_t *)address;
    case 4:
        return *(volatile uint32_t *)address;
    default:
        return *(volatile uint64_t *)address;
    }
}

void hardware_write(uint64_t vaddr, unsigned int size, uint64_t value)
{
    uintptr_t address = (uintptr_t)vaddr;

    switch (size) {
    case 1:
        *(volatile uint8_t *)address = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)address = (uint16_t)value;
        break;
    case 4:
        *(volatile uint32_t *)address = (uint32_t)value;
        break;
    default:
        *(volatile uint64_t *)address = value;
        break;
    }
}
