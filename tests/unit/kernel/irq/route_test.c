/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose an interrupt is: SGIs to SPIs, and the LPIs of a GICv3 far above them. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "kernel/irq/route.h"

static void every_number_has_a_place(void **state)
{
    static const struct image_irq irqs[] = {{.intid = 32, .pd = 1},
                                            {.intid = 1019, .pd = 1},
                                            {.intid = ABI_FIRST_LPI, .pd = 1},
                                            {.intid = ABI_FIRST_LPI + ABI_MAX_LPIS - 1, .pd = 1}};
    static const uint32_t nobodys[] = {0,
                                       33,
                                       1018,
                                       1020,
                                       1023,
                                       1024,
                                       ABI_FIRST_LPI - 1,
                                       8193,
                                       ABI_FIRST_LPI + ABI_MAX_LPIS,
                                       0xffffff,
                                       UINT32_MAX};

    (void)state;
    system_give_irqs(irqs, sizeof(irqs) / sizeof(irqs[0]));
    for (unsigned int i = 0; i < sizeof(irqs) / sizeof(irqs[0]); i++) {
        assert_non_null(route_lookup(irqs[i].intid));
        assert_ptr_equal(route_lookup(irqs[i].intid)->desc, &irqs[i]);
    }
    for (unsigned int i = 0; i < sizeof(nobodys) / sizeof(nobodys[0]); i++) {
        assert_null(route_lookup(nobodys[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_number_has_a_place, system_setup)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
