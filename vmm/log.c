/* SPDX-License-Identifier: BSD-2-Clause */
/* See log.h. Where lines go is the one thing that is the whole program's. */
#include "vmm/log.h"

#include <microkit.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void (*redirected_put)(void *context, const char *line);
static void *redirected_context;

void log_redirect(void (*put)(void *context, const char *line), void *context)
{
    redirected_put = put;
    redirected_context = context;
}

void log_line(const char *name, const char *format, ...)
{
    char line[LOG_LINE_LENGTH + 2]; /* and newline, and zero */
    size_t length = 0;
    va_list args;

    if (redirected_put == NULL) {
        snprintf(line, LOG_LINE_LENGTH + 1, "[%s] ", name);
        length = strlen(line);
    }
    va_start(args, format);
    vsnprintf(line + length, LOG_LINE_LENGTH + 1 - length, format, args);
    va_end(args);
    if (redirected_put != NULL) {
        redirected_put(redirected_context, line);
        return;
    }
    strcat(line, "\n");
    microkit_dbg_puts(line);
}
