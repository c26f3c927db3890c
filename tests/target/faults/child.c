/* SPDX-License-Identifier: BSD-2-Clause */
/* Does what its parent says, which ends with a fault; says before at which instruction. */
#include "tests/target/faults/shared.h"

#include "abi/syscall.h"

struct shared *shared = (struct shared *)1;

static seL4_Word starts;
static seL4_Word data = 0x100;

/* Runs `code`, whose first instruction faults; %1 is `operand`. */
#define FAULT_AT(code, operand)               \
    __asm__ volatile("adr x9, 1f\n\t"         \
                     "str x9, %0\n\t"         \
                     ".arch_extension fp\n\t" \
                     "1: " code               \
                     : "=m"(shared->pc)       \
                     : "r"(operand)           \
                     : "x0", "x7", "x9", "memory")

#define CALL_AT(number)                 \
    __asm__ volatile("adr x9, 1f\n\t"   \
                     "str x9, %0\n\t"   \
                     "mov x7, %1\n\t"   \
                     "1: svc #0"        \
                     : "=m"(shared->pc) \
                     : "r"(number)      \
                     : "x7", "x9", "memory")

/* What was passed lies in x0..x7 when this system call faults; what came back is stored. */
static void ask_and_tell(void)
{
    __asm__ volatile("adr x9, 1f\n\t"
                     "str x9, %0\n\t"
                     "mov x8, %1\n\t"
                     ".irp n, 0, 1, 2, 3, 4, 5, 6\n\t"
                     "mov x\\n, #0x700 + \\n\n\t"
                     ".endr\n\t"
                     "mov x7, #777\n\t"
                     "1: svc #0\n\t"
                     "stp x0, x1, [x8]\n\t"
                     "stp x2, x3, [x8, #16]\n\t"
                     "stp x4, x5, [x8, #32]\n\t"
                     "stp x6, x7, [x8, #48]\n\t"
                     "stp x30, xzr, [x8, #64]\n\t"
                     : "=m"(shared->pc)
                     : "r"(shared->registers)
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x30", "memory");
    shared->after = 1;
}

/* x0..x30 and TPIDR_EL0 hold 0xa00 + their number, the latter 0xa20; SP stays. */
static void fill_registers(void)
{
    __asm__ volatile("adr x9, 1f\n\t"
                     "str x9, %0\n\t"
                     "mov x9, #0xa20\n\t"
                     "msr tpidr_el0, x9\n\t"
                     ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, "
                     "17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n\t"
                     "mov x\\n, #0xa00 + \\n\n\t"
                     ".endr\n\t"
                     "1: udf #0\n\t"
                     : "=m"(shared->pc)
                     :
                     : "x9", "memory");
}

void dump_registers(void);
__asm__(".text\n\t"
        ".global dump_registers\n"
        "dump_registers:\n\t"
        ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, "
        "17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n\t"
        "str x\\n, [sp, #8 * \\n]\n\t"
        ".endr\n\t"
        "mrs x0, tpidr_el0\n\t"
        "str x0, [sp, #248]\n\t"
        "udf #0\n");

/* Instructions that were written as data: mov x0, #7; ret. */
static void run_from_region(void)
{
    volatile seL4_Uint32 *code = (seL4_Uint32 *)CHILD_EXECUTABLE;
    seL4_Word (*function)(void) = (seL4_Word(*)(void))CHILD_EXECUTABLE;

    code[0] = 0xd28000e0;
    code[1] = 0xd65f03c0;
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
                     :
                     : "r"(code)
                     : "memory");
    shared->after = function();
    FAULT_AT("udf #0", 0);
}

