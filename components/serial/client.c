/* SPDX-License-Identifier: BSD-2-Clause */
/* See client.h. The multiplexer is trusted no further than the other side of a ring is. */
#include "components/serial/client.h"

#include <string.h>

#include "components/serial/clock.h"

/* Bytes that may be on their way in front of a break. */
#define BREAK_AHEAD 0x100000

#define WRITE_FIELD(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define READ_FIELD(field)         __atomic_load_n(&(field), __ATOMIC_RELAXED)

static void attach_rings(struct console_client *client, struct console_region *region)
{
    ring_producer_init(&client->out, &region->out, region->out_data, CONSOLE_OUT_SIZE);
    ring_consumer_init(&client->in, &region->in, region->in_data, CONSOLE_IN_SIZE);
    ring_producer_init(&client->log, &region->log, region->log_data, CONSOLE_LOG_SIZE);
}

void console_client_init(struct console_client *client, void *region, microkit_channel channel,
                         enum console_kind kind, const char *name)
{
    struct console_status *status;

    *client = (struct console_client){.region = region, .channel = channel};
    if (region == NULL) {
        return;
    }
    attach_rings(client, client->region);
    status = &client->region->status;
    client->command = READ_FIELD(client->region->control.command);
    client->break_count = READ_FIELD(client->region->control.break_count);
    WRITE_FIELD(status->answered, client->command);
    status->version = CONSOLE_VERSION;
    status->kind = kind;
    strncpy(status->name, name, sizeof(status->name) - 1);
    status->name[sizeof(status->name) - 1] = '\0';
    console_client_set_state(client, CONSOLE_STATE_NONE);
    /* Release: all of the above before the magic; pairs with the acquire of the multiplexer. */
    __atomic_store_n(&status->magic, CONSOLE_MAGIC, __ATOMIC_RELEASE);
    microkit_notify(channel);
}

bool console_client_is_connected(const struct console_client *client)
{
    return client->region != NULL;
}

uint32_t console_client_write(struct console_client *client, const void *bytes, uint32_t count)
{
    const uint8_t *from = bytes;
    uint32_t done = 0;
    bool wake = false;

    if (client->region == NULL) {
        return count;
    }
    /* Each further turn writes a quarter of the ring or all of the rest, or is the last. */
    do {
        done += ring_write(&client->out, from + done, count - done, &wake);
    } while (done < count && ring_wait_room(&client->out, CONSOLE_OUT_SIZE / 4));
    if (wake) {
        microkit_notify(client->channel);
    }
    return done;
}

uint32_t console_client_room(const struct console_client *client)
{
    return client->region == NULL ? UINT32_MAX : ring_room(&client->out);
}

static bool has_break(const struct console_client *client)
{
    /* Acquire: `break_at` after it; pairs with the release of the multiplexer. */
    return __atomic_load_n(&client->region->control.break_count, __ATOMIC_ACQUIRE) !=
           client->break_count;
}

/* How many of the `used` bytes come before the next break; UINT32_MAX: there is none. The rings'
 * counters were read before: a break before any of the bytes is seen. */
static uint32_t bytes_before_break(const struct console_client *client, uint32_t used)
{
    uint32_t distance;

    if (!has_break(client)) {
        return UINT32_MAX;
    }
    distance = READ_FIELD(client->region->control.break_at) - client->in.index;
    if (distance <= used) {
        return distance;
    }
    return distance < BREAK_AHEAD ? UINT32_MAX : 0; /* yet to come, or passed */
}

uint32_t console_client_read(struct console_client *client, void *bytes, uint32_t count)
{
    uint8_t *to = bytes;
    uint32_t done = 0;
    bool is_last = false; /* the ring was empty, then had something, and was empty again */
    bool wake = false;

    if (client->region == NULL) {
        return 0;
    }
    while (done < count) {
        uint32_t used = ring_used(&client->in);
        uint32_t limit = bytes_before_break(client, used);
        uint32_t wanted = count - done < limit ? count - done : limit;
        uint32_t taken = ring_read(&client->in, to + done, wanted < used ? wanted : used, &wake);

        done += taken;
        if (taken == 0 && (limit == 0 || is_last || !ring_wait_data(&client->in))) {
            break;
        }
        is_last = taken == 0;
    }
    if (wake) {
        microkit_notify(client->channel);
    }
    return done;
}

bool console_client_take_break(struct console_client *client)
{
    if (client->region == NULL || bytes_before_break(client, ring_used(&client->in)) != 0) {
        return false;
    }
    client->break_count = READ_FIELD(client->region->control.break_count);
    return true;
}

void console_client_log(struct console_client *client, const char *line)
{
    size_t length = strlen(line);
    bool wake = false;

    if (client->region == NULL || length >= ring_room(&client->log)) {
        return;
    }
    (void)ring_write(&client->log, line, (uint32_t)length, &wake);
    (void)ring_write(&client->log, "\n", 1, &wake);
    if (wake) {
        microkit_notify(client->channel);
    }
}

enum console_command console_client_command(struct console_client *client)
{
    uint32_t command;

    if (client->region == NULL) {
        return CONSOLE_NOTHING;
    }
    command = READ_FIELD(client->region->control.command);
    if (command == client->command) {
        return CONSOLE_NOTHING;
    }
    client->command = command;
    WRITE_FIELD(client->region->status.answered, command);
    microkit_notify(client->channel);
    return (enum console_command)CONSOLE_COMMAND_OF(command);
}

bool console_client_size(const struct console_client *client, uint16_t *columns, uint16_t *rows)
{
    if (client->region == NULL) {
        return false;
    }
    *columns = READ_FIELD(client->region->control.columns);
    *rows = READ_FIELD(client->region->control.rows);
    return *columns != 0 && *rows != 0;
}

void console_client_set_state(struct console_client *client, enum console_state state)
{
    struct console_status *status;

    if (client->region == NULL) {
        return;
    }
    status = &client->region->status;
    if (state == CONSOLE_STATE_RUNNING) {
        WRITE_FIELD(status->starts, READ_FIELD(status->starts) + 1);
    }
    WRITE_FIELD(status->since, clock_now());
    WRITE_FIELD(status->state, state);
    microkit_notify(client->channel);
}

void console_client_set_memory(struct console_client *client, uint64_t bytes)
{
    if (client->region != NULL) {
        WRITE_FIELD(client->region->status.memory, bytes);
    }
}

void console_client_set_faults(struct console_client *client, uint64_t count)
{
    if (client->region != NULL) {
        WRITE_FIELD(client->region->status.faults, count);
    }
}

void console_client_set_watchdog(struct console_client *client, uint64_t when)
{
    uint64_t old;

    if (client->region == NULL) {
        return;
    }
    old = READ_FIELD(client->region->status.watchdog);
    WRITE_FIELD(client->region->status.watchdog, when);
    /* A deadline that has come may have been seen; so the multiplexer does not look again. */
    if (when != 0 && (old == 0 || when < old || old <= clock_now())) {
        microkit_notify(client->channel);
    }
}
