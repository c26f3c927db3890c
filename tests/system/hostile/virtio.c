/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest whose virtio console gets nonsense: queues outside of RAM, chains that loop, are overlong
 * or lie outside, and registers in any order. Now and then it is as a driver would do it, up to
 * some point, so that the device comes to look.
 */
#include "bench/mark.h"
#include "tests/system/hostile/guest.h"

#define DEVICE         0x9001000UL
#define QUEUE_SEL      0x30
#define QUEUE_NUM      0x38
#define QUEUE_READY    0x44
#define QUEUE_NOTIFY   0x50
#define INTERRUPT_ACK  0x64
#define STATUS         0x70
#define QUEUE_DESC     0x80
#define QUEUE_DRIVER   0x90
#define QUEUE_DEVICE   0xa0
#define FEATURES       0x20
#define FEATURES_SEL   0x24
#define STATUS_DRIVING 0xb /* acknowledge, driver, features ok */
#define STATUS_OK      0xf
#define QUEUE_SIZE     16

struct desc {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

static struct {
    struct desc desc[QUEUE_SIZE];
    uint16_t avail_flags, avail_index, avail[QUEUE_SIZE + 1];
    uint16_t used[4 * QUEUE_SIZE + 4];
} queues[2] __attribute__((aligned(4096)));

static bool rarely(unsigned int one_in)
{
    return random64() % one_in == 0;
}

static uint64_t anywhere(void)
{
    switch (random64() % 4) {
    case 0:
        return random64();
    case 1:
        return RAM_START + RAM_SIZE - random64() % 64;
    case 2:
        return RAM_START + random64() % RAM_SIZE;
    default:
        return random64() >> random64() % 64;
    }
}

static void set(unsigned int offset, uint64_t value)
{
    mmio_write(DEVICE + offset, (uint32_t)value);
    mmio_write(DEVICE + offset + 4, (uint32_t)(value >> 32));
}

static void fill(unsigned int n)
{
    for (unsigned int i = 0; i < QUEUE_SIZE; i++) {
        queues[n].desc[i] = (struct desc){
            .address = rarely(2) ? anywhere() : RAM_START + 0x200000 + random64() % 0x100000,
            .length = (uint32_t)(random64() >> (32 + random64() % 32)),
            .flags = (uint16_t)(random64() % 4 | (rarely(8) ? random64() : 0)),
            .next = (uint16_t)(random64() % (QUEUE_SIZE + rarely(8))),
        };
        queues[n].avail[i] = (uint16_t)(random64() % (QUEUE_SIZE + rarely(8)));
    }
    queues[n].avail_index = (uint16_t)(queues[n].avail_index + random64() % QUEUE_SIZE);
    if (rarely(8)) {
        queues[n].avail_index = (uint16_t)random64();
    }
}

static void drive(void)
{
    mmio_write(DEVICE + STATUS, 0);
    mmio_write(DEVICE + STATUS, 3);
    mmio_write(DEVICE + FEATURES_SEL, 1);
    mmio_write(DEVICE + FEATURES, 1);
    mmio_write(DEVICE + STATUS, STATUS_DRIVING);
    for (unsigned int n = 0; n < 2; n++) {
        queues[n].avail_index = 0;
        mmio_write(DEVICE + QUEUE_SEL, n);
        mmio_write(DEVICE + QUEUE_NUM, rarely(8) ? (uint32_t)random64() : QUEUE_SIZE);
        set(QUEUE_DESC, rarely(8) ? anywhere() : (uint64_t)queues[n].desc);
        set(QUEUE_DRIVER, rarely(8) ? anywhere() : (uint64_t)&queues[n].avail_flags);
        set(QUEUE_DEVICE, rarely(8) ? anywhere() : (uint64_t)queues[n].used);
        mmio_write(DEVICE + QUEUE_READY, 1);
    }
    mmio_write(DEVICE + STATUS, STATUS_OK);
}

void guest_main(void)
{
    MARK(3);
    for (;;) {
        drive();
        for (unsigned int round = 0; round < 8; round++) {
            fill(round % 2);
            mmio_write(DEVICE + QUEUE_NOTIFY, rarely(8) ? (uint32_t)random64() : round % 2);
            mmio_write(DEVICE + INTERRUPT_ACK, 3);
            (void)mmio_read(DEVICE + STATUS);
        }
        for (unsigned int round = 0; round < 8; round++) {
            mmio_write(DEVICE + (random64() % 0x200 & ~3UL), (uint32_t)random64());
            (void)mmio_read(DEVICE + (random64() % 0x200 & ~3UL));
        }
    }
}
