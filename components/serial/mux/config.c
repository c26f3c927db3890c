/* SPDX-License-Identifier: BSD-2-Clause */
/* See config.h. */
#include "components/serial/mux/config.h"

#include <string.h>

/* A piece of the text. */
struct slice {
    const char *start;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice slice)
{
    while (slice.length > 0 && is_blank(slice.start[0])) {
        slice.start++;
        slice.length--;
    }
    while (slice.length > 0 && is_blank(slice.start[slice.length - 1])) {
        slice.length--;
    }
    return slice;
}

static bool equals(struct slice slice, const char *word)
{
    return slice.length == strlen(word) && memcmp(slice.start, word, slice.length) == 0;
}

/* The part in front of the first `c`, or all. */
static struct slice before(struct slice slice, char c)
{
    const char *end = memchr(slice.start, c, slice.length);

    if (end != NULL) {
        slice.length = (size_t)(end - slice.start);
    }
    return slice;
}

/* Each sets what the value says, or returns false. */

static bool set_escape(struct config *config, struct slice value)
{
    uint8_t key;

    if (value.length != 2 || value.start[0] != '^') {
        return false;
    }
    key = (uint8_t)value.start[1];
    if (key >= 'a' && key <= 'z') {
        key = (uint8_t)(key - 'a' + 'A');
    }
    if (key <= '@' || key > '_' || key == 'J' || key == 'M' || key == '[') {
        return false;
    }
    config->escape = key - '@';
    return true;
}

static bool set_poweroff(struct config *config, struct slice value)
{
    config->is_power_shared = equals(value, "all");
    return config->is_power_shared || equals(value, "never");
}

static bool set_show(struct config *config, struct slice value)
{
    if (equals(value, "all")) {
        config->show = CONFIG_SHOW_ALL;
        return true;
    }
    if (value.length != 1 || value.start[0] < '0' || value.start[0] > '9') {
        return false;
    }
    config->show = (unsigned int)(value.start[0] - '0');
    return true;
}

static const struct {
    const char *name;
    bool (*set)(struct config *config, struct slice value);
    const char *expected;
} settings[] = {
    {"escape", set_escape, "escape is a control key such as ^]"},
    {"poweroff", set_poweroff, "poweroff is all or never"},
    {"show", set_show, "show is 0..9 or all"},
};

/* Returns what is wrong with the line, or NULL. */
static const char *parse_line(struct config *config, struct slice line)
{
    struct slice name;
    struct slice value;

    line = trim(before(line, '#'));
    if (line.length == 0) {
        return NULL;
    }
    name = before(line, '=');
    if (name.length == line.length) {
        return "not of the form name = value";
    }
    value = trim((struct slice){name.start + name.length + 1, line.length - name.length - 1});
    name = trim(name);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (equals(name, settings[i].name)) {
            struct config changed = *config;

            if (!settings[i].set(&changed, value)) {
                return settings[i].expected;
            }
            *config = changed;
            return NULL;
        }
    }
    return "there are escape, poweroff and show";
}

void config_set_defaults(struct config *config)
{
    *config = (struct config){.escape = 0x1d, .show = 1};
}

void config_parse(struct config *config, const char *text, size_t size, config_report *report,
                  void *context)
{
    struct slice rest = before((struct slice){text, size}, '\0');

    for (unsigned int number = 1; rest.length > 0; number++) {
        struct slice line = before(rest, '\n');
        const char *why = parse_line(config, line);
        size_t used = line.length < rest.length ? line.length + 1 : line.length;

        if (why != NULL) {
            report(context, number, why);
        }
        rest.start += used;
        rest.length -= used;
    }
}
