/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped instructions of the guest (VCPUFault), by exception class. Registers for debugging,
 * performance counters and the like do not trap, or the kernel answers (contract.md, section 6):
 * what comes here of system registers the guest does not have.
 */
#include <inttypes.h>
#include <stddef.h>

#include "vmm/exit/exit.h"
#include "vmm/exit/smccc.h"
#include "vmm/exit/syndrome.h"
#include "vmm/guest/exception.h"
#include "vmm/irq/gicv3.h"
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

static enum exit_result wait_for_event(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    vcpu_advance_pc(vcpu, syndrome_instruction_bytes(esr));
    if ((ESR_ISS(esr) & (WFX_IS_WFE | WFX_WITH_TIMEOUT)) != 0) {
        return EXIT_RESUME;
    }
    return exit_sleep(vm, vcpu);
}

/* Calls with an immediate are not of the calling convention (2.9); there is nobody behind them. An
 * HVC without one comes as another fault: exit.c. */
static enum exit_result secure_call(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    seL4_UserContext context;
    struct smccc_call call;
    enum exit_result result;

    if (CALL_IMMEDIATE(ESR_ISS(esr)) != 0) {
        return undefined(vm, vcpu, esr);
    }
    vcpu_read_context(vcpu, &context);
    call = (struct smccc_call){.x = {context.x0, context.x1, context.x2, context.x3}};
    result = smccc_handle(vm, vcpu, &call);
    if (result == EXIT_RESUME) {
        context.x0 = call.x[0];
        if (call.has_results) {
            context.x1 = call.x[1];
            context.x2 = call.x[2];
            context.x3 = call.x[3];
        }
        context.pc += 4;
        vcpu_write_context(vcpu, &context);
    }
    return call.sleeps ? exit_sleep(vm, vcpu) : result;
}

/* ICC_SGI1R_EL1, ICC_ASGI1R_EL1, ICC_SGI0R_EL1: the sender of SGIs of a GICv3, which only write. */
static bool is_sgi_sender(const struct vm *vm, uint64_t esr, enum gicv3_sgi *reg)
{
    uint32_t name = MSR_NAME(ESR_ISS(esr));

    *reg = GICV3_SGI1R;
    while (*reg < GICV3_SGI0R && name != MSR_NAME_OF(3u, 0u, 12u, 11u, 5u + *reg)) {
        ++*reg;
    }
    return vm->vgic.is_v3 && (ESR_ISS(esr) & MSR_IS_READ) == 0 &&
           name == MSR_NAME_OF(3u, 0u, 12u, 11u, 5u + *reg);
}

static enum exit_result system_register(struct vm *vm, struct vcpu *vcpu, uint64_t esr)
{
    seL4_UserContext context;
    const seL4_Word *value;
    enum gicv3_sgi reg;

    if (!is_sgi_sender(vm, esr, &reg)) {
        return undefined(vm, vcpu, esr);
    }
    vcpu_read_context(vcpu, &context);
    value = vcpu_context_register(&context, MSR_REG(ESR_ISS(esr)));
    gicv3_send_sgi(&vm->vgic, exit_vcpu_index(vm, vcpu), reg, value != NULL ? *value : 0);
    vcpu_write_pc(vcpu, context.pc + 4);
    return EXIT_RESUME;
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
