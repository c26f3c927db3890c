/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/passthrough/irq.h"

#define VCPU 0
#define UART 33
#define BLK  79

static const struct vm_config config = {
    .vcpu_count = 1,
    .irq_count = 3,
    .irqs = {{.intid = UART, .channel = 4},
             {.intid = 20, .channel = 5}, /* no SPI */
             {.intid = BLK, .channel = 6, .flags = VM_CONFIG_IRQ_EDGE}},
};

static struct vgic vgic;
static struct passthrough_irqs irqs;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, config.vcpus, 1, BLK);
    passthrough_irq_init(&irqs, &vgic, &config);
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    return 0;
}

static void enable(unsigned int intid, bool enabled)
{
    vgic_set_enabled(&vgic, vgic_find(&vgic, 0, intid), enabled);
}

static void guest_handles(unsigned int intid)
{
    int list = fake_take(VCPU);

    assert_true(list >= 0);
    assert_int_equal(fake.vcpus[VCPU].lists[list].intid, intid);
    fake_end(VCPU, (unsigned int)list);
    assert_true(vgic_end(&vgic, 0, (unsigned int)list));
}

static void acked_when_the_guest_ended_it(void **state)
{
    (void)state;
    enable(BLK, true);
    assert_true(passthrough_irq_notified(&irqs, 6));
    assert_int_equal(fake.ack_count[6], 0);
    guest_handles(BLK);
    assert_int_equal(fake.ack_count[6], 1);
    assert_int_equal(fake.ack_count[4], 0);
}

static void other_channels_are_not_ours(void **state)
{
    (void)state;
    assert_false(passthrough_irq_notified(&irqs, 5));
    assert_false(passthrough_irq_notified(&irqs, 0));
    assert_false(passthrough_irq_notified(&irqs, 61));
    assert_false(passthrough_irq_notified(&irqs, 64));
    assert_false(passthrough_irq_notified(&irqs, UINT32_MAX));
}

static void kept_while_disabled(void **state)
{
    (void)state;
    assert_true(passthrough_irq_notified(&irqs, 6));
    enable(BLK, true);
    enable(BLK, false); /* too late for this one */
    guest_handles(BLK);
    assert_int_equal(fake.ack_count[6], 1);
    assert_true(passthrough_irq_notified(&irqs, 6));
    assert_int_equal(fake_find(VCPU, BLK), -1);
    assert_int_equal(fake.ack_count[6], 1); /* silent meanwhile */
    enable(BLK, true);
    guest_handles(BLK);
    assert_int_equal(fake.ack_count[6], 2);
}

/* The guest raises it by itself: nothing is acked that did not fire. */
static void raised_by_software(void **state)
{
    (void)state;
    enable(BLK, true);
    vgic_raise(&vgic, vgic_find(&vgic, 0, BLK));
    guest_handles(BLK);
    assert_int_equal(fake.ack_count[6], 0);
}

static void cleared_by_software(void **state)
{
    (void)state;
    assert_true(passthrough_irq_notified(&irqs, 4));
    vgic_clear_pending(&vgic, vgic_find(&vgic, 0, UART));
    assert_int_equal(fake.ack_count[4], 1); /* fires again if its line is still up */
    enable(UART, true);
    assert_int_equal(fake_find(VCPU, UART), -1);
}

/* An edge that was latched behind a held interrupt comes with the ack: from before the reset. */
static void stale_ones_are_dropped(void **state)
{
    (void)state;
    enable(BLK, true);
    assert_true(passthrough_irq_notified(&irqs, 6));
    memset(&fake.vcpus[VCPU].lists, 0, sizeof(fake.vcpus[VCPU].lists));
    vgic_reset(&vgic);
    passthrough_irq_reset(&irqs);
    assert_int_equal(fake.ack_count[6], 1);
    assert_int_equal(fake.ack_count[4], 0); /* was not held */

    assert_true(passthrough_irq_notified(&irqs, 6));
    assert_int_equal(fake.ack_count[6], 2);
    assert_false(vgic_find(&vgic, 0, BLK)->pending);

    /* A line that is still up comes again, and is the guest's. */
    assert_true(passthrough_irq_notified(&irqs, 6));
    assert_true(vgic_find(&vgic, 0, BLK)->pending);
    assert_int_equal(fake.ack_count[6], 2);
}

static void once_the_guest_runs_nothing_is_dropped(void **state)
{
    (void)state;
    passthrough_irq_reset(&irqs);
    passthrough_irq_guest_runs(&irqs);
    assert_true(passthrough_irq_notified(&irqs, 6));
    assert_true(vgic_find(&vgic, 0, BLK)->pending);
    assert_int_equal(fake.ack_count[6], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(acked_when_the_guest_ended_it, setup),
        cmocka_unit_test_setup(other_channels_are_not_ours, setup),
        cmocka_unit_test_setup(kept_while_disabled, setup),
        cmocka_unit_test_setup(raised_by_software, setup),
        cmocka_unit_test_setup(cleared_by_software, setup),
        cmocka_unit_test_setup(stale_ones_are_dropped, setup),
        cmocka_unit_test_setup(once_the_guest_runs_nothing_is_dropped, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
