/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor on an SDK that has more list registers than priorities, and makes inactive what
 * the guest has taken (compiled with MICROKIT_HAS_VCPU_LIST and MICROKIT_HAS_VCPU_ACTIVE).
 */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"
#include "vmm/irq/level.h"

#define ICFGR     0xc00u
#define ISENABLER 0x100u
#define ICENABLER 0x180u
#define ISPENDR   0x200u
#define ICPENDR   0x280u
#define ISACTIVER 0x300u
#define ICACTIVER 0x380u
#define ITARGETSR 0x800u

#define SPI    40u
#define DIRECT 44u

static const struct vm_config_vcpu vcpus[] = {{.id = 0}, {.id = 1}};

static struct vgic vgic;
static unsigned int ended_count;
static bool direct_is_forwarded;

static uint64_t access_word(unsigned int offset, bool is_write, uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = 4, .is_write = is_write, .value = value};

    assert_true(gicd_v2_ops.access(&vgic, &access));
    return access.value;
}

static void write_bit(unsigned int reg, unsigned int intid)
{
    (void)access_word(reg + intid / 32 * 4, true, 1u << intid % 32);
}

/* The same by both of a pair. */
static bool bit(unsigned int reg, unsigned int intid)
{
    uint64_t one = access_word(reg + intid / 32 * 4, false, 0);

    assert_int_equal(one, access_word(reg + 0x80 + intid / 32 * 4, false, 0));
    return (one >> intid % 32 & 1) != 0;
}

static void ended(void *context, struct virq *virq)
{
    (void)context;
    (void)virq;
    ended_count++;
}

static void changed(void *context, const struct virq *virq, bool is_forwarded)
{
    (void)context;
    if (fake.guest_is_faster && direct_is_forwarded && !is_forwarded) {
        fake.vcpus[0].lists[0] =
            (struct fake_list){.state = FAKE_LIST_ACTIVE, .intid = virq->intid};
    }
    direct_is_forwarded = is_forwarded;
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    ended_count = 0;
    direct_is_forwarded = false;
    vgic_init(&vgic, vcpus, 1, 95);
    vgic_set_source(vgic_find(&vgic, 0, SPI), ended, NULL);
    vgic_set_direct(&vgic, vgic_find(&vgic, 0, DIRECT), changed, NULL);
    (void)access_word(0, true, 3);
    (void)access_word(ISENABLER + 4, true, ~0u);
    (void)access_word(ISENABLER + 8, true, ~0u);
    return 0;
}

static unsigned int take(void)
{
    int list = fake_take(0);

    return list < 0 ? 1023 : fake.vcpus[0].lists[list].intid;
}

static void end(unsigned int intid)
{
    int list = fake_find(0, intid);

    assert_true(list >= 0);
    fake_end(0, (unsigned int)list);
    assert_true(vgic_end(&vgic, 0, (unsigned int)list));
}

/* As many as there are priorities, each before the one that is active. */
static void nested(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 32; i++) {
        write_bit(ISPENDR, 60 + i);
        assert_int_equal(take(), 60 + i);
        assert_true(bit(ISACTIVER, 60 + i));
    }
    for (unsigned int i = 32; i-- > 0;) {
        end(60 + i);
        assert_false(bit(ISACTIVER, 60 + i));
    }
    assert_int_equal(vgic.cpus[0].in_flight_count, 0);
}

static void made_inactive_while_the_guest_has_it(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(), SPI);
    write_bit(ISACTIVER, SPI); /* it is */
    write_bit(ICACTIVER, SPI);
    assert_false(bit(ISACTIVER, SPI));
    assert_int_equal(vgic.cpus[0].in_flight_count, 0);
    assert_int_equal(ended_count, 1);
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(), SPI);
    write_bit(ISPENDR, SPI);
    write_bit(ICACTIVER, SPI); /* active and pending: comes again */
    assert_int_equal(ended_count, 1);
    assert_int_equal(take(), SPI);
    end(SPI);
    assert_int_equal(ended_count, 2);
}

static void made_active(void **state)
{
    (void)state;
    write_bit(ISACTIVER, SPI);
    assert_true(bit(ISACTIVER, SPI));
    assert_false(bit(ISPENDR, SPI));
    write_bit(ISPENDR, SPI);
    assert_true(bit(ISPENDR, SPI));
    assert_int_equal(take(), 1023);
    write_bit(ICACTIVER, SPI);
    assert_int_equal(take(), SPI);
    end(SPI);
    write_bit(ISPENDR, SPI);
    write_bit(ISACTIVER, SPI); /* offered already */
    assert_true(bit(ISPENDR, SPI) && bit(ISACTIVER, SPI));
    assert_int_equal(take(), 1023);
    vgic_reset(&vgic);
    assert_false(bit(ISPENDR, SPI) || bit(ISACTIVER, SPI));
}

/* Another CPU takes it while this one makes it active: one EOI ends that. */
static void made_active_when_just_taken(void **state)
{
    (void)state;
    fake.guest_is_faster = true;
    write_bit(ISPENDR, SPI);
    write_bit(ISACTIVER, SPI);
    assert_true(bit(ISACTIVER, SPI));
    end(SPI);
    assert_false(bit(ISACTIVER, SPI));
    assert_int_equal(ended_count, 1);
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(), SPI);
    end(SPI);

    write_bit(ISACTIVER, DIRECT);
    assert_true(bit(ISACTIVER, DIRECT));
    assert_true(direct_is_forwarded);
    fake_end(0, (unsigned int)fake_find(0, DIRECT));
    assert_false(bit(ISACTIVER, DIRECT));
}

