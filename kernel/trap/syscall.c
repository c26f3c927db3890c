/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls (abi/syscall.h), by number. Each first decodes - looks up capabilities and checks
 * arguments, and changes nothing - and then performs, which cannot fail. Arguments are read from
 * the caller's frame, wide ones from the page of its IPC buffer, once.
 */
#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/notify.h"
#include "kernel/irq/route.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/firmware.h"
#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"

/* invoke.h */
typedef enum abi_error (*invocation_t)(struct pd *pd, const uint64_t *argument);
typedef void (*syscall_t)(struct pd *pd);

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

/* To an endpoint, whose server then cannot answer; false: the PD has no such capability. */
static bool send_to_endpoint(struct pd *pd, uint64_t cap, uint64_t info, bool blocks)
{
    struct thread *thread = &pd->thread;
    const struct image_channel *channel;

    channel = cap_channel(pd, cap, ABI_CAP_ENDPOINT, IMAGE_CHANNEL_PD);
    if (channel == NULL || (channel->rights & IMAGE_CHANNEL_CALL) == 0) {
        return false;
    }
    thread->message.info = info;
    thread->message.badge = ABI_BADGE_ENDPOINT | channel->peer_id;
    thread->message.is_fault = false;
    if (blocks) {
        endpoint_send_one_way(thread, &pds[channel->target]);
    } else {
        (void)endpoint_offer(thread, &pds[channel->target]);
    }
    return true;
}

static void send_message_perform(struct pd *pd, uint64_t cap, uint64_t info, bool blocks)
{
    if (cap == ABI_CAP_REPLY) {
        endpoint_reply(pd, info);
    } else if (!send_to_endpoint(pd, cap, info, blocks)) {
        send_perform(pd, cap);
    }
}

static void send_message(struct pd *pd)
{
    const uint64_t *x = pd->thread.frame.x;
    bool blocks = (x[2] & ABI_NONBLOCKING) == 0;

    if (blocks && cap_identify(pd, x[0]) == 0) {
        fault_cap(&pd->thread, x[0]);
    } else {
        send_message_perform(pd, x[0], x[1], blocks);
    }
}

static void receive(struct pd *pd)
{
    uint64_t *x = pd->thread.frame.x;
    uint64_t flags = x[0];

    if (x[3] != ABI_CAP_INPUT) {
        fault_cap(&pd->thread, x[3]);
    } else if ((flags & ABI_ANSWERS) != 0 && x[4] != ABI_CAP_REPLY) {
        fault_cap(&pd->thread, x[4]);
    } else {
        if (x[2] != 0) {
            send_message_perform(pd, x[2], x[1], false);
        }
        if ((flags & ABI_NONBLOCKING) == 0) {
            endpoint_receive(pd);
        } else if (!endpoint_poll(pd)) {
            x[0] = 0;
            x[1] = 0;
        }
    }
}

