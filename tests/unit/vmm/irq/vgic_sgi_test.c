/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SGIs on an SDK whose kernel sends them (compiled with MICROKIT_HAS_VCPU_LIST, _ACTIVE and _SGI):
 * what the distributor's registers do reaches the kernel, and what they show is what it says.
 */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"
#include "vmm/irq/gicv3.h"

#define SGI 5u

static const struct vm_config_vcpu vcpus[] = {{.id = 3, .mpidr = 0}, {.id = 4, .mpidr = 1}};

static struct vgic vgic;

static uint64_t access(unsigned int cpu, unsigned int offset, unsigned int size, bool is_write,
                       uint64_t value)
{
    struct mmio_access access = {
        .offset = offset, .size = (uint8_t)size, .is_write = is_write, .value = value, .cpu = cpu};

    assert_true(gicd_v2_ops.access(&vgic, &access));
    return access.value;
}

static void changed(void *context, const struct virq *virq, bool is_forwarded)
{
    const struct lists_irq irq = {.intid = virq->intid,
                                  .priority = (uint8_t)(virq->priority >> VGIC_PRIORITY_SHIFT),
                                  .group = virq->group};

    (void)context;
    lists_bind_sgi(vgic.cpus[virq->cpu].id, &irq, is_forwarded);
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, vcpus, 2, 63);
    for (unsigned int cpu = 0; cpu < 2; cpu++) {
        for (unsigned int intid = 0; intid < VGIC_SGI_COUNT; intid++) {
            vgic_set_direct(&vgic, vgic_find(&vgic, cpu, intid), changed, NULL);
        }
    }
    return 0;
}

static void are_bound_as_the_guest_has_them(void **state)
{
    const struct fake_sgi *sgi = &fake.vcpus[4].sgis[SGI];

    (void)state;
    assert_true(lists_have_sgis());
    assert_false(sgi->is_enabled);
    (void)access(0, 0, 4, true, 1); /* GICD_CTLR */
    assert_true(sgi->is_enabled);
    (void)access(1, 0x400 + SGI, 1, true, 0x48); /* IPRIORITYR */
    assert_int_equal(sgi->priority, 9);
    (void)access(1, 0x80, 4, true, 1u << SGI); /* IGROUPR: of a group that does not go out */
    assert_false(sgi->is_enabled);
    (void)access(0, 0, 4, true, 3);
    assert_true(sgi->is_enabled);
    assert_int_equal(sgi->group, 1);
    (void)access(1, 0x300, 4, true, 1u << SGI); /* ISACTIVER */
    assert_false(sgi->is_enabled);
    (void)access(1, 0x380, 4, true, 1u << SGI);
    assert_true(sgi->is_enabled);
}

static void are_sent_and_cleared(void **state)
{
    const struct fake_sgi *sgi = &fake.vcpus[4].sgis[SGI];

    (void)state;
    (void)access(0, 0xf00, 4, true, 2u << 16 | SGI); /* SGIR */
    assert_int_equal(sgi->sources, 1 << 0);
    (void)access(1, 0xf20 + SGI, 1, true, 1 << 1); /* SPENDSGIR */
    assert_int_equal(sgi->sources, 1 << 0 | 1 << 1);
    assert_int_equal(access(1, 0xf10 + SGI, 1, false, 0), 1 << 0 | 1 << 1);
    assert_int_equal(access(0, 0xf10 + SGI, 1, false, 0), 0);
    (void)access(1, 0xf10 + SGI, 1, true, 1 << 0); /* CPENDSGIR */
    assert_int_equal(sgi->sources, 1 << 1);
    assert_int_equal(fake.inject_count, 0);
}

static void of_a_gicv3(void **state)
{
    (void)state;
    vgic.is_v3 = true;
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, SGI << 24 | 2);
    assert_int_equal(fake.vcpus[4].sgis[SGI].sources, VGIC_NO_SENDER);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI0R, (SGI + 1) << 24 | 3); /* those of group 0 */
    assert_int_equal(fake.vcpus[3].sgis[SGI + 1].sources, VGIC_NO_SENDER);
    assert_int_equal(fake.inject_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(are_bound_as_the_guest_has_them, setup),
        cmocka_unit_test_setup(are_sent_and_cleared, setup),
        cmocka_unit_test_setup(of_a_gicv3, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
