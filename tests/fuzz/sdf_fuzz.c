/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the reader and the checks of system descriptions. Input: the description.
 * A prefill_path finds only this harness's own empty directory, so nothing else of the machine
 * has a say. Messages go to stderr: run with -close_fd_mask=2 and, if wanted, with
 * -dict=tests/fuzz/sdf.dict. Links with tool/sdf and expat. Seeds: tests/fuzz/corpus/sdf.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool/sdf/sdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every user of a model relies on: each index in it is one. */
static void check_model(const struct sdf *sdf)
{
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        if (pd->image_path == NULL || (pd->parent != SDF_NONE && pd->parent >= i)) {
            abort();
        }
        for (size_t j = 0; j < pd->map_count; j++) {
            if (pd->maps[j].region >= sdf->region_count ||
                sdf->regions[pd->maps[j].region].size == 0) {
                abort();
            }
        }
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        const struct sdf_end *ends = sdf->channels[i].ends;

        if (ends[0].pd >= sdf->pd_count || ends[1].pd >= sdf->pd_count || ends[0].id > 61 ||
            ends[1].id > 61) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sdf_options options = {.cpu_count = 4, .prefill_may_be_missing = true};
    struct sdf_messages messages = {.path = NULL};
    int file = memfd_create("fuzz.system", MFD_CLOEXEC);
    char path[32];
    struct sdf *sdf;

    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        abort();
    }
    (void)snprintf(path, sizeof(path), "/dev/fd/%d", file);
    sdf = sdf_load(path, &options, &messages);
    if ((sdf == NULL) != (messages.error_count != 0)) {
        abort();
    }
    if (sdf != NULL) {
        check_model(sdf);
    }
    sdf_free(sdf);
    (void)close(file);
    return 0;
}
