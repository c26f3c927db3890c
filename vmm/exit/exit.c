/* SPDX-License-Identifier: BSD-2-Clause */
/* See exit.h: fault messages, as a table by label (contract.md, section 5). */
#include "vmm/exit/exit.h"

#include <inttypes.h>
#include <stddef.h>

#include "vmm/exit/smccc.h"
#include "vmm/log.h"
#include "vmm/passthrough/direct.h"

typedef enum exit_result (*exit_handler_t)(struct vm *vm, struct vcpu *vcpu,
                                           microkit_msginfo *reply);

static enum exit_result memory_fault(struct vm *vm, struct vcpu *vcpu, microkit_msginfo *reply)
{
    uint64_t ipa = microkit_mr_get(seL4_VMFault_Addr);
    uint64_t esr = microkit_mr_get(seL4_VMFault_FSR);
    bool is_fetch = microkit_mr_get(seL4_VMFault_PrefetchFault) != 0;

    (void)reply;
    return is_fetch ? mmio_instruction_abort(vm, vcpu, ipa) : mmio_data_abort(vm, vcpu, ipa, esr);
}

static enum exit_result trapped_instruction(struct vm *vm, struct vcpu *vcpu,
                                            microkit_msginfo *reply)
{
    (void)reply;
    return trap_handle(vm, vcpu, microkit_mr_get(seL4_VCPUFault_HSR));
}

/* Registers of a vCPU that may get no answer now, but sleep. */
static void write_result(const struct vcpu *vcpu, uint64_t x0)
{
    seL4_UserContext context;

    vcpu_read_context(vcpu, &context);
    context.x0 = x0;
    context.pc += 4;
    vcpu_write_context(vcpu, &context);
}

/* HVC. Registers are in the message, and go back with the reply: x0..x7 and the pc. */
static enum exit_result hypervisor_call(struct vm *vm, struct vcpu *vcpu, microkit_msginfo *reply)
{
    seL4_Word words[seL4_UnknownSyscall_FaultIP + 1];
    struct smccc_call call;

    for (unsigned int i = 0; i <= seL4_UnknownSyscall_FaultIP; i++) {
        words[i] = microkit_mr_get((seL4_Uint8)i);
    }
    call = (struct smccc_call){.x = {words[0], words[1], words[2], words[3]}};
    if (smccc_handle(vm, vcpu, &call) == EXIT_STAY) {
        return EXIT_STAY;
    }
    if (call.sleeps) {
        write_result(vcpu, call.x[0]);
        return exit_sleep(vm, vcpu);
    }
    words[seL4_UnknownSyscall_X0] = call.x[0];
    for (unsigned int i = 1; i < 4 && call.has_results; i++) {
        words[seL4_UnknownSyscall_X0 + i] = call.x[i];
    }
    words[seL4_UnknownSyscall_FaultIP] += 4;
    for (unsigned int i = 0; i <= seL4_UnknownSyscall_FaultIP; i++) {
        microkit_mr_set((seL4_Uint8)i, words[i]);
    }
    *reply = microkit_msginfo_new(0, seL4_UnknownSyscall_FaultIP + 1);
    return EXIT_RESUME;
}

/* One list register's interrupt was ended by the guest. */
static enum exit_result maintenance(struct vm *vm, struct vcpu *vcpu, microkit_msginfo *reply)
{
    seL4_Word index = microkit_mr_get(seL4_VGICMaintenance_IDX);

    (void)reply;
    if (index < LISTS_MAX) {
        vgic_end(&vm->vgic, exit_vcpu_index(vm, vcpu), (unsigned int)index);
    }
    return EXIT_RESUME;
}

/* The virtual timer: stays silent until its source is told of the end, in vm.c. */
static enum exit_result private_interrupt(struct vm *vm, struct vcpu *vcpu, microkit_msginfo *reply)
{
    seL4_Word intid = microkit_mr_get(seL4_VPPIEvent_IRQ);

    (void)reply;
    if (intid < VGIC_PRIVATE_COUNT) {
        vgic_raise(&vm->vgic, vgic_find(&vm->vgic, exit_vcpu_index(vm, vcpu), (unsigned int)intid));
    }
    return EXIT_RESUME;
}

static const exit_handler_t handlers[] = {
    [seL4_Fault_UnknownSyscall] = hypervisor_call, [seL4_Fault_VMFault] = memory_fault,
    [seL4_Fault_VGICMaintenance] = maintenance,    [seL4_Fault_VCPUFault] = trapped_instruction,
    [seL4_Fault_VPPIEvent] = private_interrupt,
};

/*
 * The kernel does it, with an extension. By the contract the vCPU stays in its fault until
 * something is pending. But a virtual timer does not run while its vCPU is stopped, so a guest that
 * waits for that goes round its idle loop instead; the other programs of the PD's priority get
 * their turn. And of interrupts that go to the guest directly this VMM does not know.
 */
enum exit_result exit_sleep(struct vm *vm, struct vcpu *vcpu)
{
    if (direct_sleep(vcpu->id) || direct_is_offered() ||
        vgic_has_pending(&vm->vgic, exit_vcpu_index(vm, vcpu)) || vcpu_timer_is_armed(vcpu)) {
        return EXIT_RESUME;
    }
    vcpu_wait(vcpu);
    return EXIT_STAY;
}

enum exit_result exit_handle(struct vm *vm, struct vcpu *vcpu, microkit_msginfo info,
                             microkit_msginfo *reply)
{
    seL4_Word label = microkit_msginfo_get_label(info);

    if (label >= sizeof(handlers) / sizeof(handlers[0]) || handlers[label] == NULL) {
        log_line(vm->config->name, "unexpected fault %lu of vCPU %" PRIu32 ": stopped", label,
                 vcpu->id);
        vm_fail(vm);
        return EXIT_STAY;
    }
    return handlers[label](vm, vcpu, reply);
}
