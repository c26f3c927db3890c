/* SPDX-License-Identifier: BSD-2-Clause */
/* What a domain's table translates, page by page, and what it is made of. */
#include <stdlib.h>

#include "components/smmu/pagetable.h"
#include "components/smmu/registers.h"

#include "tests/unit/components/smmu/rig.h"
#include "tests/unit/vmm/fake/cmocka_all.h"

/* The second guest has these instead. */
static void start_with(const struct smmu_config_range *ranges, unsigned int count, bool has_stage2)
{
    rig_reset();
    rig_config.range_count = 2;
    rig_config.domains[1].range_count = 0;
    for (unsigned int i = 0; i < count; i++) {
        rig_add_range(ranges[i].ipa, ranges[i].paddr, ranges[i].size, ranges[i].symbol,
                      ranges[i].flags);
    }
    fake_smmu.registers32[SMMU_IDR0 / 4] |= has_stage2 ? IDR0_S2P : 0;
    rig_start();
    assert_string_equal(fake.console, "");
    assert_int_equal(rig_call(RIG_CH_TWO, SMMU_ATTACH, RIG_USB), SMMU_OK);
}

/* UINT64_MAX: not reached. */
static uint64_t expected_at(uint64_t address)
{
    for (unsigned int i = 2; i < rig_config.range_count; i++) {
        const struct smmu_config_range *range = &rig_config.ranges[i];

        if (address >= range->ipa && address - range->ipa < range->size) {
            return address - range->ipa + range->paddr;
        }
    }
    return UINT64_MAX;
}

static void check(uint64_t address)
{
    uint64_t paddr = UINT64_MAX;

    (void)fake_smmu_access(RIG_USB, address, false, &paddr);
    smmu_notified(&rig_smmu, RIG_EVENTS);
    assert_int_equal(paddr, expected_at(address));
}

static void check_ends(void)
{
    for (unsigned int i = 2; i < rig_config.range_count; i++) {
        check(rig_config.ranges[i].ipa - 1);
        check(rig_config.ranges[i].ipa);
        check(rig_config.ranges[i].ipa + rig_config.ranges[i].size - 1);
        check(rig_config.ranges[i].ipa + rig_config.ranges[i].size);
    }
}

static uint64_t word_of(uint64_t table, uint64_t address, unsigned int level)
{
    return fake_smmu_word(table + 8 * (address >> (39 - 9 * level) & 0x1ff));
}

static void blocks_of_a_gib(void **state)
{
    static const struct smmu_config_range ranges[] = {
        {0x40000000, 0x100000000, 0x80000000, SMMU_CONFIG_FIXED_PADDR, 0}};

    (void)state;
    start_with(ranges, 1, false);
    check_ends();
    check(0x40000000UL + 0x7ffff000UL);
    assert_int_equal(rig_smmu.memory.used, (2 + 2 + 1 + 2 + 1 + 1 + 2) * SMMU_PAGE);
    assert_int_equal(word_of(rig_smmu.domains[1].root, 0x40000000, 1) & 0xffff00000fff & ~0xffcUL,
                     0x100000001);
}

static void blocks_of_2_mib(void **state)
{
    static const struct smmu_config_range ranges[] = {
        {0x40200000, 0x80400000, 0x5fe00000, SMMU_CONFIG_FIXED_PADDR, 0}};
    uint64_t table;

    (void)state;
    start_with(ranges, 1, true);
    check_ends();
    table = word_of(rig_smmu.domains[1].root, 0x40200000, 1);
    assert_int_equal(table & 3, 3);
    assert_int_equal(word_of(table & ~0xfffUL, 0x40200000, 2) & 3, 1);
    assert_int_equal(word_of(table & ~0xfffUL, 0x40000000, 2), 0);
}

/* What a GiB costs: an entry for each 2 MiB, and its tables' zeros. */
static void stores_for_a_gib(void **state)
{
    static const struct smmu_config_range ranges[] = {
        {0x40000000, 0x80000000, 0x1000, SMMU_CONFIG_FIXED_PADDR, 0},
        {0x80000000, 0xc0200000, 0x40000000, SMMU_CONFIG_FIXED_PADDR, 0}};
    unsigned int without;

    (void)state;
    start_with(ranges, 1, false);
    without = fake_smmu.stores;
    start_with(ranges, 2, false);
    assert_in_range(fake_smmu.stores - without, 512, 512 + 512 + 1);
}

