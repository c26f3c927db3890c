/* SPDX-License-Identifier: BSD-2-Clause */
/* See load.h. */
#include "tests/unit/tool/sdf/load.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct sdf_messages load_messages;

struct sdf *load_text(const char *text)
{
    const struct sdf_options options = {.cpu_count = 2, .prefill_may_be_missing = true};
    int file = memfd_create("test.system", MFD_CLOEXEC);
    char path[32];

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    (void)snprintf(path, sizeof(path), "/dev/fd/%d", file);
    load_messages = (struct sdf_messages){0};
    struct sdf *sdf = sdf_load(path, &options, &load_messages);
    (void)close(file);
    assert_int_equal(sdf == NULL, load_messages.error_count != 0);
    return sdf;
}
