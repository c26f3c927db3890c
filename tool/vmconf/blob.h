/* SPDX-License-Identifier: BSD-2-Clause */
/* Device tree blobs from outside, before libfdt works on them. */
#ifndef SLUICE_TOOL_VMCONF_BLOB_H
#define SLUICE_TOOL_VMCONF_BLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/sdf/sdf.h"

#define BLOB_MAX_SIZE  (4u << 20)
#define BLOB_MAX_NODES 8192u
#define BLOB_MAX_DEPTH 32 /* of a node below the root; libfdt recurses when it applies overlays */

/*
 * Whether a blob is sound: one tree, nothing outside of its block, names of nodes that can be
 * printed, not larger or deeper than the limits. Says what is wrong in a message otherwise.
 */
bool blob_check(const void *blob, size_t size, const char *file, struct sdf_messages *messages);

#endif
