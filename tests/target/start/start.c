/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program finds when it starts: its memory, symbols that the description fills in, its
 * registers; then what it may do at EL0, and which firmware calls it may make.
 */
#include "abi/syscall.h"
#include "tests/target/lib/check.h"

#define STACK_TOP   0xffffffe000UL
#define STACK_SIZE  0x6000UL
#define IPC_BUFFER  0xfffffff000UL
#define GREETING    "Prefilled from a file beside the description.\n"
#define RTC_PERIPH0 0xfe0 /* PL031: identification registers, 0x31 0x10 0x04 0x00 */

#define PSCI_VERSION   0x84000000UL
#define PSCI_FEATURES  0x8400000aUL
#define SYSTEM_OFF     0x84000008UL
#define PSCI_CPU_ON    0x84000003UL
#define SMC64          0x40000000UL
#define SMCCC_VERSION  0x80000000UL
#define SMCCC_SVE_HINT 0x10000UL
#define NOT_SUPPORTED  ((seL4_Word)-1)

/* Filled in by the tool. The initial values keep them in .data. */
char *greeting = (char *)1;
seL4_Word greeting_size = 1;
seL4_Word greeting_length = 1;
char *padded = (char *)1;
seL4_Word padded_size = 1;
seL4_Word padded_length = 1;
volatile seL4_Word *zeroed = (seL4_Word *)1;
volatile seL4_Word *zeroed_alias = (seL4_Word *)1;
volatile seL4_Word *large = (seL4_Word *)1;
seL4_Word large_size = 1;
seL4_Word large_paddr = 1;
volatile seL4_Word *fixed = (seL4_Word *)1;
volatile seL4_Uint32 *rtc = (seL4_Uint32 *)1;
seL4_Word unmapped_paddr; /* one in .bss */
seL4_Word other_channel = 1;
seL4_Word rtc_channel = 1;

static seL4_Word in_bss[8192];
static seL4_Word in_data[4] = {0x1111, 0x2222, 0x3333, 0x4444};
static seL4_Word constructors_run; /* one digit each */
static seL4_Word stack_pointer;

__attribute__((constructor(101))) static void construct_first(void)
{
    constructors_run = constructors_run * 10 + 1;
    stack_pointer = (seL4_Word)__builtin_frame_address(0);
}

__attribute__((constructor(102))) static void construct_second(void)
{
    constructors_run = constructors_run * 10 + 2;
}

__attribute__((constructor)) static void construct_last(void)
{
    constructors_run = constructors_run * 10 + 3;
}

