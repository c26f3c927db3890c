/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses to what is not mapped for the guest: decoded from the syndrome, looked up on the bus,
 * done by the device. What no device answers, or cannot be decoded (pairs, SIMD, write-back: the
 * syndrome has no register), ends in an external abort for the guest.
 */
#include <stddef.h>

#include "vmm/exit/exit.h"
#include "vmm/exit/syndrome.h"
#include "vmm/guest/exception.h"

static uint64_t low_bytes(uint64_t value, unsigned int size)
{
    return size == 8 ? value : value & ((1UL << size * 8) - 1);
}

/* What a load leaves in its register. */
static uint64_t extend(const struct syndrome_access *access, uint64_t value)
{
    unsigned int shift = 64 - access->size * 8;

    if (access->sign_extend) {
        value = (uint64_t)((int64_t)(value << shift) >> shift);
    }
    return access->to_64_bits ? value : low_bytes(value, 4);
}

/* AArch64 code that stores, which is what drivers do most, changes its pc alone. */
static void finish(const struct vcpu *vcpu, seL4_UserContext *context, unsigned int bytes,
                   bool has_loaded)
{
    bool is_aarch32 = (context->spsr & VCPU_PSTATE_AARCH32) != 0;

    vcpu_context_skip(context, bytes);
    if (has_loaded || (is_aarch32 && vcpu_can_write(context))) {
        vcpu_write_context(vcpu, context);
    } else {
        vcpu_write_pc(vcpu, context->pc);
    }
}

static bool emulate(struct vm *vm, struct vcpu *vcpu, uint64_t ipa,
                    const struct syndrome_access *access, unsigned int bytes)
{
    const struct mmio_device *device = mmio_bus_find(&vm->bus, ipa, access->size);
    struct mmio_access mmio = {
        .cpu = exit_vcpu_index(vm, vcpu), .size = access->size, .is_write = access->is_write};
    seL4_UserContext context;
    seL4_Word *reg;

    if (device == NULL) {
        return false;
    }
    vcpu_read_context(vcpu, &context);
    reg = vcpu_context_register(&context, access->reg);
    if (!access->is_write && !vcpu_can_write(&context)) {
        return false;
    }
    mmio.offset = ipa - device->ipa;
    mmio.value = access->is_write && reg != NULL ? low_bytes(*reg, access->size) : 0;
    if (!device->ops->access(device->context, &mmio)) {
        return false;
    }
    if (!access->is_write && reg != NULL) {
        *reg = extend(access, mmio.value);
    }
    finish(vcpu, &context, bytes, !access->is_write && reg != NULL);
    return true;
}

static void report(struct vm *vm, const struct vcpu *vcpu, uint64_t ipa, const char *what)
{
    struct report_access access = {.ipa = ipa, .pc = vcpu_read_pc(vcpu), .what = what};

    report_abort(&vm->report, vm->config->name, &access);
}

enum exit_result mmio_data_abort(struct vm *vm, struct vcpu *vcpu, uint64_t ipa, uint64_t esr)
{
    struct syndrome_access access = syndrome_access(esr);

    if (access.is_cache_maintenance) { /* nothing is cached of what is not there */
        vcpu_advance_pc(vcpu, syndrome_instruction_bytes(esr));
        return EXIT_RESUME;
    }
    if (access.is_valid && !access.is_table_walk &&
        emulate(vm, vcpu, ipa, &access, syndrome_instruction_bytes(esr))) {
        return EXIT_RESUME;
    }
    report(vm, vcpu, ipa, access.is_write ? "write" : "read");
    exception_inject_data_abort(vcpu, access.is_write);
    return EXIT_RESUME;
}

enum exit_result mmio_instruction_abort(struct vm *vm, struct vcpu *vcpu, uint64_t ipa)
{
    report(vm, vcpu, ipa, "instruction fetch");
    exception_inject_instruction_abort(vcpu);
    return EXIT_RESUME;
}
