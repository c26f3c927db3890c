/* SPDX-License-Identifier: BSD-2-Clause */
/* See commands.h: a table of keys. */
#include "components/serial/mux/commands.h"

#include <stdio.h>

#include "components/serial/mux/list.h"
#include "components/serial/mux/size.h"
#include "components/serial/mux/view.h"

static void select_client(struct mux *mux, uint8_t key)
{
    unsigned int number = key - (unsigned int)'0';

    if (number != SOURCE_MESSAGES && !client_exists(&mux->clients[number])) {
        terminal_say(&mux->terminal, "there is no %u", number);
        return;
    }
    view_select(mux, number);
}

static void show_all(struct mux *mux, uint8_t key)
{
    (void)key;
    view_select(mux, SOURCE_ALL);
}

static void list(struct mux *mux, uint8_t key)
{
    (void)key;
    list_begin(mux);
}

/* The client that a command is for; NULL: none is selected, or it is no guest, and that was said.
 */
static struct client *guest(struct mux *mux)
{
    struct client *client = mux_selected(mux);
    enum console_state state;

    if (client == NULL) {
        terminal_say(&mux->terminal, "select a guest first: %s and its digit",
                     commands_escape_name(mux));
        return NULL;
    }
    if (!client_read_guest(client, &state)) {
        terminal_say(&mux->terminal, "%u is no guest", client->number);
        return NULL;
    }
    return client;
}

static void command_guest(struct mux *mux, enum console_command command, const char *what)
{
    struct client *client = guest(mux);
    char name[CLIENT_NAME];

    if (client != NULL) {
        client_read_name(client, name);
        (void)client_command(client, command);
        terminal_say(&mux->terminal, "%s %u %s", what, client->number, name);
    }
}

static void restart(struct mux *mux, uint8_t key)
{
    (void)key;
    command_guest(mux, CONSOLE_RESTART, "restarting");
}

static void stop(struct mux *mux, uint8_t key)
{
    (void)key;
    command_guest(mux, CONSOLE_STOP, "stopping");
}

static void start(struct mux *mux, uint8_t key)
{
    (void)key;
    command_guest(mux, CONSOLE_START, "starting");
}

static void send_break(struct mux *mux, uint8_t key)
{
    struct client *client = mux_selected(mux);

    (void)key;
    if (client == NULL) {
        terminal_say(&mux->terminal, "a break goes to who is selected, and nobody is");
        return;
    }
    client_send_break(client);
    terminal_say(&mux->terminal, "break");
}

static void ask_size(struct mux *mux, uint8_t key)
{
    (void)key;
    size_ask(mux);
}

static const struct {
    uint8_t first;
    uint8_t last;
    void (*perform)(struct mux *mux, uint8_t key); /* NULL: what is here is shown */
    const char *keys;
    const char *help; /* NULL: in the line above */
} commands[] = {
    {'0', '9', select_client, "1..9", "show a guest or program; 0: the channel of messages"},
    {'a', 'a', show_all, "a", "show all, line by line, with names"},
    {'l', 'l', list, "l", "list them, with state, time and memory"},
    {'r', 'r', restart, "r", "restart the selected guest"},
    {'s', 's', stop, "s", "stop it"},
    {'g', 'g', start, "g", "start it"},
    {'b', 'b', send_break, "b", "send a break"},
    {'w', 'w', ask_size, "w", "tell them the terminal's size"},
    {'?', '?', NULL, "? h", "this help"},
    {'h', 'h', NULL, "", NULL},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void help(struct mux *mux)
{
    for (unsigned int i = 0; i < COMMAND_COUNT; i++) {
        if (commands[i].help != NULL) {
            terminal_say(&mux->terminal, "%s %-4s  %s", commands_escape_name(mux), commands[i].keys,
                         commands[i].help);
        }
    }
    terminal_say(&mux->terminal, "%s %s  the key itself", commands_escape_name(mux),
                 commands_escape_name(mux));
}

void commands_perform(struct mux *mux, uint8_t key)
{
    for (unsigned int i = 0; i < COMMAND_COUNT; i++) {
        if (key >= commands[i].first && key <= commands[i].last) {
            if (commands[i].perform != NULL) {
                commands[i].perform(mux, key);
            } else {
                help(mux);
            }
            return;
        }
    }
    terminal_say(&mux->terminal, "no command; %s ? helps", commands_escape_name(mux));
}

const char *commands_escape_name(struct mux *mux)
{
    static char name[8];
    uint8_t escape = mux->config.escape;

    if (escape < 0x20) {
        (void)snprintf(name, sizeof(name), "Ctrl-%c",
                       escape >= 1 && escape <= 26 ? 'a' + escape - 1 : '@' + escape);
    } else {
        (void)snprintf(name, sizeof(name), "%c", escape);
    }
    return name;
}
