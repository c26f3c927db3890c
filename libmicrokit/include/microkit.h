/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interface of Microkit programs. A program defines init() and notified(), and, if it serves
 * protected calls or has children, protected() and fault(). All calls are made from the PD's one
 * thread. A channel, child or vCPU is named by its id in the system description.
 *
 * A call with a channel that the PD does not have prints a line on the debug console and returns.
 * An error of the kernel inside a call is printed and faults the PD: callers never see it.
 */
#ifndef MICROKIT_H
#define MICROKIT_H

#include <stdbool.h>

#include <sel4/sel4.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef unsigned int microkit_ioport;
typedef seL4_MessageInfo_t microkit_msginfo;

#define MONITOR_EP                   5
#define TCB_CAP                      6
#define ARM_SMC_CAP                  7
#define BASE_OUTPUT_NOTIFICATION_CAP 10
#define BASE_ENDPOINT_CAP            74
#define BASE_IRQ_CAP                 138
#define BASE_TCB_CAP                 202
#define BASE_VM_TCB_CAP              266
#define BASE_VCPU_CAP                330
#define BASE_IOPORT_CAP              394
#define BASE_USER_CAPS               458

#define MICROKIT_MAX_USER_CAPS  128
#define MICROKIT_MAX_CHANNELS   62
#define MICROKIT_MAX_CHANNEL_ID (MICROKIT_MAX_CHANNELS - 1)
#define MICROKIT_MAX_IOPORT_ID  MICROKIT_MAX_CHANNELS
#define MICROKIT_PD_NAME_LENGTH 64

#define PD_ROOT_CAP_BITS 6
#define PD_ROOT_CAP_SIZE (1 << PD_ROOT_CAP_BITS)

/* The program's. */
void init(void);
void notified(microkit_channel ch);
#ifndef __cplusplus
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);
#endif
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);

/* Filled in by the tool. */
extern char microkit_name[MICROKIT_PD_NAME_LENGTH];
extern bool microkit_passive;
extern seL4_Word microkit_irqs;
extern seL4_Word microkit_notifications;
extern seL4_Word microkit_pps;
extern seL4_Word microkit_ioports;

/* The deferred signal, if there is one; it is sent with the next wait. */
extern seL4_Bool microkit_have_signal;
extern seL4_CPtr microkit_signal_cap;
extern seL4_MessageInfo_t microkit_signal_msg;

/* Debug console; silent in release configurations. */
void microkit_dbg_putc(int c);
void microkit_dbg_puts(const char *s);
void microkit_dbg_put8(seL4_Uint8 x);
void microkit_dbg_put32(seL4_Uint32 x);

/* Prints and faults; what the library calls when the kernel refuses something. */
void microkit_internal_crash(seL4_Error err);

static inline bool microkit_internal_has(seL4_Word mask, microkit_channel ch)
{
    return ch <= MICROKIT_MAX_CHANNEL_ID && (mask & 1UL << ch) != 0;
}

/* "<name> <function>: invalid channel given '<ch>'" */
void microkit_internal_bad_channel(const char *function, microkit_channel ch);

static inline void microkit_notify(microkit_channel ch)
{
    if (!microkit_internal_has(microkit_notifications, ch)) {
        microkit_internal_bad_channel("microkit_notify", ch);
        return;
    }
    seL4_Signal(BASE_OUTPUT_NOTIFICATION_CAP + ch);
}

static inline void microkit_irq_ack(microkit_channel ch)
{
    if (!microkit_internal_has(microkit_irqs, ch)) {
        microkit_internal_bad_channel("microkit_irq_ack", ch);
        return;
    }
    seL4_IRQHandler_Ack(BASE_IRQ_CAP + ch);
}

static inline void microkit_deferred_notify(microkit_channel ch)
{
    if (!microkit_internal_has(microkit_notifications, ch)) {
        microkit_internal_bad_channel("microkit_deferred_notify", ch);
        return;
    }
    microkit_have_signal = seL4_True;
    microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
    microkit_signal_cap = BASE_OUTPUT_NOTIFICATION_CAP + ch;
}

