/* SPDX-License-Identifier: BSD-2-Clause */
/* A GICv3's distributor, redistributors and senders of SGIs: reset values and write masks by IHI
 * 0069H. */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicv3.h"

#define SPI 40

/* The third is of another cluster, and the fourth beyond sixteen of it. */
static const struct vm_config_vcpu vcpus[] = {{.id = 0, .mpidr = 0},
                                              {.id = 1, .mpidr = 0x0100020304},
                                              {.id = 2, .mpidr = 0x0305},
                                              {.id = 3, .mpidr = 0x0312}};

static struct vgic vgic;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, vcpus, 4, 79);
    vgic.is_v3 = true;
    return 0;
}

static uint64_t access_to(const struct mmio_ops *ops, struct mmio_access access)
{
    assert_true(ops->access(&vgic, &access));
    return access.value;
}

static uint64_t read_gicd(unsigned int offset, unsigned int size)
{
    return access_to(&gicv3_distributor_ops,
                     (struct mmio_access){.offset = offset, .size = size, .value = ~0UL});
}

static void write_gicd(unsigned int offset, unsigned int size, uint64_t value)
{
    (void)access_to(
        &gicv3_distributor_ops,
        (struct mmio_access){.offset = offset, .size = size, .is_write = true, .value = value});
}

/* By a CPU that is not the frame's. */
static uint64_t read_gicr(unsigned int cpu, unsigned int offset, unsigned int size)
{
    return access_to(&gicv3_redistributor_ops,
                     (struct mmio_access){.cpu = (cpu + 1) % 4,
                                          .offset = cpu * GICV3_REDISTRIBUTOR_SIZE + offset,
                                          .size = size,
                                          .value = ~0UL});
}

static void write_gicr(unsigned int cpu, unsigned int offset, unsigned int size, uint64_t value)
{
    (void)access_to(&gicv3_redistributor_ops,
                    (struct mmio_access){.cpu = (cpu + 1) % 4,
                                         .offset = cpu * GICV3_REDISTRIBUTOR_SIZE + offset,
                                         .size = size,
                                         .is_write = true,
                                         .value = value});
}

static void control_and_type(void **state)
{
    (void)state;
    assert_int_equal(read_gicd(0x0000, 4), 0x50); /* DS, ARE */
    write_gicd(0x0000, 4, 0xffffffff);
    assert_int_equal(read_gicd(0x0000, 4), 0x53);
    write_gicd(0x0000, 4, 0);
    assert_int_equal(read_gicd(0x0000, 4), 0x50);
    assert_int_equal(read_gicd(0x0004, 4), 0x03480002); /* No1N, A3V, ten bits, 96 interrupts */
    assert_int_equal(read_gicd(0x0008, 4), 0x43b);
    assert_int_equal(read_gicd(0x000c, 4), 0); /* TYPER2 */
    assert_int_equal(read_gicd(0xffe8, 4), 0x3b);
    assert_int_equal(read_gicd(0xfff0, 4), 0x0d);
    assert_int_equal(read_gicd(0xfffc, 4), 0xb1);
    assert_int_equal(read_gicd(0x0000, 8), 0); /* no access of this size */
    assert_int_equal(read_gicd(0x0002, 4), 0);
}

/* What a GICv2 has there, a GICv3 with affinity routing has not. */
static void nothing_of_a_gicv2(void **state)
{
    static const unsigned int offsets[] = {0x080, 0x100, 0x180, 0x200,  0x300, 0x400,
                                           0x41c, 0x800, 0x828, 0xc00,  0xc04, 0xf00,
                                           0xf10, 0xf20, 0xfe8, 0x6000, 0x60f8};

    (void)state;
    for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        write_gicd(offsets[i], 4, 0xffffffff);
        assert_int_equal(read_gicd(offsets[i], 4), 0);
    }
    assert_false(vgic_is_pending(&vgic, vgic_find(&vgic, 0, 15)));
    assert_int_equal(vgic_find(&vgic, 0, 20)->enabled, false);
}

