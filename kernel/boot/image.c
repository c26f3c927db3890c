/* SPDX-License-Identifier: BSD-2-Clause */
/* See image.h. */
#include "kernel/boot/image.h"

#include <stddef.h>

/* Physical address of the header: the tool writes it into the image. */
__attribute__((section(".data.boot_image"), used)) volatile uint64_t boot_image = 0;

const struct image_header *image_find(void)
{
    const struct image_header *image = (const struct image_header *)(uintptr_t)boot_image;

    if (image == NULL || image->magic != IMAGE_MAGIC || image->version != IMAGE_VERSION) {
        return NULL;
    }
    return image;
}

const void *image_table(const struct image_header *image, enum image_table_id table)
{
    return (const char *)image + image->tables[table].offset;
}

uint32_t image_count(const struct image_header *image, enum image_table_id table)
{
    return image->tables[table].count;
}
