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

/* The rule, over everything recorded. HCR_EL2.TWI and TWE may change at any time. */
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
            if (strcmp(text, "msr hcr_el2") != 0 || (hcr ^ insns[i].value) != (HCR_TWI | HCR_TWE)) {
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

static void guest_waits_only_while_nobody_else_would_run(void **state)
{
    (void)state;
    arch_enter_guest(GUEST, &vcpu, true);
    assert_int_equal(insn_read("hcr_el2") & (HCR_TWI | HCR_TWE), HCR_TWI | HCR_TWE);
    arch_guest_trap_wfi(false);
    assert_int_equal(insn_read("hcr_el2") & (HCR_TWI | HCR_TWE), 0);
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

/* ---- traps.c ---- */

#define RAS   (1UL << 28)
#define AMU   (1UL << 44)
#define SME   (1UL << 24)
#define TRACE (1UL << 4)
#define PMS   (1UL << 32)
#define TRF   (1UL << 40)
#define FGT   (1UL << 56)
#define LO    (1UL << 16)
#define HCX   (1UL << 40)

static const struct {
    const char *id;
    uint64_t feature;
    const char *reg; /* NULL: HCR_EL2 of a guest */
    uint64_t bits;
} traps[] = {
    {"id_aa64pfr0_el1", RAS, NULL, 3UL << 36},
    {"id_aa64pfr0_el1", AMU, "cptr_el2", 1UL << 30},
    {"id_aa64dfr0_el1", TRACE, "cptr_el2", 1UL << 20},
    {"id_aa64dfr0_el1", PMS, "mdcr_el2", 1UL << 14},
    {"id_aa64dfr0_el1", TRF, "mdcr_el2", 1UL << 19},
    {"id_aa64mmfr1_el1", LO, NULL, 1UL << 35},
};

#define ALWAYS (1UL << 18 | 7UL << 19 | 1UL << 22) /* TID3, TSC, TIDCP, TACR, TSW */
#define NEVER  (3UL << 40 | 1UL << 47 | 1UL << 53 | 1UL << 56 | HCR_TGE | HCR_DC | 1UL << 34)

static uint64_t hcr_of_guest(void)
{
    arch_enter_guest(GUEST, &vcpu, false);
    return insn_read("hcr_el2");
}

static void what_there_is_traps(void **state)
{
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        setup(state);
        arch_traps_init();
        assert_int_equal(
            (traps[i].reg != NULL ? insn_read(traps[i].reg) : hcr_of_guest()) & traps[i].bits, 0);
        assert_int_equal(hcr_of_guest() & ALWAYS, ALWAYS);
        assert_int_equal(hcr_of_guest() & NEVER, 0);
        insn_set(traps[i].id, traps[i].feature);
        arch_traps_init();
        assert_int_equal((traps[i].reg != NULL ? insn_read(traps[i].reg) : hcr_of_guest()) &
                             traps[i].bits,
                         traps[i].bits);
    }
}

/* Bits of these allow: they are written, whatever was in them, if the core has them. */
static void fine_grained_traps_are_closed(void **state)
{
    static const char *const fine[] = {"s3_4_c1_c1_4", "s3_4_c1_c1_5", "s3_4_c1_c1_6",
                                       "s3_4_c3_c1_4", "s3_4_c3_c1_5", "s3_4_c1_c2_2"};

    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        insn_set(fine[i], ~0UL);
    }
    arch_traps_init();
    assert_int_equal(insn_read("s3_4_c1_c1_4"), ~0UL); /* HFGRTR_EL2: undefined here */
    insn_set("id_aa64mmfr0_el1", FGT);
    insn_set("id_aa64mmfr1_el1", HCX);
    arch_traps_init();
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        assert_int_equal(insn_read(fine[i]), 0);
    }
}

