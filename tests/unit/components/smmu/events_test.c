/* SPDX-License-Identifier: BSD-2-Clause */
/* What functions are refused: counted, told, and suppressed when it is too much. */
#include "components/smmu/events.h"
#include "components/smmu/registers.h"

#include "tests/unit/components/smmu/rig.h"
#include "tests/unit/vmm/fake/cmocka_all.h"

#define OUTSIDE 0x12345678UL
#define QUEUE   128 /* entries */

static bool has_stage2;

static void start(void)
{
    rig_reset();
    fake_smmu.registers32[SMMU_IDR0 / 4] |= has_stage2 ? IDR0_S2P : 0;
    rig_start();
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_NET), SMMU_OK);
    assert_int_equal(rig_call(RIG_CH_TWO, SMMU_ATTACH, RIG_USB), SMMU_OK);
}

static void expect_faults(uint32_t stream, uint64_t count, uint64_t address, uint64_t kind)
{
    assert_int_equal(rig_call(stream == RIG_USB ? RIG_CH_TWO : RIG_CH_ONE, SMMU_FAULTS, stream),
                     SMMU_OK);
    assert_int_equal(microkit_mr_get(SMMU_FAULTS_COUNT), count);
    assert_int_equal(microkit_mr_get(SMMU_FAULTS_ADDRESS), address);
    assert_int_equal(microkit_mr_get(SMMU_FAULTS_KIND), kind);
}

static void try(uint32_t stream, uint64_t address, bool is_write)
{
    uint64_t paddr;

    assert_false(fake_smmu_access(stream, address, is_write, &paddr));
}

static void interrupt(void)
{
    smmu_notified(&rig_smmu, RIG_EVENTS);
    assert_int_equal(fake_smmu.event_prod, fake_smmu.event_cons);
}

static void one(void **state)
{
    (void)state;
    start();
    expect_faults(RIG_DISK, 0, 0, 0);
    try(RIG_DISK, OUTSIDE, false);
    interrupt();
    assert_int_equal(fake.notify_count[RIG_CH_ONE], 1);
    assert_int_equal(fake.notify_count[RIG_CH_TWO], 0);
    assert_int_equal(fake.ack_count[RIG_EVENTS], 1);
    expect_faults(RIG_DISK, 1, OUTSIDE, SMMU_FAULT_READ);
    expect_faults(RIG_NET, 0, 0, 0);
    try(RIG_USB, OUTSIDE + 1, true);
    interrupt();
    assert_int_equal(fake.notify_count[RIG_CH_TWO], 1);
    expect_faults(RIG_USB, 1, OUTSIDE + 1, SMMU_FAULT_WRITE);
    expect_faults(RIG_DISK, 1, OUTSIDE, SMMU_FAULT_READ);
}

static void one_notification_until_it_is_asked(void **state)
{
    (void)state;
    start();
    for (unsigned int i = 0; i < 5; i++) {
        try(i % 2 == 0 ? RIG_DISK : RIG_NET, OUTSIDE, false);
        interrupt();
    }
    assert_int_equal(fake.notify_count[RIG_CH_ONE], 1);
    expect_faults(RIG_DISK, 3, OUTSIDE, SMMU_FAULT_READ);
    expect_faults(RIG_NET, 2, OUTSIDE, SMMU_FAULT_READ);
    interrupt();
    assert_int_equal(fake.notify_count[RIG_CH_ONE], 1);
    try(RIG_NET, OUTSIDE, false);
    interrupt();
    assert_int_equal(fake.notify_count[RIG_CH_ONE], 2);
}

/* The events stop, and so does what they cost; what is reached stays the same. */
static void too_many(void **state)
{
    unsigned int before;
    uint64_t paddr;

    (void)state;
    start();
    for (unsigned int i = 0; i < 10000; i++) {
        try(RIG_DISK, OUTSIDE, true);
        interrupt();
    }
    expect_faults(RIG_DISK, SMMU_BURST, OUTSIDE, SMMU_FAULT_WRITE | SMMU_FAULT_SUPPRESSED);
    assert_true(fake_smmu_access(RIG_DISK, RIG_RAM, true, &paddr));
    try(RIG_NET, OUTSIDE, false); /* another function's are counted */
    interrupt();
    expect_faults(RIG_NET, 1, OUTSIDE, SMMU_FAULT_READ);
    before = fake_smmu.logged;
    for (unsigned int i = 0; i < 100; i++) { /* asking often does not help */
        expect_faults(RIG_DISK, SMMU_BURST, OUTSIDE, SMMU_FAULT_WRITE | SMMU_FAULT_SUPPRESSED);
    }
    assert_int_equal(fake_smmu.logged, before);
    fake_clock_wait(SMMU_WINDOW_MS);
    expect_faults(RIG_DISK, SMMU_BURST, OUTSIDE, SMMU_FAULT_WRITE | SMMU_FAULT_SUPPRESSED);
    expect_faults(RIG_DISK, SMMU_BURST, OUTSIDE, SMMU_FAULT_WRITE);
    try(RIG_DISK, OUTSIDE + 4, false);
    interrupt();
    expect_faults(RIG_DISK, SMMU_BURST + 1, OUTSIDE + 4, SMMU_FAULT_READ);
}

