/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the plugin's arguments say.
 *
 *   out=FILE                        where the counts go; required
 *   class=NAME[:vSTART+SIZE][:pSTART+SIZE]
 *                                   instructions whose virtual and physical address lie there; the
 *                                   first class that fits counts, several may have one name, and
 *                                   what fits none is "other"
 *   mark=OPCODE:NUMBER              an instruction that is mark NUMBER, too, beside the hints
 *   profile=on                      also where the instructions were executed
 */
#ifndef SLUICE_BENCH_PLUGIN_OPTIONS_H
#define SLUICE_BENCH_PLUGIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_CLASSES    32 /* names, "other" included */
#define OPTIONS_RULES      256
#define OPTIONS_MARKS      8
#define OPTIONS_NAME       32
#define OPTIONS_NO_ADDRESS UINT64_MAX /* a physical address that is not known */

struct address_range {
    uint64_t start;
    uint64_t size; /* bytes; 0: everything */
};

struct class_rule {
    struct address_range virtual;
    struct address_range physical;
    unsigned int class;
};

struct opcode_mark {
    uint32_t opcode;
    unsigned int number;
};

struct options {
    const char *out;
    bool profile;
    unsigned int class_count;
    char class_names[OPTIONS_CLASSES][OPTIONS_NAME]; /* 0 is "other" */
    unsigned int rule_count;
    struct class_rule rules[OPTIONS_RULES];
    unsigned int mark_count;
    struct opcode_mark marks[OPTIONS_MARKS];
};

/* Reads all arguments. Returns false with a message in `problem` if one is wrong. */
bool options_read(struct options *options, int argc, char **argv, char *problem,
                  size_t problem_size);

/* The class of an instruction; `physical` may be OPTIONS_NO_ADDRESS. */
unsigned int options_class(const struct options *options, uint64_t virtual, uint64_t physical);

/* HINT #64 to #127: marks whatever the arguments say. */
bool options_is_hint(uint32_t opcode);

/* The mark that an instruction is, or -1. */
int options_mark(const struct options *options, uint32_t opcode);

#endif