static void spis_are_the_distributors(void **state)
{
    (void)state;
    write_gicd(0x104, 4, 1u << (SPI - 32));
    assert_int_equal(read_gicd(0x184, 4), 1u << (SPI - 32));
    write_gicd(0x084, 4, ~0u);
    assert_int_equal(read_gicd(0x084, 4), ~0u);
    assert_int_equal(read_gicd(0x08c, 4), 0); /* there is none of these */
    write_gicd(0x400 + SPI, 1, 0xff);
    assert_int_equal(read_gicd(0x400 + SPI, 1), 0xf8);
    write_gicd(0xc08, 4, 2u << (SPI - 32) * 2);
    assert_int_equal(read_gicd(0xc08, 4), 2u << (SPI - 32) * 2);
    write_gicd(0x204, 4, 1u << (SPI - 32));
    assert_int_equal(read_gicd(0x284, 4), 1u << (SPI - 32));
}

static void routes(void **state)
{
    unsigned int at = 0x6000 + SPI * 8;

    (void)state;
    assert_int_equal(read_gicd(at, 8), 0);
    write_gicd(at, 8, ~0UL);
    assert_int_equal(read_gicd(at, 8), 0xff00ffffff); /* no IRM */
    write_gicd(at, 8, 0x0100020304);
    assert_int_equal(vgic_find(&vgic, 0, SPI)->cpu, 1);
    assert_int_equal(read_gicd(at, 4), 0x00020304);
    assert_int_equal(read_gicd(at + 4, 4), 1);
    write_gicd(at, 4, 0x0305); /* half of it: there is no such CPU, and it stays where it was */
    assert_int_equal(vgic_find(&vgic, 0, SPI)->cpu, 1);
    write_gicd(at + 4, 4, 0);
    assert_int_equal(vgic_find(&vgic, 0, SPI)->cpu, 2);
    assert_int_equal(read_gicd(at, 8), 0x0305);
    write_gicd(at, 1, 1);
    write_gicd(at, 2, 1);
    assert_int_equal(read_gicd(at, 8), 0x0305);
    write_gicd(0x6000 + 96 * 8, 8, 1); /* beyond the last */
    assert_int_equal(read_gicd(0x6000 + 96 * 8, 8), 0);
}

static void moves_what_is_pending(void **state)
{
    struct virq *virq = vgic_find(&vgic, 0, SPI);

    (void)state;
    write_gicd(0x0000, 4, 2);
    write_gicd(0x084, 4, ~0u);
    vgic_raise(&vgic, virq);
    write_gicd(0x6000 + SPI * 8, 8, 0x0312);
    assert_int_equal(fake_find(3, SPI), -1);
    write_gicd(0x104, 4, 1u << (SPI - 32));
    assert_int_not_equal(fake_find(3, SPI), -1);
    assert_int_equal(fake_find(0, SPI), -1);
}

static void redistributors(void **state)
{
    (void)state;
    assert_int_equal(read_gicr(0, 0x0000, 4), 0);
    assert_int_equal(read_gicr(0, 0x0004, 4), 0x43b);
    assert_int_equal(read_gicr(0, 0x0008, 8), 0);
    assert_true(read_gicr(1, 0x0008, 8) == 0x0102030400000100);
    assert_true(read_gicr(2, 0x0008, 8) == 0x0000030500000200);
    assert_int_equal(read_gicr(3, 0x0008, 4), 0x310); /* the last */
    assert_int_equal(read_gicr(3, 0x000c, 4), 0x312);
    assert_int_equal(read_gicr(0, 0x0014, 4), 6); /* asleep, as after a reset */
    write_gicr(0, 0x0014, 4, 0);
    assert_int_equal(read_gicr(0, 0x0014, 4), 0);
    assert_int_equal(read_gicr(1, 0x0014, 4), 6);
    write_gicr(0, 0x0014, 4, 2);
    assert_int_equal(read_gicr(0, 0x0014, 4), 6);
    write_gicr(0, 0x0014, 4, ~6u);
    assert_int_equal(read_gicr(0, 0x0014, 4), 0);
    assert_int_equal(read_gicr(2, 0xffe8, 4), 0x3b);
    assert_int_equal(read_gicr(0, 0x0100, 4), 0); /* the first frame has no interrupts */
}