static bool is_zero(const volatile seL4_Word *words, seL4_Word size)
{
    for (seL4_Word i = 0; i < size / sizeof(seL4_Word); i++) {
        if (words[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool is_text(const char *found, const char *expected)
{
    while (*expected != '\0') {
        if (*found++ != *expected++) {
            return false;
        }
    }
    return true;
}

static void check_program(void)
{
    check("name", is_text(microkit_name, "start"));
    check_equal("not_passive", microkit_passive, 0);
    check_equal("irqs_mask", microkit_irqs, 1UL << 9 | 1UL << 10);
    check_equal("notifications_mask", microkit_notifications, 1UL << 3 | 1UL << 61);
    check_equal("pps_mask", microkit_pps, 1UL << 61);
    check_equal("no_deferred_signal", (seL4_Word)microkit_have_signal, 0);
    check("bss_is_zero", is_zero(in_bss, sizeof(in_bss)));
    check("data_is_initialised", in_data[0] == 0x1111 && in_data[3] == 0x4444);
    check_equal("constructors_in_order", constructors_run, 123);
}

static void check_stack(void)
{
    const volatile seL4_Word *bottom = (seL4_Word *)(STACK_TOP - STACK_SIZE);

    check_range("stack_at_the_top", stack_pointer, STACK_TOP - 0x400, STACK_TOP);
    check("stack_is_zero", is_zero(bottom, STACK_SIZE - 0x1000));
    *(volatile seL4_Word *)bottom = 1;
    check_equal("stack_size", *bottom, 1);
    check_equal("ipc_buffer", (seL4_Word)seL4_GetIPCBuffer(), IPC_BUFFER);
    for (int i = 0; i < (int)seL4_MsgMaxLength; i++) {
        microkit_mr_set((seL4_Uint8)i, (seL4_Word)i * 3);
    }
    check_equal("message_registers", microkit_mr_get(119) + microkit_mr_get(1), 360);
}

static void check_memory(void)
{
    check("prefilled", is_text(greeting, GREETING));
    check_equal("prefill_size", greeting_length, sizeof(GREETING) - 1);
    check_equal("prefill_region_size", greeting_size, 0x1000);
    check("prefill_rest_is_zero", is_zero((seL4_Word *)(greeting + 48), 0x1000 - 48));
    check("prefilled_with_size", is_text(padded, GREETING));
    check_equal("prefill_size_with_size", padded_length, sizeof(GREETING) - 1);
    check_equal("region_size", padded_size, 0x3000);
    check("prefill_is_zero_up_to_size", is_zero((seL4_Word *)(padded + 48), 0x3000 - 48));
    check("region_is_zero", is_zero(zeroed, 0x3000));
    zeroed[0x5ff] = 42;
    check_equal("one_region_two_places", zeroed_alias[0x5ff], 42);
    check_equal("large_region_size", large_size, 0x400000);
    check("large_region_is_zero", is_zero(large, 0x400000));
    large[0x400000 / 8 - 1] = 43;
    check_equal("large_region_is_all_there", large[0x400000 / 8 - 1], 43);
    check("region_paddr_is_aligned", large_paddr != 0 && large_paddr % 0x200000 == 0);
    check_equal("region_paddr_unmapped", unmapped_paddr, 0x50010000);
    fixed[0] = 44;
    check_equal("fixed_region", fixed[0], 44);
    check_equal("setvar_id_of_end", other_channel, 3);
    check_equal("setvar_id_of_irq", rtc_channel, 9);
    check_equal("device_region", rtc[RTC_PERIPH0 / 4], 0x31);
}

/* Sets `pattern` in every FP register, lets other.c run, and returns how many registers differ. */
static seL4_Word fp_damage(seL4_Word pattern)
{
    static seL4_Word found[66];
    seL4_Word damage = 0;

    __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\t"
                     ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "
                     "16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
                     "add x9, %1, #\\n\n\t"
                     "dup v\\n\\().2d, x9\n\t"
                     ".endr\n\t"
                     "msr fpsr, xzr\n\t"
                     "msr fpcr, xzr\n\t"
                     "msr tpidr_el0, %1\n\t"
                     "mov x0, %3\n\t"
                     "mov x7, %2\n\t"
                     "svc #0\n\t"
                     ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "
                     "16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
                     "str q\\n, [%0, #16 * \\n]\n\t"
                     ".endr\n\t"
                     "mrs x9, fpsr\n\t"
                     "str x9, [%0, #512]\n\t"
                     "mrs x9, fpcr\n\t"
                     "str x9, [%0, #520]\n\t"
                     :
                     : "r"(found), "r"(pattern), "i"(ABI_SYS_SEND), "r"(ABI_CAP_NOTIFICATION + 3L)
                     : "x0", "x1", "x7", "x9", "memory");
    for (seL4_Word i = 0; i < 64; i++) {
        damage += found[i] != pattern + i / 2;
    }
    return damage + (found[64] != 0) + (found[65] != 0);
}

static seL4_Word thread_pointer(void)
{
    seL4_Word value;

    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(value));
    return value;
}

/* How many of x2..x30 (x7, the number, left out) a system call changes. */
static seL4_Word call_damage(void)
{
    seL4_Word damage;

    __asm__ volatile("stp x29, x30, [sp, #-32]!\n\t"
                     "str x18, [sp, #16]\n\t"
                     ".irp n, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, "
                     "19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n\t"
                     "mov x\\n, #0x5500 + \\n\n\t"
                     ".endr\n\t"
                     "mov x0, xzr\n\t"
                     "mov x7, %1\n\t"
                     "svc #0\n\t"
                     "mov x0, xzr\n\t"
                     ".irp n, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, "
                     "19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n\t"
                     "mov x1, #0x5500 + \\n\n\t"
                     "cmp x1, x\\n\n\t"
                     "cinc x0, x0, ne\n\t"
                     ".endr\n\t"
                     "ldr x18, [sp, #16]\n\t"
                     "ldp x29, x30, [sp], #32\n\t"
                     "mov %0, x0\n\t"
                     : "=r"(damage)
                     : "i"(ABI_SYS_SEND)
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                       "x12", "x13", "x14", "x15", "x16", "x17", "x19", "x20", "x21", "x22", "x23",
                       "x24", "x25", "x26", "x27", "x28", "cc", "memory");
    return damage;
}

static void check_registers(void)
{
    seL4_Word read_only;

    check_equal("thread_pointer_is_zero", thread_pointer(), 0);
    __asm__ volatile("mrs %0, tpidrro_el0" : "=r"(read_only));
    check_equal("read_only_thread_pointer_is_zero", read_only, 0);
    check_equal("fp_registers_survive", fp_damage(0x0123456789abcd00UL), 0);
    check_equal("fp_registers_survive_again", fp_damage(0xfedcba9876543200UL), 0);
    check_equal("thread_pointer_survives", thread_pointer(), 0xfedcba9876543200UL);
    check_equal("registers_survive_a_call", call_damage(), 0);
}

/* One after the other, what must not trap: reaching the end is the proof. */
static void check_instructions(void)
{
    static seL4_Uint8 bytes[64] __attribute__((aligned(64)));
    seL4_Word frequency;
    seL4_Word value;

    __asm__ volatile("dc cvac, %0\n\t"
                     "dc cvau, %0\n\t"
                     "dc civac, %0\n\t"
                     "ic ivau, %0\n\t"
                     "dsb sy\n\t"
                     "dmb ish\n\t"
                     "isb\n\t"
                     "sevl\n\t"
                     "wfe\n\t"
                     "yield"
                     :
                     : "r"(bytes)
                     : "memory");
    check("cache_maintenance_and_barriers", true);
    __asm__ volatile("str %1, [%2]\n\tldr %0, [%2]"
                     : "=&r"(value)
                     : "r"(0x1122334455667788UL), "r"(bytes + 3)
                     : "memory");
    check_equal("unaligned_access", value, 0x1122334455667788UL);
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    check_equal("counter_frequency", frequency, CONFIG_TIMER_FREQUENCY);
    value = counter();
    check("counter_counts", counter() >= value);
    __asm__ volatile("mrs %0, ctr_el0" : "=r"(value));
    check_equal("cache_type", 4UL << (value >> 16 & 0xf), 1UL << CONFIG_L1_CACHE_LINE_SIZE_BITS);
    __asm__ volatile("mrs %0, dczid_el0" : "=r"(value));
    check("zero_block_size_is_readable", true);
    __asm__ volatile("msr cntp_tval_el0, %0\n\tmrs %0, cntp_cval_el0" : "+r"(frequency));
    check("physical_timer_registers", frequency != 0);
}

/* What starts code at EL2, takes the core away, or is nobody's. Each of the first group that
 * QEMU were asked for would end this program, or have another answer. */
static void check_refused(void)
{
    static const struct {
        const char *name;
        seL4_Word function;
    } refused[] = {
        {"psci_cpu_on_is_refused", PSCI_CPU_ON},
        {"psci_cpu_on_64_is_refused", PSCI_CPU_ON | SMC64},
        {"psci_cpu_on_with_hint_is_refused", PSCI_CPU_ON | SMC64 | SMCCC_SVE_HINT},
        {"psci_cpu_on_with_high_bits_is_refused", PSCI_CPU_ON | 0xabcd00000000UL},
        {"psci_cpu_off_is_refused", 0x84000002},
        {"psci_cpu_suspend_is_refused", 0x84000001},
        {"psci_cpu_suspend_64_is_refused", 0x84000001 | SMC64},
        {"psci_01_cpu_suspend_is_refused", 0x95c1ba5e}, /* QEMU's numbers, and KVM's */
        {"psci_01_cpu_off_is_refused", 0x95c1ba5f},
        {"psci_01_cpu_on_is_refused", 0x95c1ba60},
        {"psci_01_cpu_on_with_high_bits_is_refused", 0x195c1ba60},
        {"psci_affinity_info_is_refused", 0x84000004},
        {"vendor_call_is_refused", 0xc2000001},
        {"yielding_call_is_refused", 0x32000004},
    };

    for (unsigned int i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        check_equal(refused[i].name, firmware(refused[i].function, 0), NOT_SUPPORTED);
    }
}

/* All numbers of PSCI but those that are on the list, in both widths. */
static void check_psci(void)
{
    static const seL4_Word allowed = 1UL << 0 | 1UL << 8 | 1UL << 9 | 1UL << 10 | 1UL << 18;

    for (seL4_Word number = 0; number < 32; number++) {
        if ((allowed >> number & 1) == 0) {
            expect_equal("psci_is_refused", firmware(PSCI_VERSION + number, 0), NOT_SUPPORTED);
        }
        if (number != 18) { /* SYSTEM_RESET2 has a form of 64 bits */
            expect_equal("psci_64_is_refused", firmware((PSCI_VERSION | SMC64) + number, 0),
                         NOT_SUPPORTED);
        }
    }
    check("psci_was_refused", true);
}

static void check_firmware(void)
{
    check_range("psci_version", firmware(PSCI_VERSION, 0), 2, 0xfffff);
    check_range("psci_version_with_hint", firmware(PSCI_VERSION | SMCCC_SVE_HINT, 0), 2, 0xfffff);
    check_equal("psci_has_system_off", firmware(PSCI_FEATURES, SYSTEM_OFF), 0);
    check_equal("psci_has_no_cpu_on", firmware(PSCI_FEATURES, PSCI_CPU_ON | SMC64), NOT_SUPPORTED);
    check("smccc_version_is_answered", firmware(SMCCC_VERSION, 0) != 0);
    check_refused();
    check_psci();
}

/* Each prints a line, which test_target.py looks for, and returns. */
static void use_bad_channels(void)
{
    microkit_notify(5);
    microkit_notify(9);
    microkit_notify(62);
    microkit_notify(4096);
    microkit_irq_ack(3);
    microkit_deferred_notify(63);
    microkit_deferred_irq_ack(64);
    check_equal("bad_channel_defers_nothing", (seL4_Word)microkit_have_signal, 0);
    check_equal("bad_channel_calls_nobody", microkit_ppcall(3, microkit_msginfo_new(1, 1)).words[0],
                0);
    microkit_dbg_put8(255);
    microkit_dbg_putc(' ');
    microkit_dbg_put32(4294967295U);
    microkit_dbg_puts(" numbers\n");
}

static void check_helpers(void)
{
    microkit_msginfo info = microkit_msginfo_new(0xfffffffffffffUL, 127);

    check_equal("msginfo_label", microkit_msginfo_get_label(info), 0xfffffffffffffUL);
    check_equal("msginfo_count", microkit_msginfo_get_count(info), 127);
    check_equal("msginfo_is_packed", microkit_msginfo_new(3, 4).words[0], 0x3004);
    check_equal("cspace_slot", microkit_cspace_root_slot_to_cptr(63), 63UL << 58);
    check_equal("cspace_slot_0", microkit_cspace_root_slot_to_cptr(0), 0);
    check_equal("cspace_slot_64", microkit_cspace_root_slot_to_cptr(64), 0);
}

void init(void)
{
    check_program();
    check_stack();
    check_memory();
    check_registers();
    check_instructions();
    check_helpers();
    use_bad_channels();
    check_firmware();
    check_done();
}

void notified(microkit_channel ch)
{
    (void)ch;
}
