/* SPDX-License-Identifier: BSD-2-Clause */
/* See report.h. */
#include "kernel/ipc/report.h"

#include <stddef.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/lib/log.h"
#include "kernel/pd/pd.h"
#include "kernel/pd/symbol.h"

#define ESR_EC(syndrome)  ((syndrome) >> 26 & 0x3f)
#define ESR_WNR(syndrome) ((syndrome) >> 6 & 1)
#define ESR_FSC(syndrome) ((syndrome)&0x3f)

#define FSC_TRANSLATION 0x04
#define FSC_PERMISSION  0x0c
#define FSC_ALIGNMENT   0x21

#define INSTRUCTION_SIZE 4

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

static const struct image_symbol *find_symbol(const struct thread *thread, uint64_t address)
{
    return thread->kind == THREAD_PD ? symbol_find(((const struct pd *)thread)->desc, address)
                                     : NULL;
}

static void report_code(const char *what, uint64_t address, const struct image_symbol *symbol)
{
    if (symbol == NULL) {
        log_line("  %s:       %016lx", what, address);
    } else {
        log_line("  %s:       %016lx %s+0x%lx", what, address, symbol_name(symbol),
                 address - symbol->address);
    }
}

/* Names have any length: with one, the pc and lr have a line each. */
static void report_place(const struct thread *thread)
{
    const struct arch_frame *frame = &thread->frame;
    uint64_t lr = frame->x[30];
    const struct image_symbol *pc_symbol = find_symbol(thread, frame->pc);
    /* By the call before it: behind a call that does not return another function may begin. */
    const struct image_symbol *lr_symbol = find_symbol(thread, lr - INSTRUCTION_SIZE);

    if (pc_symbol == NULL && lr_symbol == NULL) {
        log_line("  pc:       %016lx    sp: %016lx    lr: %016lx    spsr: %08lx", frame->pc,
                 frame->sp, lr, frame->spsr);
        return;
    }
    report_code("pc", frame->pc, pc_symbol);
    report_code("lr", lr, lr_symbol);
    log_line("  sp:       %016lx    spsr: %08lx", frame->sp, frame->spsr);
}

void report_fault(const struct thread *thread)
{
    const struct arch_frame *frame = &thread->frame;

    log_line("%s stopped by a fault", thread->name);
    report_cause(thread);
    report_place(thread);
    for (unsigned int i = 0; i < 28; i += 4) {
        log_line("  x%02u-x%02u:  %016lx %016lx %016lx %016lx", i, i + 3, frame->x[i],
                 frame->x[i + 1], frame->x[i + 2], frame->x[i + 3]);
    }
    log_line("  x28-x29:  %016lx %016lx", frame->x[28], frame->x[29]);
}
