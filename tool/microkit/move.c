/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images that do not run where the boot loader puts them: a region with a phys_addr lies there. The
 * SDK has the kernel a second time, linked for another place, and a page of code that moves it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool/microkit/build.h"
#include "tool/microkit/file.h"

/* kernel/arch/aarch64/mover.S */
#define TARGET_OFFSET 8
#define SIZE_OFFSET   16

bool move_is_needed(const struct build *build)
{
    for (size_t i = 0; i < build->sdf->region_count; i++) {
        const struct sdf_region *region = &build->sdf->regions[i];

        if (region->has_phys_addr && region->phys_addr < build->image_end &&
            region->phys_addr + region->size > build->base) {
            return true;
        }
    }
    return false;
}

bool move_image(struct build *build)
{
    uint64_t size = build->image_end - build->base;
    const char *path = arena_printf(build->arena, "%s/elf/mover.bin", build->directory);
    uint8_t *file = arena_alloc(build->arena, PAGE_SIZE + size);
    struct file mover;

    if (!file_read(build->arena, path, &mover)) {
        fprintf(stderr, "microkit: error: cannot read '%s': %s\n", path, strerror(errno));
        return false;
    }
    if (mover.size < SIZE_OFFSET + sizeof(size) || mover.size > PAGE_SIZE) {
        fprintf(stderr, "microkit: error: '%s' is not the code that moves an image\n", path);
        return false;
    }
    memcpy(file, mover.bytes, mover.size);
    memcpy(file + TARGET_OFFSET, &build->base, sizeof(build->base));
    memcpy(file + SIZE_OFFSET, &size, sizeof(size));
    memcpy(file + PAGE_SIZE, build->image, size);
    build->file = file;
    build->file_size = PAGE_SIZE + size;
    return true;
}
