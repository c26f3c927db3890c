/* SPDX-License-Identifier: BSD-2-Clause */
/* See clock.h. */
#include "tests/unit/components/serial/fake/clock.h"

#include <stddef.h>

#include "components/serial/clock.h"

struct fake_clock fake_clock = {.alarm = UINT64_MAX};

uint64_t clock_now(void)
{
    void (*on_look)(void) = fake_clock.on_look;

    if (on_look != NULL && fake_clock.looks-- == 0) {
        fake_clock.on_look = NULL;
        on_look();
    }
    return fake_clock.now;
}

uint64_t clock_frequency(void)
{
    return 1000000;
}

void clock_set_alarm(uint64_t when)
{
    fake_clock.alarm = when;
}

void clock_clear_alarm(void)
{
    fake_clock.alarm = UINT64_MAX;
}

void fake_clock_wait(unsigned int milliseconds)
{
    fake_clock.now += clock_frequency() / 1000 * milliseconds;
}

static void tick(void)
{
    fake_clock_wait(1);
    fake_clock_run();
}

void fake_clock_run(void)
{
    fake_clock.on_look = tick;
    fake_clock.looks = 0;
}
