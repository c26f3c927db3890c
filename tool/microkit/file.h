/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files in and out. */
#ifndef SLUICE_TOOL_MICROKIT_FILE_H
#define SLUICE_TOOL_MICROKIT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/sdf/arena.h"

struct file {
    uint8_t *bytes;
    size_t size;
};

/* False, and errno, if it cannot be read whole. The bytes end with a zero that is not counted. */
bool file_read(struct arena *arena, const char *path, struct file *file);

/* Replaces `path` at once, or, after a message, not at all. */
bool file_write(const char *path, const void *bytes, size_t size);
/* What an earlier run left; nothing happens if there is nothing, or no regular file. */
void file_remove(const char *path);

#endif
