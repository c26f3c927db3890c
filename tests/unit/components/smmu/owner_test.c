/* SPDX-License-Identifier: BSD-2-Clause */
/* From the start on: what is reachable when, for whom, and what is refused. */
#include <stdio.h>

#include "components/smmu/commands.h"
#include "components/smmu/hardware.h"
#include "components/smmu/registers.h"

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/components/smmu/rig.h"
#include "tests/unit/vmm/fake/cmocka_all.h"

#define IDR(offset) fake_smmu.registers32[(offset) / 4]

static void expect_at(uint32_t stream, uint64_t address, uint64_t expected)
{
    uint64_t paddr = 0;

    assert_true(fake_smmu_access(stream, address, true, &paddr));
    assert_int_equal(paddr, expected);
}

static void expect_nothing(uint32_t stream, uint64_t address)
{
    uint64_t paddr;

    assert_false(fake_smmu_access(stream, address, false, &paddr));
}

static void expect_ends(uint32_t stream, uint64_t ram)
{
    expect_at(stream, RIG_RAM, ram);
    expect_at(stream, RIG_RAM + 0x12345678, ram + 0x12345678);
    expect_at(stream, RIG_RAM + RIG_SIZE - 1, ram + RIG_SIZE - 1);
    expect_nothing(stream, RIG_RAM - 1);
    expect_nothing(stream, RIG_RAM + RIG_SIZE);
    expect_nothing(stream, 0);
    expect_nothing(stream, FAKE_SMMU_PADDR);
    expect_nothing(stream, FAKE_SMMU_REGISTERS);
    expect_nothing(stream, 1UL << 39 | RIG_RAM);
    expect_nothing(stream, 1UL << 48 | RIG_RAM);
    expect_nothing(stream, UINT64_MAX);
}

static void aborts_from_the_first_write_on(void **state)
{
    (void)state;
    rig_reset();
    rig_start();
    assert_int_equal(fake_smmu.first_write, SMMU_GBPA);
    assert_true((IDR(SMMU_GBPA) & GBPA_ABORT) != 0);
    assert_string_equal(fake.console, "");
    for (uint32_t stream = 0; stream < 0x10000; stream += stream < 0x200 ? 1 : 0x3f1) {
        expect_nothing(stream, RIG_RAM);
    }
}

static void everyone_reaches_his_own(void **state)
{
    (void)state;
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
    expect_ends(RIG_DISK, RIG_ONE);
    expect_at(RIG_DISK, RIG_DOORBELL + 0x40, RIG_DOORBELL + 0x40);
    expect_nothing(RIG_DISK, RIG_DOORBELL + 0x1000);
    expect_nothing(RIG_NET, RIG_RAM);
    assert_int_equal(rig_call(RIG_CH_TWO, SMMU_ATTACH, RIG_USB), SMMU_OK);
    expect_ends(RIG_USB, RIG_TWO);
    expect_nothing(RIG_USB, RIG_DOORBELL + 0x40);
    expect_nothing(RIG_NET, RIG_RAM);
    expect_at(RIG_DISK, RIG_RAM, RIG_ONE);
}

static void start_stage1(void)
{
    rig_reset();
    rig_start();
}

static void start_stage2(void)
{
    rig_reset();
    IDR(SMMU_IDR0) |= IDR0_S2P;
    rig_start();
}

static void start_linear(void)
{
    rig_reset();
    IDR(SMMU_IDR0) &= ~(3U << 27);
    rig_start();
}

static void (*const starts[])(void) = {start_stage1, start_stage2, start_linear};
#define STARTS (sizeof(starts) / sizeof(starts[0]))

static void by_every_stage(void **state)
{
    for (unsigned int i = 0; i < STARTS; i++) {
        starts[i]();
        assert_true(rig_smmu.is_ready);
        everyone_reaches_his_own(state);
    }
}

