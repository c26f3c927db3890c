/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reset finds of a block that was erased and was being written anew. */
#include "tests/unit/vmm/dev/flash_rig.h"

/* As EDK2 does it, which sends 0xff behind the erase, and then not until all is written. */
static void write_anew(uint32_t value, unsigned int words)
{
    send(0, 0x20);
    send(0, 0xd0);
    send(0, 0x70);
    send(0, 0xff);
    for (unsigned int i = 0; i < words; i++) {
        buffer_begin(4ul * i, 1);
        write_word(4ul * i, value);
        send(0, 0xd0);
        send(0, 0x70);
        send(0, 0x50);
    }
}

static void undoes_what_was_cut_off(void **state)
{
    const uint32_t before[][2] = {{0, 1}, {0x100, 2}, {BLOCK, 3}};
    const uint32_t after[][2] = {{0, 4}, {BLOCK, 3}};

    (void)state;
    program(0, 1);
    program(0x100, 2);
    program(BLOCK, 3);
    read_array();
    write_anew(4, 2);
    flash_reset(&flash);
    expect_contents(before, 3);
    write_anew(4, 0);
    send(0, 0xe8); /* begun, and nothing there yet */
    flash_reset(&flash);
    expect_contents(before, 3);
    write_anew(4, 1);
    read_array(); /* that is all */
    flash_reset(&flash);
    expect_contents(after, 2);
    flash_reset(&flash);
    expect_contents(after, 2);
}

/* A firmware volume's header is not erased for good, however often. */
static void undoes_the_erase_of_a_volume(void **state)
{
    const uint32_t before[][2] = {{0x28, 0x4856465f}, {0x100, 2}};

    (void)state;
    program(0x28, 0x4856465f);
    program(0x100, 2);
    read_array();
    write_anew(0, 0);
    flash_reset(&flash);
    expect_contents(before, 2);
    write_anew(0, 0);
    write_anew(0, 0);
    flash_reset(&flash);
    expect_contents(before, 2);
    write_anew(5, 3);
    write_anew(5, 0);
    flash_reset(&flash);
    expect_contents(before, 2);
    write_anew(0, 0);
    program(BLOCK, 6); /* elsewhere: it was meant */
    flash_reset(&flash);
    assert_int_equal(read_word(0x28), ERASED);
}

/* Another erase is not undone; nor what has been written to another block meanwhile, or not from
 * the block's start. */
static void undoes_nothing_else(void **state)
{
    const uint32_t elsewhere[][2] = {{BLOCK, 3}};
    const uint32_t behind[][2] = {{0x1000, 5}};
    static const uint8_t ends[] = {0xff, 0x90, 0x98, 0xf0};

    (void)state;
    program(0, 1);
    write_anew(0, 0);
    flash_reset(&flash);
    expect_erased();
    program(0, 1);
    write_anew(0, 0);
    program(BLOCK, 3);
    send(0, 0xe8);
    flash_reset(&flash);
    expect_contents(elsewhere, 1);
    write_anew(0, 0);
    program(BLOCK, 3);
    flash_reset(&flash);
    send(BLOCK, 0x20);
    send(BLOCK, 0xd0);
    program(0x1000, 5);
    write_anew(0, 0);
    program(0x1000, 5);
    flash_reset(&flash);
    expect_contents(behind, 1);
    for (unsigned int i = 0; i < sizeof(ends); i++) {
        write_anew(7, 1);
        send(0, ends[i]);
        flash_reset(&flash);
        assert_int_equal(read_word(0), 7);
        assert_int_equal(read_word(0x1000), ERASED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(undoes_what_was_cut_off, setup),
        cmocka_unit_test_setup(undoes_nothing_else, setup),
        cmocka_unit_test_setup(undoes_the_erase_of_a_volume, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
