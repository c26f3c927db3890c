/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/vgic.h"

#define VCPU 3 /* of <vcpu> */

static const struct vm_config_vcpu one[] = {{.id = VCPU}};
static const struct vm_config_vcpu two[] = {{.id = VCPU}, {.id = 4}};

static struct vgic vgic;
static unsigned int ended_count[VGIC_INTID_COUNT];

static void count_ended(void *context, struct virq *virq)
{
    assert_ptr_equal(context, &vgic);
    ended_count[virq->intid]++;
}

static struct virq *find(unsigned int intid)
{
    struct virq *virq = vgic_find(&vgic, 0, intid);

    assert_non_null(virq);
    return virq;
}

static void enable(unsigned int intid, uint8_t priority)
{
    vgic_set_source(find(intid), count_ended, &vgic);
    vgic_set_priority(&vgic, find(intid), priority);
    vgic_set_enabled(&vgic, find(intid), true);
}

static void end(unsigned int intid)
{
    int list = fake_find(VCPU, intid);

    assert_true(list >= 0);
    fake.vcpus[VCPU].lists[list].state = FAKE_LIST_EMPTY;
    assert_true(vgic_end(&vgic, 0, (unsigned int)list));
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    memset(ended_count, 0, sizeof(ended_count));
    vgic_init(&vgic, one, 1, 100);
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    return 0;
}

static void raised_goes_into_a_list_register(void **state)
{
    (void)state;
    enable(40, 0xa7);
    vgic_raise(&vgic, find(40));

    assert_int_equal(fake.inject_count, 1);
    assert_int_equal(fake.vcpus[VCPU].lists[0].intid, 40);
    assert_int_equal(fake.vcpus[VCPU].lists[0].priority, 0xa0 >> 3);
    assert_int_equal(fake.vcpus[VCPU].lists[0].group, 0);
    assert_false(find(40)->pending);
    assert_true(find(40)->in_flight);
    assert_int_equal(ended_count[40], 0);

    end(40);
    assert_int_equal(ended_count[40], 1);
    assert_false(find(40)->in_flight);
    assert_false(vgic_has_pending(&vgic, 0));
}

static void disabled_stays_pending(void **state)
{
    (void)state;
    vgic_set_source(find(40), count_ended, &vgic);
    vgic_raise(&vgic, find(40));
    assert_int_equal(fake.inject_count, 0);
    assert_false(vgic_has_pending(&vgic, 0));
    assert_int_equal(ended_count[40], 0);

    vgic_set_enabled(&vgic, find(40), true);
    assert_int_equal(fake.inject_count, 1);
}

static void distributor_off_holds_back(void **state)
{
    (void)state;
    vgic_set_control(&vgic, 0);
    enable(40, 0);
    vgic_raise(&vgic, find(40));
    assert_int_equal(fake.inject_count, 0);
    assert_false(vgic_has_pending(&vgic, 0));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    assert_int_equal(fake.inject_count, 1);
}

static void groups_are_forwarded_apart(void **state)
{
    (void)state;
    enable(40, 0);
    enable(41, 0);
    vgic_set_group(&vgic, find(40), 1);
    vgic_raise(&vgic, find(40));
    vgic_raise(&vgic, find(41));
    assert_int_equal(fake_find(VCPU, 40), -1);
    assert_int_equal(fake_find(VCPU, 41), 0);
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP1);
    assert_int_equal(fake.vcpus[VCPU].lists[1].intid, 40);
    assert_int_equal(fake.vcpus[VCPU].lists[1].group, 1);
}

static void overflow_is_queued_by_priority(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 8; i++) {
        enable(40 + i, (uint8_t)(0xf8 - 8 * (i / 2)));
    }
    for (unsigned int i = 0; i < 8; i++) {
        vgic_raise(&vgic, find(40 + i));
    }
    assert_int_equal(fake.inject_count, 4);
    end(42);
    assert_int_equal(fake.vcpus[VCPU].lists[2].intid, 46); /* highest priority, lower number */
    end(46);
    assert_int_equal(fake.vcpus[VCPU].lists[2].intid, 47);
    vgic_set_priority(&vgic, find(45), 0);
    vgic_set_enabled(&vgic, find(44), false);
    end(40);
    assert_int_equal(fake.vcpus[VCPU].lists[0].intid, 45);
    end(41);
    end(43);
    end(45);
    end(47);
    assert_int_equal(fake.inject_count, 7);
    assert_true(find(44)->pending);
    vgic_set_enabled(&vgic, find(44), true);
    end(44);
    for (unsigned int i = 0; i < 8; i++) {
        assert_int_equal(ended_count[40 + i], 1);
    }
}

