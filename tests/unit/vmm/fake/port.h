/* SPDX-License-Identifier: BSD-2-Clause */
/* A console port for tests (vmm/dev/console.h): keeps what is printed, has what a test types. */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_PORT_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_PORT_H

#include "vmm/dev/console.h"

#define FAKE_PORT_SIZE  0x20000
#define FAKE_PORT_BREAK 0x100

struct fake_port {
    uint8_t out[FAKE_PORT_SIZE];
    uint32_t out_count;
    uint32_t room;
    uint16_t in[FAKE_PORT_SIZE]; /* bytes and breaks */
    uint32_t in_count;
    uint32_t in_at;          /* the next one */
    uint32_t read_limit;     /* bytes that one read() gives at most; 0: any number */
    unsigned int call_count; /* of write() and read() */
};

/* Empty, with room for all of `out`. */
void fake_port_reset(struct fake_port *port);
struct console_port fake_port_connect(struct fake_port *port);
void fake_port_type(struct fake_port *port, const char *text);
void fake_port_break(struct fake_port *port);

#endif
