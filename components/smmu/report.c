/* SPDX-License-Identifier: BSD-2-Clause */
/* See report.h. */
#include "components/smmu/report.h"

#include <microkit.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE 160

void smmu_report(const char *format, ...)
{
    char line[LINE + 2] = "smmu: "; /* and newline, and zero */
    size_t length = strlen(line);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line + length, LINE - length, format, args);
    va_end(args);
    (void)strcat(line, "\n");
    microkit_dbg_puts(line);
}