static void tpidr2_is_switched_unless_it_traps(void **state)
{
    (void)state;
    insn_set("id_aa64pfr1_el1", SME);
    insn_set("id_aa64pfr0_el1", RAS);
    arch_traps_init();
    vcpu.tpidr2 = 0x1234;
    vcpu.disr = 0x5678;
    arch_vcpu_load(&vcpu);
    assert_int_equal(insn_read("s3_3_c13_c0_5"), 0x1234);
    assert_int_equal(insn_read("s3_4_c12_c1_1"), 0x5678);
    insn_set("id_aa64mmfr0_el1", FGT);
    arch_traps_init();
    vcpu.tpidr2 = 0x4321;
    arch_vcpu_load(&vcpu);
    assert_int_equal(insn_read("s3_3_c13_c0_5"), 0x1234);
}

/* ---- error.c ---- */

static void errors_are_waited_for_before_they_are_looked_for(void **state)
{
    unsigned int at = insn_count;

    (void)state;
    arch_traps_init();
    at = insn_count;
    assert_false(arch_has_error());
    assert_string_equal(insns[at].text, "dsb sy");
    assert_int_equal(insn_count, at + 1);
    insn_set("isr_el1", 1UL << 8);
    insn_set("elr_el2", 0x1234);
    insn_set("spsr_el2", 0x5);
    insn_set("esr_el2", 0xbc000002UL);
    assert_true(arch_has_error());
    assert_int_equal(arch_take_error(), 0xbc000002UL);
    at = insn_find("take serror", at);
    assert_int_equal(insns[insn_find("msr elr_el2", at)].value, 0x1234);
    assert_int_equal(insns[insn_find("msr spsr_el2", at)].value, 0x5);
}

static void errors_are_deferred_where_there_is_ras(void **state)
{
    unsigned int at;

    (void)state;
    insn_set("id_aa64pfr0_el1", RAS);
    arch_traps_init();
    at = insn_count;
    assert_false(arch_has_error());
    assert_string_equal(insns[at].text, "dsb sy");
    assert_string_equal(insns[at + 1].text, "esb");
    insn_set("s3_0_c12_c1_1", 1UL << 31 | 2);
    assert_true(arch_has_error());
    assert_int_equal(arch_take_error(), 0xbc000002UL);
    assert_int_equal(insn_read("s3_0_c12_c1_1"), 0);
}

/* ---- Where a guest's abort was ---- */

#define ABORT(fsc) (0x24UL << 26 | (fsc))

static void address_is_translated_where_hpfar_has_none(void **state)
{
    static const struct {
        uint64_t syndrome;
        bool by_hpfar;
    } aborts[] = {
        {ABORT(0x04), true},        /* translation */
        {ABORT(0x0b), true},        /* access flag */
        {ABORT(0x0f), false},       /* permission … */
        {ABORT(0x0f | 0x80), true}, /* … in a stage-1 walk */
        {ABORT(0x10), false},       /* external */
    };

    for (size_t i = 0; i < sizeof(aborts) / sizeof(aborts[0]); i++) {
        setup(state);
        insn_set("far_el2", 0xffff000012345678UL);
        insn_set("hpfar_el2", 0x80000 >> 8);
        insn_set("par_el1", 0x9000);
        assert_int_equal(arch_fault_ipa(aborts[i].syndrome), aborts[i].by_hpfar ? 0x80678 : 0x9678);
        assert_int_equal(insn_read("par_el1"), 0x9000);
    }
    assert_int_equal(arch_fault_ipa(ABORT(0x10 | 0x400)), 0); /* FnV */
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(program_after_guest),
        TEST(guest_after_guest),
        TEST(guest_waits_only_while_nobody_else_would_run),
        TEST(any_order),
        TEST(tlb_forgets_one_vmid),
        TEST(what_there_is_traps),
        TEST(fine_grained_traps_are_closed),
        TEST(tpidr2_is_switched_unless_it_traps),
        TEST(errors_are_waited_for_before_they_are_looked_for),
        TEST(errors_are_deferred_where_there_is_ras),
        TEST(address_is_translated_where_hpfar_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