static inline void microkit_deferred_irq_ack(microkit_channel ch)
{
    if (!microkit_internal_has(microkit_irqs, ch)) {
        microkit_internal_bad_channel("microkit_deferred_irq_ack", ch);
        return;
    }
    microkit_have_signal = seL4_True;
    microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
    microkit_signal_cap = BASE_IRQ_CAP + ch;
}

static inline microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo)
{
    if (!microkit_internal_has(microkit_pps, ch)) {
        microkit_internal_bad_channel("microkit_ppcall", ch);
        return seL4_MessageInfo_new(0, 0, 0, 0);
    }
    return seL4_Call(BASE_ENDPOINT_CAP + ch, msginfo);
}

static inline microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count)
{
    return seL4_MessageInfo_new(label, 0, 0, count);
}

static inline seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo)
{
    return seL4_MessageInfo_get_label(msginfo);
}

static inline seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo)
{
    return seL4_MessageInfo_get_length(msginfo);
}

static inline void microkit_mr_set(seL4_Uint8 mr, seL4_Word value)
{
    seL4_SetMR(mr, value);
}

static inline seL4_Word microkit_mr_get(seL4_Uint8 mr)
{
    return seL4_GetMR(mr);
}

/* A capability that <cspace> put into `slot`, 1..63; 0 for any other number. */
static inline seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot)
{
    return slot == 0 || slot >= PD_ROOT_CAP_SIZE ? seL4_CapNull : slot << 58;
}

/* Children. A restart sets the pc and clears what blocked the child; nothing else changes. */
void microkit_pd_restart(microkit_child pd, seL4_Word entry_point);
void microkit_pd_stop(microkit_child pd);
void microkit_pd_resume(microkit_child pd);

/* Virtual CPUs. */
void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry_point);
void microkit_vcpu_stop(microkit_child vcpu);
void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 priority,
                                  seL4_Uint8 group, seL4_Uint8 index);
void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq);
seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg);
void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value);

/*
 * Extension: a guest's interrupts without its VMM. The kernel puts the PD's own interrupt `irq` (a
 * SPI), or the virtual timer's INTID, into a list register under its own number, and the guest's
 * EOI ends it. `enabled`, priority (0..31) and group are the guest's, so the VMM calls again
 * whenever the guest changes them; while it is not enabled the interrupt waits at the GIC.
 * notified() has it no more.
 */
#define MICROKIT_HAS_VCPU_BIND_IRQ 1
void microkit_vcpu_arm_bind_irq(microkit_child vcpu, microkit_channel irq, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group);
void microkit_vcpu_arm_bind_vppi(microkit_child vcpu, seL4_Word irq, seL4_Bool enabled,
                                 seL4_Uint8 priority, seL4_Uint8 group);
/* Ends that, as for a restart: list registers and CPU interface are as new, what was bound is
 * inactive, no longer pending if it is an edge, and the PD's again. */
void microkit_vcpu_arm_reset_vgic(microkit_child vcpu);

/*
 * Extension, on boards with a GICv3's ITS: an <irq> with trigger="edge", and a number that no
 * device has (boards/README.md: msi_first), is raised by messages: by those with that number which
 * PCI functions write to GITS_TRANSLATER, and of which the PD has the configuration page. It is not
 * silent until it is acknowledged: a message that comes meanwhile is another notification.
 */
#define MICROKIT_HAS_MESSAGE_IRQ 1

/*
 * Extension: in fault(), of a vCPU. After the answer it does not go on at once but sleeps, as by
 * WFI, until an interrupt is signalled to it: for a hypercall like PSCI's CPU_SUSPEND.
 * microkit_vcpu_restart ends that.
 */
#define MICROKIT_HAS_VCPU_SLEEP 1
void microkit_vcpu_arm_sleep(microkit_child vcpu);

/* Extension: of a vCPU, seL4_TCB_WriteRegisters keeps an SPSR of AArch32 at EL0 as it is, where the
 * core has AArch32. By the contract it becomes one of AArch64. */
#define MICROKIT_HAS_VCPU_AARCH32 1

/*
 * Extension: what has become of what was injected. The state of an interrupt, as the guest's
 * distributor would show it: of one that was injected or bound; 0: neither. And back out of list
 * register `index`, which is free then, without a VGICMaintenance fault: false if the guest has
 * taken it, or it was ended, and the fault is to come.
 */