static void raised_again_in_flight_goes_round_once_more(void **state)
{
    (void)state;
    enable(40, 0);
    vgic_raise(&vgic, find(40));
    vgic_raise(&vgic, find(40));
    vgic_raise(&vgic, find(40));
    assert_int_equal(fake.inject_count, 1);
    end(40);
    assert_int_equal(ended_count[40], 0);
    assert_int_equal(fake.inject_count, 2);
    end(40);
    assert_int_equal(ended_count[40], 1);
    assert_int_equal(fake.inject_count, 2);
}

static void disabled_in_flight_waits_for_the_next_time(void **state)
{
    (void)state;
    enable(40, 0);
    vgic_raise(&vgic, find(40));
    vgic_set_enabled(&vgic, find(40), false);
    vgic_raise(&vgic, find(40));
    end(40);
    assert_int_equal(fake.inject_count, 1);
    assert_int_equal(ended_count[40], 0);
    assert_true(find(40)->pending);
    vgic_set_enabled(&vgic, find(40), true);
    assert_int_equal(fake.inject_count, 2);
}

static void cleared_tells_the_source(void **state)
{
    (void)state;
    vgic_set_source(find(40), count_ended, &vgic);
    vgic_clear_pending(&vgic, find(40));
    assert_int_equal(ended_count[40], 0);
    vgic_raise(&vgic, find(40));
    vgic_clear_pending(&vgic, find(40));
    assert_int_equal(ended_count[40], 1);
    assert_false(find(40)->pending);

    /* In flight the source is told at the end only. */
    vgic_set_enabled(&vgic, find(40), true);
    vgic_raise(&vgic, find(40));
    vgic_raise(&vgic, find(40));
    vgic_clear_pending(&vgic, find(40));
    assert_int_equal(ended_count[40], 1);
    end(40);
    assert_int_equal(ended_count[40], 2);
    assert_int_equal(fake.inject_count, 1);
}

static void spi_follows_its_targets(void **state)
{
    (void)state;
    vgic_init(&vgic, two, 2, 100);
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    vgic_set_targets(&vgic, find(50), 0xfe);
    assert_int_equal(find(50)->targets, 0x2);
    enable(50, 0);
    vgic_raise(&vgic, find(50));
    assert_int_equal(fake_find(4, 50), 0);
    /* In flight it stays, and comes to the other one the next time. */
    vgic_set_targets(&vgic, find(50), 0x1);
    vgic_raise(&vgic, find(50));
    fake.vcpus[4].lists[0].state = FAKE_LIST_EMPTY;
    assert_true(vgic_end(&vgic, 1, 0));
    assert_int_equal(fake_find(VCPU, 50), 0);
    assert_int_equal(fake_find(4, 50), -1);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    assert_false(vgic_end(&vgic, 0, 0));
    assert_false(vgic_end(&vgic, 0, 4));
    assert_null(vgic_find(&vgic, 0, 128));
    assert_null(vgic_find(&vgic, 1, 40));
    assert_non_null(vgic_find(&vgic, 0, 127));
}

static void reset_forgets_all_but_the_sources(void **state)
{
    static struct vgic fresh;

    (void)state;
    enable(40, 0x50);
    vgic_set_group(&vgic, find(41), 1);
    vgic_raise(&vgic, find(40));
    vgic_raise(&vgic, find(41));
    end(40);
    vgic_reset(&vgic);

    vgic_init(&fresh, one, 1, 100);
    vgic_set_source(vgic_find(&fresh, 0, 40), count_ended, &vgic);
    assert_memory_equal(&vgic, &fresh, sizeof(vgic));
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    vgic_init(&vgic, one, 1, 0);
    assert_int_equal(vgic.intid_count, 64);
    vgic_init(&vgic, one, 1, 5000);
    assert_non_null(vgic_find(&vgic, 0, 1018));
    assert_null(vgic_find(&vgic, 0, 1019)); /* the kernel would refuse to inject it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(raised_goes_into_a_list_register, setup),
        cmocka_unit_test_setup(disabled_stays_pending, setup),
        cmocka_unit_test_setup(distributor_off_holds_back, setup),
        cmocka_unit_test_setup(groups_are_forwarded_apart, setup),
        cmocka_unit_test_setup(overflow_is_queued_by_priority, setup),
        cmocka_unit_test_setup(raised_again_in_flight_goes_round_once_more, setup),
        cmocka_unit_test_setup(disabled_in_flight_waits_for_the_next_time, setup),
        cmocka_unit_test_setup(cleared_tells_the_source, setup),
        cmocka_unit_test_setup(spi_follows_its_targets, setup),
        cmocka_unit_test_setup(nonsense_is_refused, setup),
        cmocka_unit_test_setup(reset_forgets_all_but_the_sources, setup),
        cmocka_unit_test_setup(sizes_are_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
