/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a guest that the kernel answers for, those that it does not, and what an instruction
 * that trapped leaves of AArch32's conditions. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/sched/sched.h"

#define CPU   (&cpus[0])
#define VMM   (&pds[1])
#define VCPU  (&vcpus[0])
#define FRAME (&vcpus[0].thread.frame)
#define START 0x1000
#define DIRT  0x1122334455667788UL

#define IL   (1UL << 25)
#define READ 1UL

#define USER32      0x10UL /* SPSR: AArch32, User mode */
#define USER32_T32  0x30UL
#define NZCV(flags) ((uint64_t)(flags) << 28)
#define IT(state)   (((uint64_t)(state)&3) << 25 | ((uint64_t)(state) >> 2) << 10)

struct name {
    unsigned int op0, op1, crn, crm, op2;
};

static int setup(void **state)
{
    system_setup(state);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    endpoint_receive(VMM);
    endpoint_resume(&VCPU->thread);
    switch_to(CPU, sched_choose(CPU));
    FRAME->pc = START;
    for (unsigned int i = 0; i < 31; i++) {
        FRAME->x[i] = DIRT;
    }
    return 0;
}

static uint64_t access(unsigned int ec, struct name name, unsigned int rt, uint64_t direction)
{
    return (uint64_t)ec << 26 | IL | (uint64_t)name.op0 << 20 | (uint64_t)name.op2 << 17 |
           (uint64_t)name.op1 << 14 | (uint64_t)name.crn << 10 | (uint64_t)rt << 5 |
           (uint64_t)name.crm << 1 | direction;
}

static uint64_t access64(struct name name, unsigned int rt, uint64_t direction)
{
    return access(0x18, name, rt, direction);
}

static uint64_t access_pair(unsigned int ec, unsigned int op1, unsigned int crm, uint64_t direction)
{
    return (uint64_t)ec << 26 | IL | 1UL << 24 | 0xeUL << 20 | (uint64_t)op1 << 16 | 6UL << 10 |
           5UL << 5 | (uint64_t)crm << 1 | direction;
}

static void guest_went_on(void)
{
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
    assert_int_equal(VMM->thread.state, THREAD_RECEIVING);
    assert_int_equal(FRAME->pc, START + 4);
}

static void vmm_was_told(uint64_t syndrome)
{
    assert_int_equal(VMM->thread.state, THREAD_RUNNABLE);
    assert_int_equal(ABI_MSGINFO_LABEL(VMM->thread.frame.x[1]), ABI_FAULT_VCPU);
    assert_int_equal(VMM->ipc_buffer[0], syndrome);
    assert_int_equal(FRAME->pc, START);
    assert_int_equal(FRAME->x[5], DIRT);
}

static const struct {
    struct name name;
    uint64_t value;
} answered[] = {
    {{2, 0, 0, 2, 2}, 0},   /* MDSCR_EL1 */
    {{2, 0, 1, 0, 4}, 0},   /* OSLAR_EL1 */
    {{2, 0, 1, 1, 4}, 8},   /* OSLSR_EL1: a lock, unlocked */
    {{2, 0, 1, 3, 4}, 0},   /* OSDLR_EL1 */
    {{2, 0, 0, 0, 4}, 0},   /* DBGBVR0_EL1 */
    {{2, 0, 0, 15, 7}, 0},  /* DBGWCR15_EL1 */
    {{2, 3, 0, 1, 0}, 0},   /* MDCCSR_EL0 */
    {{2, 1, 0, 0, 1}, 0},   /* trace */
    {{3, 0, 1, 0, 1}, 0},   /* ACTLR_EL1 */
    {{3, 0, 1, 2, 1}, 0},   /* TRFCR_EL1 */
    {{3, 0, 5, 3, 0}, 0},   /* ERRIDR_EL1 */
    {{3, 0, 5, 5, 7}, 0},   /* ERXMISC3_EL1 */
    {{3, 0, 9, 9, 0}, 0},   /* PMSCR_EL1 */
    {{3, 0, 10, 4, 0}, 0},  /* LORSA_EL1 */
    {{3, 0, 12, 12, 5}, 7}, /* ICC_SRE_EL1: system registers, always */
    {{3, 0, 10, 4, 7}, 0},  /* LORID_EL1 */
    {{3, 3, 13, 2, 0}, 0},  /* AMCR_EL0 */
    {{3, 0, 9, 14, 1}, 0},  /* PMINTENSET_EL1 */
    {{3, 0, 9, 14, 2}, 0},  /* PMINTENCLR_EL1 */
    {{3, 3, 9, 12, 0}, 0},  /* PMCR_EL0 */
    {{3, 3, 9, 13, 0}, 0},  /* PMCCNTR_EL0 */
    {{3, 3, 9, 14, 3}, 0},  /* PMOVSSET_EL0 */
    {{3, 3, 14, 8, 0}, 0},  /* PMEVCNTR0_EL0 */
    {{3, 3, 14, 15, 7}, 0}, /* PMCCFILTR_EL0 */
    {{3, 3, 14, 2, 0}, 0},  /* CNTP_TVAL_EL0 */
    {{3, 3, 14, 2, 1}, 0},  /* CNTP_CTL_EL0 */
    {{3, 3, 14, 2, 2}, 0},  /* CNTP_CVAL_EL0 */
};

