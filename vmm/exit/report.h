/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest did that could not be done for it: counted, and each page named once, so that a
 * guest cannot flood the console.
 */
#ifndef SLUICE_VMM_EXIT_REPORT_H
#define SLUICE_VMM_EXIT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#define REPORT_MAX_PAGES 16

struct exit_report {
    uint64_t abort_count;
    uint64_t undefined_count;
    unsigned int page_count;
    bool is_full_told;
    uint64_t pages[REPORT_MAX_PAGES];
};

/* What an access was like, for the line. */
struct report_access {
    uint64_t ipa;
    uint64_t pc;
    const char *what; /* "read", "write", "instruction fetch" */
};

void report_abort(struct exit_report *report, const char *vm_name,
                  const struct report_access *access);

#endif
