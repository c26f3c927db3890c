/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"

static const struct vm_config_vcpu vcpus[] = {{.id = 0}, {.id = 1}};

static struct vgic vgic;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, vcpus, 1, 79);
    return 0;
}

static int setup_two(void **state)
{
    (void)state;
    fake_reset();
    vgic_init(&vgic, vcpus, 2, 79);
    return 0;
}

static uint64_t read_by(unsigned int cpu, unsigned int offset, unsigned int size)
{
    struct mmio_access access = {.cpu = cpu, .offset = offset, .size = size, .value = ~0UL};

    assert_true(gicd_v2_ops.access(&vgic, &access));
    return access.value;
}

static uint64_t read_reg(unsigned int offset, unsigned int size)
{
    return read_by(0, offset, size);
}

static void write_reg(unsigned int offset, unsigned int size, uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    assert_true(gicd_v2_ops.access(&vgic, &access));
}

static void control_and_type(void **state)
{
    (void)state;
    assert_int_equal(read_reg(0x000, 4), 0);
    write_reg(0x000, 4, 0xffffffff);
    assert_int_equal(read_reg(0x000, 4), 3);
    assert_int_equal(read_reg(0x004, 4), 2); /* 96 interrupts, one CPU */
    write_reg(0x004, 4, 0);
    assert_int_equal(read_reg(0x004, 4), 2);
    assert_int_equal(read_reg(0x008, 4), 0x43b);
    assert_int_equal(read_reg(0xfe8, 4), 0x2b); /* ICPIDR2: GICv2 */
    assert_int_equal(read_reg(0xff0, 4), 0x0d);
    assert_int_equal(read_reg(0xffc, 4), 0xb1);
}

static void type_of_two(void **state)
{
    (void)state;
    assert_int_equal(read_reg(0x004, 4), 2 | 1 << 5);
}

static void enables(void **state)
{
    (void)state;
    assert_int_equal(read_reg(0x100, 4), 0xffff); /* SGIs */
    write_reg(0x104, 4, 0x00018002);
    assert_int_equal(read_reg(0x104, 4), 0x00018002);
    assert_int_equal(read_reg(0x184, 4), 0x00018002);
    write_reg(0x184, 4, 0x00008000);
    assert_int_equal(read_reg(0x104, 4), 0x00010002);
    assert_true(vgic_find(&vgic, 0, 33)->enabled);
    assert_false(vgic_find(&vgic, 0, 47)->enabled);
    write_reg(0x10c, 4, 0xffffffff); /* there are 96 */
    assert_int_equal(read_reg(0x10c, 4), 0);
    write_reg(0x17c, 4, 0xffffffff);
    assert_int_equal(read_reg(0x17c, 4), 0);
}

static void pending_by_software(void **state)
{
    (void)state;
    write_reg(0x204, 4, 0x3);
    assert_int_equal(read_reg(0x204, 4), 0x3);
    write_reg(0x284, 4, 0x1);
    assert_int_equal(read_reg(0x284, 4), 0x2);
    write_reg(0x200, 4, 0xffffffff); /* not SGIs */
    assert_int_equal(read_reg(0x200, 4), 0xffff0000);
    write_reg(0x104, 4, 0x2);
    write_reg(0x000, 4, 1);
    assert_int_equal(fake_find(0, 33), 0);
    assert_int_equal(read_reg(0x204, 4), 0);
    assert_int_equal(read_reg(0x304, 4), 0x2); /* active */
    write_reg(0x384, 4, 0x2);                  /* cannot be taken back */
    assert_int_equal(read_reg(0x384, 4), 0x2);
}

static void priorities(void **state)
{
    (void)state;
    write_reg(0x424, 4, 0xa0ff0780);
    assert_int_equal(read_reg(0x424, 4), 0xa0f80080); /* five bits */
    write_reg(0x425, 1, 0x38);
    assert_int_equal(read_reg(0x425, 1), 0x38);
    assert_int_equal(vgic_find(&vgic, 0, 37)->priority, 0x38);
    assert_int_equal(read_reg(0x424, 4), 0xa0f83880);
}

static void targets_of_one(void **state)
{
    (void)state;
    write_reg(0x820, 4, 0x01010101);
    assert_int_equal(read_reg(0x820, 4), 0);
    assert_int_equal(read_reg(0x800, 4), 0);
}