static void addresses_above_39_bits(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < STARTS; i++) {
        rig_reset();
        rig_add_range(0x8000000000 - 0x201000, 0xc0000000, 0x80403000, SMMU_CONFIG_FIXED_PADDR, 0);
        IDR(SMMU_IDR0) |= i == 1 ? IDR0_S2P : 0;
        IDR(SMMU_IDR0) &= i == 2 ? ~(3U << 27) : ~0U;
        rig_start();
        assert_string_equal(fake.console, "");
        assert_int_equal(rig_call(RIG_CH_TWO, SMMU_ATTACH, RIG_USB), SMMU_OK);
        expect_at(RIG_USB, 0x8000000000 - 0x201000, 0xc0000000);
        expect_at(RIG_USB, 0x8000000000, 0xc0201000);
        expect_at(RIG_USB, 0x8080201fff, 0x140402fff);
        expect_at(RIG_USB, RIG_RAM, RIG_TWO);
        expect_nothing(RIG_USB, 0x8080202000);
    }
}

static void detached(void **state)
{
    static const uint64_t order[2][4] = {
        {CMD_CFGI_STE, CMD_CFGI_CD_ALL, CMD_SYNC, CMD_TLBI_NH_ASID},
        {CMD_CFGI_STE, CMD_CFGI_CD_ALL, CMD_SYNC, CMD_TLBI_S12_VMALL},
    };

    (void)state;
    for (unsigned int i = 0; i < STARTS; i++) {
        starts[i]();
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_NET), SMMU_OK);
        expect_at(RIG_DISK, RIG_RAM, RIG_ONE);
        expect_at(RIG_NET, RIG_RAM, RIG_ONE);
        fake_smmu.logged = 0;
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_OK);
        assert_int_equal(fake_smmu.logged, 5);
        for (unsigned int j = 0; j < 4; j++) {
            assert_int_equal(fake_smmu.log[j] & 0xff, order[i == 1][j]);
        }
        assert_int_equal(fake_smmu.log[4], CMD_SYNC);
        for (unsigned int j = 0; j < FAKE_SMMU_COPIES; j++) {
            assert_false(fake_smmu.translations[j].is_there);
        }
        expect_nothing(RIG_DISK, RIG_RAM);
        expect_at(RIG_NET, RIG_RAM, RIG_ONE);
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
        expect_ends(RIG_DISK, RIG_ONE);
    }
}

static void calls_that_are_none(void **state)
{
    (void)state;
    start_stage1();
    assert_int_equal(rig_call(RIG_CH_TWO, SMMU_ATTACH, RIG_DISK), SMMU_NOT_YOURS);
    assert_int_equal(rig_call(RIG_CH_TWO, SMMU_FAULTS, RIG_DISK), SMMU_NOT_YOURS);
    assert_int_equal(rig_call(RIG_EVENTS, SMMU_ATTACH, RIG_DISK), SMMU_NOT_YOURS);
    assert_int_equal(rig_call(61, SMMU_ATTACH, RIG_DISK), SMMU_NOT_YOURS);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK + (1UL << 32)), SMMU_NOT_YOURS);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, UINT64_MAX), SMMU_NOT_YOURS);
    assert_int_equal(rig_call(RIG_CH_ONE, 0, RIG_DISK), SMMU_BAD_CALL);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_FAULTS + 1, RIG_DISK), SMMU_BAD_CALL);
    assert_int_equal(rig_call(RIG_CH_ONE, (enum smmu_call)UINT32_MAX, RIG_DISK), SMMU_BAD_CALL);
    assert_int_equal(microkit_msginfo_get_label(
                         smmu_called(&rig_smmu, RIG_CH_ONE, microkit_msginfo_new(SMMU_ATTACH, 0))),
                     SMMU_BAD_CALL);
    expect_nothing(RIG_DISK, RIG_RAM);
}

static void expect_refused(const char *line)
{
    char expected[512];

    rig_start();
    (void)snprintf(expected, sizeof(expected), "smmu: %s\nsmmu: no function can master DMA\n",
                   line);
    assert_string_equal(fake.console, expected);
    assert_int_equal(IDR(SMMU_CR0) & CR0_SMMUEN, 0);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_FAILED);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_FAULTS, RIG_DISK), SMMU_FAILED);
    expect_nothing(RIG_DISK, RIG_RAM);
    smmu_notified(&rig_smmu, RIG_EVENTS);
    assert_int_equal(fake.ack_count[RIG_EVENTS], 1);
}

