/* SPDX-License-Identifier: BSD-2-Clause */
/* Positioned messages of the tools; see sdf.h. */
#include <stdarg.h>
#include <stdio.h>

#include "tool/sdf/sdf.h"

static void print(FILE *out, const char *kind, const struct sdf_messages *messages,
                  const struct sdf_pos *pos, const char *format, va_list arguments)
{
    fprintf(out, "%s: ", kind);
    vfprintf(out, format, arguments);
    fprintf(out, " on element '%s': %s:%u:%u\n", pos->tag, messages->path, pos->row, pos->col);
}

void sdf_error(struct sdf_messages *messages, const struct sdf_pos *pos, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(stderr, "Error", messages, pos, format, arguments);
    va_end(arguments);
    messages->error_count++;
}

void sdf_warning(struct sdf_messages *messages, const struct sdf_pos *pos, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(stderr, "Warning", messages, pos, format, arguments);
    va_end(arguments);
    if (messages->warnings != NULL) {
        va_start(arguments, format);
        print(messages->warnings, "Warning", messages, pos, format, arguments);
        va_end(arguments);
    }
    messages->warning_count++;
}