static void registers_that_are_not_switched_are_answered(void **state)
{
    for (size_t i = 0; i < sizeof(answered) / sizeof(answered[0]); i++) {
        setup(state);
        exit_sync(CPU, VCPU, access64(answered[i].name, 5, READ));
        guest_went_on();
        assert_int_equal(FRAME->x[5], answered[i].value);
        FRAME->pc = START;
        FRAME->x[5] = DIRT;
        exit_sync(CPU, VCPU, access64(answered[i].name, 5, 0));
        guest_went_on();
        assert_int_equal(FRAME->x[5], DIRT);
    }
}

static void feature_registers_are_read(void **state)
{
    (void)state;
    host.features[4][1] = 0x21;
    exit_sync(CPU, VCPU, access64((struct name){3, 0, 0, 4, 1}, 5, READ));
    guest_went_on();
    assert_int_equal(FRAME->x[5], 0x21);
}

static void sets_and_ways_are_cleaned(void **state)
{
    static const struct name names[] = {{1, 0, 7, 6, 2}, {1, 0, 7, 10, 2}, {1, 0, 7, 14, 2}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        setup(state);
        host.event_count = 0;
        exit_sync(CPU, VCPU, access64(names[i], 5, 0));
        guest_went_on();
        assert_int_equal(host.event_count, 1);
        assert_int_equal(host.events[0].event, HOST_CACHE_CLEAN_SET_WAY);
        assert_int_equal(host.events[0].value, DIRT);
        FRAME->pc = START;
        exit_sync(CPU, VCPU, access64(names[i], 31, 0));
        assert_int_equal(host.events[1].value, 0);
    }
}

static void others_are_the_vmms(void **state)
{
    static const struct name others[] = {
        {3, 0, 1, 0, 0},                     /* SCTLR_EL1 */
        {3, 0, 1, 0, 2},                     /* CPACR_EL1 */
        {3, 0, 9, 13, 7},  {3, 1, 15, 2, 1}, /* implementation defined */
        {3, 3, 9, 11, 7},  {3, 0, 2, 1, 0},   {3, 3, 14, 7, 7},
        {3, 4, 0, 0, 0},   {3, 3, 14, 2, 3},  {3, 3, 14, 3, 1},  /* CNTV_CTL_EL0 */
        {3, 0, 12, 11, 5}, {3, 0, 12, 11, 6}, {3, 0, 12, 11, 7}, /* ICC_SGI1R_EL1 … */
        {1, 0, 7, 8, 0},   {3, 0, 0, 0, 0},   {3, 0, 0, 8, 0},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        setup(state);
        exit_sync(CPU, VCPU, access64(others[i], 5, READ));
        vmm_was_told(access64(others[i], 5, READ));
    }
}

static void xzr_takes_what_is_read(void **state)
{
    (void)state;
    FRAME->spsr = NZCV(0xf) | 5;
    exit_sync(CPU, VCPU, access64(answered[0].name, 31, READ));
    guest_went_on();
    for (unsigned int i = 0; i < 31; i++) {
        assert_int_equal(FRAME->x[i], DIRT);
    }
    assert_int_equal(FRAME->spsr, NZCV(0xf) | 5);
}

#define ALWAYS (1UL << 24 | 0xeUL << 20)

