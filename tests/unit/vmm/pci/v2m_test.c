/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/pci/v2m.h"

#define VCPU 3

static const struct vm_config_vcpu vcpu = {.id = VCPU};
static const struct vm_config_msi frame = {.ipa = 0x8020000, .first = 80, .count = 4};
static struct v2m v2m;
static struct vgic vgic;

static void init(void)
{
    fake_reset();
    vgic_init(&vgic, &vcpu, 1, 83);
    assert_true(v2m_init(&v2m, &frame, &vgic));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    for (unsigned int i = VGIC_PRIVATE_COUNT; i < vgic.intid_count; i++) {
        vgic_set_enabled(&vgic, vgic_find(&vgic, 0, i), true);
    }
}

static uint64_t transfer(uint64_t offset, unsigned int size, bool is_write, uint64_t value)
{
    struct mmio_access access = {
        .offset = offset, .size = size, .is_write = is_write, .value = value};

    assert_true(v2m_ops.access(&v2m, &access));
    return access.value;
}

static void registers(void **state)
{
    (void)state;
    init();
    for (unsigned int size = 1; size <= 8; size *= 2) {
        for (uint64_t offset = 0; offset <= V2M_FRAME_SIZE - size; offset++) {
            uint64_t expected = 0;

            if (size == 4 && offset == V2M_TYPER) {
                expected = 80 << 16 | 4;
            } else if (size == 4 && offset == V2M_IIDR) {
                expected = 0x43b;
            }
            assert_true(transfer(offset, size, false, ~0UL) == expected);
        }
    }
}

static void raises(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 0x10000; value++) {
        init();
        (void)transfer(V2M_SETSPI_NS, value % 2 == 0 ? 4 : 2, true, value);
        assert_int_equal(fake.inject_count, value >= 80 && value < 84);
        assert_true(fake.inject_count == 0 || fake_find(VCPU, (unsigned int)value) >= 0);
        value += value == 100 ? 0xff00 : 0;
    }
    init();
    (void)transfer(V2M_SETSPI_NS, 4, true, 0xffffffff);
    (void)transfer(V2M_SETSPI_NS, 4, true, 0x10050);
    (void)transfer(V2M_SETSPI_NS, 1, true, 80);
    (void)transfer(V2M_SETSPI_NS, 8, true, 80);
    for (uint64_t offset = 0; offset < V2M_FRAME_SIZE; offset += 4) {
        if (offset != V2M_SETSPI_NS) {
            (void)transfer(offset, 4, true, 80);
        }
    }
    assert_int_equal(fake.inject_count, 0);
}

static void edges(void **state)
{
    (void)state;
    init();
    for (unsigned int i = VGIC_PRIVATE_COUNT; i < vgic.intid_count; i++) {
        assert_int_equal(vgic_find(&vgic, 0, i)->edge, i >= 80 && i < 84);
    }
    vgic_reset(&vgic);
    v2m_reset(&v2m);
    assert_true(vgic_find(&vgic, 0, 83)->edge);
}

static void frames_that_cannot_be(void **state)
{
    static const struct vm_config_msi bad[] = {
        {.first = 16, .count = 4},
        {.first = 1000, .count = 4},
        {.first = 80, .count = ~0u},
        {.first = 93, .count = 4},
    };
    const struct vm_config_msi none = {0};

    (void)state;
    vgic_init(&vgic, &vcpu, 1, 83);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(v2m_init(&v2m, &bad[i], &vgic));
    }
    assert_true(v2m_init(&v2m, &none, &vgic));
    v2m_reset(&v2m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers),
        cmocka_unit_test(raises),
        cmocka_unit_test(edges),
        cmocka_unit_test(frames_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
