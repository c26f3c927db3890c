/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line (contract.md, section 2). */
#ifndef SLUICE_TOOL_MICROKIT_OPTIONS_H
#define SLUICE_TOOL_MICROKIT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
    const char *system;
    const char *board;
    const char *config;
    const char *output;
    const char *report;
    const char *report_json; /* or NULL */
    const char *report_dot;  /* or NULL */
    const char **search_paths;
    size_t search_path_count;
    bool elf; /* --image-type elf */
};

enum options_result {
    OPTIONS_OK,
    OPTIONS_HELP,  /* printed: end with status 0 */
    OPTIONS_ERROR, /* printed: end with status 1 */
};

/* `options->search_paths` has room for argc strings. */
enum options_result options_parse(int argc, char **argv, struct options *options);

#endif
