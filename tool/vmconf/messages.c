/* SPDX-License-Identifier: BSD-2-Clause */
/* One message, one line on stderr. */
#include "tool/vmconf/messages.h"

#include <stdarg.h>
#include <stdio.h>

static void print_line(const char *kind, const char *format, va_list arguments)
{
    fprintf(stderr, "vmconf: %s: ", kind);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void vmconf_error(struct sdf_messages *messages, const char *format, ...)
{
    va_list arguments;

    messages->error_count++;
    va_start(arguments, format);
    print_line("error", format, arguments);
    va_end(arguments);
}

void vmconf_warning(struct sdf_messages *messages, const char *format, ...)
{
    va_list arguments;

    messages->warning_count++;
    va_start(arguments, format);
    print_line("warning", format, arguments);
    va_end(arguments);
}

void vmconf_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("note", format, arguments);
    va_end(arguments);
}
