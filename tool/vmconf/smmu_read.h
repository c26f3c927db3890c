/* SPDX-License-Identifier: BSD-2-Clause */
/* The board's SMMUs, as its device tree has them: Linux's binding arm,smmu-v3. */
#ifndef SLUICE_TOOL_VMCONF_SMMU_READ_H
#define SLUICE_TOOL_VMCONF_SMMU_READ_H

#include "tool/vmconf/tree.h"

struct smmu {
    size_t node;
    struct tree_range registers;
    const struct tree_irq *event; /* "eventq"; NULL: the tree has none */
    const struct tree_irq *error; /* "gerror" */
    bool is_coherent;             /* what it reads of tables, with the caches */
};

/* The SMMUs of a tree in *count, an array in the arena. */
struct smmu *smmu_read_all(struct arena *arena, const struct tree *tree, size_t *count);

#endif
