/* SPDX-License-Identifier: BSD-2-Clause */
/* See port.h. */
#include "tests/unit/vmm/fake/port.h"

#include <assert.h>
#include <string.h>

static uint32_t write_bytes(void *context, const uint8_t *bytes, uint32_t count)
{
    struct fake_port *port = context;
    uint32_t taken = count < port->room ? count : port->room;

    assert(taken <= FAKE_PORT_SIZE - port->out_count);
    memcpy(port->out + port->out_count, bytes, taken);
    port->out_count += taken;
    port->room -= taken;
    port->call_count++;
    return taken;
}

static uint32_t room(void *context)
{
    const struct fake_port *port = context;

    return port->room;
}

static uint32_t read_bytes(void *context, uint8_t *bytes, uint32_t count)
{
    struct fake_port *port = context;
    uint32_t given = 0;

    port->call_count++;
    if (port->read_limit != 0 && count > port->read_limit) {
        count = port->read_limit;
    }
    while (given < count && port->in_at < port->in_count &&
           port->in[port->in_at] != FAKE_PORT_BREAK) {
        bytes[given++] = (uint8_t)port->in[port->in_at++];
    }
    return given;
}

static bool take_break(void *context)
{
    struct fake_port *port = context;

    if (port->in_at == port->in_count || port->in[port->in_at] != FAKE_PORT_BREAK) {
        return false;
    }
    port->in_at++;
    return true;
}

void fake_port_reset(struct fake_port *port)
{
    memset(port, 0, sizeof(*port));
    port->room = FAKE_PORT_SIZE;
}

struct console_port fake_port_connect(struct fake_port *port)
{
    return (struct console_port){.write = write_bytes,
                                 .room = room,
                                 .read = read_bytes,
                                 .take_break = take_break,
                                 .context = port};
}

void fake_port_type(struct fake_port *port, const char *text)
{
    for (; *text != 0; text++) {
        assert(port->in_count < FAKE_PORT_SIZE);
        port->in[port->in_count++] = (uint8_t)*text;
    }
}

void fake_port_break(struct fake_port *port)
{
    assert(port->in_count < FAKE_PORT_SIZE);
    port->in[port->in_count++] = FAKE_PORT_BREAK;
}
