/* SPDX-License-Identifier: BSD-2-Clause */
/* See driver.h. */
#include "tests/unit/vmm/virtio/driver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint8_t first[DRIVER_RANGE_SIZE] __attribute__((aligned(4096)));
static uint8_t gap[4096] __attribute__((aligned(4096), unused));
static uint8_t second[DRIVER_RANGE_SIZE] __attribute__((aligned(4096)));

/* The addresses are known when the program is loaded only. */
static struct vm_config_ram ranges[3];

struct guest_ram driver_reset(void)
{
    memset(first, 0, sizeof(first));
    memset(second, 0, sizeof(second));
    ranges[0] = (struct vm_config_ram){DRIVER_RAM, DRIVER_RANGE_SIZE, (uintptr_t)first};
    ranges[1] = (struct vm_config_ram){DRIVER_SECOND, DRIVER_RANGE_SIZE, (uintptr_t)second};
    ranges[2] = (struct vm_config_ram){DRIVER_NOT_MAPPED, DRIVER_RANGE_SIZE, 0};
    return (struct guest_ram){.ranges = ranges, .count = 3};
}

void *driver_pointer(uint64_t ipa)
{
    assert(ipa >= DRIVER_RAM && ipa < DRIVER_NOT_MAPPED);
    return ipa < DRIVER_SECOND ? &first[ipa - DRIVER_RAM] : &second[ipa - DRIVER_SECOND];
}

void driver_describe(unsigned int queue, unsigned int index, const struct driver_desc *desc)
{
    memcpy((uint8_t *)driver_pointer(DRIVER_QUEUE(queue)) + index * sizeof(*desc), desc,
           sizeof(*desc));
}

static uint16_t *avail(unsigned int queue)
{
    return driver_pointer(DRIVER_QUEUE(queue) + DRIVER_AVAIL);
}

void driver_offer(unsigned int queue, unsigned int size, uint16_t head)
{
    uint16_t *ring = avail(queue);

    ring[2 + ring[1] % size] = head;
    ring[1]++;
}

void driver_set_avail_index(unsigned int queue, uint16_t index)
{
    avail(queue)[1] = index;
}

void driver_set_avail_flags(unsigned int queue, uint16_t flags)
{
    avail(queue)[0] = flags;
}

uint16_t driver_used_index(unsigned int queue)
{
    return ((uint16_t *)driver_pointer(DRIVER_QUEUE(queue) + DRIVER_USED))[1];
}

struct driver_used driver_used(unsigned int queue, unsigned int size, unsigned int number)
{
    struct driver_used used;

    memcpy(&used,
           driver_pointer(DRIVER_QUEUE(queue) + DRIVER_USED + 4 + number % size * sizeof(used)),
           sizeof(used));
    return used;
}

uint64_t driver_read_sized(struct virtio_mmio *mmio, uint64_t offset, unsigned int size)
{
    struct mmio_access access = {.offset = offset, .size = size, .value = ~0UL};

    if (!virtio_mmio_ops.access(mmio, &access)) {
        abort();
    }
    return access.value;
}

uint32_t driver_read(struct virtio_mmio *mmio, uint64_t offset)
{
    return (uint32_t)driver_read_sized(mmio, offset, 4);
}

void driver_write_sized(struct virtio_mmio *mmio, uint64_t offset, unsigned int size,
                        uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    if (!virtio_mmio_ops.access(mmio, &access)) {
        abort();
    }
}

void driver_write(struct virtio_mmio *mmio, uint64_t offset, uint32_t value)
{
    driver_write_sized(mmio, offset, 4, value);
}

uint32_t driver_negotiate(struct virtio_mmio *mmio, uint64_t features)
{
    driver_write(mmio, DRIVER_STATUS, 0x3);
    for (uint32_t half = 0; half < 2; half++) {
        driver_write(mmio, DRIVER_FEATURES_SEL, half);
        driver_write(mmio, DRIVER_FEATURES, (uint32_t)(features >> 32 * half));
    }
    driver_write(mmio, DRIVER_STATUS, 0xb);
    return driver_read(mmio, DRIVER_STATUS);
}

void driver_set_queue(struct virtio_mmio *mmio, unsigned int queue, unsigned int size)
{
    driver_write(mmio, DRIVER_QUEUE_SEL, queue);
    driver_write(mmio, DRIVER_QUEUE_NUM, size);
    driver_write(mmio, DRIVER_QUEUE_DESC, (uint32_t)DRIVER_QUEUE(queue));
    driver_write(mmio, DRIVER_QUEUE_DESC + 4, 0);
    driver_write(mmio, DRIVER_QUEUE_AVAIL, (uint32_t)(DRIVER_QUEUE(queue) + DRIVER_AVAIL));
    driver_write(mmio, DRIVER_QUEUE_AVAIL + 4, 0);
    driver_write(mmio, DRIVER_QUEUE_USED, (uint32_t)(DRIVER_QUEUE(queue) + DRIVER_USED));
    driver_write(mmio, DRIVER_QUEUE_USED + 4, 0);
    driver_write(mmio, DRIVER_QUEUE_READY, 1);
}

void driver_start(struct virtio_mmio *mmio, uint64_t features, unsigned int size)
{
    driver_write(mmio, DRIVER_STATUS, 0);
    (void)driver_negotiate(mmio, features | 1UL << 32);
    for (unsigned int i = 0; i < 2; i++) {
        driver_set_queue(mmio, i, size);
    }
    driver_write(mmio, DRIVER_STATUS, 0xf);
}
