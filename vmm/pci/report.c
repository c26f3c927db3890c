/* SPDX-License-Identifier: BSD-2-Clause */
/* See report.h. */
#include "vmm/pci/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "vmm/log.h"

void pci_report(const struct vm_config *config, unsigned int function, const char *format, ...)
{
    const struct vm_config_pci_function *reported = &config->pci.functions[function];
    char text[LOG_LINE_LENGTH];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    log_line(config->name, "%.*s (%02x:%02x.%x): %s", (int)sizeof(reported->name), reported->name,
             reported->physical >> 8 & 0xffu, reported->physical >> 3 & 0x1fu,
             reported->physical & 0x7u, text);
}
