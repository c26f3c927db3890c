/* SPDX-License-Identifier: BSD-2-Clause */
/* What the forms of the report share: report.c (text), report_json.c, report_dot.c. */
#ifndef SLUICE_TOOL_MICROKIT_REPORT_H
#define SLUICE_TOOL_MICROKIT_REPORT_H

#include "tool/microkit/build.h"

/* A piece of the memory map. */
struct report_range {
    uint64_t start;
    uint64_t size;
    const char *kind;  /* of the owner: "kernel", "protection_domain", "memory_region" */
    const char *owner; /* its name */
    const char *what;
};

/* The memory map, by address, in the arena; returns how many. */
size_t report_memory(struct build *build, struct report_range **list);

/* "512 MiB", "31.4 MiB": a size for people; returns `text`. */
#define REPORT_SIZE_TEXT 32
const char *report_size(uint64_t size, char text[REPORT_SIZE_TEXT]);

#endif
