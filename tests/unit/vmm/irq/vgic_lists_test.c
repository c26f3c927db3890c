/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor on an SDK whose list registers can be looked at and taken back (compiled with
 * MICROKIT_HAS_VCPU_LIST): what the guest changes holds for what is offered to it already.
 */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"

#define CTLR       0x000u
#define IGROUPR    0x080u
#define ISENABLER  0x100u
#define ICENABLER  0x180u
#define ISPENDR    0x200u
#define ICPENDR    0x280u
#define ISACTIVER  0x300u
#define ICACTIVER  0x380u
#define IPRIORITYR 0x400u
#define ITARGETSR  0x800u
#define SGIR       0xf00u
#define CPENDSGIR  0xf10u
#define SPENDSGIR  0xf20u

#define SPI 40u

static const struct vm_config_vcpu vcpus[] = {{.id = 0}, {.id = 1}};

static struct vgic vgic;
static unsigned int ended_count;

static uint64_t access_by(unsigned int cpu, unsigned int offset, unsigned int size, bool is_write,
                          uint64_t value)
{
    struct mmio_access access = {
        .cpu = cpu, .offset = offset, .size = size, .is_write = is_write, .value = value};

    assert_true(gicd_v2_ops.access(&vgic, &access));
    return access.value;
}

static void write_bit(unsigned int reg, unsigned int intid)
{
    (void)access_by(0, reg + intid / 32 * 4, 4, true, 1u << intid % 32);
}

static bool bit(unsigned int reg, unsigned int intid)
{
    return (access_by(0, reg + intid / 32 * 4, 4, false, 0) >> intid % 32 & 1) != 0;
}

static void set_priority(unsigned int intid, uint8_t priority)
{
    (void)access_by(0, IPRIORITYR + intid, 1, true, priority);
}

static void set_control(uint32_t value)
{
    (void)access_by(0, CTLR, 4, true, value);
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    ended_count = 0;
    vgic_init(&vgic, vcpus, 2, 79);
    set_control(3);
    for (unsigned int intid = 32; intid < 48; intid++) {
        write_bit(ISENABLER, intid);
        set_priority(intid, 0x80);
    }
    return 0;
}

/* The guest reads IAR: the number, with the source of an SGI above it; 1023: nothing. */
static unsigned int take(unsigned int cpu)
{
    int list = fake_take(cpu);

    if (list < 0) {
        return 1023;
    }
    return fake.vcpus[cpu].lists[list].intid | (unsigned int)fake.vcpus[cpu].lists[list].source
                                                   << 10;
}

static void end(unsigned int cpu, unsigned int intid)
{
    int list = fake_find(cpu, intid);

    assert_true(list >= 0);
    fake_end(cpu, (unsigned int)list);
    assert_true(vgic_end(&vgic, cpu, (unsigned int)list));
}

static void shown_as_it_is(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    assert_true(bit(ISPENDR, SPI) && bit(ICPENDR, SPI));
    assert_false(bit(ISACTIVER, SPI) || bit(ICACTIVER, SPI));
    assert_int_equal(take(0), SPI);
    assert_false(bit(ISPENDR, SPI) || bit(ICPENDR, SPI));
    assert_true(bit(ISACTIVER, SPI) && bit(ICACTIVER, SPI));
    write_bit(ISPENDR, SPI);
    assert_true(bit(ISPENDR, SPI) && bit(ISACTIVER, SPI));
    end(0, SPI);
    assert_true(bit(ISPENDR, SPI));
    assert_false(bit(ISACTIVER, SPI));
}

/* Pending is one bit, until the guest has taken it. */
static void raised_twice(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    write_bit(ISPENDR, SPI);
    (void)access_by(0, SGIR, 4, true, 2u << 24 | 5);
    (void)access_by(0, SGIR, 4, true, 2u << 24 | 5);
    assert_int_equal(take(0), 5);
    assert_int_equal(take(0), SPI);
    assert_false(bit(ISPENDR, SPI) || bit(ISPENDR, 5));
    (void)access_by(0, SGIR, 4, true, 2u << 24 | 5);
    assert_true(bit(ISPENDR, 5));
    end(0, 5);
    end(0, SPI);
    assert_int_equal(take(0), 5);
    assert_int_equal(take(0), 1023);
}

static void disabled_while_pending(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    write_bit(ICENABLER, SPI);
    assert_int_equal(take(0), 1023);
    assert_true(bit(ISPENDR, SPI));
    write_bit(ISENABLER, SPI);
    assert_int_equal(take(0), SPI);
    write_bit(ICENABLER, SPI); /* taken already: it goes on */
    assert_true(bit(ISACTIVER, SPI));
    end(0, SPI);
    assert_int_equal(vgic.cpus[0].in_flight_count, 0);
}

static void distributor_off_while_pending(void **state)
{
    (void)state;
    write_bit(IGROUPR, SPI);
    write_bit(ISPENDR, SPI);
    write_bit(ISPENDR, SPI + 1);
    set_control(1);
    assert_int_equal(take(0), SPI + 1); /* group 0 */
    assert_int_equal(take(0), 1023);
    set_control(0);
    set_control(2);
    assert_int_equal(take(0), SPI);
    end(0, SPI);
    end(0, SPI + 1);
}

