/* SPDX-License-Identifier: BSD-2-Clause */
/* See image.h. */
#include "kernel/boot/image.h"

#include <stddef.h>

#define TABLE_ALIGN 8 /* as abi/image.h says of image_table.offset */

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

/* Whether a table's entries, of `size` bytes, lie within the image, and are aligned. */
static bool is_inside(const struct image_header *image, enum image_table_id table, uint64_t size)
{
    uint64_t room = image->start + image->size - (uint64_t)(uintptr_t)image;
    uint64_t offset = image->tables[table].offset;

    return offset % TABLE_ALIGN == 0 && offset <= room &&
           image_count(image, table) <= (room - offset) / size;
}

static bool are_sorted(const struct image_symbol *symbols, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (symbols[i].address <= symbols[i - 1].address) {
            return false;
        }
    }
    return true;
}

bool image_symbols_are_valid(const struct image_header *image)
{
    const struct image_symbol *symbols = image_table(image, IMAGE_TABLE_SYMBOLS);
    const struct image_pd *pds = image_table(image, IMAGE_TABLE_PDS);
    const char *names = image_table(image, IMAGE_TABLE_NAMES);
    uint32_t count = image_count(image, IMAGE_TABLE_SYMBOLS);
    uint32_t names_size = image_count(image, IMAGE_TABLE_NAMES);

    if (!is_inside(image, IMAGE_TABLE_SYMBOLS, sizeof(*symbols)) ||
        !is_inside(image, IMAGE_TABLE_NAMES, 1) ||
        (names_size != 0 && names[names_size - 1] != '\0')) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (symbols[i].name >= names_size) {
            return false;
        }
    }
    for (uint32_t i = 0; i < image_count(image, IMAGE_TABLE_PDS); i++) {
        if (pds[i].first_symbol > count || pds[i].symbol_count > count - pds[i].first_symbol ||
            !are_sorted(&symbols[pds[i].first_symbol], pds[i].symbol_count)) {
            return false;
        }
    }
    return true;
}
