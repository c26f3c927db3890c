/* SPDX-License-Identifier: BSD-2-Clause */
/* See watchdog.h. */
#include "components/serial/mux/watchdog.h"

#include "components/serial/clock.h"

/* A command that waits for its answer may come first: the answer is a signal, and then it is looked
 * at again. */
static void look(struct mux *mux, struct client *client, uint64_t now)
{
    uint64_t deadline = client_read_watchdog(client);

    if (deadline == 0 || deadline == client->expired) {
        return;
    }
    if (deadline > now) {
        mux_wake_at(mux, deadline);
    } else if (client_command(client, CONSOLE_EXPIRED)) {
        client->expired = deadline;
    }
}

void watchdog_look(struct mux *mux)
{
    uint64_t now = clock_now();

    for (unsigned int i = 1; mux->has_timer && i < mux->client_end; i++) {
        if (client_exists(&mux->clients[i])) {
            look(mux, &mux->clients[i], now);
        }
    }
}
