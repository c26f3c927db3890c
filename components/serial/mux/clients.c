/* SPDX-License-Identifier: BSD-2-Clause */
/* See clients.h. */
#include "components/serial/mux/clients.h"

#include <stdio.h>
#include <string.h>

#include "components/serial/clock.h"

#define READ_FIELD(field)         __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define WRITE_FIELD(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)

#define CHUNK 512

/* In the pause behind a burst a client has this many times what it took it to take the burst … */
#define PAUSE_FACTOR 2
/* … but no more than a part of a second. */
#define PAUSES_A_SECOND 4

void client_init(struct client *client, unsigned int number, void *region, microkit_channel channel,
                 bool is_paced)
{
    client->region = region;
    client->channel = channel;
    client->number = number;
    client->is_paced = is_paced;
    client->burst = CLIENT_BURST;
    if (region == NULL) {
        return;
    }
    ring_consumer_init(&client->out, &client->region->out, client->region->out_data,
                       CONSOLE_OUT_SIZE);
    ring_consumer_init(&client->log, &client->region->log, client->region->log_data,
                       CONSOLE_LOG_SIZE);
    ring_producer_init(&client->in, &client->region->in, client->region->in_data, CONSOLE_IN_SIZE);
    ring_producer_init(&client->backlog_in, &client->backlog_shared, client->backlog,
                       CLIENT_BACKLOG);
    ring_consumer_init(&client->backlog_out, &client->backlog_shared, client->backlog,
                       CLIENT_BACKLOG);
    client->command = READ_FIELD(client->region->control.command);
    client->command_count = client->command >> 8;
    client->is_due = true;
}

uint64_t client_read_watchdog(const struct client *client)
{
    return READ_FIELD(client->region->status.watchdog);
}

/* Acquire: the rest after the magic; pairs with the release in console_client_init(). */
static bool is_there(const struct client *client)
{
    return client->region != NULL &&
           __atomic_load_n(&client->region->status.magic, __ATOMIC_ACQUIRE) == CONSOLE_MAGIC;
}

static enum console_state read_state(const struct client *client)
{
    uint32_t state = READ_FIELD(client->region->status.state);

    return state <= CONSOLE_STATE_FAILED ? (enum console_state)state : CONSOLE_STATE_NONE;
}

bool client_read_guest(const struct client *client, enum console_state *state)
{
    if (!is_there(client) || READ_FIELD(client->region->status.kind) != CONSOLE_GUEST) {
        return false;
    }
    *state = read_state(client);
    return true;
}

void client_read_status(const struct client *client, struct client_status *status)
{
    const struct console_status *from;

    *status = (struct client_status){.is_there = is_there(client)};
    if (!status->is_there) {
        return;
    }
    from = &client->region->status;
    status->kind = READ_FIELD(from->kind) == CONSOLE_GUEST ? CONSOLE_GUEST : CONSOLE_PROGRAM;
    status->state = read_state(client);
    status->memory = READ_FIELD(from->memory);
    status->since = READ_FIELD(from->since);
    status->starts = READ_FIELD(from->starts);
    status->faults = READ_FIELD(from->faults);
    status->has_answered = READ_FIELD(from->answered) == client->command;
}

void client_read_name(const struct client *client, char name[CLIENT_NAME])
{
    unsigned int length = 0;

    for (; client->region != NULL && length < CLIENT_NAME - 1; length++) {
        char c = READ_FIELD(client->region->status.name[length]);

        if (c == '\0') {
            break;
        }
        name[length] = c;
        if (c <= ' ' || c > '~') {
            name[length] = '?';
        }
    }
    name[length] = '\0';
    if (length == 0) {
        (void)snprintf(name, CLIENT_NAME, "client-%u", client->number);
    }
}

uint32_t client_collect(struct client *client, struct scrollback *scrollback, uint32_t limit)
{
    uint8_t chunk[CHUNK];
    uint32_t done = 0;

    while (done < limit) {
        uint32_t wanted = limit - done < CHUNK ? limit - done : CHUNK;
        uint32_t count = ring_read(&client->out, chunk, wanted, &client->wake);

        if (count == 0) {
            break;
        }
        scrollback_put(scrollback, chunk, count);
        done += count;
    }
    return done;
}