/* The guest ended it, of which this VMM is still to be told. */
static void made_active_when_just_ended(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(), SPI);
    fake_end(0, 0);
    write_bit(ISACTIVER, SPI);
    assert_true(vgic_end(&vgic, 0, 0));
    assert_int_equal(ended_count, 1);
    assert_true(bit(ISACTIVER, SPI));
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(), 1023);
    write_bit(ICACTIVER, SPI);
    assert_int_equal(take(), SPI);
}

/* Until this VMM is told of the end, the interrupt is where it was. */
static void made_inactive_when_just_ended(void **state)
{
    (void)state;
    vgic_init(&vgic, vcpus, 2, 95);
    (void)access_word(0, true, 3);
    (void)access_word(ISENABLER + 4, true, ~0u);
    (void)access_word(ITARGETSR + SPI, true, 0x0201);
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(), SPI);
    (void)access_word(ITARGETSR + SPI, true, 0x0202);
    fake_end(0, 0);
    write_bit(ISACTIVER, SPI);
    write_bit(ICACTIVER, SPI);
    write_bit(ISPENDR, SPI + 1);
    write_bit(ICENABLER, SPI);
    assert_int_equal(fake_find(1, SPI + 1), 0);
    assert_true(vgic_end(&vgic, 0, 0));
    write_bit(ISENABLER, SPI);
    write_bit(ISPENDR, SPI);
    assert_int_equal(fake_find(1, SPI), 1);
}

/* What goes to the guest directly is asked of, and told to, the SDK. */
static void direct(void **state)
{
    (void)state;
    assert_true(direct_is_forwarded);
    write_bit(ISACTIVER, DIRECT);
    assert_false(direct_is_forwarded);
    assert_true(bit(ISACTIVER, DIRECT));
    write_bit(ICACTIVER, DIRECT);
    assert_true(direct_is_forwarded);
    assert_int_equal(fake.clear_count[MICROKIT_IRQ_ACTIVE], 0);
    write_bit(ICACTIVER, DIRECT); /* the kernel may have it active */
    assert_int_equal(fake.clear_count[MICROKIT_IRQ_ACTIVE], 1);
    write_bit(ICPENDR, DIRECT);
    assert_int_equal(fake.clear_count[MICROKIT_IRQ_PENDING], 1);
    write_bit(ICPENDR, SPI);
    assert_int_equal(fake.clear_count[MICROKIT_IRQ_PENDING], 1);
    write_bit(ICENABLER, DIRECT);
    write_bit(ISACTIVER, DIRECT);
    write_bit(ICACTIVER, DIRECT);
    assert_false(direct_is_forwarded);
}

static void level_falls(void **state)
{
    struct level_irq irq;

    (void)state;
    assert_true(level_irq_init(&irq, &vgic, SPI));
    level_irq_set(&irq, true);
    assert_true(bit(ISPENDR, SPI));
    write_bit(ICPENDR, SPI);
    assert_true(bit(ISPENDR, SPI));
    level_irq_set(&irq, false);
    assert_false(bit(ISPENDR, SPI));
    assert_int_equal(take(), 1023);

    level_irq_set(&irq, true);
    write_bit(ISPENDR, SPI); /* remembered */
    level_irq_set(&irq, false);
    assert_true(bit(ISPENDR, SPI));
    assert_int_equal(take(), SPI);
    level_irq_set(&irq, true);
    assert_true(bit(ISPENDR, SPI) && bit(ISACTIVER, SPI));
    level_irq_set(&irq, false);
    assert_false(bit(ISPENDR, SPI));
    end(SPI);
    assert_int_equal(take(), 1023);

    write_bit(ICENABLER, SPI);
    level_irq_set(&irq, true);
    assert_true(bit(ISPENDR, SPI));
    level_irq_set(&irq, false);
    write_bit(ISENABLER, SPI);
    assert_int_equal(take(), 1023);
}

/* As an edge it comes once when it rises, whatever it does then. */
static void level_as_an_edge(void **state)
{
    struct level_irq irq;

    (void)state;
    assert_true(level_irq_init(&irq, &vgic, SPI));
    (void)access_word(ICFGR + SPI / 16 * 4, true, 2u << SPI % 16 * 2);
    level_irq_set(&irq, true);
    level_irq_set(&irq, false);
    assert_int_equal(take(), SPI);
    level_irq_set(&irq, true);
    end(SPI);
    assert_int_equal(take(), SPI);
    end(SPI);
    assert_int_equal(take(), 1023);
    (void)access_word(ICFGR + SPI / 16 * 4, true, 0);
    assert_int_equal(take(), SPI); /* it is up */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nested, setup),
        cmocka_unit_test_setup(made_inactive_while_the_guest_has_it, setup),
        cmocka_unit_test_setup(made_active, setup),
        cmocka_unit_test_setup(made_active_when_just_taken, setup),
        cmocka_unit_test_setup(made_active_when_just_ended, setup),
        cmocka_unit_test_setup(made_inactive_when_just_ended, setup),
        cmocka_unit_test_setup(direct, setup),
        cmocka_unit_test_setup(level_falls, setup),
        cmocka_unit_test_setup(level_as_an_edge, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
