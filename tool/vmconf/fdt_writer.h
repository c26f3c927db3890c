/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libfdt's sequential writing with errors gathered instead of checked at each step, and the path
 * of the open node at hand. Used by guest_tree.c alone.
 */
#ifndef SLUICE_TOOL_VMCONF_FDT_WRITER_H
#define SLUICE_TOOL_VMCONF_FDT_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "tool/sdf/arena.h"

struct fdt_writer {
    struct arena *arena;
    void *fdt;
    int error;        /* the first one, of libfdt; 0: none */
    const char *path; /* of the open node; "" at the root */
};

void fdt_writer_start(struct fdt_writer *writer, struct arena *arena, size_t capacity);
void fdt_writer_begin(struct fdt_writer *writer, const char *name);
void fdt_writer_end(struct fdt_writer *writer);
void fdt_writer_finish(struct fdt_writer *writer);

void fdt_writer_bytes(struct fdt_writer *writer, const char *name, const void *bytes, int length);
void fdt_writer_empty(struct fdt_writer *writer, const char *name);
void fdt_writer_string(struct fdt_writer *writer, const char *name, const char *text);
void fdt_writer_cell(struct fdt_writer *writer, const char *name, uint32_t cell);
void fdt_writer_cells(struct fdt_writer *writer, const char *name, const uint32_t *cells,
                      size_t count);
/* Numbers of two cells each, as addresses and sizes below the guest's root are. */
void fdt_writer_u64s(struct fdt_writer *writer, const char *name, const uint64_t *numbers,
                     size_t count);

#endif
