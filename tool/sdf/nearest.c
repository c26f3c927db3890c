/* SPDX-License-Identifier: BSD-2-Clause */
/* See nearest.h. */
#include "tool/sdf/nearest.h"

#include <string.h>

/* Longer names are not compared. */
#define LONGEST 63

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters left out, added, taken for others, or two swapped: the optimal string alignment. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];

    for (size_t j = 0; j <= b_length; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *oldest = before;

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_length];
}

void nearest_try(struct nearest *nearest, const char *name)
{
    size_t length = strlen(nearest->word);
    size_t name_length = strlen(name);
    size_t found;

    if (length == 0 || length > LONGEST || name_length > LONGEST) {
        return;
    }
    found = distance(nearest->word, length, name, name_length);
    /* A third of the letters may be wrong; of two or three, one. */
    if (found <= (length < 3 ? 1 : length / 3) && found < name_length &&
        (nearest->name == NULL || found < nearest->distance)) {
        nearest->name = name;
        nearest->distance = found;
    }
}
