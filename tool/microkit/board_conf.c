/* SPDX-License-Identifier: BSD-2-Clause */
/* See board_conf.h. */
#include "tool/microkit/board_conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/limits.h"

#define BLANKS " \t\r"

struct key {
    const char *name;
    size_t offset; /* of a uint64_t in struct board_conf */
};

static const struct key keys[] = {
    {"load_address", offsetof(struct board_conf, load_address)},
    {"reserve_start", offsetof(struct board_conf, reserve_start)},
    {"reserve_size", offsetof(struct board_conf, reserve_size)},
    {"cpu_count", offsetof(struct board_conf, cpu_count)},
    {"debug_console", offsetof(struct board_conf, debug_console)},
    {"benchmark", offsetof(struct board_conf, benchmark)},
    {"gich", offsetof(struct board_conf, gich)},
    {"gicv", offsetof(struct board_conf, gicv)},
};

static bool set_value(struct board_conf *conf, const char *name, uint64_t value)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            memcpy((char *)conf + keys[i].offset, &value, sizeof(value));
            return true;
        }
    }
    return false;
}

/* Cuts blanks off both ends. */
static char *trim(char *text)
{
    char *end;

    text += strspn(text, BLANKS);
    end = text + strlen(text);
    while (end > text && strchr(BLANKS, end[-1]) != NULL) {
        end--;
    }
    *end = '\0';
    return text;
}

static bool read_line(struct board_conf *conf, char *line)
{
    char *equals = strchr(line, '=');
    unsigned long long value;
    char *number;
    char *end;

    if (equals == NULL) {
        return false;
    }
    *equals = '\0';
    number = trim(equals + 1);
    errno = 0;
    value = strtoull(number, &end, 0);
    return *number >= '0' && *number <= '9' && *end == '\0' && errno == 0 &&
           set_value(conf, trim(line), value);
}

static bool check(const char *path, const struct board_conf *conf)
{
    if (conf->load_address == 0 || conf->load_address % ABI_PAGE_SIZE != 0) {
        fprintf(stderr, "microkit: error: %s: load_address is missing or no page's\n", path);
        return false;
    }
    if (conf->cpu_count == 0 || conf->cpu_count > ABI_MAX_CPUS) {
        fprintf(stderr, "microkit: error: %s: cpu_count must be 1 to %d\n", path, ABI_MAX_CPUS);
        return false;
    }
    if (conf->reserve_start > UINT64_MAX - conf->reserve_size) {
        fprintf(stderr, "microkit: error: %s: reserve_size is too large\n", path);
        return false;
    }
    return true;
}

bool board_conf_read(const char *path, char *text, struct board_conf *conf)
{
    unsigned int number = 0;
    char *line;

    *conf = (struct board_conf){0};
    while ((line = strsep(&text, "\n")) != NULL) {
        number++;
        line[strcspn(line, "#")] = '\0';
        line = trim(line);
        if (*line != '\0' && !read_line(conf, line)) {
            fprintf(stderr,
                    "microkit: error: %s:%u: expected 'key = number' with a key that is known\n",
                    path, number);
            return false;
        }
    }
    return check(path, conf);
}
