/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/pci_hardware.h"
#include "vmm/pci/space.h"

#define REGISTER 0x80u

static struct pci_space space;
static struct pci_write last;
static enum pci_effect last_effect;
static unsigned int written_count;
static bool answers;

static bool is_there(void *context)
{
    (void)context;
    return answers;
}

static void reading(void *context, enum pci_effect effect, unsigned int offset)
{
    if (effect == PCI_EFFECT_WINDOW) {
        pci_space_set(context, offset, ~0u, 0x12345678);
    }
}

static void written(void *context, enum pci_effect effect, const struct pci_write *write)
{
    assert_ptr_equal(context, &space);
    last_effect = effect;
    last = *write;
    written_count++;
}

static const struct pci_space_ops ops = {
    .is_there = is_there, .reading = reading, .written = written};

static void init(uint64_t hardware)
{
    fake_pci_reset();
    (void)fake_pci_add(0, 0x10011af4);
    answers = true;
    written_count = 0;
    pci_space_init(&space, &ops, &space, hardware);
}

static void write(unsigned int offset, uint32_t value)
{
    pci_space_write(&space, offset, value, ~0u);
}

/* Each of the four kinds of bits, and constants, in one register. */
static void kinds_of_bits(void **state)
{
    static const struct pci_row row = {.offset = 0,
                                       .hardware = 0xff000000,
                                       .guest = 0x0000ffff,
                                       .forward = 0x000000ff,
                                       .clear = 0xf0000000};

    (void)state;
    init(FAKE_PCI_CONFIG(0));
    fake_pci_set(&fake_pci[0], REGISTER, 0xf1330077, 0x0fffffff, 0xf0000000);
    pci_space_lay(&space, REGISTER, &row, 1);
    pci_space_set(&space, REGISTER, 0x00ff0000, 0x00420000);
    assert_int_equal(pci_space_read(&space, REGISTER), 0xf1420000);

    pci_space_write(&space, REGISTER, 0x3fffabcd, 0x3fffffff); /* clears 3 */
    assert_int_equal(pci_space_read(&space, REGISTER), 0xc142abcd);
    assert_int_equal(fake_pci[0].config[REGISTER / 4], 0xc1330077);
    pci_space_forward(&space, REGISTER, 0xffffff12);
    assert_int_equal(fake_pci[0].config[REGISTER / 4], 0xc1330012);
    pci_space_write(&space, REGISTER, 0xffffffff, 0x00000f00); /* nothing that clears */
    assert_int_equal(pci_space_read(&space, REGISTER), 0xc142afcd);
    assert_int_equal(fake_pci[0].config[REGISTER / 4], 0xc1330012);
    assert_int_equal(pci_space_get(&space, REGISTER), 0x0042afcd);
}

/* What starts something is not written back as one, though the function reads as that. */
static void what_is_never_written(void **state)
{
    static const struct pci_row row = {
        .offset = 0, .forward = 0x000000ff, .clear = 0xf0000000, .never = 0x00008080};

    (void)state;
    init(FAKE_PCI_CONFIG(0));
    fake_pci_set(&fake_pci[0], REGISTER, 0xf133ffff, 0x0fffffff, 0xf0000000);
    pci_space_lay(&space, REGISTER, &row, 1);
    write(REGISTER, 0x10000000);
    assert_int_equal(fake_pci[0].config[REGISTER / 4], 0xe1337f7f);
    pci_space_forward(&space, REGISTER, 0x000000f0);
    assert_int_equal(fake_pci[0].config[REGISTER / 4], 0xe1337f70);
}

static void effects(void **state)
{
    static const struct pci_row table[] = {
        {.offset = 0, .guest = 0xf0f0f0f0, .effect = PCI_EFFECT_MSI},
        {.offset = 4, .guest = 0x0000000f},
        {.offset = 8, .effect = PCI_EFFECT_WINDOW},
    };

    (void)state;
    init(0);
    pci_space_lay(&space, REGISTER, table, 3);
    pci_space_write(&space, REGISTER, 0x11223344, 0x00ffff00);
    assert_int_equal(written_count, 1);
    assert_int_equal(last_effect, PCI_EFFECT_MSI);
    assert_int_equal(last.offset, REGISTER);
    assert_int_equal(last.before, 0);
    assert_int_equal(last.value, 0x00223300);
    assert_int_equal(last.mask, 0x00ffff00);
    assert_int_equal(pci_space_get(&space, REGISTER), 0x00203000);
    write(REGISTER + 4, ~0u);
    assert_int_equal(written_count, 1);
    assert_int_equal(pci_space_read(&space, REGISTER + 4), 0xf);
    assert_int_equal(pci_space_read(&space, REGISTER + 8), 0x12345678);
}

