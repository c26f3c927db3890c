/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of the names that there are somebody meant who wrote another one: the one that the fewest
 * letters away make of it, if these are few. For messages:
 *
 *     struct nearest nearest = {.word = "seriall"};
 *     nearest_try(&nearest, "serial");
 *     sdf_error(..., "unknown ... '%s'" NEAREST_FORMAT, "seriall", NEAREST_ARGUMENTS(nearest));
 */
#ifndef SLUICE_TOOL_SDF_NEAREST_H
#define SLUICE_TOOL_SDF_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *word;
    const char *name; /* the best so far; NULL: none is near enough */
    size_t distance;
};

/* Considers a name; it has to live as long as the message. */
void nearest_try(struct nearest *nearest, const char *name);

#define NEAREST_FORMAT "%s%s%s"
#define NEAREST_ARGUMENTS(nearest)                    \
    (nearest).name != NULL ? "; did you mean '" : "", \
        (nearest).name != NULL ? (nearest).name : "", (nearest).name != NULL ? "'?" : ""

#endif
