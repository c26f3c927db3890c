/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin's arguments, and the two questions they answer: which class, which mark. */
#include "bench/plugin/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HINT #64 to #127 (Arm ARM C6.2, HINT): unallocated, and so NOPs on every processor. */
#define HINT_MASK     0xfffff01fU
#define HINT_OPCODE   0xd503201fU
#define HINT_SHIFT    5
#define HINT_BITS     0x7fU
#define HINT_FIRST    64U
#define LARGEST_MARK  999UL
#define MARK_EXPECTED "OPCODE:NUMBER, the number at most 999"
#define RULE_EXPECTED "NAME[:vSTART+SIZE][:pSTART+SIZE]"

/* A number in C's notation, and where it ends. */
static bool read_number(const char **text, uint64_t *value)
{
    char *end;

    if (**text < '0' || **text > '9') { /* strtoull would take a sign */
        return false;
    }
    errno = 0;
    *value = strtoull(*text, &end, 0);
    *text = end;
    return errno == 0;
}

/* START+SIZE, which ends at most with the address space. */
static bool read_range(const char **text, struct address_range *range)
{
    if (!read_number(text, &range->start) || **text != '+') {
        return false;
    }
    (*text)++;
    return read_number(text, &range->size) && range->size != 0 &&
           range->start <= UINT64_MAX - (range->size - 1);
}

static bool find_class(struct options *options, const char *name, size_t length,
                       unsigned int *class)
{
    unsigned int i;

    for (i = 0; i < options->class_count; i++) {
        if (strlen(options->class_names[i]) == length &&
            memcmp(options->class_names[i], name, length) == 0) {
            break;
        }
    }
    *class = i;
    if (i == options->class_count) {
        if (i == OPTIONS_CLASSES || length == 0 || length >= OPTIONS_NAME) {
            return false;
        }
        memcpy(options->class_names[i], name, length);
        options->class_count++;
    }
    return true;
}

static bool read_class(struct options *options, const char *text)
{
    struct class_rule rule = {0};
    size_t length = strcspn(text, ": \t\n");

    if (options->rule_count == OPTIONS_RULES || !find_class(options, text, length, &rule.class)) {
        return false;
    }
    text += length;
    while (text[0] == ':' && (text[1] == 'v' || text[1] == 'p')) {
        struct address_range *range = text[1] == 'v' ? &rule.virtual : &rule.physical;

        text += 2;
        if (!read_range(&text, range)) {
            return false;
        }
    }
    options->rules[options->rule_count++] = rule;
    return *text == '\0';
}

static bool read_mark(struct options *options, const char *text)
{
    uint64_t opcode;
    uint64_t number;

    if (options->mark_count == OPTIONS_MARKS || !read_number(&text, &opcode) || *text != ':') {
        return false;
    }
    text++;
    if (!read_number(&text, &number) || *text != '\0' || opcode > UINT32_MAX ||
        number > LARGEST_MARK) {
        return false;
    }
    options->marks[options->mark_count++] =
        (struct opcode_mark){(uint32_t)opcode, (unsigned int)number};
    return true;
}

static bool read_out(struct options *options, const char *text)
{
    options->out = text;
    return *text != '\0';
}

static bool read_profile(struct options *options, const char *text)
{
    options->profile = strcmp(text, "on") == 0;
    return options->profile || strcmp(text, "off") == 0;
}

static const struct {
    const char *name;
    bool (*read)(struct options *options, const char *text);
    const char *expected;
} known[] = {
    {"out", read_out, "a file"},
    {"class", read_class, RULE_EXPECTED},
    {"mark", read_mark, MARK_EXPECTED},
    {"profile", read_profile, "on or off"},
};

static bool read_argument(struct options *options, const char *argument, char *problem,
                          size_t problem_size)
{
    size_t length = strcspn(argument, "=");

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].name) != length || memcmp(known[i].name, argument, length) != 0) {
            continue;
        }
        if (argument[length] == '=' && known[i].read(options, argument + length + 1)) {
            return true;
        }
        (void)snprintf(problem, problem_size, "'%s': expected %s=%s", argument, known[i].name,
                       known[i].expected);
        return false;
    }
    (void)snprintf(problem, problem_size,
                   "unknown argument '%s'; known are out=, class=, mark= and profile=", argument);
    return false;
}

bool options_read(struct options *options, int argc, char **argv, char *problem,
                  size_t problem_size)
{
    *options = (struct options){.class_count = 1, .class_names = {"other"}};
    for (int i = 0; i < argc; i++) {
        if (!read_argument(options, argv[i], problem, problem_size)) {
            return false;
        }
    }
    if (options->out == NULL) {
        (void)snprintf(problem, problem_size, "out=FILE is missing");
        return false;
    }
    return true;
}

static bool range_has(const struct address_range *range, uint64_t address)
{
    return range->size == 0 || address - range->start < range->size;
}

unsigned int options_class(const struct options *options, uint64_t virtual, uint64_t physical)
{
    for (unsigned int i = 0; i < options->rule_count; i++) {
        const struct class_rule *rule = &options->rules[i];

        if (range_has(&rule->virtual, virtual) && range_has(&rule->physical, physical)) {
            return rule->class;
        }
    }
    return 0;
}

static unsigned int hint_of(uint32_t opcode)
{
    return opcode >> HINT_SHIFT & HINT_BITS;
}

bool options_is_hint(uint32_t opcode)
{
    return (opcode & HINT_MASK) == HINT_OPCODE && hint_of(opcode) >= HINT_FIRST;
}

int options_mark(const struct options *options, uint32_t opcode)
{
    if (options_is_hint(opcode)) {
        return (int)(hint_of(opcode) - HINT_FIRST);
    }
    for (unsigned int i = 0; i < options->mark_count; i++) {
        if (options->marks[i].opcode == opcode) {
            return (int)options->marks[i].number;
        }
    }
    return -1;
}
