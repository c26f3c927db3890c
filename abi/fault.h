/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault messages: the label says which, the message registers carry what. Numbers and layouts
 * are seL4's (contract.md, section 5); <sel4/sel4.h> spells them under seL4's names.
 */
#ifndef SLUICE_ABI_FAULT_H
#define SLUICE_ABI_FAULT_H

enum abi_fault {
    ABI_FAULT_NULL = 0,
    ABI_FAULT_CAP = 1,
    ABI_FAULT_UNKNOWN_SYSCALL = 2,
    ABI_FAULT_USER_EXCEPTION = 3,
    ABI_FAULT_DEBUG_EXCEPTION = 4,
    ABI_FAULT_TIMEOUT = 5,
    ABI_FAULT_VM = 6,
    ABI_FAULT_VGIC_MAINTENANCE = 7,
    ABI_FAULT_VCPU = 8,
    ABI_FAULT_VPPI_EVENT = 9,
};

/* VMFault */
#define ABI_VM_FAULT_IP       0
#define ABI_VM_FAULT_ADDR     1 /* vCPU: guest-physical address; PD: virtual address */
#define ABI_VM_FAULT_PREFETCH 2 /* 1: instruction abort */
#define ABI_VM_FAULT_FSR      3 /* the whole ESR */
#define ABI_VM_FAULT_WORDS    4

/* CapFault */
#define ABI_CAP_FAULT_IP            0
#define ABI_CAP_FAULT_ADDR          1
#define ABI_CAP_FAULT_IN_RECV_PHASE 2
#define ABI_CAP_FAULT_LOOKUP_TYPE   3
#define ABI_CAP_FAULT_WORDS         4
#define ABI_CAP_FAULT_MISSING       2 /* seL4's lookup failure "missing capability" */

/* UnknownSyscall: x0..x7, then */
#define ABI_UNKNOWN_SYSCALL_IP     8
#define ABI_UNKNOWN_SYSCALL_SP     9
#define ABI_UNKNOWN_SYSCALL_LR     10
#define ABI_UNKNOWN_SYSCALL_SPSR   11
#define ABI_UNKNOWN_SYSCALL_NUMBER 12 /* x7 */
#define ABI_UNKNOWN_SYSCALL_WORDS  13

/* UserException */
#define ABI_USER_EXCEPTION_IP     0
#define ABI_USER_EXCEPTION_SP     1
#define ABI_USER_EXCEPTION_SPSR   2
#define ABI_USER_EXCEPTION_NUMBER 3
#define ABI_USER_EXCEPTION_CODE   4
#define ABI_USER_EXCEPTION_WORDS  5
/* The exception number that seL4 gives for an undefined instruction at EL0. */
#define ABI_USER_EXCEPTION_UNDEFINED 0x2000000

/* DebugException: pc, then why (3: a software breakpoint) */
#define ABI_DEBUG_EXCEPTION_IP     0
#define ABI_DEBUG_EXCEPTION_REASON 1
#define ABI_DEBUG_EXCEPTION_WORDS  2
#define ABI_DEBUG_SOFTWARE_BREAK   3

/* VCPUFault: ESR; VGICMaintenance: list register; VPPIEvent: INTID. One word each. */
#define ABI_VCPU_FAULT_HSR       0
#define ABI_VGIC_MAINTENANCE_IDX 0
#define ABI_VPPI_EVENT_IRQ       0

#endif