bool client_wait_output(struct client *client)
{
    return ring_wait_data(&client->out);
}

bool client_has_backlog(struct client *client)
{
    return ring_used(&client->backlog_out) > 0;
}

/* All of the last burst was taken just now: what it took to take it is a measure of what it will
 * take to deal with it. */
static void begin_pause(struct client *client, uint64_t now)
{
    uint64_t pause = PAUSE_FACTOR * (now - client->burst_at);
    uint64_t limit = clock_frequency() / PAUSES_A_SECOND;

    client->resume_at = now + (pause < limit ? pause : limit);
    client->taken_at = client->resume_at;
}

/* How many bytes the client may be given. */
static uint32_t burst_left(struct client *client)
{
    uint64_t now = clock_now();

    if (ring_room(&client->in) < CONSOLE_IN_SIZE) {
        return client->burst;
    }
    if (client->burst == 0 && client->resume_at == 0 && client->is_paced) {
        begin_pause(client, now);
    }
    if (client->resume_at > now) {
        return 0;
    }
    client->burst = CLIENT_BURST;
    client->burst_at = now;
    client->resume_at = 0;
    return client->burst;
}

/* What may be given of the backlog now. */
static void push_burst(struct client *client)
{
    uint8_t chunk[CLIENT_BURST];
    uint32_t count = ring_peek(&client->backlog_out, 0, chunk, burst_left(client));
    uint32_t taken = ring_write(&client->in, chunk, count, &client->wake);
    bool unused = false;

    if (taken > 0) {
        client->taken_at = clock_now();
        client->burst -= taken;
        (void)ring_read(&client->backlog_out, chunk, taken, &unused);
    }
}

static bool waits_for_client(struct client *client)
{
    return client->resume_at == 0 && (client->burst == 0 || client_has_backlog(client));
}

/* A client on another core may take each burst at once, and has to have an end, too. */
void client_push_backlog(struct client *client)
{
    for (uint32_t done = 0; done < CLIENT_BACKLOG; done += CLIENT_BURST) {
        push_burst(client);
        if (!waits_for_client(client) || !ring_wait_room(&client->in, CONSOLE_IN_SIZE)) {
            break;
        }
    }
}

uint64_t client_resumes_at(struct client *client)
{
    return client_has_backlog(client) ? client->resume_at : 0;
}

uint32_t client_type(struct client *client, const void *bytes, uint32_t count)
{
    bool unused = false;
    uint32_t taken;

    client_push_backlog(client); /* makes room */
    taken = ring_write(&client->backlog_in, bytes, count, &unused);
    client_push_backlog(client);
    return taken;
}

/* Behind what waits in the backlog, where numbers of the ring go on. */
void client_send_break(struct client *client)
{
    struct console_control *control = &client->region->control;

    WRITE_FIELD(control->break_at, client->in.index + ring_used(&client->backlog_out));
    /* Release: the place before the count; pairs with the client's acquire. */
    __atomic_store_n(&control->break_count, control->break_count + 1, __ATOMIC_RELEASE);
    client->wake = true;
}

/* A ping gives way to anything that waits for its answer, the end of a watchdog to all but pings.
 */
static bool gives_way(const struct client *client, enum console_command command)
{
    bool is_answered = READ_FIELD(client->region->status.answered) == client->command;

    if (is_answered || (command != CONSOLE_PING && command != CONSOLE_EXPIRED)) {
        return false;
    }
    return command == CONSOLE_PING || CONSOLE_COMMAND_OF(client->command) != CONSOLE_PING;
}

bool client_command(struct client *client, enum console_command command)
{
    if (gives_way(client, command)) {
        return false;
    }
    client->command = CONSOLE_COMMAND(++client->command_count, command);
    WRITE_FIELD(client->region->control.command, client->command);
    client->wake = true;
    return true;
}

void client_set_size(struct client *client, uint16_t columns, uint16_t rows)
{
    WRITE_FIELD(client->region->control.columns, columns);
    WRITE_FIELD(client->region->control.rows, rows);
    client->wake = true;
}

void client_signal(struct client *client)
{
    if (client->wake) {
        client->wake = false;
        microkit_notify(client->channel);
    }
}
