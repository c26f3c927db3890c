/* SPDX-License-Identifier: BSD-2-Clause */
/* The image header (abi/image.h), as the tool placed it behind the kernel. */
#ifndef SLUICE_KERNEL_BOOT_IMAGE_H
#define SLUICE_KERNEL_BOOT_IMAGE_H

#include "abi/image.h"

/* The header; NULL if the image is not of this kernel's kind. */
const struct image_header *image_find(void);

const void *image_table(const struct image_header *image, enum image_table_id table);
uint32_t image_count(const struct image_header *image, enum image_table_id table);

#endif
