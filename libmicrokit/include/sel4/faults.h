/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels and message registers of faults; registers of a vCPU. */
#ifndef SEL4_FAULTS_H
#define SEL4_FAULTS_H

#include <sel4/types.h>

enum {
    seL4_Fault_NullFault = 0,
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
    seL4_Fault_DebugException = 4,
    seL4_Fault_Timeout = 5,
    seL4_Fault_VMFault = 6,
    seL4_Fault_VGICMaintenance = 7,
    seL4_Fault_VCPUFault = 8,
    seL4_Fault_VPPIEvent = 9,
};
typedef seL4_Word seL4_Fault_tag_t;

enum {
    seL4_VMFault_IP,
    seL4_VMFault_Addr,
    seL4_VMFault_PrefetchFault,
    seL4_VMFault_FSR,
    seL4_VMFault_Length,
};

enum {
    seL4_UnknownSyscall_X0,
    seL4_UnknownSyscall_X1,
    seL4_UnknownSyscall_X2,
    seL4_UnknownSyscall_X3,
    seL4_UnknownSyscall_X4,
    seL4_UnknownSyscall_X5,
    seL4_UnknownSyscall_X6,
    seL4_UnknownSyscall_X7,
    seL4_UnknownSyscall_FaultIP,
    seL4_UnknownSyscall_SP,
    seL4_UnknownSyscall_LR,
    seL4_UnknownSyscall_SPSR,
    seL4_UnknownSyscall_Syscall,
    seL4_UnknownSyscall_Length,
};

enum {
    seL4_UserException_FaultIP,
    seL4_UserException_SP,
    seL4_UserException_SPSR,
    seL4_UserException_Number,
    seL4_UserException_Code,
    seL4_UserException_Length,
};

enum {
    seL4_CapFault_IP,
    seL4_CapFault_Addr,
    seL4_CapFault_InRecvPhase,
    seL4_CapFault_LookupFailureType,
    seL4_CapFault_BitsLeft,
};

enum {
    seL4_VGICMaintenance_IDX,
    seL4_VGICMaintenance_Length
};
enum {
    seL4_VPPIEvent_IRQ,
    seL4_VPPIEvent_Length
};
enum {
    seL4_VCPUFault_HSR,
    seL4_VCPUFault_Length
};
enum {
    seL4_DebugException_FaultIP,
    seL4_DebugException_ExceptionReason
};

typedef enum {
    seL4_VCPUReg_SCTLR = 0,
    seL4_VCPUReg_CPACR = 1,
    seL4_VCPUReg_TTBR0 = 2,
    seL4_VCPUReg_TTBR1 = 3,
    seL4_VCPUReg_TCR = 4,
    seL4_VCPUReg_MAIR = 5,
    seL4_VCPUReg_AMAIR = 6,
    seL4_VCPUReg_CIDR = 7,
    seL4_VCPUReg_ACTLR = 8,
    seL4_VCPUReg_AFSR0 = 9,
    seL4_VCPUReg_AFSR1 = 10,
    seL4_VCPUReg_ESR = 11,
    seL4_VCPUReg_FAR = 12,
    seL4_VCPUReg_PAR = 13,
    seL4_VCPUReg_VBAR = 14,
    seL4_VCPUReg_TPIDR_EL1 = 15,
    seL4_VCPUReg_VMPIDR_EL2 = 16,
    seL4_VCPUReg_SP_EL1 = 17,
    seL4_VCPUReg_ELR_EL1 = 18,
    seL4_VCPUReg_SPSR_EL1 = 19,
    seL4_VCPUReg_CNTV_CTL = 20,
    seL4_VCPUReg_CNTV_CVAL = 21,
    seL4_VCPUReg_CNTVOFF = 22,
    seL4_VCPUReg_CNTKCTL_EL1 = 23,
    seL4_VCPUReg_Num = 24,
} seL4_VCPUReg;

#endif
