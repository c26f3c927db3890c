/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on vCPUs (invoke.h): what a VMM asks of the kernel for its guest. */
#include <stddef.h>

#include "kernel/irq/route.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

#define SGI_COUNT    16
#define SOURCE_COUNT 8
#define GROUP(how)   ((how) & ((1UL << ABI_INJECT_SOURCE_SHIFT) - 1))
#define SOURCE(how)  (((how) & ~ABI_INJECT_MORE) >> ABI_INJECT_SOURCE_SHIFT)

/* Nobody but a CPU sends something, and that is an SGI. */
static bool may_come_from(uint64_t intid, uint64_t source)
{
    return source < (intid < SGI_COUNT ? SOURCE_COUNT : 1);
}

static unsigned int slot_count(uint64_t how)
{
    return (how & ABI_INJECT_MORE) != 0 ? ABI_VCPU_SLOTS : ABI_LIST_REGISTERS;
}

enum abi_error invoke_inject_irq(struct vcpu *vcpu, const uint64_t *argument)
{
    if (argument[1] >= GIC_VIRTUAL_INTIDS || argument[2] >= 32 || GROUP(argument[3]) >= 2 ||
        !may_come_from(argument[1], SOURCE(argument[3])) ||
        argument[4] >= slot_count(argument[3])) {
        return ABI_RANGE_ERROR;
    }
    inject_irq(vcpu,
               (struct gic_virq){.intid = (uint32_t)argument[1],
                                 .priority = (uint8_t)argument[2],
                                 .group = (uint8_t)GROUP(argument[3]),
                                 .source = (uint8_t)SOURCE(argument[3])},
               (unsigned int)arch_bound(argument[4], ABI_VCPU_SLOTS));
    return ABI_OK;
}

enum abi_error invoke_vcpu_inject_irq(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    return vcpu == NULL ? ABI_INVALID_CAPABILITY : invoke_inject_irq(vcpu, argument);
}

enum abi_error invoke_vcpu_irq_state(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= GIC_VIRTUAL_INTIDS) {
        return ABI_RANGE_ERROR;
    }
    pd->thread.frame.x[1] =
        inject_state(vcpu, (uint32_t)arch_bound(argument[1], GIC_VIRTUAL_INTIDS));
    return ABI_OK;
}

enum abi_error invoke_vcpu_withdraw_irq(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= ABI_VCPU_SLOTS) {
        return ABI_RANGE_ERROR;
    }
    pd->thread.frame.x[1] =
        inject_withdraw(vcpu, (unsigned int)arch_bound(argument[1], ABI_VCPU_SLOTS));
    return ABI_OK;
}

enum abi_error invoke_vcpu_clear_irq(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    uint32_t intid = (uint32_t)arch_bound(argument[1], GIC_VIRTUAL_INTIDS);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= GIC_VIRTUAL_INTIDS) {
        return ABI_RANGE_ERROR;
    }
    if (argument[2] == ABI_IRQ_ACTIVE) {
        pd->thread.frame.x[1] = inject_deactivate(vcpu, intid);
    } else if (argument[2] == ABI_IRQ_PENDING) {
        pd->thread.frame.x[1] = inject_clear(vcpu, intid);
    } else {
        return ABI_INVALID_ARGUMENT;
    }
    return ABI_OK;
}

enum abi_error invoke_ack_vppi(struct vcpu *vcpu, const uint64_t *argument)
{
    if (argument[1] != gic_intids.virtual_timer) {
        return ABI_INVALID_ARGUMENT;
    }
    inject_ack_timer(vcpu);
    return ABI_OK;
}

enum abi_error invoke_vcpu_ack_vppi(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    return vcpu == NULL ? ABI_INVALID_CAPABILITY : invoke_ack_vppi(vcpu, argument);
}

enum abi_error invoke_vcpu_read_reg(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= ABI_VCPU_REG_COUNT) {
        return ABI_INVALID_ARGUMENT;
    }
    pd->thread.frame.x[1] =
        vcpu_read_register(vcpu, (unsigned int)arch_bound(argument[1], ABI_VCPU_REG_COUNT));
    return ABI_OK;
}

enum abi_error invoke_vcpu_write_reg(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= ABI_VCPU_REG_COUNT) {
        return ABI_INVALID_ARGUMENT;
    }
    vcpu_write_register(vcpu, (unsigned int)arch_bound(argument[1], ABI_VCPU_REG_COUNT),
                        argument[2]);
    return ABI_OK;
}

#define BIND_PRIORITY 0xffUL
#define BIND_ALL      (BIND_PRIORITY | ABI_BIND_ENABLED | ABI_BIND_GROUP1)

bool invoke_decode_bind(uint64_t how, uint64_t intid, struct gic_virq *virq)
{
    if ((how & ~BIND_ALL) != 0 || (how & BIND_PRIORITY) >= 32) {
        return false;
    }
    *virq = (struct gic_virq){.intid = (uint32_t)intid,
                              .priority = (uint8_t)(how & BIND_PRIORITY),
                              .group = (how & ABI_BIND_GROUP1) != 0};
    return true;
}

enum abi_error invoke_vcpu_bind_irq(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    const struct image_channel *channel;
    struct gic_virq virq;
    struct irq *irq;

    channel = cap_channel(pd, argument[1], ABI_CAP_IRQ, IMAGE_CHANNEL_IRQ);
    if (vcpu == NULL || channel == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    irq = route_irq(channel->target);
    if (irq->desc->intid < GIC_FIRST_SPI ||
        !invoke_decode_bind(argument[2], irq_virtual_intid(irq), &virq)) {
        return ABI_INVALID_ARGUMENT;
    }
    bind_irq(vcpu, irq, virq, (argument[2] & ABI_BIND_ENABLED) != 0);
    return ABI_OK;
}

enum abi_error invoke_vcpu_bind_vppi(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    struct gic_virq virq;

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] != gic_intids.virtual_timer ||
        !invoke_decode_bind(argument[2], argument[1], &virq)) {
        return ABI_INVALID_ARGUMENT;
    }
    bind_timer(vcpu, virq, (argument[2] & ABI_BIND_ENABLED) != 0);
    return ABI_OK;
}

enum abi_error invoke_vcpu_reset_vgic(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    bind_reset(vcpu);
    return ABI_OK;
}

/* Once, and only in answer to what the guest did: its VMM does not know where it is otherwise. */
enum abi_error invoke_vcpu_sleep(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (vcpu->thread.state != THREAD_REPLY || vcpu->thread.peer != pd) {
        return ABI_ILLEGAL_OPERATION;
    }
    vcpu->due |= VCPU_DUE_SLEEP;
    return ABI_OK;
}