static void other_machines(void **state)
{
    static const struct {
        uint32_t offset;
        uint32_t value;
        const char *line;
    } cases[] = {
        {SMMU_IDR0, FAKE_SMMU_IDR0 & ~2U,
         "IDR0: expected stage 1 or stage 2 (S1P, S2P), found 0x0d401018"},
        {SMMU_IDR0, FAKE_SMMU_IDR0 & ~8U,
         "IDR0: expected AArch64's translation tables (TTF), found 0x0d401012"},
        {SMMU_IDR0, FAKE_SMMU_IDR0 | 3U << 21,
         "IDR0: expected little-endian tables (TTENDIAN), found 0x0d60101a"},
        {SMMU_IDR0, 0x0e40101a, "IDR0: expected faults that abort (STALL_MODEL), found 0x0e40101a"},
        {SMMU_IDR1, FAKE_SMMU_IDR1 | 1U << 29,
         "IDR1: expected queues and tables wherever they are put (QUEUES_PRESET, TABLES_PRESET), "
         "found 0x22730010"},
        {SMMU_IDR1, 0x00330010,
         "IDR1: expected a command queue of 4 entries and an event queue of 2 (CMDQS, EVENTQS), "
         "found 0x00330010"},
        {SMMU_IDR1, FAKE_SMMU_IDR1 - 8,
         "IDR1: expected StreamIDs up to 0x110, found 8 bits of them"},
        {SMMU_IDR5, 0x00000064, "IDR5: expected pages of 4 KiB (GRAN4K), found 0x00000064"},
        {SMMU_IDR5, 0x00000077,
         "IDR5: expected an address size that there is (OAS), found 0x00000077"},
        {SMMU_IDR5, 0x00000070,
         "IDR5: expected addresses up to 0x140201000, found 32 bits of them"},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig_reset();
        rig_paddrs[1] = i == 9 ? 0x120201000 : RIG_TWO;
        IDR(cases[i].offset) = cases[i].value;
        expect_refused(cases[i].line);
    }
}

static void a_machine_that_does_not_answer(void **state)
{
    (void)state;
    rig_reset();
    IDR(SMMU_CR0ACK) = CR0_SMMUEN; /* firmware had it on */
    fake_smmu.never_acknowledges = true;
    expect_refused("CR0 or IRQ_CTRL: expected 0x0 acknowledged, found 0x1");
    rig_reset();
    fake_smmu.is_stuck = true;
    expect_refused("the command queue: expected an empty one, found it waiting");
    rig_reset();
    fake_smmu.refuses = CMD_TLBI_NSNH_ALL;
    rig_start();
    assert_string_equal(fake.console,
                        "smmu: GERROR: expected no error, found 0x001\n"
                        "smmu: the command queue: expected an empty one, found it waiting\n"
                        "smmu: no function can master DMA\n");
}

static void without_gbpa(void **state)
{
    (void)state;
    rig_reset();
    fake_smmu.has_no_gbpa = true;
    rig_start();
    assert_string_equal(fake.console, "");
    expect_nothing(RIG_DISK, RIG_RAM);
}

static void little_memory(void **state)
{
    uint64_t need = smmu_config_pages(&rig_config, rig_paddrs) * SMMU_PAGE;
    char line[128];

    (void)state;
    rig_reset();
    rig_setup.tables_size = need;
    rig_start();
    assert_string_equal(fake.console, "");
    rig_reset();
    rig_setup.tables_size = need - SMMU_PAGE;
    (void)snprintf(line, sizeof(line), "smmu_tables: expected at least 0x%lx bytes, found 0x%lx",
                   need, need - SMMU_PAGE);
    expect_refused(line);
}

