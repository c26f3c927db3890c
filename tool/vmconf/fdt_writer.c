/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequential writing of a tree; see fdt_writer.h. */
#include "tool/vmconf/fdt_writer.h"

#include <libfdt.h>
#include <string.h>

#define MAX_NUMBERS 4u

static void note(struct fdt_writer *writer, int error)
{
    if (writer->error == 0 && error < 0) {
        writer->error = error;
    }
}

void fdt_writer_start(struct fdt_writer *writer, struct arena *arena, size_t capacity)
{
    *writer = (struct fdt_writer){
        .arena = arena,
        .fdt = arena_alloc(arena, capacity),
        .path = "",
    };
    note(writer, fdt_create(writer->fdt, (int)capacity));
    note(writer, fdt_finish_reservemap(writer->fdt));
    note(writer, fdt_begin_node(writer->fdt, ""));
}

void fdt_writer_begin(struct fdt_writer *writer, const char *name)
{
    writer->path = arena_printf(writer->arena, "%s/%s", writer->path, name);
    note(writer, fdt_begin_node(writer->fdt, name));
}

void fdt_writer_end(struct fdt_writer *writer)
{
    size_t parent = (size_t)(strrchr(writer->path, '/') - writer->path);

    writer->path = arena_printf(writer->arena, "%.*s", (int)parent, writer->path);
    note(writer, fdt_end_node(writer->fdt));
}

void fdt_writer_finish(struct fdt_writer *writer)
{
    note(writer, fdt_end_node(writer->fdt));
    note(writer, fdt_finish(writer->fdt));
}

void fdt_writer_bytes(struct fdt_writer *writer, const char *name, const void *bytes, int length)
{
    note(writer, fdt_property(writer->fdt, name, bytes, length));
}

void fdt_writer_empty(struct fdt_writer *writer, const char *name)
{
    fdt_writer_bytes(writer, name, NULL, 0);
}

void fdt_writer_string(struct fdt_writer *writer, const char *name, const char *text)
{
    fdt_writer_bytes(writer, name, text, (int)strlen(text) + 1);
}

void fdt_writer_cell(struct fdt_writer *writer, const char *name, uint32_t cell)
{
    note(writer, fdt_property_u32(writer->fdt, name, cell));
}

void fdt_writer_cells(struct fdt_writer *writer, const char *name, const uint32_t *cells,
                      size_t count)
{
    fdt32_t *bytes = arena_array(writer->arena, count, sizeof(*bytes));

    for (size_t i = 0; i < count; i++) {
        bytes[i] = cpu_to_fdt32(cells[i]);
    }
    fdt_writer_bytes(writer, name, bytes, (int)(count * sizeof(*bytes)));
}

void fdt_writer_u64s(struct fdt_writer *writer, const char *name, const uint64_t *numbers,
                     size_t count)
{
    fdt64_t cells[MAX_NUMBERS];

    if (count > MAX_NUMBERS) {
        note(writer, -FDT_ERR_INTERNAL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cells[i] = cpu_to_fdt64(numbers[i]);
    }
    fdt_writer_bytes(writer, name, cells, (int)(count * sizeof(cells[0])));
}
