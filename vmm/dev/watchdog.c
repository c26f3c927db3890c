/* SPDX-License-Identifier: BSD-2-Clause */
/* See watchdog.h. */
#include "vmm/dev/watchdog.h"

#include <stddef.h>

#define WCS_EN  0x1u
#define WCS_WS0 0x2u
#define WCS_WS1 0x4u

/* No product number, architecture version 1, revision 0, Arm's implementer code. */
#define IIDR 0x0001043bu

#define OFFSET_MASK ((1UL << 48) - 1)
#define LOW_WORD    0xffffffffUL

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/* A signal comes when the counter is past the compare value: at the next. */
static uint64_t signal_at(uint64_t compare)
{
    return saturating_add(compare, 1);
}

/* What has happened by now. */
static void catch_up(struct watchdog *dog)
{
    uint64_t now = dog->machine->now(dog->machine->context);

    if (!dog->is_enabled) {
        return;
    }
    if (!dog->ws0 && now > dog->compare) {
        dog->ws0 = true;
        dog->compare = saturating_add(signal_at(dog->compare), dog->offset);
    }
    if (dog->ws0 && now > dog->compare) {
        dog->ws1 = true;
    }
}

/* When WS1 comes up if nobody does anything; UINT64_MAX is never. */
static uint64_t expiry(const struct watchdog *dog)
{
    uint64_t compare = dog->compare;

    if (!dog->is_enabled) {
        return 0;
    }
    if (!dog->ws0) {
        compare = saturating_add(signal_at(compare), dog->offset);
    }
    return signal_at(compare) == UINT64_MAX ? 0 : signal_at(compare);
}

/* One that has come stays, until a refresh. */
static void tell_deadline(struct watchdog *dog)
{
    uint64_t when = expiry(dog);

    if (when != dog->deadline && !dog->ws1) {
        dog->deadline = when;
        dog->machine->deadline(dog->machine->context, when);
    }
}

/* Explicit: by WRR, WOR or WCS. */
static void refresh(struct watchdog *dog)
{
    dog->ws0 = false;
    dog->ws1 = false;
    dog->compare = saturating_add(dog->machine->now(dog->machine->context), dog->offset);
}

/* A compare value in the past was written: the counter is past it now, not when it was there. */
static void come_to_compare(struct watchdog *dog)
{
    uint64_t now = dog->machine->now(dog->machine->context);

    if (dog->is_enabled && !dog->ws0 && now > dog->compare) {
        dog->ws0 = true;
        dog->compare = saturating_add(now, dog->offset);
    }
}

/* Half of a register of 64 bits; `value` has 32. */
static void set_half(uint64_t *reg, unsigned int shift, uint64_t value)
{
    *reg &= ~(LOW_WORD << shift);
    *reg |= value << shift;
}

static uint32_t read_identification(struct watchdog *dog)
{
    (void)dog;
    return IIDR;
}

static void write_refresh(struct watchdog *dog, uint32_t value)
{
    (void)value;
    refresh(dog);
}

static uint32_t read_status(struct watchdog *dog)
{
    return (dog->is_enabled ? WCS_EN : 0) | (dog->ws0 ? WCS_WS0 : 0) | (dog->ws1 ? WCS_WS1 : 0);
}

static void write_status(struct watchdog *dog, uint32_t value)
{
    dog->is_enabled = (value & WCS_EN) != 0;
    refresh(dog);
}

static uint32_t read_offset_low(struct watchdog *dog)
{
    return (uint32_t)dog->offset;
}

static void write_offset_low(struct watchdog *dog, uint32_t value)
{
    set_half(&dog->offset, 0, value);
    refresh(dog);
}

static uint32_t read_offset_high(struct watchdog *dog)
{
    return (uint32_t)(dog->offset >> 32);
}

static void write_offset_high(struct watchdog *dog, uint32_t value)
{
    set_half(&dog->offset, 32, value);
    dog->offset &= OFFSET_MASK;
    refresh(dog);
}

static uint32_t read_compare_low(struct watchdog *dog)
{
    return (uint32_t)dog->compare;
}

/* Signals stay as they are. */
static void write_compare_low(struct watchdog *dog, uint32_t value)
{
    set_half(&dog->compare, 0, value);
}

