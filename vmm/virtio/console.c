/* SPDX-License-Identifier: BSD-2-Clause */
/* See console.h. */
#include "vmm/virtio/console.h"

#include <stddef.h>

#define DEVICE_ID  3
#define QUEUE_SIZE 16 /* Linux offers a page to read into for each */

/* 5.3.3 */
#define FEATURE_SIZE        (1UL << 0)
#define FEATURE_EMERG_WRITE (1UL << 2)

/* 5.3.2, of port 0 */
enum queue {
    RECEIVE,
    TRANSMIT,
    QUEUE_COUNT,
};

/* 5.3.4 */
struct configuration {
    uint16_t columns;
    uint16_t rows;
    uint32_t max_port_count; /* 0: FEATURE_MULTIPORT is not offered */
    uint32_t emergency_write;
};

_Static_assert(offsetof(struct configuration, emergency_write) == 8, "configuration");

/* The size may have been known before there was a driver to tell, and Linux looks at it only when
 * told that it changed: so once, with the first that it prints. */
static void tell_size(struct virtio_console *console)
{
    if (!console->is_size_told && console->columns != 0) {
        console->is_size_told = true;
        virtio_device_config_changed(&console->virtio,
                                     virtio_device_has_feature(&console->virtio, FEATURE_SIZE));
    }
}

/* The open chain to the port, as far as that has room. VIRTQ_NONE: it has no more. */
static enum virtq_result print_chain(struct virtio_console *console, struct virtq *queue)
{
    const struct console_port *port = console->port;
    struct virtq_run run;
    enum virtq_result result = virtq_run(queue, &run);

    while (result == VIRTQ_OK) {
        uint32_t count;

        if (run.is_writable) {
            return VIRTQ_BAD;
        }
        count = port->write(port->context, run.bytes, run.count);
        virtq_advance(queue, count);
        if (count < run.count) {
            return VIRTQ_NONE;
        }
        result = virtq_run(queue, &run);
    }
    if (result == VIRTQ_NONE) {
        virtq_close(queue);
        tell_size(console);
        return VIRTQ_OK;
    }
    return result;
}

/* What was typed. A break before it is dropped. */
static uint32_t read_port(const struct console_port *port, uint8_t *bytes, uint32_t count)
{
    while (port->take_break(port->context)) {
    }
    return port->read(port->context, bytes, count);
}

/* From the port into the open chain, until that is full or nothing is left. VIRTQ_NONE: nothing
 * is; a chain that got nothing stays open. */
static enum virtq_result fill_chain(struct virtio_console *console, struct virtq *queue)
{
    struct virtq_run run;
    enum virtq_result result = virtq_run(queue, &run);

    while (result == VIRTQ_OK) {
        uint32_t count;

        if (!run.is_writable) {
            return VIRTQ_BAD;
        }
        count = read_port(console->port, run.bytes, run.count);
        virtq_advance(queue, count);
        if (count == 0) {
            if (queue->chain.written > 0) {
                virtq_close(queue);
            }
            return VIRTQ_NONE;
        }
        result = virtq_run(queue, &run);
    }
    if (result == VIRTQ_NONE) {
        virtq_close(queue);
        return VIRTQ_OK;
    }
    return result;
}

static enum virtq_result (*const chain_functions[])(struct virtio_console *, struct virtq *) = {
    [RECEIVE] = fill_chain,
    [TRANSMIT] = print_chain,
};

/* As many chains as there are and the port is good for. */
static void run_queue(struct virtio_console *console, unsigned int number)
{
    struct virtq *queue = virtio_device_queue(&console->virtio, number);
    enum virtq_result result;

    if (queue == NULL) {
        return;
    }
    result = virtq_look(queue);
    while (result == VIRTQ_OK) {
        result = virtq_open(queue);
        if (result == VIRTQ_OK) {
            result = chain_functions[number](console, queue);
        }
    }
    virtio_device_announce(&console->virtio, number);
    if (result == VIRTQ_BAD) {
        virtio_device_fail(&console->virtio, number == RECEIVE ? "the receive queue cannot be"
                                                               : "the transmit queue cannot be");
    }
}

static void driver_resets(void *context)
{
    struct virtio_console *console = context;

    console->is_size_told = false;
}

static void driver_notifies(void *context, unsigned int queue)
{
    run_queue(context, queue);
}

static uint8_t read_config(void *context, uint64_t offset)
{
    const struct virtio_console *console = context;
    const struct configuration configuration = {.columns = console->columns, .rows = console->rows};

    return offset < sizeof(configuration) ? ((const uint8_t *)&configuration)[offset] : 0;
}

/* Emergency write is good at any time, without set-up (5.3.4). If the port has no room, the byte is
 * lost: there is no way to say so. */
static void write_config(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
    const struct virtio_console *console = context;
    uint8_t byte = (uint8_t)value;

    (void)size;
    if (offset == offsetof(struct configuration, emergency_write)) {
        (void)console->port->write(console->port->context, &byte, 1);
    }
}

static const struct virtio_device_ops device_ops = {
    .name = "console",
    .id = DEVICE_ID,
    .queue_count = QUEUE_COUNT,
    .queue_size = QUEUE_SIZE,
    .features = FEATURE_SIZE | FEATURE_EMERG_WRITE,
    .reset = driver_resets,
    .notify = driver_notifies,
    .read_config = read_config,
    .write_config = write_config,
};

static void port_has_input(void *context)
{
    run_queue(context, RECEIVE);
}

static void port_has_room(void *context)
{
    run_queue(context, TRANSMIT);
}

static void port_was_resized(void *context, uint16_t columns, uint16_t rows)
{
    struct virtio_console *console = context;

    if (columns != console->columns || rows != console->rows) {
        console->columns = columns;
        console->rows = rows;
        virtio_device_config_changed(&console->virtio,
                                     virtio_device_has_feature(&console->virtio, FEATURE_SIZE));
    }
}

static void port_resets(void *context)
{
    virtio_console_reset(context);
}

struct console_device virtio_console_device(struct virtio_console *console)
{
    return (struct console_device){
        .input = port_has_input,
        .room = port_has_room,
        .resize = port_was_resized,
        .reset = port_resets,
        .context = console,
    };
}

void virtio_console_init(struct virtio_console *console, const struct console_port *port,
                         const struct virtio_machine *machine)
{
    *console = (struct virtio_console){
        .virtio = {.ops = &device_ops, .context = console, .machine = machine}, .port = port};
    virtio_device_init(&console->virtio);
}

void virtio_console_reset(struct virtio_console *console)
{
    virtio_device_reset(&console->virtio);
    console->is_size_told = false;
}
