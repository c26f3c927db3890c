/* SPDX-License-Identifier: BSD-2-Clause */
/* See pl031.h. Registers: ARM DDI 0224C, chapter 3. */
#include "vmm/dev/pl031.h"

#include <string.h>

#define RTCDR   0x000 /* time */
#define RTCMR   0x004 /* match */
#define RTCLR   0x008 /* load */
#define RTCCR   0x00c /* control: on, which cannot be changed */
#define RTCIMSC 0x010 /* interrupt: mask, raw, masked, clear */
#define RTCRIS  0x014
#define RTCMIS  0x018
#define RTCICR  0x01c
#define ID      0xfe0 /* to 0xffc */

#define REGISTER_SIZE 4u
#define STARTED       1u
#define INTERRUPT     1u

/* PeriphID0..3, PCellID0..3 */
static const uint8_t ids[8] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static uint32_t now(const struct pl031 *clock)
{
    return *clock->seconds + clock->ahead;
}

/* Whether the time has been the match's since that was set. */
static uint32_t raw(const struct pl031 *clock)
{
    uint32_t passed = now(clock) - clock->armed_at;

    return clock->is_armed && passed >= clock->match - clock->armed_at ? INTERRUPT : 0;
}

static uint32_t read_register(const struct pl031 *clock, uint64_t offset)
{
    switch (offset) {
    case RTCDR:
        return now(clock);
    case RTCMR:
        return clock->match;
    case RTCLR:
        return clock->load;
    case RTCCR:
        return STARTED;
    case RTCIMSC:
        return clock->mask;
    case RTCRIS:
        return raw(clock);
    case RTCMIS:
        return raw(clock) & clock->mask;
    default:
        return offset >= ID ? ids[(offset - ID) / REGISTER_SIZE] : 0;
    }
}

static void arm(struct pl031 *clock, uint32_t match)
{
    clock->match = match;
    clock->armed_at = now(clock);
    clock->is_armed = true;
}

static void write_register(struct pl031 *clock, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case RTCMR:
        arm(clock, value);
        break;
    case RTCLR:
        clock->load = value;
        clock->ahead = value - *clock->seconds;
        break;
    case RTCIMSC:
        clock->mask = value & INTERRUPT;
        break;
    case RTCICR:
        clock->is_armed = clock->is_armed && (value & raw(clock)) == 0;
        break;
    default:
        break; /* read-only, or nothing */
    }
}

/* Narrower accesses reach the register's low bytes; there are no wider ones. */
static bool pl031_access(void *context, struct mmio_access *access)
{
    struct pl031 *clock = context;

    if (access->size > REGISTER_SIZE || access->offset % REGISTER_SIZE != 0) {
        return false;
    }
    if (access->is_write) {
        write_register(clock, access->offset, (uint32_t)access->value);
    } else {
        access->value = read_register(clock, access->offset) & ~0u >> (32 - 8 * access->size);
    }
    return true;
}

const struct mmio_ops pl031_ops = {.access = pl031_access};

void pl031_init(struct pl031 *clock, const volatile uint32_t *seconds)
{
    memset(clock, 0, sizeof(*clock));
    clock->seconds = seconds;
}

void pl031_reset(struct pl031 *clock)
{
    clock->is_armed = false;
    clock->mask = 0;
    clock->match = 0;
}