static uint32_t read_compare_high(struct watchdog *dog)
{
    return (uint32_t)(dog->compare >> 32);
}

static void write_compare_high(struct watchdog *dog, uint32_t value)
{
    set_half(&dog->compare, 32, value);
}

struct watchdog_register {
    uint16_t offset;
    uint32_t (*read)(struct watchdog *dog);
    void (*write)(struct watchdog *dog, uint32_t value);
};

struct watchdog_frame {
    const struct watchdog_register *registers;
    unsigned int count;
};

#define REGISTER_SIZE 4u

static const struct watchdog_register refresh_registers[] = {
    /* WRR */
    {0x000, .write = write_refresh},
    /* W_IIDR */
    {0xfcc, .read = read_identification},
};

static const struct watchdog_register control_registers[] = {
    /* WCS */
    {0x000, .read = read_status, .write = write_status},
    /* WOR */
    {0x008, .read = read_offset_low, .write = write_offset_low},
    {0x00c, .read = read_offset_high, .write = write_offset_high},
    /* WCV */
    {0x010, .read = read_compare_low, .write = write_compare_low},
    {0x014, .read = read_compare_high, .write = write_compare_high},
    /* W_IIDR */
    {0xfcc, .read = read_identification},
};

static const struct watchdog_frame refresh_frame = {
    refresh_registers, sizeof(refresh_registers) / sizeof(refresh_registers[0])};
static const struct watchdog_frame control_frame = {
    control_registers, sizeof(control_registers) / sizeof(control_registers[0])};

static uint32_t access_word(struct watchdog *dog, const struct watchdog_frame *frame,
                            const struct mmio_access *access, unsigned int word)
{
    uint64_t offset = access->offset + (uint64_t)REGISTER_SIZE * word;
    uint32_t value = (uint32_t)(access->value >> 32 * word);

    for (unsigned int i = 0; i < frame->count; i++) {
        const struct watchdog_register *reg = &frame->registers[i];

        if (reg->offset == offset && access->is_write && reg->write != NULL) {
            reg->write(dog, value);
        } else if (reg->offset == offset && !access->is_write && reg->read != NULL) {
            return reg->read(dog);
        }
    }
    return 0;
}

/* By words; one of 64 bits is two of 32, which suits WOR and WCV. Anything else reads as zero and
 * is ignored. */
static void access_frame(struct watchdog *dog, const struct watchdog_frame *frame,
                         struct mmio_access *access)
{
    uint64_t value = 0;

    catch_up(dog);
    for (unsigned int i = 0; i < access->size / REGISTER_SIZE; i++) {
        value |= (uint64_t)access_word(dog, frame, access, i) << 32 * i;
    }
    if (access->is_write) {
        come_to_compare(dog);
    } else {
        access->value = value;
    }
    tell_deadline(dog);
}

static bool refresh_access(void *context, struct mmio_access *access)
{
    access_frame(context, &refresh_frame, access);
    return true;
}

static bool control_access(void *context, struct mmio_access *access)
{
    access_frame(context, &control_frame, access);
    return true;
}

const struct mmio_ops watchdog_refresh_ops = {.access = refresh_access};
const struct mmio_ops watchdog_control_ops = {.access = control_access};

void watchdog_init(struct watchdog *dog, const struct watchdog_machine *machine)
{
    *dog = (struct watchdog){.machine = machine};
}

void watchdog_reset(struct watchdog *dog)
{
    *dog = (struct watchdog){.machine = dog->machine, .deadline = dog->deadline};
    tell_deadline(dog);
}

/* Both stages have half of the time. The first compare value alone is further away, so that the
 * driver's first refresh, or its first write of WOR or WCS, brings the usual time with it. */
void watchdog_start(struct watchdog *dog, uint32_t seconds)
{
    uint64_t offset = seconds * dog->machine->frequency / 2;

    dog->offset = offset < OFFSET_MASK ? offset : OFFSET_MASK;
    dog->is_enabled = true;
    refresh(dog);
    dog->compare = saturating_add(dog->compare, 2 * (WATCHDOG_BOOT_FACTOR - 1) * dog->offset);
    tell_deadline(dog);
}
