/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls (abi/syscall.h), by number. Each first decodes - looks up capabilities and checks
 * arguments, and changes nothing - and then performs, which cannot fail. Arguments are read from
 * the caller's frame, wide ones from its IPC buffer, once.
 */
#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/ipc/debuglog.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/notify.h"
#include "kernel/irq/route.h"
#include "kernel/lib/log.h"
#include "kernel/smp/lock.h"
#include "kernel/trap/context.h"
#include "kernel/trap/firmware.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

/* Operations on an object: x0 the capability, x1.. arguments; x0 gets the error, and x1 a result
 * if there is one. */
typedef enum abi_error (*invocation_t)(struct pd *pd, const uint64_t *argument);
typedef void (*syscall_t)(struct pd *pd);

static void debug_putc(struct pd *pd)
{
    log_putc((char)pd->thread.frame.x[0]);
}

static enum abi_error debug_read(struct pd *pd, const uint64_t *argument)
{
    if ((pd->desc->flags & IMAGE_PD_CONSOLE) == 0) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[0] >= ABI_MAX_CHANNELS || argument[1] > ABI_MESSAGE_WORDS * sizeof(uint64_t)) {
        return ABI_RANGE_ERROR;
    }
    debuglog_take(pd, (unsigned int)argument[0]);
    pd->thread.frame.x[1] = debuglog_read((char *)pd->ipc_buffer, argument[1]);
    return ABI_OK;
}

static void send_perform(struct pd *pd, uint64_t cap)
{
    const struct image_channel *channel;

    channel = cap_channel(pd, cap, ABI_CAP_NOTIFICATION, IMAGE_CHANNEL_PD);
    if (channel != NULL) {
        if ((channel->rights & IMAGE_CHANNEL_NOTIFY) != 0) {
            notify_signal(&pds[channel->target], 1UL << channel->peer_id);
        }
        return;
    }
    channel = cap_channel(pd, cap, ABI_CAP_IRQ, IMAGE_CHANNEL_IRQ);
    if (channel != NULL) {
        route_ack(route_irq(channel->target));
    }
}

static void send(struct pd *pd)
{
    send_perform(pd, pd->thread.frame.x[0]);
}

static void call(struct pd *pd)
{
    uint64_t cap = pd->thread.frame.x[0];
    const struct image_channel *channel;

    channel = cap_channel(pd, cap, ABI_CAP_ENDPOINT, IMAGE_CHANNEL_PD);
    if (channel == NULL || (channel->rights & IMAGE_CHANNEL_CALL) == 0) {
        fault_cap(&pd->thread, cap);
        return;
    }
    pd->thread.message.info = pd->thread.frame.x[1];
    pd->thread.message.badge = ABI_BADGE_ENDPOINT | channel->peer_id;
    pd->thread.message.is_fault = false;
    endpoint_send(&pd->thread, &pds[channel->target]);
}

static void reply_receive(struct pd *pd)
{
    uint64_t *x = pd->thread.frame.x;

    if ((x[0] & ABI_RECV_REPLY) != 0) {
        endpoint_reply(pd, x[1]);
    }
    if (x[2] != 0) {
        send_perform(pd, x[2]);
    }
    endpoint_receive(pd);
}

/* A thread whose registers the caller may read or write: any of its TCBs but its own. */
static struct thread *other_thread(struct pd *pd, uint64_t cap, uint64_t words,
                                   enum abi_error *error)
{
    struct thread *thread = cap_thread(pd, cap);

    *error = ABI_OK;
    if (thread == NULL) {
        *error = ABI_INVALID_CAPABILITY;
    } else if (thread == &pd->thread) {
        *error = ABI_ILLEGAL_OPERATION;
    } else if (words < 1 || words > ABI_CONTEXT_WORDS) {
        *error = ABI_INVALID_ARGUMENT;
    }
    return *error == ABI_OK ? thread : NULL;
}

/* All registers of a thread are in memory, wherever it runs. */
static void settle(struct thread *thread)
{
    if (cpus[thread->cpu].current == thread) {
        smp_evict_core(thread->cpu);
    }
}

static enum abi_error tcb_read_registers(struct pd *pd, const uint64_t *argument)
{
    enum abi_error error;
    struct thread *thread = other_thread(pd, argument[0], argument[2], &error);

    if (thread == NULL) {
        return error;
    }
    if (argument[1] != 0) {
        endpoint_suspend(thread);
    }
    settle(thread);
    context_read(thread, pd->ipc_buffer, argument[2]);
    return ABI_OK;
}

static enum abi_error tcb_write_registers(struct pd *pd, const uint64_t *argument)
{
    enum abi_error error;
    struct thread *thread = other_thread(pd, argument[0], argument[2], &error);

    if (thread == NULL) {
        return error;
    }
    if (argument[1] != 0) {
        endpoint_suspend(thread);
    }
    settle(thread);
    context_write(thread, pd->ipc_buffer, argument[2]);
    thread->resume = THREAD_RESUME_RUN; /* at the pc just written, whatever it was doing */
    if (argument[1] != 0) {
        endpoint_resume(thread);
    }
    return ABI_OK;
}

static enum abi_error tcb_suspend(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    endpoint_suspend(thread);
    return ABI_OK;
}

static enum abi_error tcb_resume(struct pd *pd, const uint64_t *argument)
{
    struct thread *thread = cap_thread(pd, argument[0]);

