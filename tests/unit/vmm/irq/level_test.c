/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/level.h"

#define INTID 40

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};

static struct vgic vgic;
static struct level_irq irq;

static struct virq *virq(void)
{
    return vgic_find(&vgic, 0, INTID);
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, vcpus, 1, INTID);
    assert_true(level_irq_init(&irq, &vgic, INTID));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    vgic_set_enabled(&vgic, virq(), true);
    return 0;
}

/* The guest takes the interrupt and ends it. */
static void handle(void)
{
    int list = fake_take(0);

    assert_int_not_equal(list, -1);
    fake_end(0, (unsigned int)list);
    assert_true(vgic_end(&vgic, 0, (unsigned int)list));
}

static void rises_and_falls(void **state)
{
    (void)state;
    level_irq_set(&irq, false);
    assert_int_equal(fake.inject_count, 0);
    level_irq_set(&irq, true);
    assert_int_equal(fake.inject_count, 1);
    level_irq_set(&irq, true); /* it was up */
    level_irq_set(&irq, false);
    handle();
    assert_int_equal(fake.inject_count, 1);
    level_irq_set(&irq, true);
    assert_int_equal(fake.inject_count, 2);
}

static void still_up_at_the_end(void **state)
{
    (void)state;
    level_irq_set(&irq, true);
    handle();
    assert_int_equal(fake.inject_count, 2);
    handle();
    assert_int_equal(fake.inject_count, 3);
    level_irq_set(&irq, false);
    handle();
    assert_int_equal(fake.inject_count, 3);
}

/* Down and up again while the guest handles it: once more is enough, and that only if it stays. */
static void toggles_while_handled(void **state)
{
    (void)state;
    level_irq_set(&irq, true);
    assert_int_equal(fake_take(0), 0);
    level_irq_set(&irq, false);
    level_irq_set(&irq, true);
    level_irq_set(&irq, false);
    fake_end(0, 0);
    assert_true(vgic_end(&vgic, 0, 0));
    assert_int_equal(fake.inject_count, 1);
    assert_false(vgic_is_pending(&vgic, virq()));

    level_irq_set(&irq, true);
    assert_int_equal(fake_take(0), 0);
    level_irq_set(&irq, false);
    level_irq_set(&irq, true);
    fake_end(0, 0);
    assert_true(vgic_end(&vgic, 0, 0));
    assert_int_equal(fake.inject_count, 3);
}

static void waits_while_disabled(void **state)
{
    (void)state;
    vgic_set_enabled(&vgic, virq(), false);
    level_irq_set(&irq, true);
    assert_int_equal(fake.inject_count, 0);
    vgic_set_enabled(&vgic, virq(), true);
    assert_int_equal(fake.inject_count, 1);
}

/* A level that is up makes it pending again (ARM IHI 0048B 4.3.8). */
static void cleared_by_the_guest(void **state)
{
    (void)state;
    vgic_set_enabled(&vgic, virq(), false);
    level_irq_set(&irq, true);
    vgic_clear_pending(&vgic, virq());
    assert_true(vgic_is_pending(&vgic, virq()));
    level_irq_set(&irq, false);
    vgic_clear_pending(&vgic, virq());
    assert_false(vgic_is_pending(&vgic, virq()));
}

static void survives_a_reset(void **state)
{
    (void)state;
    vgic_set_enabled(&vgic, virq(), false);
    level_irq_set(&irq, true);
    vgic_reset(&vgic);
    level_irq_reset(&irq);
    assert_false(vgic_is_pending(&vgic, virq()));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    vgic_set_enabled(&vgic, virq(), true);
    assert_int_equal(fake.inject_count, 0);
    level_irq_set(&irq, true);
    assert_int_equal(fake.inject_count, 1);
    handle();
    assert_int_equal(fake.inject_count, 2);
}

static void not_there(void **state)
{
    struct level_irq none;

    (void)state;
    assert_true(level_irq_init(&none, &vgic, 32));
    assert_false(level_irq_init(&none, &vgic, 1019));
    level_irq_set(&none, true);
    level_irq_set(&none, false);
    level_irq_reset(&none);
    assert_false(level_irq_init(&none, &vgic, 27)); /* private to a CPU */
    level_irq_set(&none, true);
    assert_int_equal(fake.inject_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rises_and_falls, setup),
        cmocka_unit_test_setup(still_up_at_the_end, setup),
        cmocka_unit_test_setup(toggles_while_handled, setup),
        cmocka_unit_test_setup(waits_while_disabled, setup),
        cmocka_unit_test_setup(cleared_by_the_guest, setup),
        cmocka_unit_test_setup(survives_a_reset, setup),
        cmocka_unit_test_setup(not_there, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