/* A frame's SGIs and PPIs are its own CPU's, whoever asks. */
static void private_interrupts(void **state)
{
    (void)state;
    write_gicr(1, 0x10100, 4, 1u << 27);
    assert_int_equal(read_gicr(1, 0x10100, 4), 0xffff | 1u << 27);
    assert_int_equal(read_gicr(0, 0x10100, 4), 0xffff);
    write_gicr(1, 0x10180, 4, 1u << 3);
    assert_int_equal(read_gicr(1, 0x10180, 4), (0xffff | 1u << 27) & ~8u);
    write_gicr(2, 0x10400 + 27, 1, 0x80);
    assert_int_equal(read_gicr(2, 0x10400 + 24, 4), 0x80000000);
    write_gicr(2, 0x10080, 4, ~0u);
    assert_int_equal(read_gicr(2, 0x10080, 4), ~0u);
    assert_int_equal(read_gicr(1, 0x10080, 4), 0);
    assert_int_equal(read_gicr(0, 0x10c00, 4), 0xaaaaaaaa); /* SGIs are edges */
    write_gicr(0, 0x10c04, 4, ~0u);
    assert_int_equal(read_gicr(0, 0x10c04, 4), 0);
    write_gicr(3, 0x10200, 4, 1u << 4); /* an SGI, too */
    assert_int_equal(read_gicr(3, 0x10200, 4), 1u << 4);
    write_gicr(3, 0x10280, 4, 1u << 4);
    assert_int_equal(read_gicr(3, 0x10200, 4), 0);
    assert_int_equal(read_gicr(0, 0x10104, 4), 0); /* SPIs are the distributor's */
    assert_int_equal(read_gicr(0, 0x1ffe8, 4), 0);
}

#define SGI1R(intid) ((uint64_t)(intid) << 24)

/* Whose SGI 5 is pending: a bit for each. */
static unsigned int pending(void)
{
    unsigned int mask = 0;

    for (unsigned int i = 0; i < 4; i++) {
        mask |= read_gicr(i, 0x10200, 4) == 1u << 5 ? 1u << i : 0;
        write_gicr(i, 0x10280, 4, ~0u);
    }
    return mask;
}

static void sends_by_affinity(void **state)
{
    uint64_t second = SGI1R(5) | 1UL << 48 | 2UL << 32 | 3UL << 16 | 1 << 4;

    (void)state;
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, SGI1R(5) | 1);
    assert_int_equal(pending(), 1);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, second);
    assert_int_equal(pending(), 2);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, second ^ 1UL << 48);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, second ^ 1UL << 32);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, second ^ 1UL << 16);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, second ^ 1UL << 44); /* the next sixteen */
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, SGI1R(5));           /* nobody */
    assert_int_equal(pending(), 0);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, SGI1R(5) | 3UL << 16 | 0xffff);
    assert_int_equal(pending(), 4);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, SGI1R(5) | 1UL << 44 | 3UL << 16 | 1 << 2);
    assert_int_equal(pending(), 8);
    gicv3_send_sgi(&vgic, 2, GICV3_SGI1R, SGI1R(5) | 1UL << 40 | 0xffff); /* all others */
    assert_int_equal(pending(), 0xb);
}

static void groups_of_sgis(void **state)
{
    (void)state;
    gicv3_send_sgi(&vgic, 0, GICV3_SGI0R, SGI1R(5) | 1);
    assert_int_equal(pending(), 1);
    write_gicr(0, 0x10080, 4, 1u << 5);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI0R, SGI1R(5) | 1);
    gicv3_send_sgi(&vgic, 0, GICV3_ASGI1R, SGI1R(5) | 1);
    assert_int_equal(pending(), 0);
    gicv3_send_sgi(&vgic, 0, GICV3_SGI1R, SGI1R(5) | 1);
    assert_int_equal(pending(), 1);
}

/* The sender is not told, so that two senders' are one. */
static void sgis_are_merged(void **state)
{
    (void)state;
    gicv3_send_sgi(&vgic, 2, GICV3_SGI1R, SGI1R(6) | 1);
    gicv3_send_sgi(&vgic, 3, GICV3_SGI1R, SGI1R(6) | 1);
    write_gicd(0x0000, 4, 3);
    assert_int_equal(fake_find(0, 6), 0);
    assert_false(vgic_find(&vgic, 0, 6)->pending);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(control_and_type),
                                       TEST(nothing_of_a_gicv2),
                                       TEST(spis_are_the_distributors),
                                       TEST(routes),
                                       TEST(moves_what_is_pending),
                                       TEST(redistributors),
                                       TEST(private_interrupts),
                                       TEST(sends_by_affinity),
                                       TEST(groups_of_sgis),
                                       TEST(sgis_are_merged)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
