/* SPDX-License-Identifier: BSD-2-Clause */
/* See log.h. */
#include "vmm/log.h"

#include <microkit.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void log_line(const char *name, const char *format, ...)
{
    char line[LOG_LINE_LENGTH + 2]; /* and newline, and zero */
    size_t length;
    va_list args;

    snprintf(line, LOG_LINE_LENGTH + 1, "[%s] ", name);
    length = strlen(line);
    va_start(args, format);
    vsnprintf(line + length, LOG_LINE_LENGTH + 1 - length, format, args);
    va_end(args);
    strcat(line, "\n");
    microkit_dbg_puts(line);
}
