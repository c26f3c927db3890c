/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stock VMM, but of the instructions that can trap it knows what the ecosystem's own VMM
 * library knows (libvmm 0.2.0): WFI, WFE and SMC. At any other its guest ends, with a line that
 * says which.
 */
#include <microkit.h>

#define CLASS(syndrome) ((syndrome) >> 26 & 0x3f)
#define CLASS_WFX       0x01
#define CLASS_SMC       0x17

seL4_Bool stock_fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply);

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    seL4_Word syndrome = microkit_mr_get(seL4_VCPUFault_HSR);

    if (microkit_msginfo_get_label(msginfo) == seL4_Fault_VCPUFault &&
        CLASS(syndrome) != CLASS_WFX && CLASS(syndrome) != CLASS_SMC) {
        microkit_dbg_puts("unhandled VCPU fault, syndrome ");
        microkit_dbg_put32((seL4_Uint32)syndrome);
        microkit_dbg_puts("\n");
        return seL4_False;
    }
    return stock_fault(child, msginfo, reply);
}
