/* SPDX-License-Identifier: BSD-2-Clause */
/* Feature registers as a guest reads them: what traps or is not switched is not there. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <string.h>

static struct gic_ops controller;
const struct gic_ops *gic = &controller;

static uint64_t field(unsigned int crm, unsigned int op2, unsigned int shift)
{
    return feature_register(crm, op2) >> shift & 0xf;
}

static void hide(void **state)
{
    static const unsigned int hidden[][3] = {
        {4, 0, 8},  {4, 0, 12}, {4, 0, 24}, {4, 0, 32}, {4, 0, 40},
        {4, 0, 44},                                                 /* EL2 …, SVE, AMU */
        {4, 1, 8},  {4, 1, 24}, {4, 1, 44}, {4, 4, 0},  {4, 5, 60}, /* MTE, SME, GCS */
        {5, 0, 4},  {5, 0, 8},  {5, 0, 32}, {5, 0, 40}, {5, 1, 0},  /* trace, PMU, SPE */
        {6, 0, 24}, {6, 1, 60}, {6, 2, 0},  {6, 2, 16}, {6, 3, 0},  /* TME, LS64, WFxT, MOPS */
        {7, 0, 56}, {7, 1, 8},  {7, 1, 16}, {7, 1, 40}, {7, 2, 24},
        {7, 3, 8}, /* FGT, LO, HCX */
        {1, 1, 28}, {1, 2, 24},
    };

    (void)state;
    host_reset();
    memset(host.features, 0x55, sizeof(host.features));
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        assert_int_equal(field(hidden[i][0], hidden[i][1], hidden[i][2]), 0);
    }
}

static void keep(void **state)
{
    static const unsigned int kept[][3] = {
        {4, 0, 0}, {4, 0, 4},  {4, 0, 16}, {4, 0, 20}, {4, 0, 28}, {4, 1, 4},  {5, 0, 0},
        {6, 0, 4}, {6, 0, 20}, {6, 1, 0},  {7, 0, 4},  {7, 1, 20}, {7, 2, 4},  {6, 1, 4},
        {6, 1, 8}, {6, 1, 24}, {6, 1, 28}, {6, 2, 8},  {6, 2, 12}, {6, 2, 24}, /* keys */
    };

    (void)state;
    host_reset();
    memset(host.features, 0x11, sizeof(host.features));
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        assert_int_equal(field(kept[i][0], kept[i][1], kept[i][2]), 1);
    }
    memset(host.features, 0xff, sizeof(host.features)); /* neither FP nor SIMD is fifteen */
    assert_int_equal(field(4, 0, 16), 15);
}

/* A guest has the registers of a GICv3 just if that is what the machine has. */
static void registers_of_the_gic(void **state)
{
    (void)state;
    host_reset();
    for (uint64_t value = 0; value < 16; value++) {
        host.features[4][0] = value << 24;
        controller.has_registers = true;
        assert_int_equal(field(4, 0, 24), value != 0);
        controller.has_registers = false;
        assert_int_equal(field(4, 0, 24), 0);
    }
}

static void limit(void **state)
{
    (void)state;
    host_reset();
    for (uint64_t value = 0; value < 16; value++) {
        host.features[4][0] = value << 56;
        host.features[7][0] = value;
        assert_int_equal(field(4, 0, 56), value < 1 ? value : 1);
        assert_int_equal(field(7, 0, 0), value < 2 ? value : 2);
        host.features[5][0] = value << 12 | value << 20;
        assert_int_equal(feature_register(5, 0), 1 << 12 | 1 << 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hide),
        cmocka_unit_test(keep),
        cmocka_unit_test(registers_of_the_gic),
        cmocka_unit_test(limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
