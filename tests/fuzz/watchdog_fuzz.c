/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the watchdog, beside a model of it that goes on by single counts of the
 * system counter, as the architecture describes it. Input: steps of four bytes: time passes, the
 * guest writes. After each both agree, and the deadline that was told is when WS1 comes up.
 */
#include <stdlib.h>
#include <string.h>

#include "vmm/dev/watchdog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FREQUENCY 64

enum offset {
    WCS = 0x00,
    WOR = 0x08,
    WCV = 0x10,
};

struct step {
    uint8_t kind;
    uint8_t size;
    uint16_t value;
} __attribute__((packed));

struct model {
    uint64_t offset;
    uint64_t compare;
    bool is_enabled;
    bool ws0;
    bool ws1;
};

static struct watchdog dog;
static struct model model;
static uint64_t counter;
static uint64_t deadline;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static uint64_t now(void *context)
{
    (void)context;
    return counter;
}

static void set_deadline(void *context, uint64_t when)
{
    (void)context;
    require(when != deadline);
    deadline = when;
}

static const struct watchdog_machine machine = {
    .now = now, .frequency = FREQUENCY, .deadline = set_deadline};

static uint64_t access_frame(const struct mmio_ops *ops, uint64_t offset, unsigned int bytes,
                             bool is_write, uint64_t value)
{
    struct mmio_access access = {
        .offset = offset, .size = bytes, .is_write = is_write, .value = value};

    require(ops->access(&dog, &access));
    return access.value;
}

static void write_control(uint64_t offset, unsigned int bytes, uint64_t value)
{
    (void)access_frame(&watchdog_control_ops, offset, bytes, true, value);
}

static uint64_t read_control(uint64_t offset, unsigned int bytes)
{
    return access_frame(&watchdog_control_ops, offset, bytes, false, ~0UL);
}

static void model_refresh(void)
{
    model.ws0 = false;
    model.ws1 = false;
    model.compare = counter + model.offset;
}

static void model_tick(void)
{
    counter++;
    if (!model.is_enabled || counter <= model.compare) {
        return;
    }
    if (model.ws0) {
        model.ws1 = true;
    } else {
        model.ws0 = true;
        model.compare = counter + model.offset;
    }
}

/* Counts at once, as if the counter had just come past it. */
static void model_load(uint64_t compare)
{
    model.compare = compare;
    if (!model.is_enabled || counter <= model.compare) {
        return;
    }
    if (model.ws0) {
        model.ws1 = true;
    } else {
        model.ws0 = true;
        model.compare = counter + model.offset;
    }
}

static void perform(const struct step *step)
{
    bool is_double = (step->size & 1) != 0;
    uint64_t compare = counter + (step->value & 0xff) - 0x40;

    switch (step->kind % 8) {
    case 0:
        (void)access_frame(&watchdog_refresh_ops, 0, is_double ? 8 : 4, true, step->value);
        model_refresh();
        break;
    case 1:
        write_control(WCS, 4, step->value);
        model.is_enabled = (step->value & 1) != 0;
        model_refresh();
        break;
    case 2:
        write_control(WOR, is_double ? 8 : 4, step->value & 0xff);
        model.offset = step->value & 0xff;
        model_refresh();
        break;
    case 3:
        write_control(WCV, is_double ? 8 : 4, compare);
        model_load(compare);
        break;
    case 4:
        watchdog_start(&dog, step->value & 7);
        model.offset = (step->value & 7) * FREQUENCY / 2;
        model.is_enabled = true;
        model_refresh();
        model.compare = counter + (2 * WATCHDOG_BOOT_FACTOR - 1) * model.offset;
        break;
    case 5:
        if (step->value == 0) {
            watchdog_reset(&dog);
            model = (struct model){0};
        }
        break;
    default:
        for (unsigned int i = 0; i < (step->value & 0x1ff); i++) {
            model_tick();
        }
        break;
    }
}

static void check(bool looks)
{
    bool is_due = deadline != 0 && counter >= deadline;

    require(model.is_enabled == (deadline != 0));
    require(model.ws1 == is_due);
    if (looks) {
        uint64_t status = (model.is_enabled ? 1 : 0) | (model.ws0 ? 2 : 0) | (model.ws1 ? 4 : 0);

        require(read_control(WCS, 4) == status);
        require(read_control(WOR, 8) == model.offset);
        require(!model.is_enabled || read_control(WCV, 8) == model.compare);
        require(model.ws1 == is_due);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    counter = 100;
    deadline = 0;
    model = (struct model){0};
    watchdog_init(&dog, &machine);
    for (; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
        check((step.size & 2) != 0);
    }
    check(true);
    return 0;
}