#define MICROKIT_HAS_VCPU_LIST 1
#define MICROKIT_IRQ_PENDING   1
#define MICROKIT_IRQ_ACTIVE    2
seL4_Word microkit_vcpu_arm_irq_state(microkit_child vcpu, seL4_Word irq);
seL4_Bool microkit_vcpu_arm_withdraw_irq(microkit_child vcpu, seL4_Uint8 index);
/* microkit_vcpu_arm_inject_irq() of an SGI (0..15) that CPU `source` of the guest sent (0..7): its
 * CPU interface says so, where it is a GICv2's. Of others the source is 0. */
void microkit_vcpu_arm_inject_sgi(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 source,
                                  seL4_Uint8 priority, seL4_Uint8 group, seL4_Uint8 index);

/*
 * Extension: as many interrupts of a vCPU as it likes, active at once. microkit_vcpu_arm_inject_sgi
 * and _withdraw_irq, and so VGICMaintenance, have MICROKIT_VCPU_LISTS list registers: the kernel
 * keeps what the hardware has no room for. And a state of an interrupt is taken away, as by the
 * guest's distributor: of one that was injected or bound MICROKIT_IRQ_ACTIVE, true if it was; its
 * list register is free then, without a VGICMaintenance fault. Of one that is bound
 * MICROKIT_IRQ_PENDING, too; a level that is up fires again.
 */
#define MICROKIT_HAS_VCPU_ACTIVE 1
#define MICROKIT_VCPU_LISTS      40
seL4_Bool microkit_vcpu_arm_clear_irq(microkit_child vcpu, seL4_Word irq, seL4_Word state);

/*
 * Extension: SGIs between the vCPUs of one virtual machine, without its VMM. Each vCPU that takes
 * part says which CPU of the guest it is (0..7), with the affinity fields of its MPIDR_EL1, and
 * where the guest has a GICv2, the guest-physical address of GICD_SGIR (else 0); and for each of
 * the SGIs 0..15 how the guest has it, as for microkit_vcpu_arm_bind_irq, again whenever that
 * changes. What a guest then writes to GICD_SGIR, or to ICC_SGI1R_EL1, goes to those vCPUs, and the
 * VMM hears of it only if one of them has that SGI not bound. An SGI that is injected cannot be
 * bound, and one that is bound becomes pending when it is injected. microkit_vcpu_arm_irq_state,
 * _clear_irq and _reset_vgic are for these, too. _change_sgi makes one pending no more from the
 * CPUs `clear`, and pending from `set`, a bit for each; it returns from which it is then. For a
 * guest with a GICv3 there is one sender, 0.
 */
#define MICROKIT_HAS_VCPU_SGI 1
void microkit_vcpu_arm_route_sgis(microkit_child vcpu, seL4_Uint8 number, seL4_Word affinity,
                                  seL4_Word sgir);
void microkit_vcpu_arm_bind_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group);
seL4_Uint8 microkit_vcpu_arm_change_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Uint8 clear,
                                        seL4_Uint8 set);

/*
 * Extension: what the kernel and all programs print on the debug console, for the program that has
 * the console's UART mapped: a driver, between whose output it would otherwise stand. The first
 * call asks for it; from then on nothing else writes to the UART, until the program faults. Copies
 * at most `size` bytes and returns how many; after less than that, notified() has `ch`, an id that
 * the PD has no other use for, when there is more. Lines end with '\n' alone. In release
 * configurations there is nothing.
 */
#define MICROKIT_HAS_DEBUG_READ 1
seL4_Word microkit_dbg_read(microkit_channel ch, char *buffer, seL4_Word size);

/*
 * Extension: 256 random bits, from a seed that the machine's firmware left. Nobody else gets the
 * same, or can tell them from others. False: the machine gave no seed, and there are none.
 */
#define MICROKIT_HAS_RANDOM 1
seL4_Bool microkit_random(seL4_Word number[4]);

/* PDs with smc="true". The firmware is asked for its versions and features, SYSTEM_OFF,
 * SYSTEM_RESET, SYSTEM_RESET2, and what the board's file names; the rest is NOT_SUPPORTED. */
void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response);

#ifdef __cplusplus
}
#endif

#endif
