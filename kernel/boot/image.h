/* SPDX-License-Identifier: BSD-2-Clause */
/* The image header (abi/image.h), as the tool placed it behind the kernel. */
#ifndef SLUICE_KERNEL_BOOT_IMAGE_H
#define SLUICE_KERNEL_BOOT_IMAGE_H

#include <stdbool.h>

#include "abi/image.h"

/* The header; NULL if the image is not of this kernel's kind. */
const struct image_header *image_find(void);

const void *image_table(const struct image_header *image, enum image_table_id table);
uint32_t image_count(const struct image_header *image, enum image_table_id table);
/* Whether symbol_find() may rely on the symbols: every PD's lie in their table, sorted, and every
 * name ends within its own. To be asked once the number of PDs is known to be right. */
bool image_symbols_are_valid(const struct image_header *image);

#endif
