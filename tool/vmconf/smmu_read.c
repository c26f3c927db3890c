/* SPDX-License-Identifier: BSD-2-Clause */
/* See smmu_read.h. */
#include "tool/vmconf/smmu_read.h"

#include <string.h>

/* Of all its interrupts; a node some of whose interrupts go elsewhere than to the GIC has fewer
 * than names, and none that could be told. */
static const struct tree_irq *find_irq(const struct tree *tree, size_t node, const char *name)
{
    const struct tree_node *smmu = &tree->nodes[node];
    const struct tree_irq *found = NULL;
    size_t count = 0;
    int length;
    const char *names = tree_property(tree, node, "interrupt-names", &length);

    for (int at = 0; names != NULL && at < length; count++) {
        size_t size = strnlen(names + at, (size_t)(length - at));
        bool is_it = size == strlen(name) && strncmp(names + at, name, size) == 0;
        if ((is_it || (size == strlen("combined") && strncmp(names + at, "combined", size) == 0)) &&
            count < smmu->irq_count) {
            found = &smmu->irqs[count];
        }
        at += (int)size + 1;
    }
    return count == smmu->irq_count ? found : NULL;
}

static bool is_smmu(const struct tree *tree, size_t node)
{
    return tree->nodes[node].enabled && tree->nodes[node].reg_count > 0 &&
           tree_is_compatible(tree, node, "arm,smmu-v3");
}

struct smmu *smmu_read_all(struct arena *arena, const struct tree *tree, size_t *count)
{
    struct smmu *smmus = arena_array(arena, tree->node_count, sizeof(*smmus));

    *count = 0;
    for (size_t i = TREE_ROOT + 1; i < tree->node_count; i++) {
        if (is_smmu(tree, i)) {
            smmus[(*count)++] = (struct smmu){
                .node = i,
                .registers = tree->nodes[i].regs[0],
                .event = find_irq(tree, i, "eventq"),
                .error = find_irq(tree, i, "gerror"),
                .is_coherent = tree_is_coherent(tree, i),
            };
        }
    }
    return smmus;
}
