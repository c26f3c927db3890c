/* SPDX-License-Identifier: BSD-2-Clause */
/* See fault.h. Builds the messages of abi/fault.h and hands them on. */
#include "kernel/ipc/fault.h"

#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/ipc/debuglog.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/report.h"
#include "kernel/sched/sched.h"

/* A guest does not go on without its VMM. One of its vCPUs that ran until now, or NULL. */
static const struct thread *stop_wards(struct pd *pd)
{
    const struct thread *stopped = NULL;

    for (struct list_node *node = pd->wards.next; node != &pd->wards; node = node->next) {
        struct thread *vcpu = list_entry(node, struct thread, ward);

        if (vcpu->state != THREAD_STOPPED) {
            endpoint_suspend(vcpu);
            stopped = vcpu;
        }
    }
    return stopped;
}

static void raise(struct thread *thread, enum abi_fault fault, unsigned int words)
{
    thread->message.info = ABI_MSGINFO(fault, words);
    thread->message.badge = thread->fault_badge;
    thread->message.is_fault = true;
    if (thread->handler != NULL) {
        endpoint_send(thread, thread->handler);
        return;
    }
    debuglog_leave(pd_from_thread(thread));
    sched_remove(thread, THREAD_STOPPED);
    report_fault(pd_from_thread(thread), stop_wards(pd_from_thread(thread)));
}

void fault_vm(struct thread *thread, uint64_t address, bool prefetch, uint64_t syndrome)
{
    uint64_t *words = thread->message.words;

    words[ABI_VM_FAULT_IP] = thread->frame.pc;
    words[ABI_VM_FAULT_ADDR] = address;
    words[ABI_VM_FAULT_PREFETCH] = prefetch ? 1 : 0;
    words[ABI_VM_FAULT_FSR] = syndrome;
    raise(thread, ABI_FAULT_VM, ABI_VM_FAULT_WORDS);
}

void fault_unknown_syscall(struct thread *thread)
{
    uint64_t *words = thread->message.words;
    const struct arch_frame *frame = &thread->frame;

    for (unsigned int i = 0; i < 8; i++) {
        words[i] = frame->x[i];
    }
    words[ABI_UNKNOWN_SYSCALL_IP] = frame->pc;
    words[ABI_UNKNOWN_SYSCALL_SP] = frame->sp;
    words[ABI_UNKNOWN_SYSCALL_LR] = frame->x[30];
    words[ABI_UNKNOWN_SYSCALL_SPSR] = frame->spsr;
    words[ABI_UNKNOWN_SYSCALL_NUMBER] = frame->x[7];
    raise(thread, ABI_FAULT_UNKNOWN_SYSCALL, ABI_UNKNOWN_SYSCALL_WORDS);
}

void fault_user_exception(struct thread *thread, uint64_t number, uint64_t code)
{
    uint64_t *words = thread->message.words;

    words[ABI_USER_EXCEPTION_IP] = thread->frame.pc;
    words[ABI_USER_EXCEPTION_SP] = thread->frame.sp;
    words[ABI_USER_EXCEPTION_SPSR] = thread->frame.spsr;
    words[ABI_USER_EXCEPTION_NUMBER] = number;
    words[ABI_USER_EXCEPTION_CODE] = code;
    raise(thread, ABI_FAULT_USER_EXCEPTION, ABI_USER_EXCEPTION_WORDS);
}

void fault_software_break(struct thread *thread)
{
    thread->message.words[ABI_DEBUG_EXCEPTION_IP] = thread->frame.pc;
    thread->message.words[ABI_DEBUG_EXCEPTION_REASON] = ABI_DEBUG_SOFTWARE_BREAK;
    raise(thread, ABI_FAULT_DEBUG_EXCEPTION, ABI_DEBUG_EXCEPTION_WORDS);
}

void fault_cap(struct thread *thread, uint64_t cap)
{
    uint64_t *words = thread->message.words;

    words[ABI_CAP_FAULT_IP] = thread->frame.pc;
    words[ABI_CAP_FAULT_ADDR] = cap;
    words[ABI_CAP_FAULT_IN_RECV_PHASE] = 0;
    words[ABI_CAP_FAULT_LOOKUP_TYPE] = ABI_CAP_FAULT_MISSING;
    raise(thread, ABI_FAULT_CAP, ABI_CAP_FAULT_WORDS);
}

void fault_one_word(struct thread *thread, enum abi_fault fault, uint64_t word)
{
    thread->message.words[0] = word;
    raise(thread, fault, 1);
}