/* Of what they are: device or memory, and never more than reading and writing. */
static void attributes(void **state)
{
    static const struct smmu_config_range ranges[] = {
        {0x08020000, 0x08020000, 0x1000, SMMU_CONFIG_FIXED_PADDR, SMMU_CONFIG_DEVICE},
        {0x40000000, 0x80000000, 0x200000, SMMU_CONFIG_FIXED_PADDR, 0}};

    (void)state;
    for (unsigned int stage2 = 0; stage2 < 2; stage2++) {
        uint64_t table;

        start_with(ranges, 2, stage2);
        table = word_of(rig_smmu.domains[1].root, 0x40000000, 1) & ~0xfffUL;
        assert_int_equal(word_of(table, 0x40000000, 2) & ~0xfffffffff000UL,
                         stage2 ? 0x00400000000007fd : 0x0060000000000f41);
        table = word_of(rig_smmu.domains[1].root, 0x08020000, 1) & ~0xfffUL;
        table = word_of(table, 0x08020000, 2) & ~0xfffUL;
        assert_int_equal(word_of(table, 0x08020000, 3) & ~0xfffffffff000UL,
                         stage2 ? 0x00400000000007c7 : 0x0060000000000f47);
    }
}

static void ends_that_are_not_whole(void **state)
{
    static const struct smmu_config_range ranges[] = {
        {0x401ff000, 0x801ff000, 0x40203000, SMMU_CONFIG_FIXED_PADDR, 0},
        {0x90000000, 0xc0001000, 0x00400000, SMMU_CONFIG_FIXED_PADDR, 0},
        {0xa0000000, 0xc1000000, 0x00001000, SMMU_CONFIG_FIXED_PADDR, 0}};

    (void)state;
    for (unsigned int stage2 = 0; stage2 < 2; stage2++) {
        start_with(ranges, 3, stage2);
        check_ends();
        check(0x40200000);
        check(0x40000000);
        check(0x901ff000);
        check(0x90200000);
    }
}

/* As many single pages as there may be, side by side for the guest, and where they are in turns
 * with another's, backwards: each is where it is to be, and the tables are as many as are needed.
 */
static void scattered(void **state)
{
    static struct smmu_config_range ranges[SMMU_CONFIG_MAX_RANGES - 2];
    const unsigned int count = sizeof(ranges) / sizeof(ranges[0]);

    (void)state;
    for (unsigned int i = 0; i < count; i++) {
        ranges[i] = (struct smmu_config_range){.ipa = 0x401ff000UL + (uint64_t)i * 0x1000,
                                               .paddr = 0x90000000UL - (uint64_t)i * 0x2000,
                                               .size = 0x1000,
                                               .symbol = SMMU_CONFIG_FIXED_PADDR};
    }
    for (unsigned int stage2 = 0; stage2 < 2; stage2++) {
        start_with(ranges, count, stage2);
        check_ends();
        /* Root, a table for the GiB, and three with pages. */
        assert_int_equal(smmu_config_domain_tables(&rig_config, &rig_config.domains[1], rig_paddrs),
                         1 + 1 + 3);
        assert_true(rig_smmu.memory.used <= smmu_config_pages(&rig_config, rig_paddrs) * SMMU_PAGE);
    }
}

/* Pages here and there, from a fixed seed: all that is said is reached, and what is asked for at
 * random is where it is to be, or nowhere. */
static void at_random(void **state)
{
    (void)state;
    srandom(14);
    for (unsigned int run = 0; run < 20; run++) {
        struct smmu_config_range ranges[62];
        uint64_t ipa = 0;

        for (unsigned int i = 0; i < 62; i++) {
            ipa += (uint64_t)(random() % 0x3000 + (random() % 4 == 0 ? 0 : 1)) << 12;
            ranges[i] = (struct smmu_config_range){
                .ipa = ipa,
                .paddr = (0x80000000UL + ((uint64_t)random() << 9 & 0x1fffff000)) ^
                         (random() % 2 == 0 ? 0 : (ipa & 0x1ff000)),
                .size = (uint64_t)(random() % (random() % 2 == 0 ? 4 : 0x900) + 1) << 12,
                .symbol = SMMU_CONFIG_FIXED_PADDR};
            ipa += ranges[i].size;
        }
        start_with(ranges, 62, run % 2 == 0);
        assert_true(rig_smmu.memory.used <= smmu_config_pages(&rig_config, rig_paddrs) * SMMU_PAGE);
        check_ends();
        for (unsigned int i = 0; i < 2000; i++) {
            check((uint64_t)random() % (ipa + 0x1000000));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_a_gib),
        cmocka_unit_test(blocks_of_2_mib),
        cmocka_unit_test(stores_for_a_gib),
        cmocka_unit_test(attributes),
        cmocka_unit_test(ends_that_are_not_whole),
        cmocka_unit_test(scattered),
        cmocka_unit_test(at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
