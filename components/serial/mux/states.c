/* SPDX-License-Identifier: BSD-2-Clause */
/* See states.h. */
#include "components/serial/mux/states.h"

#include "components/serial/mux/commands.h"
#include "components/serial/mux/messages.h"
#include "components/serial/mux/view.h"

#define PSCI_SYSTEM_OFF 0x84000008UL

static const struct {
    const char *name;
    bool is_over;
} states[] = {
    [CONSOLE_STATE_NONE] = {"not there", false},
    [CONSOLE_STATE_RUNNING] = {"running", false},
    [CONSOLE_STATE_STARTING] = {"starting", false},
    [CONSOLE_STATE_STOPPED] = {"stopped", true},
    [CONSOLE_STATE_OFF] = {"off", true},
    [CONSOLE_STATE_FAILED] = {"failed", true},
};

const char *states_name(enum console_state state)
{
    return states[state].name;
}

bool states_is_over(enum console_state state)
{
    return states[state].is_over;
}

/* All that it printed was shown, if it is to be. */
static bool is_through(struct mux *mux, struct client *client)
{
    return !view_is_shown(mux, client->number) ||
           (ring_used(&client->out) == 0 &&
            scrollback_pending(&mux->sources[client->number].scrollback) == 0);
}

/* Where several guests boot, whoever sits at the console learns which is where. */
static void say_where(struct mux *mux, const struct client *client, const char *name)
{
    if (mux->client_end <= 2) {
        return;
    }
    if (mux->shown == client->number) {
        terminal_say(&mux->terminal, "%u %s boots here", client->number, name);
    } else {
        terminal_say(&mux->terminal, "%u %s boots; %s %u shows it", client->number, name,
                     commands_escape_name(mux), client->number);
    }
}

static void look(struct mux *mux, struct client *client)
{
    enum console_state state;
    char name[CLIENT_NAME];

    if (!client_read_guest(client, &state) || state == client->state || !is_through(mux, client)) {
        return;
    }
    client_read_name(client, name);
    if (client->state == CONSOLE_STATE_NONE && !states_is_over(state)) {
        say_where(mux, client, name);
    }
    client->state = state;
    mux->input.is_dropped = false;
    messages_say(mux, "%u %s is %s", client->number, name, states_name(state));
    if (states_is_over(state) && mux->shown == client->number) {
        terminal_say(&mux->terminal, "%u %s is %s; %s g starts it", client->number, name,
                     states_name(state), commands_escape_name(mux));
    }
}

void states_look(struct mux *mux)
{
    for (unsigned int i = 1; i < mux->client_end; i++) {
        if (mux->clients[i].is_due) {
            look(mux, &mux->clients[i]);
        }
    }
}

/* There are guests, and each is off by its own will. */
static bool is_every_guest_off(const struct mux *mux)
{
    bool is_any = false;

    for (unsigned int i = 1; i < mux->client_end; i++) {
        enum console_state state;

        if (client_read_guest(&mux->clients[i], &state)) {
            is_any = true;
            if (state != CONSOLE_STATE_OFF) {
                return false;
            }
        }
    }
    return is_any;
}

static void turn_off(struct mux *mux)
{
    seL4_ARM_SMCContext arguments = {.x0 = PSCI_SYSTEM_OFF};
    seL4_ARM_SMCContext results;

    microkit_arm_smc_call(&arguments, &results);
    terminal_say(&mux->terminal, "the machine does not go off");
}

static void say_off(struct mux *mux)
{
    terminal_say(&mux->terminal, "every guest is off%s",
                 mux->config.is_power_shared ? ": the machine goes off" : "");
    mux->power = mux->config.is_power_shared ? POWER_ENDING : POWER_DONE;
}

static void ask_driver(struct mux *mux)
{
    __atomic_store_n(&mux->uart->control.drain, ++mux->drain, __ATOMIC_RELAXED);
    mux->terminal.wake = true;
    mux->power = POWER_DRAINING;
}

static void hear_driver(struct mux *mux)
{
    if (__atomic_load_n(&mux->uart->status.drained, __ATOMIC_RELAXED) == mux->drain) {
        mux->power = POWER_DONE;
        turn_off(mux);
    }
}

void states_power_off(struct mux *mux)
{
    static void (*const steps[])(struct mux * mux) = {
        [POWER_ON] = say_off, [POWER_ENDING] = ask_driver, [POWER_DRAINING] = hear_driver};

    if (!is_every_guest_off(mux)) {
        mux->power = POWER_ON;
    } else if (mux->power != POWER_DONE && view_is_through(mux)) {
        steps[mux->power](mux);
    }
}