static void targets_of_two(void **state)
{
    (void)state;
    assert_int_equal(read_by(0, 0x800, 4), 0x01010101);
    assert_int_equal(read_by(1, 0x81c, 4), 0x02020202);
    write_reg(0x820, 4, 0xff020100);
    assert_int_equal(read_reg(0x820, 4), 0x03020100);
    write_reg(0x800, 4, 0);
    assert_int_equal(read_by(0, 0x800, 1), 1);
}

static void triggers(void **state)
{
    (void)state;
    assert_int_equal(read_reg(0xc00, 4), 0xaaaaaaaa);
    write_reg(0xc00, 4, 0);
    assert_int_equal(read_reg(0xc00, 4), 0xaaaaaaaa);
    write_reg(0xc04, 4, 0xffffffff); /* PPIs are fixed */
    assert_int_equal(read_reg(0xc04, 4), 0);
    write_reg(0xc08, 4, 0x0000000d);
    assert_int_equal(read_reg(0xc08, 4), 0x00000008);
}

static void sgis(void **state)
{
    (void)state;
    write_reg(0x000, 4, 1);
    write_reg(0xf00, 4, 2u << 24 | 3); /* to self */
    assert_int_equal(fake_find(0, 3), 0);
    write_reg(0xf00, 4, 1u << 24 | 4); /* to the others: none */
    write_reg(0xf00, 4, 3u << 24 | 5); /* reserved */
    assert_int_equal(fake.inject_count, 1);
    write_reg(0xf00, 4, 1u << 16 | 6);
    assert_int_equal(fake_find(0, 6), 1);
    assert_int_equal(read_reg(0xf00, 4), 0);
}

static void sgis_of_two(void **state)
{
    (void)state;
    write_reg(0x000, 4, 1);
    write_reg(0xf00, 4, 0xffu << 16 | 5);
    assert_int_equal(fake_find(0, 5), 0);
    assert_int_equal(fake_find(1, 5), 0);
    assert_int_equal(fake.inject_count, 2);
    write_reg(0xf00, 4, 1u << 24 | 6); /* to the others */
    assert_int_equal(fake_find(0, 6), -1);
    assert_int_equal(fake_find(1, 6), 1);
}

static void sgi_pending_registers(void **state)
{
    (void)state;
    write_reg(0xf20, 4, 0xff000100);
    assert_int_equal(read_reg(0xf20, 4), 0x01000100);
    assert_int_equal(read_reg(0x200, 4), 0xa);
    write_reg(0xf13, 1, 0xff);
    assert_int_equal(read_reg(0xf10, 4), 0x00000100);
    assert_int_equal(read_reg(0x200, 4), 0x2);
    write_reg(0x000, 4, 1);
    assert_int_equal(fake_find(0, 1), 0);
    assert_int_equal(fake_find(0, 3), -1);
}

static void unsupported_accesses_are_ignored(void **state)
{
    (void)state;
    write_reg(0x104, 1, 0xff);
    write_reg(0x104, 2, 0xffff);
    write_reg(0x100, 8, ~0UL);
    write_reg(0x422, 4, ~0u); /* not aligned */
    write_reg(0x420, 2, 0xffff);
    write_reg(0x00c, 4, ~0u);
    write_reg(0xd00, 4, ~0u);
    assert_int_equal(read_reg(0x104, 4), 0);
    assert_int_equal(read_reg(0x104, 1), 0);
    assert_int_equal(read_reg(0x420, 8), 0);
    assert_int_equal(read_reg(0x420, 4), 0);
    assert_int_equal(read_reg(0x00c, 4), 0);
    assert_int_equal(read_reg(0xd00, 4), 0);
    assert_int_equal(read_reg(0x7fc, 4), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(control_and_type, setup),
        cmocka_unit_test_setup(type_of_two, setup_two),
        cmocka_unit_test_setup(enables, setup),
        cmocka_unit_test_setup(pending_by_software, setup),
        cmocka_unit_test_setup(priorities, setup),
        cmocka_unit_test_setup(targets_of_one, setup),
        cmocka_unit_test_setup(targets_of_two, setup_two),
        cmocka_unit_test_setup(triggers, setup),
        cmocka_unit_test_setup(sgis, setup),
        cmocka_unit_test_setup(sgis_of_two, setup_two),
        cmocka_unit_test_setup(sgi_pending_registers, setup),
        cmocka_unit_test_setup(unsupported_accesses_are_ignored, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
