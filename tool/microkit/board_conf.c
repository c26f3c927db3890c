/* SPDX-License-Identifier: BSD-2-Clause */
/* See board_conf.h. */
#include "tool/microkit/board_conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/limits.h"

#define BLANKS     " \t\r"
#define MIN_INTIDS 32            /* SGIs and PPIs */
#define MAX_RAM    (256UL << 30) /* that the kernel's address space has room for */

/* Parts of an SMC function id (DEN0028). */
#define FUNCTION_FAST  (1UL << 31)
#define FUNCTION_SMC64 (1UL << 30)
#define FUNCTION_ZERO  0x00ff0000UL /* of a fast call; the lowest of them is a hint */

struct place {
    const char *path;
    unsigned int line;
};

struct key {
    const char *name;
    size_t offset; /* of a uint64_t in struct board_conf */
};

static const struct key keys[] = {
    {"load_address", offsetof(struct board_conf, load_address)},
    {"ram_end", offsetof(struct board_conf, ram_end)},
    {"reserve_start", offsetof(struct board_conf, reserve_start)},
    {"reserve_size", offsetof(struct board_conf, reserve_size)},
    {"cpu_count", offsetof(struct board_conf, cpu_count)},
    {"intids", offsetof(struct board_conf, intids)},
    {"msi_first", offsetof(struct board_conf, msi_first)},
    {"msi_count", offsetof(struct board_conf, msi_count)},
    {"further_start", offsetof(struct board_conf, further_start)},
    {"further_size", offsetof(struct board_conf, further_size)},
    {"debug_console", offsetof(struct board_conf, debug_console)},
    {"benchmark", offsetof(struct board_conf, benchmark)},
    {"gich", offsetof(struct board_conf, gich)},
    {"gicv", offsetof(struct board_conf, gicv)},
};

/* Standard services that no board's file opens. */
static const struct {
    uint32_t first;
    uint32_t last;
    const char *why;
} closed[] = {
    {0x84000000, 0x8400001f, "is PSCI's, of which the kernel allows what may be asked"},
    {0x84000021, 0x84000021, "is SDEI_EVENT_REGISTER, which would run a program's code at EL2"},
    {0x8400002a, 0x8400002a,
     "is SDEI_EVENT_COMPLETE_AND_RESUME, which would run a program's code at EL2"},
};

/* Why the board must not allow a call, or NULL. */
static const char *refuse_call(const struct board_conf *conf, uint64_t function)
{
    if (function > UINT32_MAX) {
        return "is no function id: those have 32 bits";
    }
    if ((function & FUNCTION_FAST) != 0 && (function & FUNCTION_ZERO) != 0) {
        return "is no function id: bits 16 to 23 of a fast call are zero";
    }
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        uint64_t number = function & ~FUNCTION_SMC64;

        if (number >= closed[i].first && number <= closed[i].last) {
            return closed[i].why;
        }
    }
    return conf->call_count == ABI_MAX_FIRMWARE_CALLS ? "is one too many" : NULL;
}

static bool add_call(struct board_conf *conf, const struct place *place, uint64_t function)
{
    const char *why = refuse_call(conf, function);

    if (why != NULL) {
        fprintf(stderr, "microkit: error: %s:%u: firmware_call 0x%lx %s\n", place->path,
                place->line, (unsigned long)function, why);
        return false;
    }
    conf->calls[conf->call_count++] =
        (struct board_conf_call){.function = (uint32_t)function, .line = place->line};
    return true;
}

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

/* The number behind '=', which becomes the end of the key. */
static bool split(char *line, uint64_t *value)
{
    char *equals = strchr(line, '=');
    char *number;
    char *end;

    if (equals == NULL) {
        return false;
    }
    *equals = '\0';
    number = trim(equals + 1);
    errno = 0;
    *value = strtoull(number, &end, 0);
    return *number >= '0' && *number <= '9' && *end == '\0' && errno == 0;
}

static bool read_line(struct board_conf *conf, const struct place *place, char *line)
{
    uint64_t value;
    bool is_number = split(line, &value);
    const char *key = trim(line);

    if (is_number && strcmp(key, "firmware_call") == 0) {
        return add_call(conf, place, value);
    }
    if (!is_number || !set_value(conf, key, value)) {
        fprintf(stderr,
                "microkit: error: %s:%u: expected 'key = number' with a key that is known\n",
                place->path, place->line);
        return false;
    }
    return true;
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
    if (conf->intids < MIN_INTIDS || conf->intids > ABI_MAX_INTID) {
        fprintf(stderr, "microkit: error: %s: intids must be %d to %d\n", path, MIN_INTIDS,
                ABI_MAX_INTID);
        return false;
    }
    if (conf->msi_count > 0 && (conf->msi_first < MIN_INTIDS || conf->msi_count > conf->intids ||
                                conf->msi_first > conf->intids - conf->msi_count)) {
        fprintf(stderr, "microkit: error: %s: msi_first and msi_count are not below intids\n",
                path);
        return false;
    }
    if (conf->ram_end % ABI_PAGE_SIZE != 0 || conf->ram_end > MAX_RAM) {
        fprintf(stderr, "microkit: error: %s: ram_end is no page's, or above 0x%lx\n", path,
                MAX_RAM);
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
    struct place place = {.path = path};
    char *line;

    *conf = (struct board_conf){0};
    while ((line = strsep(&text, "\n")) != NULL) {
        place.line++;
        line[strcspn(line, "#")] = '\0';
        line = trim(line);
        if (*line != '\0' && !read_line(conf, &place, line)) {
            return false;
        }
    }
    return check(path, conf);
}
