/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Microkit contract on the build machine, as far as vmm/ uses it: what a program would do to
 * its vCPUs is recorded in struct fake, and checked on the way (fake.c): a call that a real kernel
 * would answer with an error fails the test.
 */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_MICROKIT_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_MICROKIT_H

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t seL4_Uint8;
typedef uint16_t seL4_Uint16;
typedef uint32_t seL4_Uint32;
typedef unsigned long seL4_Word;
typedef seL4_Word seL4_CPtr;
typedef signed char seL4_Bool;
typedef enum {
    seL4_NoError
} seL4_Error;

#define seL4_True  1
#define seL4_False 0

typedef struct {
    seL4_Word words[1];
} seL4_MessageInfo_t;

typedef struct {
    seL4_Word pc, sp, spsr, x0, x1, x2, x3, x4, x5, x6, x7, x8, x16, x17, x18, x29, x30;
    seL4_Word x9, x10, x11, x12, x13, x14, x15, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
    seL4_Word tpidr_el0;
    seL4_Word tpidrro_el0;
} seL4_UserContext;

typedef struct {
    seL4_Word x0, x1, x2, x3, x4, x5, x6, x7;
} seL4_ARM_SMCContext;

enum {
    seL4_Fault_NullFault = 0,
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
    seL4_Fault_VMFault = 6,
    seL4_Fault_VGICMaintenance = 7,
    seL4_Fault_VCPUFault = 8,
    seL4_Fault_VPPIEvent = 9,
};
enum {
    seL4_VMFault_IP,
    seL4_VMFault_Addr,
    seL4_VMFault_PrefetchFault,
    seL4_VMFault_FSR
};
enum {
    seL4_UnknownSyscall_X0,
    seL4_UnknownSyscall_FaultIP = 8,
    seL4_UnknownSyscall_Length = 13
};
enum {
    seL4_VGICMaintenance_IDX
};
enum {
    seL4_VPPIEvent_IRQ
};
enum {
    seL4_VCPUFault_HSR
};
enum {
    seL4_VCPUReg_SCTLR = 0,
    seL4_VCPUReg_ESR = 11,
    seL4_VCPUReg_VBAR = 14,
    seL4_VCPUReg_VMPIDR_EL2 = 16,
    seL4_VCPUReg_ELR_EL1 = 18,
    seL4_VCPUReg_SPSR_EL1 = 19,
    seL4_VCPUReg_CNTV_CTL = 20,
    seL4_VCPUReg_CNTKCTL_EL1 = 23,
};

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef seL4_MessageInfo_t microkit_msginfo;

#define BASE_VM_TCB_CAP 266

extern char microkit_name[64];

seL4_Error seL4_TCB_ReadRegisters(seL4_CPtr tcb, seL4_Bool suspend, seL4_Uint8 flags,
                                  seL4_Word count, seL4_UserContext *context);
seL4_Error seL4_TCB_WriteRegisters(seL4_CPtr tcb, seL4_Bool resume, seL4_Uint8 flags,
                                   seL4_Word count, seL4_UserContext *context);

void microkit_internal_crash(seL4_Error error);
void microkit_dbg_puts(const char *s);
void microkit_irq_ack(microkit_channel ch);
void microkit_notify(microkit_channel ch);
microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo info);
microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count);
seL4_Word microkit_msginfo_get_label(microkit_msginfo info);
seL4_Word microkit_msginfo_get_count(microkit_msginfo info);
void microkit_mr_set(seL4_Uint8 mr, seL4_Word value);
seL4_Word microkit_mr_get(seL4_Uint8 mr);
void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry);
void microkit_vcpu_stop(microkit_child vcpu);
void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 priority,
                                  seL4_Uint8 group, seL4_Uint8 index);
void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq);
seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg);
void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value);
/* An extension that is always there, with numbers that tests know. */
#define MICROKIT_HAS_RANDOM 1
seL4_Bool microkit_random(seL4_Word number[4]);

#ifdef MICROKIT_HAS_VCPU_LIST
#define MICROKIT_IRQ_PENDING 1
#define MICROKIT_IRQ_ACTIVE  2
seL4_Word microkit_vcpu_arm_irq_state(microkit_child vcpu, seL4_Word irq);
seL4_Bool microkit_vcpu_arm_withdraw_irq(microkit_child vcpu, seL4_Uint8 index);
void microkit_vcpu_arm_inject_sgi(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 source,
                                  seL4_Uint8 priority, seL4_Uint8 group, seL4_Uint8 index);
#endif
#ifdef MICROKIT_HAS_VCPU_ACTIVE
#define MICROKIT_VCPU_LISTS 40
seL4_Bool microkit_vcpu_arm_clear_irq(microkit_child vcpu, seL4_Word irq, seL4_Word state);
#endif
#ifdef MICROKIT_HAS_VCPU_SGI
void microkit_vcpu_arm_route_sgis(microkit_child vcpu, seL4_Uint8 number, seL4_Word affinity,
                                  seL4_Word sgir);
void microkit_vcpu_arm_bind_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group);
seL4_Uint8 microkit_vcpu_arm_change_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Uint8 clear,
                                        seL4_Uint8 set);
#endif
#ifdef MICROKIT_HAS_VCPU_SLEEP /* an extension, and the test's own; so below */
void microkit_vcpu_arm_sleep(microkit_child vcpu);
#endif
#ifdef MICROKIT_HAS_VCPU_BIND_IRQ
void microkit_vcpu_arm_bind_irq(microkit_child vcpu, microkit_channel irq, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group);
void microkit_vcpu_arm_bind_vppi(microkit_child vcpu, seL4_Word irq, seL4_Bool enabled,
                                 seL4_Uint8 priority, seL4_Uint8 group);
void microkit_vcpu_arm_reset_vgic(microkit_child vcpu);
#endif
void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response);

#endif