static void many_but_slowly(void **state)
{
    (void)state;
    start();
    for (unsigned int i = 0; i < 100; i++) {
        try(RIG_DISK, OUTSIDE, true);
        interrupt();
        fake_clock_wait(SMMU_WINDOW_MS / SMMU_BURST * 2);
    }
    expect_faults(RIG_DISK, 100, OUTSIDE, SMMU_FAULT_WRITE);
}

static void suppressed_until_attached_again(void **state)
{
    (void)state;
    start();
    for (unsigned int i = 0; i < SMMU_BURST; i++) {
        try(RIG_DISK, OUTSIDE, true);
    }
    interrupt();
    try(RIG_DISK, OUTSIDE, true);
    interrupt();
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_OK);
    try(RIG_DISK, OUTSIDE, true);
    assert_int_equal(fake_smmu.event_prod, fake_smmu.event_cons); /* it just aborts */
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
    try(RIG_DISK, OUTSIDE, true);
    interrupt();
    expect_faults(RIG_DISK, SMMU_BURST + 1, OUTSIDE, SMMU_FAULT_WRITE);
}

static void overflow(void **state)
{
    (void)state;
    start();
    for (unsigned int round = 1; round < 4; round++) {
        for (unsigned int i = 0; i < 3 * QUEUE; i++) {
            fake_smmu_event(RIG_NET, EVENT_TRANSLATION, false, OUTSIDE + i);
        }
        interrupt();
        assert_int_equal(rig_smmu.events.lost_count, round);
        assert_int_equal(rig_smmu.streams[1].fault_count, round * QUEUE);
    }
    expect_faults(RIG_NET, 3 * QUEUE, OUTSIDE + QUEUE - 1, SMMU_FAULT_READ | SMMU_FAULT_SUPPRESSED);
}

static void kinds(void **state)
{
    static const struct {
        uint32_t type;
        uint64_t kind;
    } cases[] = {{0x00, 0}, {0x02, 0}, {0x04, 0}, {0x0a, 0}, {0x0f, 0}, {0x10, 2}, {0x11, 2},
                 {0x12, 2}, {0x13, 2}, {0x14, 0}, {0x20, 0}, {0x24, 0}, {0xff, 0}};

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start();
        fake_smmu_event(RIG_USB, cases[i].type, true, OUTSIDE);
        interrupt();
        expect_faults(RIG_USB, 1, cases[i].kind == 0 ? 0 : OUTSIDE, cases[i].kind);
    }
}

static void of_nobody(void **state)
{
    (void)state;
    start();
    fake_smmu_event(0x1234, EVENT_TRANSLATION, true, OUTSIDE);
    fake_smmu_event(UINT32_MAX, 0xff, true, UINT64_MAX);
    interrupt();
    assert_int_equal(rig_smmu.events.unknown_count, 2);
    assert_int_equal(fake.notify_count[RIG_CH_ONE] + fake.notify_count[RIG_CH_TWO], 0);
}

/* An SMMU that never comes to an end does not keep its owner. */
static void indices_that_cannot_be(void **state)
{
    (void)state;
    start();
    for (uint32_t i = 0; i < 2000; i++) {
        fake_smmu.has_bad_prod = true;
        fake_smmu.bad_prod = i * 0x9e3779b9U;
        smmu_notified(&rig_smmu, RIG_EVENTS);
    }
    fake_smmu.has_bad_prod = false;
    fake_smmu.event_prod = fake_smmu.event_cons;
    try(RIG_USB, OUTSIDE, true);
    interrupt();
    assert_int_equal(rig_call(RIG_CH_TWO, SMMU_FAULTS, RIG_USB), SMMU_OK);
    assert_true(microkit_mr_get(SMMU_FAULTS_COUNT) >= 1);
}

static void by_stage1(void **state)
{
    static void (*const tests[])(void **state) = {one,
                                                  one_notification_until_it_is_asked,
                                                  too_many,
                                                  many_but_slowly,
                                                  suppressed_until_attached_again,
                                                  overflow,
                                                  kinds,
                                                  of_nobody,
                                                  indices_that_cannot_be};

    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tests[i](state);
    }
}

static void by_stage2(void **state)
{
    has_stage2 = true;
    by_stage1(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_stage1),
        cmocka_unit_test(by_stage2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