static void damaged_configurations(void **state)
{
    (void)state;
    rig_reset();
    rig_config.magic++;
    expect_refused("there is no configuration: section .smmu_config was not filled by vmconf");
    rig_reset();
    rig_config.version++;
    expect_refused("the configuration is of another version of vmconf");
    for (unsigned int i = 0; i < 10; i++) {
        rig_reset();
        rig_config.stream_count = i == 0 ? SMMU_CONFIG_MAX_STREAMS + 1 : rig_config.stream_count;
        rig_config.domain_count = i == 1 ? UINT32_MAX : rig_config.domain_count;
        rig_config.range_count = i == 2 ? SMMU_CONFIG_MAX_RANGES + 1 : rig_config.range_count;
        rig_config.domains[0].channel = i == 3 ? 62 : RIG_CH_ONE;
        rig_config.domains[1].channel = i == 4 ? RIG_CH_ONE : RIG_CH_TWO;
        rig_config.domains[1].first_range = i == 5 ? 4 : 2;
        rig_config.domains[1].range_count = i == 6 ? 2 : 1;
        rig_config.streams[0].domain = i == 7 ? 2 : 0;
        rig_config.streams[2].id = i == 8 ? RIG_DISK : RIG_USB;
        rig_config.domains[0].first_range = i == 9 ? UINT16_MAX : 0;
        expect_refused("the configuration is damaged");
    }
}

static void damaged_ranges(void **state)
{
    static const struct {
        struct smmu_config_range range;
        const char *problem;
    } cases[] = {
        {{RIG_RAM, 0, 0x1000, SMMU_CONFIG_MAX_PADDRS, 0}, "no such symbol"},
        {{RIG_RAM, 0, 0x1000, 31, 0}, "its region_paddr was not filled by the image tool"},
        {{RIG_RAM + 8, 0, 0x1000, 0, 0}, "not one of whole pages"},
        {{RIG_RAM, 8, 0x1000, 0, 0}, "not one of whole pages"},
        {{RIG_RAM, 0, 0, 0, 0}, "not one of whole pages"},
        {{RIG_RAM, 0, 0x1001, 0, 0}, "not one of whole pages"},
        {{RIG_RAM, 0, UINT64_MAX << 12, 0, 0}, "not one of whole pages"},
        {{UINT64_MAX << 12, 0, 0x1000, 0, 0}, "not one of whole pages"},
        {{RIG_RAM, UINT64_MAX << 12, 0x2000, 0, 0}, "not one of whole pages"},
        {{RIG_RAM, FAKE_SMMU_PADDR, 0x1000, SMMU_CONFIG_FIXED_PADDR, 0},
         "over the SMMU's own tables"},
        {{RIG_RAM, FAKE_SMMU_PADDR + FAKE_SMMU_MEMORY - 0x1000, 0x1000, SMMU_CONFIG_FIXED_PADDR, 0},
         "over the SMMU's own tables"},
        {{RIG_RAM, 0x40000000, 0x40000000, SMMU_CONFIG_FIXED_PADDR, 0},
         "over the SMMU's own tables"},
    };
    char line[128];

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig_reset();
        rig_config.ranges[2] = cases[i].range;
        (void)snprintf(line, sizeof(line), "range 2, at 0x%lx: %s", cases[i].range.ipa,
                       cases[i].problem);
        expect_refused(line);
    }
    rig_reset();
    rig_add_range(RIG_RAM + RIG_SIZE - 0x1000, 0, 0x2000, 0, 0);
    expect_refused("two: expected ranges in order that do not overlap, found others");
    rig_reset();
    rig_add_range(RIG_RAM - 0x1000, 0, 0x40000000, 0, 0);
    expect_refused("two: expected ranges in order that do not overlap, found others");
    rig_reset();
    rig_add_range(RIG_RAM - 0x1000, 0, 0x1000, 0, 0);
    expect_refused("two: expected ranges in order that do not overlap, found others");
}

static void symbols_that_are_not_filled(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        rig_reset();
        rig_setup.tables = i == 0 ? 0 : rig_setup.tables;
        rig_setup.tables_size = i == 1 ? 0 : rig_setup.tables_size;
        rig_setup.tables_paddr = i == 2 ? 0x10 : rig_setup.tables_paddr;
        expect_refused("expected smmu_vaddr, smmu_tables_vaddr, smmu_tables_size and "
                       "smmu_tables_paddr filled by the description");
    }
}

