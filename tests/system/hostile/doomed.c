/* SPDX-License-Identifier: BSD-2-Clause */
/* The stock VMM, but for one access of its guest's, at which it faults itself. system.mk has
 * linux.c compiled with its fault() as stock_fault(). */
#include <microkit.h>

#define DOOM 0xbad0000UL

seL4_Bool stock_fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply);

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    if (microkit_msginfo_get_label(msginfo) == seL4_Fault_VMFault &&
        microkit_mr_get(seL4_VMFault_Addr) == DOOM) {
        microkit_internal_crash(seL4_NoError);
    }
    return stock_fault(child, msginfo, reply);
}