static void yield(struct pd *pd)
{
    sched_end_turn(&pd->thread);
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

static enum abi_error smc(struct pd *pd, const uint64_t *argument)
{
    if (argument[0] != ABI_CAP_ARM_SMC || (pd->desc->flags & IMAGE_PD_SMC) == 0) {
        return ABI_INVALID_CAPABILITY;
    }
    firmware_call(pd_transfer(pd));
    return ABI_OK;
}

static enum abi_error draw_random(struct pd *pd, const uint64_t *argument)
{
    uint32_t number[RANDOM_WORDS];

    (void)argument;
    if (!random_draw(number)) {
        return ABI_ILLEGAL_OPERATION;
    }
    memcpy(pd_transfer(pd), number, sizeof(number));
    return ABI_OK;
}

static const syscall_t syscalls[ABI_SYS_COUNT] = {
    [ABI_SYS_DEBUG_PUTC] = debug_putc,
    [ABI_SYS_SEND] = send,
    [ABI_SYS_CALL] = call,
    [ABI_SYS_REPLY_RECV] = reply_receive,
    [ABI_SYS_SEND_MESSAGE] = send_message,
    [ABI_SYS_RECEIVE] = receive,
    [ABI_SYS_YIELD] = yield,
};

static const invocation_t invocations[ABI_SYS_COUNT] = {
    [ABI_SYS_TCB_READ_REGISTERS] = invoke_tcb_read_registers,
    [ABI_SYS_TCB_WRITE_REGISTERS] = invoke_tcb_write_registers,
    [ABI_SYS_TCB_SUSPEND] = invoke_tcb_suspend,
    [ABI_SYS_TCB_RESUME] = invoke_tcb_resume,
    [ABI_SYS_TCB_SET_PRIORITY] = invoke_tcb_set_priority,
    [ABI_SYS_TCB_SET_MAXIMUM] = invoke_tcb_set_maximum,
    [ABI_SYS_TCB_SET_TLS_BASE] = invoke_tcb_set_tls_base,
    [ABI_SYS_SC_CONSUMED] = invoke_sc_consumed,
    [ABI_SYS_SC_YIELD_TO] = invoke_sc_yield_to,
    [ABI_SYS_VCPU_INJECT_IRQ] = invoke_vcpu_inject_irq,
    [ABI_SYS_VCPU_ACK_VPPI] = invoke_vcpu_ack_vppi,
    [ABI_SYS_VCPU_READ_REG] = invoke_vcpu_read_reg,
    [ABI_SYS_VCPU_WRITE_REG] = invoke_vcpu_write_reg,
    [ABI_SYS_SMC] = smc,
    [ABI_SYS_VCPU_BIND_IRQ] = invoke_vcpu_bind_irq,
    [ABI_SYS_VCPU_BIND_VPPI] = invoke_vcpu_bind_vppi,
    [ABI_SYS_VCPU_RESET_VGIC] = invoke_vcpu_reset_vgic,
    [ABI_SYS_VCPU_SLEEP] = invoke_vcpu_sleep,
    [ABI_SYS_VCPU_IRQ_STATE] = invoke_vcpu_irq_state,
    [ABI_SYS_VCPU_WITHDRAW_IRQ] = invoke_vcpu_withdraw_irq,
    [ABI_SYS_VCPU_CLEAR_IRQ] = invoke_vcpu_clear_irq,
    [ABI_SYS_VCPU_ROUTE_SGIS] = invoke_vcpu_route_sgis,
    [ABI_SYS_VCPU_BIND_SGI] = invoke_vcpu_bind_sgi,
    [ABI_SYS_VCPU_CHANGE_SGI] = invoke_vcpu_change_sgi,
    [ABI_SYS_DEBUG_READ] = debug_read,
    [ABI_SYS_VSPACE_CACHE] = invoke_vspace_cache,
    [ABI_SYS_DEBUG_NAME] = debug_name,
    [ABI_SYS_DEBUG_THREAD] = debug_thread,
    [ABI_SYS_DEBUG_IDENTIFY] = debug_identify,
    [ABI_SYS_BENCHMARK_RESET] = benchmark_reset,
    [ABI_SYS_BENCHMARK_FINALIZE] = benchmark_finalize,
    [ABI_SYS_BENCHMARK_RESET_THREAD] = benchmark_reset_thread,
    [ABI_SYS_BENCHMARK_GET_THREAD] = benchmark_get_thread,
    [ABI_SYS_RANDOM] = draw_random,
};

void syscall_handle(struct pd *pd)
{
    uint64_t number = arch_bound(pd->thread.frame.x[7], ABI_SYS_COUNT);

    if (number != pd->thread.frame.x[7]) {
        pd->thread.frame.pc -= 4; /* the message has the SVC's own address */
        fault_unknown_syscall(&pd->thread);
    } else if (syscalls[number] != NULL) {
        syscalls[number](pd);
    } else {
        pd->thread.frame.x[0] = invocations[number](pd, pd->thread.frame.x);
    }
}
