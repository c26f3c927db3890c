/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See report.h. A report is a dozen lines, too many for one entry to the kernel, which runs with
 * interrupts masked: what they say is kept, and they are made one by one, each when the text before
 * is out. Owns the queue of reports, under the lock for all.
 */
#include "kernel/ipc/report.h"

#include <stddef.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/dev/console.h"
#include "kernel/lib/log.h"
#include "kernel/lib/string.h"
#include "kernel/pd/pd.h"
#include "kernel/pd/symbol.h"

#define ESR_EC(syndrome)  ((syndrome) >> 26 & 0x3f)
#define ESR_WNR(syndrome) ((syndrome) >> 6 & 1)
#define ESR_FSC(syndrome) ((syndrome)&0x3f)

#define FSC_TRANSLATION 0x04
#define FSC_PERMISSION  0x0c
#define FSC_ALIGNMENT   0x21

#define INSTRUCTION_SIZE 4

/* What the lines say: the program may be restarted before they are out. */
struct report {
    const struct pd *pd;
    const struct thread *ward;
    uint64_t info;
    uint64_t words[THREAD_FAULT_WORDS];
    struct arch_frame frame;
};

static struct report reports[ABI_MAX_PDS]; /* by PD */
static uint8_t queue[ABI_MAX_PDS];         /* of PDs whose reports wait, from `first` on */
static unsigned int first;
static unsigned int count;
static unsigned int next_line; /* of the first one */

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

static void report_vm_fault(const uint64_t *words)
{
    uint64_t syndrome = words[ABI_VM_FAULT_FSR];
    const char *access = words[ABI_VM_FAULT_PREFETCH] != 0 ? "execute"
                         : ESR_WNR(syndrome) != 0          ? "write"
                                                           : "read";

    log_line("  cause:    cannot %s 0x%lx: %s (esr 0x%lx)", access, words[ABI_VM_FAULT_ADDR],
             abort_reason(syndrome), syndrome);
}

static void report_cause(const struct report *report)
{
    const uint64_t *words = report->words;

    switch (ABI_MSGINFO_LABEL(report->info)) {
    case ABI_FAULT_VM:
        report_vm_fault(words);
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
        log_line("  cause:    fault %lu", ABI_MSGINFO_LABEL(report->info));
        break;
    }
}

static const struct image_symbol *pc_symbol(const struct report *report)
{
    return symbol_find(report->pd->desc, report->frame.pc);
}

/* By the call before it: behind a call that does not return another function may begin. */
static const struct image_symbol *lr_symbol(const struct report *report)
{
    return symbol_find(report->pd->desc, report->frame.x[30] - INSTRUCTION_SIZE);
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
static bool has_names(const struct report *report)
{
    return pc_symbol(report) != NULL || lr_symbol(report) != NULL;
}

static void report_pc(const struct report *report)
{
    const struct arch_frame *frame = &report->frame;

    if (has_names(report)) {
        report_code("pc", frame->pc, pc_symbol(report));
    } else {
        log_line("  pc:       %016lx    sp: %016lx    lr: %016lx    spsr: %08lx", frame->pc,
                 frame->sp, frame->x[30], frame->spsr);
    }
}

static void report_lr(const struct report *report)
{
    if (has_names(report)) {
        report_code("lr", report->frame.x[30], lr_symbol(report));
    }
}

static void report_sp(const struct report *report)
{
    if (has_names(report)) {
        log_line("  sp:       %016lx    spsr: %08lx", report->frame.sp, report->frame.spsr);
    }
}

static void report_registers(const struct report *report, unsigned int i)
{
    const uint64_t *x = &report->frame.x[i];

    if (i < 28) {
        log_line("  x%02u-x%02u:  %016lx %016lx %016lx %016lx", i, i + 3, x[0], x[1], x[2], x[3]);
    } else {
        log_line("  x28-x29:  %016lx %016lx", x[0], x[1]);
    }
}

static void report_ward(const struct report *report)
{
    if (report->ward != NULL) {
        log_line("%s stopped with it", report->ward->name);
    }
}

static void report_name(const struct report *report)
{
    log_line("%s stopped by a fault", report->pd->thread.name);
}

#define FIRST_LINES    5
#define REGISTER_LINES 8
#define LINES          (FIRST_LINES + REGISTER_LINES + 1)

static void report_line(const struct report *report, unsigned int line)
{
    static void (*const first_lines[FIRST_LINES])(const struct report *) = {
        report_name, report_cause, report_pc, report_lr, report_sp,
    };

    if (line < FIRST_LINES) {
        first_lines[line](report);
    } else if (line < FIRST_LINES + REGISTER_LINES) {
        report_registers(report, 4 * (line - FIRST_LINES));
    } else {
        report_ward(report);
    }
}

/* From its first line on, whatever was said of an earlier fault: true. */
static bool begin_again(unsigned int index)
{
    for (unsigned int i = 0; i < count; i++) {
        if (queue[(first + i) % ABI_MAX_PDS] == index) {
            next_line = i == 0 ? 0 : next_line;
            return true;
        }
    }
    return false;
}

void report_fault(const struct pd *pd, const struct thread *ward)
{
    unsigned int index = (unsigned int)(pd - pds);
    struct report *report = &reports[index];

    if (!log_is_enabled()) {
        return;
    }
    report->pd = pd;
    report->ward = ward;
    report->info = pd->thread.message.info;
    memcpy(report->words, pd->thread.message.words, sizeof(report->words));
    memcpy(&report->frame, &pd->thread.frame, sizeof(report->frame));
    if (!begin_again(index)) {
        queue[(first + count) % ABI_MAX_PDS] = (uint8_t)index;
        count++;
    }
}

bool report_is_due(void)
{
    return count > 0;
}

bool report_is_ready(void)
{
    return count > 0 && console_is_empty();
}

static void step(void)
{
    report_line(&reports[queue[first]], next_line);
    if (++next_line == LINES) {
        next_line = 0;
        first = (first + 1) % ABI_MAX_PDS;
        count--;
    }
}

bool report_drain(void)
{
    if (!report_is_ready()) {
        return console_drain() || report_is_ready();
    }
    while (report_is_ready()) { /* some lines are not there */
        step();
    }
    return true;
}

void report_flush(void)
{
    console_flush();
    while (count > 0) {
        step();
        console_flush();
    }
}
