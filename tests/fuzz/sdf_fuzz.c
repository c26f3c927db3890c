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

static const struct sdf_range ram[] = {{0x40000000, 0x80000000}};
static const struct sdf_range reserved[] = {{0xbfe00000, 0x100000}};
static const struct sdf_range devices[] = {{0x9000000, 0x1000}, {0x10000000, 0x10000000}};
static const struct sdf_frame frames[] = {
    {"distributor", 0x8000000, 0x40000, false},
    {"virtual CPU interface", 0x8040000, 0x10000, true},
};
static const struct sdf_board board = {
    .ram = ram,
    .ram_count = sizeof(ram) / sizeof(ram[0]),
    .reserved = reserved,
    .reserved_count = sizeof(reserved) / sizeof(reserved[0]),
    .devices = devices,
    .device_count = sizeof(devices) / sizeof(devices[0]),
    .frames = frames,
    .frame_count = sizeof(frames) / sizeof(frames[0]),
    .intid_count = 288,
    .ppis = 1U << 27 | 1U << 30,
    .kernel_ppis = 1U << 27,
    .triggers = {[33] = SDF_TRIGGER_LEVEL, [49] = SDF_TRIGGER_EDGE},
};

static bool meets_gic(const struct sdf_region *region)
{
    return region->has_phys_addr && region->phys_addr < frames[1].start + frames[1].size &&
           frames[0].start < region->phys_addr + region->size;
}

/* What the kernel relies on: no program has registers of the GIC, or an interrupt of no device. */
static void check_rights(const struct sdf *sdf, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->map_count; i++) {
        if (meets_gic(&sdf->regions[pd->maps[i].region])) {
            abort();
        }
    }
    for (size_t i = 0; i < pd->irq_count; i++) {
        uint32_t intid = pd->irqs[i].intid;

        if (intid >= board.intid_count || (intid < 32 && intid != 30)) {
            abort();
        }
    }
}

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
        check_rights(sdf, pd);
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
    struct sdf_options options = {.cpu_count = 4, .board = &board, .prefill_may_be_missing = true};
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
