/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's fault reports call addresses of a program: functions and code labels of its
 * symbol table, as records of abi/image.h. A file without usable ones is no error: it has none.
 */
#ifndef SLUICE_TOOL_MICROKIT_SYMBOLS_H
#define SLUICE_TOOL_MICROKIT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/image.h"
#include "tool/microkit/program.h"
#include "tool/sdf/arena.h"

#define SYMBOLS_MAX_BYTES 0x10000 /* of one program, records and names */
#define SYMBOLS_MAX_NAME  255     /* characters; longer ones are cut */

struct symbols {
    struct image_symbol *list; /* by address; name is an offset in `names` */
    char *names;
    size_t count;
    size_t names_size;
    size_t left_out; /* symbols at higher addresses, for which there was no room */
};

void symbols_read(struct arena *arena, const struct program *program, struct symbols *symbols);
bool symbols_are_equal(const struct symbols *a, const struct symbols *b);

#endif