static void aarch32_user_code_reads_the_same(void **state)
{
    static const struct {
        unsigned int ec;
        struct name name;
    } names[] = {
        {0x03, {0, 0, 9, 13, 0}},  /* PMCCNTR */
        {0x03, {0, 0, 14, 2, 1}},  /* CNTP_CTL */
        {0x03, {0, 0, 14, 15, 7}}, /* PMCCFILTR */
        {0x05, {0, 0, 0, 0, 0}},   /* DBGDIDR */
        {0x05, {0, 0, 0, 1, 0}},   /* DBGDSCRint */
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        setup(state);
        FRAME->spsr = USER32;
        exit_sync(CPU, VCPU, access(names[i].ec, names[i].name, 5, READ) | ALWAYS);
        guest_went_on();
        assert_int_equal(FRAME->x[5], 0);
    }
    setup(state);
    FRAME->spsr = USER32;
    exit_sync(CPU, VCPU, access(0x03, (struct name){0, 0, 13, 0, 3}, 5, READ) | ALWAYS);
    vmm_was_told(access(0x03, (struct name){0, 0, 13, 0, 3}, 5, READ) | ALWAYS);
}

static void pairs_are_read_whole(void **state)
{
    static const unsigned int pairs[][3] = {{0x04, 0, 9}, {0x04, 2, 14}, {0x0c, 0, 1}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        setup(state);
        FRAME->spsr = USER32;
        exit_sync(CPU, VCPU, access_pair(pairs[i][0], pairs[i][1], pairs[i][2], READ));
        guest_went_on();
        assert_int_equal(FRAME->x[5], 0);
        assert_int_equal(FRAME->x[6], 0);
    }
    setup(state);
    FRAME->spsr = USER32;
    exit_sync(CPU, VCPU, access_pair(0x04, 3, 14, READ)); /* CNTV_CVAL */
    vmm_was_told(access_pair(0x04, 3, 14, READ));
}

static void debug_status_goes_to_the_flags(void **state)
{
    (void)state;
    FRAME->spsr = USER32 | NZCV(0xf);
    exit_sync(CPU, VCPU, access(0x05, (struct name){0, 0, 0, 1, 0}, 31, READ) | ALWAYS);
    guest_went_on();
    assert_int_equal(FRAME->spsr, USER32);
}

/* Conditions by number, and for each the values of NZCV with which it holds, a bit each. */
static const uint16_t holding[16] = {
    0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555,
    0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0xffff,
};

static void condition_that_failed_reads_nothing(void **state)
{
    for (unsigned int i = 0; i < 16 * 16; i++) {
        uint64_t condition = i / 16;
        unsigned int flags = i % 16;

        setup(state);
        FRAME->spsr = USER32 | NZCV(flags);
        exit_sync(CPU, VCPU, access(0x05, (struct name){0}, 5, READ) | 1UL << 24 | condition << 20);
        guest_went_on();
        assert_int_equal(FRAME->x[5], (holding[condition] >> flags & 1) != 0 ? 0 : DIRT);
    }
}

static void it_block_moves_on(void **state)
{
    static const struct {
        unsigned int before, after;
        bool holds; /* with Z alone set */
    } blocks[] = {
        {0x00, 0x00, true},  /* in none */
        {0x08, 0x00, true},  /* IT EQ */
        {0x04, 0x08, true},  /* ITT EQ */
        {0x0c, 0x18, true},  /* ITE EQ */
        {0x18, 0x00, false}, /* its second */
        {0x01, 0x02, true},  /* ITTTT EQ */
    };

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        setup(state);
        FRAME->spsr = USER32_T32 | NZCV(4) | IT(blocks[i].before);
        exit_sync(CPU, VCPU, access(0x05, (struct name){0}, 5, READ));
        guest_went_on();
        assert_int_equal(FRAME->x[5], blocks[i].holds ? 0 : DIRT);
        assert_int_equal(FRAME->spsr, USER32_T32 | NZCV(4) | IT(blocks[i].after));
    }
}

static void short_wfi_of_a_failed_condition_does_not_sleep(void **state)
{
    (void)state;
    FRAME->spsr = USER32_T32 | NZCV(0) | IT(0x08);
    exit_sync(CPU, VCPU, 0x01UL << 26);
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
    assert_int_equal(FRAME->pc, START + 2);
    assert_int_equal(FRAME->spsr, USER32_T32);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_that_are_not_switched_are_answered),
        TEST(feature_registers_are_read),
        TEST(sets_and_ways_are_cleaned),
        TEST(others_are_the_vmms),
        TEST(xzr_takes_what_is_read),
        TEST(aarch32_user_code_reads_the_same),
        TEST(pairs_are_read_whole),
        TEST(debug_status_goes_to_the_flags),
        TEST(condition_that_failed_reads_nothing),
        TEST(it_block_moves_on),
        TEST(short_wfi_of_a_failed_condition_does_not_sleep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