static void ended(void *context, struct virq *virq)
{
    (void)context;
    (void)virq;
    ended_count++;
}

static void cleared_while_pending(void **state)
{
    (void)state;
    vgic_set_source(vgic_find(&vgic, 0, SPI), ended, NULL);
    for (unsigned int i = 0; i < 5; i++) {
        write_bit(ISPENDR, 32 + i);
    }
    write_bit(ISPENDR, SPI);
    write_bit(ICPENDR, 32);
    assert_false(bit(ISPENDR, 32));
    assert_int_equal(fake_find(0, 32), -1);
    assert_true(fake_find(0, 36) >= 0); /* has its list register */
    write_bit(ICPENDR, SPI);
    assert_int_equal(ended_count, 1);
    write_bit(ICPENDR, 33);
    write_bit(ISPENDR, SPI);
    assert_true(fake_find(0, SPI) >= 0);
    write_bit(ICPENDR, SPI);
    assert_int_equal(ended_count, 2);
    assert_int_equal(fake_find(0, SPI), -1);
}

static void priority_and_group_while_pending(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    write_bit(ISPENDR, SPI + 1);
    set_priority(SPI + 1, 0x20);
    assert_int_equal(take(0), SPI + 1);
    write_bit(IGROUPR, SPI);
    assert_int_equal(fake.vcpus[0].lists[fake_find(0, SPI)].group, 1);
    (void)access_by(0, IGROUPR + 4, 4, true, 0);
    assert_int_equal(fake.vcpus[0].lists[fake_find(0, SPI)].group, 0);
    end(0, SPI + 1);
    assert_int_equal(take(0), SPI);
    end(0, SPI);
    assert_int_equal(vgic.cpus[0].in_flight_count, 0);
}

static void target_while_pending(void **state)
{
    (void)state;
    write_bit(ISPENDR, SPI);
    (void)access_by(0, ITARGETSR + SPI, 1, true, 2);
    assert_int_equal(take(0), 1023);
    assert_int_equal(take(1), SPI);
    (void)access_by(0, ITARGETSR + SPI, 1, true, 1); /* once it is ended */
    write_bit(ISPENDR, SPI);
    assert_int_equal(take(0), 1023);
    end(1, SPI);
    assert_int_equal(take(0), SPI);
}

/* List registers are given to the higher priorities, but for those that the guest has taken. */
static void higher_priority_makes_room(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        set_priority(32 + i, (uint8_t)(0x40 + 0x20 * i));
        write_bit(ISPENDR, 32 + i);
    }
    set_priority(SPI, 0xa0);
    write_bit(ISPENDR, SPI); /* not higher than the lowest */
    assert_int_equal(fake_find(0, SPI), -1);
    set_priority(SPI, 0x98);
    assert_true(fake_find(0, SPI) >= 0);
    assert_int_equal(fake_find(0, 35), -1);
    assert_true(bit(ISPENDR, 35));
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(take(0), 32 + i);
    }
    write_bit(ISPENDR, 36); /* 0x80 */
    assert_int_equal(take(0), 36);
    set_priority(37, 0);
    write_bit(ISPENDR, 37);
    assert_int_equal(take(0), 1023);
    end(0, 33);
    assert_int_equal(take(0), 37);
    end(0, 32);
    assert_int_equal(take(0), SPI);
    end(0, SPI);
    assert_int_equal(take(0), 35);
}

static void each_sender_of_an_sgi(void **state)
{
    (void)state;
    (void)access_by(0, SGIR, 4, true, 1u << 16 | 5);
    (void)access_by(1, SGIR, 4, true, 1u << 16 | 5);
    assert_int_equal(access_by(0, SPENDSGIR + 5, 1, false, 0), 3);
    assert_int_equal(take(0), 5);
    assert_int_equal(access_by(0, SPENDSGIR + 5, 1, false, 0), 2);
    assert_true(bit(ISPENDR, 5) && bit(ISACTIVER, 5));
    end(0, 5);
    assert_int_equal(take(0), 1u << 10 | 5);
    end(0, 5);
    assert_int_equal(take(0), 1023);
    (void)access_by(0, SPENDSGIR + 4, 4, true, 0x03020100);
    assert_int_equal(access_by(0, CPENDSGIR + 4, 4, false, 0), 0x03020100);
    (void)access_by(0, CPENDSGIR + 7, 1, true, 1);
    assert_int_equal(access_by(0, CPENDSGIR + 4, 4, false, 0), 0x02020100);
    (void)access_by(0, CPENDSGIR + 6, 1, true, 0xff);
    assert_int_equal(take(0), 5);
    assert_int_equal(take(0), 1u << 10 | 7);
    assert_int_equal(take(0), 1023);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(shown_as_it_is, setup),
        cmocka_unit_test_setup(raised_twice, setup),
        cmocka_unit_test_setup(disabled_while_pending, setup),
        cmocka_unit_test_setup(distributor_off_while_pending, setup),
        cmocka_unit_test_setup(cleared_while_pending, setup),
        cmocka_unit_test_setup(priority_and_group_while_pending, setup),
        cmocka_unit_test_setup(target_while_pending, setup),
        cmocka_unit_test_setup(higher_priority_makes_room, setup),
        cmocka_unit_test_setup(each_sender_of_an_sgi, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
