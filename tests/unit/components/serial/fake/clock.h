/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock that stands until a test moves it. A tick is a microsecond. */
#ifndef SLUICE_TESTS_UNIT_COMPONENTS_SERIAL_FAKE_CLOCK_H
#define SLUICE_TESTS_UNIT_COMPONENTS_SERIAL_FAKE_CLOCK_H

#include <stdint.h>

struct fake_clock {
    uint64_t now;
    uint64_t alarm;        /* UINT64_MAX: none */
    void (*on_look)(void); /* NULL, or what happens meanwhile: once, */
    unsigned int looks;    /* when the clock was looked at so often before */
};

extern struct fake_clock fake_clock;

void fake_clock_wait(unsigned int milliseconds);
/* From now on a millisecond passes with each look. */
void fake_clock_run(void);

#endif
