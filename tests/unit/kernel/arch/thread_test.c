/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which a core goes from one thread to another: no register of a translation regime
 * changes while the tables of a stage 2 can be walked.
 */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"

#define GUEST   0x0003000040000000UL
#define PROGRAM 0x0001000050000000UL
#define VMID(x) ((x) >> 48)

static struct arch_vcpu vcpu;

static int setup(void **state)
{
    (void)state;
    insn_reset();
    arch_stage2_away(); /* as at boot */
    return 0;
}

/* VTTBR_EL2 for no tables: where arch_stage2_away() goes. */
static uint64_t nowhere(void)
{
    assert_string_equal(insns[0].text, "msr vttbr_el2");
    return insns[0].value;
}

static bool is_of_regime(const char *text)
{
    static const char *const names[] = {
        "msr hcr_el2",   "msr sctlr_el1", "msr tcr_el1",   "msr ttbr0_el1",
        "msr ttbr1_el1", "msr mair_el1",  "msr amair_el1", "msr contextidr_el1",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The rule, over everything recorded. HCR_EL2.TWI alone may change at any time. */
static void regimes_are_never_mixed(void)
{
    uint64_t walked = PROGRAM; /* before the ISB behind the first write */
    uint64_t written = PROGRAM;
    uint64_t hcr = 0;
    bool is_settled = true; /* no register of the regime was written since the last ISB */

    for (unsigned int i = 0; i < insn_count; i++) {
        const char *text = insns[i].text;

        if (strcmp(text, "isb") == 0) {
            walked = written;
            is_settled = true;
        } else if (strcmp(text, "msr vttbr_el2") == 0) {
            written = insns[i].value;
            assert_true(is_settled || written << 16 == nowhere() << 16);
        } else if (is_of_regime(text)) {
            if (strcmp(text, "msr hcr_el2") != 0 || (hcr ^ insns[i].value) != HCR_TWI) {
                assert_int_equal(walked << 16, nowhere() << 16);
                assert_int_equal(written << 16, nowhere() << 16);
            }
            hcr = strcmp(text, "msr hcr_el2") == 0 ? insns[i].value : hcr;
            is_settled = false;
        }
    }
    assert_true(is_settled || written << 16 == nowhere() << 16);
}

static void program_after_guest(void **state)
{
    (void)state;
    arch_vcpu_load(&vcpu);
    arch_enter_guest(GUEST, &vcpu, false);
    arch_guest_trap_wfi(true);
    arch_leave_guest(&vcpu);
    arch_enter_native(PROGRAM, false);
    regimes_are_never_mixed();
    assert_int_equal(insn_read("vttbr_el2"), PROGRAM);
    assert_true((insn_read("hcr_el2") & (HCR_TGE | HCR_DC)) == (HCR_TGE | HCR_DC));
}

static void guest_after_guest(void **state)
{
    (void)state;
    arch_vcpu_load(&vcpu);
    arch_enter_guest(GUEST, &vcpu, false);
    arch_leave_guest(&vcpu);
    arch_vcpu_save(&vcpu);
    arch_vcpu_load(&vcpu);
    arch_stage2_forget(GUEST);
    arch_enter_guest(GUEST, &vcpu, true);
    regimes_are_never_mixed();
    assert_int_equal(insn_read("vttbr_el2"), GUEST);
    assert_true((insn_read("hcr_el2") & (HCR_TGE | HCR_DC)) == 0);
}

static void any_order(void **state)
{
    (void)state;
    srand(1);
    for (unsigned int round = 0; round < 1000; round++) {
        setup(NULL);
        for (unsigned int i = 0; i < 5; i++) {
            switch (rand() % 5) {
            case 0:
                arch_vcpu_load(&vcpu);
                arch_enter_guest(GUEST, &vcpu, rand() % 2 == 0);
                break;
            case 1:
                arch_enter_native(PROGRAM, false);
                break;
            case 2:
                arch_leave_guest(&vcpu);
                arch_vcpu_save(&vcpu);
                break;
            case 3:
                arch_vcpu_load(&vcpu);
                arch_stage2_forget(GUEST);
                break;
            default:
                arch_enter_guest(GUEST, &vcpu, rand() % 2 == 0);
                break;
            }
        }
        regimes_are_never_mixed();
    }
}

/* With the VMID, and tables that have nothing: the entries cannot come back meanwhile. */
static void tlb_forgets_one_vmid(void **state)
{
    unsigned int at = insn_count;

    (void)state;
    arch_stage2_forget(GUEST);
    at = insn_find("msr vttbr_el2", at);
    assert_int_equal(VMID(insns[at].value), VMID(GUEST));
    assert_int_equal(insns[at].value << 16, nowhere() << 16);
    assert_int_not_equal(VMID(nowhere()), VMID(GUEST));
    assert_string_equal(insns[at + 1].text, "isb");
    assert_string_equal(insns[at + 2].text, "tlbi vmalle1");
    assert_string_equal(insns[at + 3].text, "dsb nsh");
    assert_string_equal(insns[at + 4].text, "isb");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(program_after_guest),
        TEST(guest_after_guest),
        TEST(any_order),
        TEST(tlb_forgets_one_vmid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