    if (thread == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    endpoint_resume(thread);
    return ABI_OK;
}

enum abi_error syscall_inject_irq(struct vcpu *vcpu, const uint64_t *argument)
{
    if (argument[1] >= 1024 || argument[2] >= 32 || argument[3] >= 2 ||
        argument[4] >= ABI_LIST_REGISTERS) {
        return ABI_RANGE_ERROR;
    }
    inject_irq(vcpu,
               (struct gic_virq){.intid = (uint32_t)argument[1],
                                 .priority = (uint8_t)argument[2],
                                 .group = (uint8_t)argument[3]},
               (unsigned int)argument[4]);
    return ABI_OK;
}

static enum abi_error vcpu_inject_irq(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    return vcpu == NULL ? ABI_INVALID_CAPABILITY : syscall_inject_irq(vcpu, argument);
}

enum abi_error syscall_ack_vppi(struct vcpu *vcpu, const uint64_t *argument)
{
    if (argument[1] != gic_intids.virtual_timer) {
        return ABI_INVALID_ARGUMENT;
    }
    inject_ack_timer(vcpu);
    return ABI_OK;
}

static enum abi_error vcpu_ack_vppi(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    return vcpu == NULL ? ABI_INVALID_CAPABILITY : syscall_ack_vppi(vcpu, argument);
}

static enum abi_error vcpu_read_reg(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= ABI_VCPU_REG_COUNT) {
        return ABI_INVALID_ARGUMENT;
    }
    pd->thread.frame.x[1] = vcpu_read_register(vcpu, (unsigned int)argument[1]);
    return ABI_OK;
}

static enum abi_error vcpu_write_reg(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= ABI_VCPU_REG_COUNT) {
        return ABI_INVALID_ARGUMENT;
    }
    vcpu_write_register(vcpu, (unsigned int)argument[1], argument[2]);
    return ABI_OK;
}

#define BIND_PRIORITY 0xffUL
#define BIND_ALL      (BIND_PRIORITY | ABI_BIND_ENABLED | ABI_BIND_GROUP1)

/* How a guest has an interrupt, as its VMM says. False: no such priority or flag. */
static bool decode_bind(uint64_t how, uint64_t intid, struct gic_virq *virq)
{
    if ((how & ~BIND_ALL) != 0 || (how & BIND_PRIORITY) >= 32) {
        return false;
    }
    *virq = (struct gic_virq){.intid = (uint32_t)intid,
                              .priority = (uint8_t)(how & BIND_PRIORITY),
                              .group = (how & ABI_BIND_GROUP1) != 0};
    return true;
}

static enum abi_error vcpu_bind_irq(struct pd *pd, const uint64_t *argument)
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
    if (irq->desc->intid < GIC_FIRST_SPI || !decode_bind(argument[2], irq->desc->intid, &virq)) {
        return ABI_INVALID_ARGUMENT;
    }
    bind_irq(vcpu, irq, virq, (argument[2] & ABI_BIND_ENABLED) != 0);
    return ABI_OK;
}

static enum abi_error vcpu_bind_vppi(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    struct gic_virq virq;

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] != gic_intids.virtual_timer || !decode_bind(argument[2], argument[1], &virq)) {
        return ABI_INVALID_ARGUMENT;
    }
    bind_timer(vcpu, virq, (argument[2] & ABI_BIND_ENABLED) != 0);
    return ABI_OK;
}

static enum abi_error vcpu_reset_vgic(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    bind_reset(vcpu);
    return ABI_OK;
}

static enum abi_error smc(struct pd *pd, const uint64_t *argument)
{
    if (argument[0] != ABI_CAP_ARM_SMC || (pd->desc->flags & IMAGE_PD_SMC) == 0) {
        return ABI_INVALID_CAPABILITY;
    }
    firmware_call(pd->ipc_buffer);
    return ABI_OK;
}

static const syscall_t syscalls[ABI_SYS_COUNT] = {
    [ABI_SYS_DEBUG_PUTC] = debug_putc,
    [ABI_SYS_SEND] = send,
    [ABI_SYS_CALL] = call,
    [ABI_SYS_REPLY_RECV] = reply_receive,
};

static const invocation_t invocations[ABI_SYS_COUNT] = {
    [ABI_SYS_TCB_READ_REGISTERS] = tcb_read_registers,
    [ABI_SYS_TCB_WRITE_REGISTERS] = tcb_write_registers,
    [ABI_SYS_TCB_SUSPEND] = tcb_suspend,
    [ABI_SYS_TCB_RESUME] = tcb_resume,
    [ABI_SYS_VCPU_INJECT_IRQ] = vcpu_inject_irq,
    [ABI_SYS_VCPU_ACK_VPPI] = vcpu_ack_vppi,
    [ABI_SYS_VCPU_READ_REG] = vcpu_read_reg,
    [ABI_SYS_VCPU_WRITE_REG] = vcpu_write_reg,
    [ABI_SYS_SMC] = smc,
    [ABI_SYS_VCPU_BIND_IRQ] = vcpu_bind_irq,
    [ABI_SYS_VCPU_BIND_VPPI] = vcpu_bind_vppi,
    [ABI_SYS_VCPU_RESET_VGIC] = vcpu_reset_vgic,
    [ABI_SYS_DEBUG_READ] = debug_read,
    [ABI_SYS_BENCHMARK_RESET] = benchmark_reset,
    [ABI_SYS_BENCHMARK_FINALIZE] = benchmark_finalize,
    [ABI_SYS_BENCHMARK_RESET_THREAD] = benchmark_reset_thread,
    [ABI_SYS_BENCHMARK_GET_THREAD] = benchmark_get_thread,
};

void syscall_handle(struct pd *pd)
{
    uint64_t number = pd->thread.frame.x[7];

    if (number >= ABI_SYS_COUNT) {
        pd->thread.frame.pc -= 4; /* the message has the SVC's own address */
        fault_unknown_syscall(&pd->thread);
    } else if (syscalls[number] != NULL) {
        syscalls[number](pd);
    } else {
        pd->thread.frame.x[0] = invocations[number](pd, pd->thread.frame.x);
    }
}
