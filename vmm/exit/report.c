/* SPDX-License-Identifier: BSD-2-Clause */
/* See report.h. */
#include "vmm/exit/report.h"

#include <inttypes.h>

#include "vmm/log.h"

#define PAGE_MASK 0xfffUL

static bool is_known(const struct exit_report *report, uint64_t page)
{
    for (unsigned int i = 0; i < report->page_count; i++) {
        if (report->pages[i] == page) {
            return true;
        }
    }
    return false;
}

void report_abort(struct exit_report *report, const char *vm_name,
                  const struct report_access *access)
{
    uint64_t page = access->ipa & ~PAGE_MASK;

    report->abort_count++;
    if (is_known(report, page)) {
        return;
    }
    if (report->page_count == REPORT_MAX_PAGES) {
        if (!report->is_full_told) {
            report->is_full_told = true;
            log_line(vm_name, "further bad accesses are not reported");
        }
        return;
    }
    report->pages[report->page_count++] = page;
    log_line(vm_name, "bad %s at 0x%" PRIx64 " (pc 0x%" PRIx64 "): external abort", access->what,
             access->ipa, access->pc);
}
