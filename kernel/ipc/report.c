/* SPDX-License-Identifier: BSD-2-Clause */
/* See report.h. */
#include "kernel/ipc/report.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/lib/log.h"

#define ESR_EC(syndrome)  ((syndrome) >> 26 & 0x3f)
#define ESR_WNR(syndrome) ((syndrome) >> 6 & 1)
#define ESR_FSC(syndrome) ((syndrome)&0x3f)

#define FSC_TRANSLATION 0x04
#define FSC_PERMISSION  0x0c
#define FSC_ALIGNMENT   0x21

static const char *abort_reason(uint64_t syndrome)
{
    if (ESR_FSC(syndrome) == FSC_ALIGNMENT) {
        return "misaligned";
    }
    switch (ESR_FSC(syndrome) & 0x3c) {
    case FSC_TRANSLATION:
        return "nothing mapped";
    case FSC_PERMISSION:
        return "not allowed";
    default:
        return "abort";
    }
}

static void report_vm_fault(const struct thread *thread)
{
    const uint64_t *words = thread->message.words;
    uint64_t syndrome = words[ABI_VM_FAULT_FSR];
    const char *access = words[ABI_VM_FAULT_PREFETCH] != 0 ? "execute"
                         : ESR_WNR(syndrome) != 0          ? "write"
                                                           : "read";

    log_line("  cause:    cannot %s 0x%lx: %s (esr 0x%lx)", access, words[ABI_VM_FAULT_ADDR],
             abort_reason(syndrome), syndrome);
}

static void report_cause(const struct thread *thread)
{
    const uint64_t *words = thread->message.words;

    switch (ABI_MSGINFO_LABEL(thread->message.info)) {
    case ABI_FAULT_VM:
        report_vm_fault(thread);
        break;
    case ABI_FAULT_CAP:
        log_line("  cause:    called capability %lu, which it does not hold",
                 words[ABI_CAP_FAULT_ADDR]);
        break;
    case ABI_FAULT_UNKNOWN_SYSCALL:
        log_line("  cause:    unknown system call %lu", words[ABI_UNKNOWN_SYSCALL_NUMBER]);
        break;
    case ABI_FAULT_USER_EXCEPTION:
        log_line("  cause:    undefined instruction or exception (number 0x%lx)",
                 words[ABI_USER_EXCEPTION_NUMBER]);
        break;
    case ABI_FAULT_DEBUG_EXCEPTION:
        log_line("  cause:    breakpoint");
        break;
    case ABI_FAULT_VCPU:
        log_line("  cause:    trapped instruction or register (esr 0x%lx, class 0x%lx)",
                 words[ABI_VCPU_FAULT_HSR], ESR_EC(words[ABI_VCPU_FAULT_HSR]));
        break;
    default:
        log_line("  cause:    fault %lu", ABI_MSGINFO_LABEL(thread->message.info));
        break;
    }
}

void report_fault(const struct thread *thread)
{
    const struct arch_frame *frame = &thread->frame;

    log_line("%s stopped by a fault", thread->name);
    report_cause(thread);
    log_line("  pc:       %016lx    sp: %016lx    lr: %016lx    spsr: %08lx", frame->pc, frame->sp,
             frame->x[30], frame->spsr);
    for (unsigned int i = 0; i < 28; i += 4) {
        log_line("  x%02u-x%02u:  %016lx %016lx %016lx %016lx", i, i + 3, frame->x[i],
                 frame->x[i + 1], frame->x[i + 2], frame->x[i + 3]);
    }
    log_line("  x28-x29:  %016lx %016lx", frame->x[28], frame->x[29]);
}
