/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a system description and a board's device tree to what each virtual machine needs: its
 * device tree and its VMM's configuration. Everything but files: main.c reads and writes those.
 */
#ifndef SLUICE_TOOL_VMCONF_VMCONF_H
#define SLUICE_TOOL_VMCONF_VMCONF_H

#include "tool/vmconf/guest.h"
#include "tool/vmconf/smmu.h"

struct vmconf_blob {
    const char *file; /* for messages; NULL: there is none */
    const void *bytes;
    size_t size;
};

/* What the user gives for one virtual machine. */
struct vmconf_extra {
    struct vmconf_blob overlay;
    const char *bootargs; /* NULL: the overlay's */
};

struct vmconf_result {
    struct guest *guests;
    size_t guest_count;
    struct smmu_owner *owners; /* of the board's SMMUs; some have none */
    size_t owner_count;
};

/* The virtual machines of a description, by the order of their PDs. */
size_t vmconf_count_vms(const struct sdf *sdf);
const struct sdf_pd *vmconf_vm_pd(const struct sdf *sdf, size_t index);

/*
 * `extras` has one entry for each virtual machine. The result is in the arena; it is complete if
 * messages->error_count has not grown, and else has at most what the report of errors needed.
 */
struct vmconf_result vmconf_derive(struct arena *arena, const struct sdf *sdf,
                                   const struct board *board, const struct vmconf_extra *extras,
                                   struct sdf_messages *messages);

#endif
