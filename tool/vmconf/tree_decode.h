/* SPDX-License-Identifier: BSD-2-Clause */
/* The two decoders of tree_parse(): they fill in tree_node.regs and tree_node.irqs. Malformed
 * properties are reported and leave a node without. */
#ifndef SLUICE_TOOL_VMCONF_TREE_DECODE_H
#define SLUICE_TOOL_VMCONF_TREE_DECODE_H

#include "tool/vmconf/tree.h"

void tree_decode_regs(struct arena *arena, struct tree *tree, struct sdf_messages *messages);
void tree_decode_irqs(struct arena *arena, struct tree *tree, struct sdf_messages *messages);

#endif
