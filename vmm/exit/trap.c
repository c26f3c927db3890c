/* SPDX-License-Identifier: BSD-2-Clause */
/* Trapped instructions of the guest (VCPUFault), by exception class. */
#include <inttypes.h>
#include <stddef.h>

#include "vmm/exit/exit.h"
#include "vmm/exit/smccc.h"
#include "vmm/exit/syndrome.h"
#include "vmm/guest/exception.h"
#include "vmm/log.h"

typedef enum exit_result (*trap_handler_t)(struct vm *vm, struct vcpu *vcpu, uint64_t esr);

static enum exit_result undefined(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    if (vm->report.undefined_count++ == 0) {
        log_line(vm->config->name,
                 "trapped instruction, syndrome 0x%" PRIx64 " (pc 0x%" PRIx64
                 "): undefined; further ones are not reported",
                 esr, vcpu_read_pc(vcpu));
    }
    exception_inject_undefined(vcpu);
    return EXIT_RESUME;
}

/*
 * The vCPU stays in the fault until something is pending. But a virtual timer does not run while
 * its vCPU is stopped, so a guest that waits for that goes round its idle loop instead; the other
 * programs of the PD's priority get their turn.
 */
static enum exit_result wait_for_event(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    vcpu_advance_pc(vcpu, syndrome_instruction_bytes(esr));
    if ((ESR_ISS(esr) & (WFX_IS_WFE | WFX_WITH_TIMEOUT)) != 0 ||
        vgic_has_pending(&vm->vgic, exit_vcpu_index(vm, vcpu)) || vcpu_timer_is_armed(vcpu)) {
        return EXIT_RESUME;
    }
    vcpu_wait(vcpu);
    return EXIT_STAY;
}

static enum exit_result secure_call(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    seL4_UserContext context;
    struct smccc_call call;
    enum exit_result result;

    vcpu_read_context(vcpu, &context);
    call = (struct smccc_call){{context.x0, context.x1, context.x2, context.x3}};
    if (SMC_IMMEDIATE(ESR_ISS(esr)) != 0) {
        call.x[0] = (uint64_t)SMCCC_NOT_SUPPORTED;
        result = EXIT_RESUME;
    } else {
        result = smccc_handle(vm, vcpu, &call);
    }
    if (result == EXIT_RESUME) {
        context.x0 = call.x[0];
        context.pc += 4;
        vcpu_write_context(vcpu, &context);
    }
    return result;
}

static enum exit_result system_register(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    return sysreg_emulate(vcpu, esr) ? EXIT_RESUME : undefined(vm, vcpu, esr);
}

static const trap_handler_t handlers[64] = {
    [ESR_EC_WFX] = wait_for_event,
    [ESR_EC_SMC64] = secure_call,
    [ESR_EC_SYSTEM_REGISTER] = system_register,
};

enum exit_result trap_handle(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    trap_handler_t handler = handlers[ESR_EC(esr)];

    return (handler != NULL ? handler : undefined)(vm, vcpu, esr);
}