/* Registers that no table has read as zero, wherever they are. */
static void unknown_registers(void **state)
{
    (void)state;
    init(FAKE_PCI_CONFIG(0));
    for (unsigned int offset = 0; offset < PCI_SPACE_SIZE; offset += 4) {
        write(offset, ~0u);
        assert_int_equal(pci_space_read(&space, offset), 0);
    }
    for (unsigned int i = 0; i < 1024; i++) {
        assert_int_equal(fake_pci[0].write_count[i], 0);
    }
}

static void silent(void **state)
{
    static const struct pci_row row = {.offset = 0, .guest = ~0u, .effect = PCI_EFFECT_COMMAND};

    (void)state;
    init(0);
    pci_space_lay(&space, REGISTER, &row, 1);
    answers = false;
    write(REGISTER, 0x1234);
    assert_int_equal(pci_space_read(&space, REGISTER), PCI_NOTHING);
    assert_int_equal(pci_space_read(&space, 0x100), PCI_NOTHING);
    assert_int_equal(written_count, 0);
    answers = true;
    assert_int_equal(pci_space_read(&space, REGISTER), 0);
}

static uint64_t sized(unsigned int bar, bool is_64)
{
    unsigned int offset = PCI_BAR0 + 4 * bar;
    uint64_t mask;

    write(offset, ~0u);
    mask = pci_space_read(&space, offset) & ~PCI_BAR_KIND;
    if (!is_64) {
        return -(mask | ~0xffffffffUL);
    }
    write(offset + 4, ~0u);
    return -(mask | (uint64_t)pci_space_read(&space, offset + 4) << 32);
}

static void sizing_twice(void **state)
{
    const struct pci_bar bar = {.address = 0x10004000, .size = 0x4000};

    (void)state;
    init(0);
    pci_space_set_bar(&space, 1, &bar);
    assert_int_equal(pci_space_read(&space, 0x14), 0x10004000);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(sized(1, false), 0x4000);
        assert_int_equal(sized(1, false), 0x4000);
        write(0x14, 0x10004000);
        assert_int_equal(pci_space_read(&space, 0x14), 0x10004000);
    }
    assert_int_equal(pci_space_read(&space, 0x10), 0);
    assert_int_equal(pci_space_read(&space, 0x18), 0);
}

/* Each half is sized, and written, for itself; halves written by bytes are the same. */
static void bar_halves(void **state)
{
    const struct pci_bar bar = {
        .address = 0x8123400000, .size = 0x100000, .kind = PCI_BAR_64 | PCI_BAR_PREFETCH};
    const struct pci_bar huge = {.address = 0x200000000, .size = 0x200000000, .kind = PCI_BAR_64};

    (void)state;
    init(0);
    pci_space_set_bar(&space, 4, &bar);
    assert_int_equal(pci_space_read(&space, 0x20), 0x2340000c);
    assert_int_equal(pci_space_read(&space, 0x24), 0x81);
    write(0x20, ~0u);
    assert_int_equal(pci_space_read(&space, 0x20), 0xfff0000c);
    assert_int_equal(pci_space_read(&space, 0x24), 0x81);
    write(0x24, ~0u);
    assert_int_equal(pci_space_read(&space, 0x24), 0xffffffff);
    assert_int_equal(sized(4, true), 0x100000);
    for (unsigned int i = 0; i < 4; i++) {
        pci_space_write(&space, 0x24, 0x00000081, 0xffu << 8 * i);
        pci_space_write(&space, 0x20, 0x23400000, 0xffu << 8 * i);
    }
    assert_int_equal(pci_space_read(&space, 0x20), 0x2340000c);
    assert_int_equal(pci_space_read(&space, 0x24), 0x81);
    pci_space_set_bar(&space, 2, &huge);
    assert_true(sized(2, true) == 0x200000000);
    assert_int_equal(pci_space_read(&space, 0x18), PCI_BAR_64);
}

static void chain(void **state)
{
    static const struct pci_row row = {.offset = 0, .guest = 0xffff0000};

    (void)state;
    init(0);
    assert_int_equal(pci_space_read(&space, PCI_CAPABILITIES), 0);
    assert_int_equal(pci_space_read(&space, PCI_COMMAND) & PCI_STATUS_CAPABILITIES, 0);
    pci_space_add_capability(&space, 0x98, 0x11, &row, 1);
    pci_space_add_capability(&space, 0x40, 0x05, &row, 1);
    write(0x98, ~0u);
    assert_int_equal(pci_space_read(&space, PCI_CAPABILITIES), 0x98);
    assert_int_equal(pci_space_read(&space, 0x98), 0xffff4011);
    assert_int_equal(pci_space_read(&space, 0x40), 0x00000005);
    assert_int_not_equal(pci_space_read(&space, PCI_COMMAND) & PCI_STATUS_CAPABILITIES, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_bits), cmocka_unit_test(what_is_never_written),
        cmocka_unit_test(effects),       cmocka_unit_test(unknown_registers),
        cmocka_unit_test(silent),        cmocka_unit_test(sizing_twice),
        cmocka_unit_test(bar_halves),    cmocka_unit_test(chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
