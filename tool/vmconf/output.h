/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that appear whole or not at all: contents go to temporary files first, and only when all
 * are on the disk do they get their names. A file whose contents are the same already stays
 * untouched, so that make sees no change.
 */
#ifndef SLUICE_TOOL_VMCONF_OUTPUT_H
#define SLUICE_TOOL_VMCONF_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"

struct output_file {
    struct output_file *next;
    const char *path;
    const char *temporary; /* NULL: the file is up to date */
};

struct output {
    struct arena *arena;
    struct sdf_messages *messages;
    const char *directory;
    struct output_file *files;
};

/* Makes the directory if need be, though not those above it. */
bool output_start(struct output *output);
/* Writes one file's new contents, under its temporary name. */
bool output_add(struct output *output, const char *name, const void *bytes, size_t size);
/* Renames all; or removes all when that fails. */
bool output_commit(struct output *output);
/* Removes the temporary files. */
void output_abandon(struct output *output);
/* Removes a file of an earlier run, so that nobody takes it for this one's. */
void output_remove(struct output *output, const char *name);

#endif
