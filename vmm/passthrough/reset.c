/* SPDX-License-Identifier: BSD-2-Clause */
/* See reset.h. Registers are accessed as 32-bit words only. */
#include "vmm/passthrough/reset.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "vmm/log.h"

/* How often a register is read while waiting for a device. */
#define POLL_LIMIT 1000000

/* VIRTIO 1.1, section 4.2.2 */
#define VIRTIO_MAGIC_VALUE 0x000
#define VIRTIO_MAGIC       0x74726976u /* "virt" */
#define VIRTIO_STATUS      0x070

/* ARM DDI 0183, chapter 3 */
#define PL011_FR       0x018
#define PL011_CR       0x030
#define PL011_IMSC     0x038
#define PL011_ICR      0x044
#define PL011_DMACR    0x048
#define PL011_FR_BUSY  (1u << 3)
#define PL011_CR_START 0x301u /* on, sending and receiving */
#define PL011_ICR_ALL  0x7ffu

/* JEDEC JEP137 (command set 0001h), JESD68: the same command to two chips of 16 bits, as for any
 * narrower ones. */
#define FLASH_READ_ARRAY   0x00ff00ffu
#define FLASH_QUERY        0x00980098u
#define FLASH_QUERY_ANSWER 0x51u      /* 'Q', 16 words from the start, whose size is the bank's */
#define FLASH_BUFFER_LIMIT (1u << 16) /* words that a program command can wait for */

static volatile uint32_t *reg(uint64_t base, uint64_t offset)
{
    return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static bool wait_for_zero(uint64_t base, uint64_t offset, uint32_t mask)
{
    for (unsigned int i = 0; i < POLL_LIMIT; i++) {
        if ((*reg(base, offset) & mask) == 0) {
            return true;
        }
    }
    return false;
}

/* The device has stopped using its queues when the status reads as zero (2.1, 4.2.2.1). */
static bool reset_virtio(const struct vm_config_device *device)
{
    uint64_t base = device->vaddr;

    if (*reg(base, VIRTIO_MAGIC_VALUE) != VIRTIO_MAGIC) {
        return true; /* nothing there */
    }
    *reg(base, VIRTIO_STATUS) = 0;
    return wait_for_zero(base, VIRTIO_STATUS, ~0u);
}

/* What the guest sent is still sent; line settings stay as they are. */
static bool reset_pl011(const struct vm_config_device *device)
{
    uint64_t base = device->vaddr;
    bool is_idle;

    *reg(base, PL011_IMSC) = 0;
    *reg(base, PL011_DMACR) = 0;
    is_idle = wait_for_zero(base, PL011_FR, PL011_FR_BUSY);
    *reg(base, PL011_CR) = PL011_CR_START;
    *reg(base, PL011_ICR) = PL011_ICR_ALL;
    return is_idle;
}

static bool flash_answers_query(uint64_t base)
{
    for (uint64_t width = 1; width <= sizeof(uint32_t); width *= 2) {
        if ((*reg(base, 16 * width) & 0xff) == FLASH_QUERY_ANSWER) {
            return true;
        }
    }
    return false;
}

/* The guest may have stopped between the parts of a command, and what comes next is data to it: so
 * everything goes to the last word, where no guest keeps anything, until commands are understood.
 */
static bool reset_flash(const struct vm_config_device *device)
{
    volatile uint32_t *last = reg(device->vaddr, device->size - sizeof(*last));

    for (unsigned int i = 0; i <= FLASH_BUFFER_LIMIT; i++) {
        *last = FLASH_READ_ARRAY;
        *last = FLASH_QUERY;
        if (flash_answers_query(device->vaddr)) {
            *last = FLASH_READ_ARRAY;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    bool (*reset)(const struct vm_config_device *device);
} kinds[] = {
    [VM_CONFIG_DEVICE_VIRTIO_MMIO] = {"virtio device", reset_virtio},
    [VM_CONFIG_DEVICE_PL011] = {"PL011", reset_pl011},
    [VM_CONFIG_DEVICE_FLASH] = {"flash", reset_flash},
};

void passthrough_reset_devices(const struct vm_config *config)
{
    for (unsigned int i = 0; i < config->device_count; i++) {
        const struct vm_config_device *device = &config->devices[i];

        if (device->vaddr == 0 || device->kind >= sizeof(kinds) / sizeof(kinds[0]) ||
            kinds[device->kind].reset == NULL) {
            continue;
        }
        if (!kinds[device->kind].reset(device)) {
            log_line(config->name, "%s at 0x%" PRIx64 " does not come out of its reset",
                     kinds[device->kind].name, device->ipa);
        }
    }
    __sync_synchronize(); /* before whatever makes the guest run again */
}