/* A VMM waits for its call, and others for it: not for long, and not twice. */
static void late(void **state)
{
    uint64_t before;

    (void)state;
    for (unsigned int i = 0; i < STARTS; i++) {
        starts[i]();
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
        fake_smmu.is_stuck = true;
        before = fake_clock.now;
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_FAILED);
        assert_in_range(fake_clock.now - before, SMMU_LIMIT_MS * 1000UL,
                        2 * SMMU_LIMIT_MS * 1000UL);
        before = fake_clock.now;
        for (unsigned int j = 0; j < 1000; j++) { /* the queue becomes full */
            assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_FAILED);
            assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_NET), SMMU_FAILED);
        }
        assert_in_range(fake_clock.now - before, 0, 10 * 1000UL * 1000);
        fake_smmu.is_stuck = false;
        for (unsigned int j = 0; j < 300; j++) {
            (void)smmu_read_register(FAKE_SMMU_REGISTERS + SMMU_CMDQ_CONS);
        }
        /* What there was no room for was not done. */
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_FAILED);
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_OK);
        expect_nothing(RIG_DISK, RIG_RAM);
        expect_nothing(RIG_NET, RIG_RAM);
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
        expect_at(RIG_DISK, RIG_RAM, RIG_ONE);
    }
}

static void slow(void **state)
{
    (void)state;
    start_stage1();
    fake_smmu.delay = 20;
    for (unsigned int i = 0; i < 200; i++) { /* round the queue, several times */
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
        expect_at(RIG_DISK, RIG_RAM, RIG_ONE);
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_OK);
        expect_nothing(RIG_DISK, RIG_RAM);
    }
}

static void refused_commands(void **state)
{
    static const uint64_t commands[] = {CMD_CFGI_STE, CMD_CFGI_CD_ALL, CMD_SYNC, CMD_TLBI_NH_ASID};

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        start_stage1();
        if (i < 3) {
            fake_smmu.refuses = commands[i];
            assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_FAILED);
            expect_nothing(RIG_DISK, RIG_RAM);
        }
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
        fake_smmu.refuses = commands[i];
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_FAILED);
        assert_string_equal(fake.console, "smmu: GERROR: expected no error, found 0x001\n");
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_OK);
        expect_nothing(RIG_DISK, RIG_RAM);
        assert_int_equal(IDR(SMMU_GERROR), IDR(SMMU_GERRORN));
    }
}

static void indices_that_cannot_be(void **state)
{
    static const uint32_t values[] = {0xffffffff, 0x000fffff, 0x7f000180, 0x1ff};

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        start_stage1();
        fake_smmu.has_bad_cons = true;
        fake_smmu.bad_cons = values[i];
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_FAILED);
        assert_int_equal(rig_call(RIG_CH_ONE, SMMU_DETACH, RIG_DISK), SMMU_FAILED);
    }
}

static void errors(void **state)
{
    (void)state;
    start_stage1();
    for (unsigned int i = 0; i < 3; i++) {
        fake_smmu_error(GERROR_EVENTQ_ABT);
        smmu_notified(&rig_smmu, RIG_ERRORS);
        fake_smmu_error(GERROR_SFM | 1U << 5);
        smmu_notified(&rig_smmu, RIG_ERRORS);
        assert_int_equal(IDR(SMMU_GERROR), IDR(SMMU_GERRORN));
    }
    assert_string_equal(fake.console, "smmu: GERROR: expected no error, found 0x120: it serves "
                                      "nobody any more\n");
    assert_int_equal(fake.ack_count[RIG_ERRORS], 6);
    assert_int_equal(rig_smmu.events.lost_count, 3);
    assert_int_equal(rig_call(RIG_CH_ONE, SMMU_ATTACH, RIG_DISK), SMMU_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aborts_from_the_first_write_on),
        cmocka_unit_test(by_every_stage),
        cmocka_unit_test(addresses_above_39_bits),
        cmocka_unit_test(detached),
        cmocka_unit_test(calls_that_are_none),
        cmocka_unit_test(other_machines),
        cmocka_unit_test(a_machine_that_does_not_answer),
        cmocka_unit_test(without_gbpa),
        cmocka_unit_test(little_memory),
        cmocka_unit_test(damaged_configurations),
        cmocka_unit_test(damaged_ranges),
        cmocka_unit_test(symbols_that_are_not_filled),
        cmocka_unit_test(late),
        cmocka_unit_test(slow),
        cmocka_unit_test(refused_commands),
        cmocka_unit_test(indices_that_cannot_be),
        cmocka_unit_test(errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