static void memory_fault(enum command command)
{
    switch (command) {
    case COMMAND_READ_NULL:
        FAULT_AT("ldr x0, [%1]", 0UL);
        break;
    case COMMAND_READ_UNMAPPED:
        FAULT_AT("ldrb w0, [%1]", 0x123456789UL);
        break;
    case COMMAND_READ_BEYOND:
        FAULT_AT("ldr x0, [%1]", 1UL << 41);
        break;
    case COMMAND_READ_NEGATIVE:
        FAULT_AT("ldr x0, [%1]", -4096L);
        break;
    case COMMAND_WRITE_TEXT:
        FAULT_AT("str xzr, [%1]", CHILD_TEXT);
        break;
    case COMMAND_WRITE_READONLY:
        FAULT_AT("str xzr, [%1]", CHILD_READONLY + 0x128);
        break;
    case COMMAND_OVERFLOW_STACK:
        FAULT_AT("str xzr, [%1]", CHILD_STACK_END - 8);
        break;
    case COMMAND_EXECUTE_DATA:
        FAULT_AT("br %1", CHILD_SHARED);
        break;
    case COMMAND_EXECUTE_NOTHING:
        FAULT_AT("br %1", 0xdeadbee0UL);
        break;
    case COMMAND_EXCLUSIVE_MISALIGNED:
        FAULT_AT("ldxr x0, [%1]", CHILD_SHARED + 0x801);
        break;
    default:
        break;
    }
}

static void instruction_fault(enum command command)
{
    switch (command) {
    case COMMAND_READ_TRAPPED_REGISTER:
        FAULT_AT("mrs x0, pmccntr_el0", 0);
        break;
    case COMMAND_MASK_INTERRUPTS:
        FAULT_AT("msr daifset, #2", 0);
        break;
    case COMMAND_READ_EL1_REGISTER:
        FAULT_AT("mrs x0, sctlr_el1", 0);
        break;
    case COMMAND_READ_CURRENT_EL:
        FAULT_AT("mrs x0, currentel", 0);
        break;
    case COMMAND_UNDEFINED:
        FAULT_AT("udf #0", 0);
        break;
    case COMMAND_HLT:
        FAULT_AT("hlt #1", 0);
        break;
    case COMMAND_SMC:
        FAULT_AT("smc #0", 0);
        break;
    case COMMAND_HVC:
        FAULT_AT("hvc #0", 0);
        break;
    case COMMAND_ERET:
        FAULT_AT("eret", 0);
        break;
    case COMMAND_BREAK:
        FAULT_AT("brk #5", 0);
        break;
    case COMMAND_USE_FP:
        FAULT_AT("fmov d0, xzr", 0);
        break;
    default:
        break;
    }
}

static void call_fault(enum command command)
{
    switch (command) {
    case COMMAND_UNKNOWN_CALL:
        CALL_AT(999);
        break;
    case COMMAND_NEGATIVE_CALL:
        CALL_AT(-3L);
        break;
    case COMMAND_CALL_NOBODY:
        seL4_Call(BASE_ENDPOINT_CAP + 3, seL4_MessageInfo_new(0, 0, 0, 0));
        break;
    case COMMAND_STOP_NOBODY:
        microkit_pd_stop(4);
        break;
    default:
        break;
    }
}

static void count_up(void)
{
    for (;;) {
        shared->counter += 1;
    }
}

/* Waits for a notification by itself; the event loop is not reached again. */
static void receive(void)
{
    for (;;) {
        shared->notified += sluice_syscall(ABI_SYS_REPLY_RECV, 0, 0, 0, 0, 0).x0;
    }
}

void init(void)
{
    enum command command = (enum command)shared->command;

    starts++;
    data++;
    shared->starts = starts;
    shared->data = data;
    shared->dump_entry = (seL4_Word)dump_registers;
    memory_fault(command);
    instruction_fault(command);
    call_fault(command);
    switch (command) {
    case COMMAND_FILL_REGISTERS:
        fill_registers();
        break;
    case COMMAND_ASK_AND_TELL:
        ask_and_tell();
        FAULT_AT("udf #0", 0);
        break;
    case COMMAND_RUN_FROM_REGION:
        run_from_region();
        break;
    case COMMAND_COUNT_UP:
        count_up();
        break;
    case COMMAND_RECEIVE:
        receive();
        break;
    default:
        break;
    }
}

void notified(microkit_channel ch)
{
    shared->notified += ch;
}
