/* SPDX-License-Identifier: BSD-2-Clause */
/* See list.h. */
#include "components/serial/mux/list.h"

#include <stdio.h>
#include <string.h>

#include "components/serial/clock.h"
#include "components/serial/mux/states.h"

#define WAIT_MS 100

static void append(char *line, const char *text)
{
    size_t length = strlen(line);

    (void)snprintf(line + length, TERMINAL_LINE - length, "%s", text);
}

/* The two largest units: "3 d 4 h", "12 min 5 s". */
static void append_time(char *line, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    unsigned int i = 0;
    char text[64];

    while (i < 3 && seconds < units[i].seconds) {
        i++;
    }
    (void)snprintf(text, sizeof(text), " for %llu %s",
                   (unsigned long long)(seconds / units[i].seconds), units[i].name);
    append(line, text);
    if (i < 3) {
        (void)snprintf(text, sizeof(text), " %u %s",
                       (unsigned int)(seconds % units[i].seconds / units[i + 1].seconds),
                       units[i + 1].name);
        append(line, text);
    }
}

static void append_memory(char *line, uint64_t bytes)
{
    char text[32];

    if (bytes > 0) {
        (void)snprintf(text, sizeof(text), ", %llu %s",
                       (unsigned long long)(bytes >> (bytes < 1U << 20 ? 10 : 20)),
                       bytes < 1U << 20 ? "KiB" : "MiB");
        append(line, text);
    }
}

static void append_starts(char *line, uint32_t starts)
{
    char text[32];

    if (starts > 0) {
        (void)snprintf(text, sizeof(text), starts == 1 ? ", %u start" : ", %u starts", starts);
        append(line, text);
    }
}

static void append_faults(char *line, uint64_t faults)
{
    char text[48];

    if (faults > 0) {
        (void)snprintf(text, sizeof(text), ", %llu DMA fault%s", (unsigned long long)faults,
                       faults == 1 ? "" : "s");
        append(line, text);
    }
}

static void append_status(char *line, const struct client_status *status)
{
    uint64_t now = clock_now();

    append(line, status->kind == CONSOLE_GUEST ? states_name(status->state) : "program");
    if (status->kind == CONSOLE_GUEST && status->state == CONSOLE_STATE_NONE) {
        return;
    }
    if (status->since != 0 && status->since <= now) {
        append_time(line, (now - status->since) / clock_frequency());
    }
    append_memory(line, status->memory);
    append_starts(line, status->starts);
    append_faults(line, status->faults);
    if (!status->has_answered) {
        append(line, ", does not answer");
    }
}

static void list_client(struct mux *mux, const struct client *client)
{
    struct client_status status;
    char line[TERMINAL_LINE];
    char name[CLIENT_NAME];

    client_read_name(client, name);
    client_read_status(client, &status);
    (void)snprintf(line, sizeof(line), "%c%u %-12s ", mux->shown == client->number ? '*' : ' ',
                   client->number, name);
    if (status.is_there) {
        append_status(line, &status);
    } else {
        append(line, states_name(CONSOLE_STATE_NONE));
    }
    terminal_say(&mux->terminal, "%s", line);
}

static bool have_all_answered(const struct mux *mux)
{
    for (unsigned int i = 1; i < mux->client_end; i++) {
        struct client_status status;

        client_read_status(&mux->clients[i], &status);
        if (status.is_there && !status.has_answered) {
            return false;
        }
    }
    return true;
}

void list_begin(struct mux *mux)
{
    for (unsigned int i = 1; i < mux->client_end; i++) {
        if (client_exists(&mux->clients[i])) {
            (void)client_command(&mux->clients[i], CONSOLE_PING);
            mux->clients[i].is_due = true;
        }
    }
    mux->list.is_due = true;
    mux->list.deadline = clock_now() + clock_frequency() / 1000 * WAIT_MS;
}

void list_continue(struct mux *mux)
{
    if (!mux->list.is_due) {
        return;
    }
    if (mux->has_timer && clock_now() < mux->list.deadline && !have_all_answered(mux)) {
        mux_wake_at(mux, mux->list.deadline);
        return;
    }
    mux->list.is_due = false;
    for (unsigned int i = 1; i < mux->client_end; i++) {
        if (client_exists(&mux->clients[i])) {
            list_client(mux, &mux->clients[i]);
        }
    }
}
