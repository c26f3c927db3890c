/* SPDX-License-Identifier: BSD-2-Clause */
/* The flash as a driver sees it: what it writes, and what it finds in memory then. */
#include "tests/unit/vmm/dev/flash_rig.h"

/* Published: a guest reads it with its caches off. */
static void is_erased_at_first(void **state)
{
    (void)state;
    expect_erased();
    assert_true(fake.cleaned_bytes >= SIZE);
}

static void keeps_what_it_starts_with(void **state)
{
    (void)state;
    memset(memory, 0x5a, sizeof(memory));
    flash_init(&flash, memory, SIZE, BLOCK + 6);
    assert_int_equal(read_word(0), 0x5a5a5a5a);
    assert_int_equal(read_word(BLOCK), 0x5a5a5a5a);
    assert_int_equal(read_word(BLOCK + 4), 0xffff5a5a);
    assert_int_equal(read_word(BLOCK + 8), ERASED);
    assert_int_equal(read_word(SIZE - 4), ERASED);
    memset(memory, 0x5a, sizeof(memory));
    flash_init(&flash, memory, SIZE, SIZE);
    assert_int_equal(read_word(SIZE - 4), 0x5a5a5a5a);
}

static void programs_words(void **state)
{
    const uint32_t after[][2] = {{0x10, 0x12345678}, {0x40000, 0x0f0f0f0f & 0x77777777}};

    (void)state;
    send(0x10, 0x40);
    assert_int_equal(read_word(0x10), READY);
    assert_int_equal(read_word(0), READY);
    write_word(0x10, 0x12345678);
    assert_int_equal(read_word(0x10), READY);
    send(0, 0x10); /* the command's other number, to another place than the word */
    write_word(BLOCK, 0x0f0f0f0f);
    program(BLOCK, 0x77777777); /* bits are cleared only */
    assert_int_equal(read_word(BLOCK), READY);
    expect_contents(after, 2);
}

static void programs_parts_of_words(void **state)
{
    const uint32_t after[][2] = {
        {0x20, 0xffff12ff}, {0x24, 0x5678ffff}, {0x2c, 0xccddffff}, {0x30, 0xffffaabb}};

    (void)state;
    send(0x20, 0x40);
    write_sized(0x21, 1, 0x12);
    send(0x24, 0x40);
    write_sized(0x26, 2, 0x5678);
    send(0x2c, 0x40);
    write_sized(0x2e, 4, 0xaabbccdd); /* across two: the second is no command */
    send(0x30, 0x40);
    write_sized(0x30, 2, 0xaabb);
    expect_contents(after, 4);
}

/* A doubleword is two words, the lower one first. */
static void takes_doublewords(void **state)
{
    const uint32_t after[][2] = {{0x84, 0x89abcdef}};

    (void)state;
    write_sized(0x80, 8, 0x89abcdef00400040);
    assert_int_equal(flash.step, FLASH_COMMAND);
    assert_int_equal(read_word(0x84), READY);
    expect_contents(after, 1);
}

static void erases_a_block(void **state)
{
    const uint32_t after[][2] = {{0, 1}, {BLOCK - 4, 2}, {2 * BLOCK, 5}};

    (void)state;
    program(0, 1);
    program(BLOCK - 4, 2);
    program(BLOCK, 3);
    program(2 * BLOCK - 4, 4);
    program(2 * BLOCK, 5);
    send(BLOCK + 0x3458, 0xff);
    send(BLOCK + 0x58, 0x20);
    send(BLOCK + 0x58, 0xd0);
    assert_int_equal(read_word(BLOCK), READY);
    assert_int_equal(read_word(BLOCK + 0x58), READY);
    assert_int_equal(read_word(BLOCK + 0x5c), ERASED);
    expect_contents(after, 3);
}

/* Each of these ends with an error in the status, which stays until it is cleared, and changes
 * nothing. `end` is how the device is led out of its command by what is wrong. */
static void refuses_bad_sequences(void **state)
{
    static const struct {
        const char *name;
        uint8_t commands[4];
        unsigned int count;
    } bad[] = {
        {"erase, not confirmed", {0x20, 0xff}, 2},
        {"erase twice", {0x20, 0x20}, 2},
        {"lock, unknown kind", {0x60, 0x03}, 2},
        {"lock, left", {0x60, 0xff}, 2},
        {"buffer, not confirmed", {0xe8, 0x00, 0x00, 0xff}, 4},
        {"buffer, begun again", {0xe8, 0x00, 0x00, 0xe8}, 4},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        print_message("%s\n", bad[i].name);
        for (unsigned int k = 0; k < bad[i].count; k++) {
            send(BLOCK, bad[i].commands[k]);
        }
        assert_int_equal(flash.step, FLASH_COMMAND);
        assert_int_equal(read_word(BLOCK), SEQUENCE);
        read_array();
        send(0, 0x70);
        assert_int_equal(read_word(0), SEQUENCE);
        send(0, 0x50);
        assert_int_equal(read_word(0), READY);
        expect_erased();
    }
}

/* What is sent at once, and what is read then at the start and elsewhere. */
static void answers_single_commands(void **state)
{
    static const struct {
        uint8_t command;
        uint32_t at_start;
    } answers[] = {
        {0x70, READY},  {0x90, 0x00890089}, {0x98, 0},      {0xff, ERASED},
        {0xb0, READY},  {0xd0, READY},      {0x00, ERASED}, {0xf0, ERASED},
        {0x01, ERASED}, {0x2f, ERASED},     {0x80, ERASED}, {0xe9, ERASED},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        for (unsigned int k = 0; k < sizeof(answers) / sizeof(answers[0]); k++) {
            send(0, answers[k].command);
            send(0, answers[i].command);
            assert_int_equal(flash.step, FLASH_COMMAND);
            assert_int_equal(read_word(0), answers[i].at_start);
            assert_int_equal(read_word(0x1000), ERASED);
        }
    }
    expect_erased();
}

/* 0x50 leaves reads as they are. */
static void clears_its_status(void **state)
{
    (void)state;
    send(0, 0x20);
    send(0, 0);
    send(0, 0x50);
    assert_int_equal(read_word(0), READY);
    read_array();
    send(0, 0x50);
    assert_int_equal(read_word(0), ERASED);
}

static void answers_its_identification(void **state)
{
    (void)state;
    send(0, 0x60);
    send(2 * BLOCK, 0x01);
    send(0, 0x90);
    for (unsigned int block = 0; block < BLOCKS; block++) {
        assert_int_equal(read_word(block * BLOCK), 0x00890089);
        assert_int_equal(read_word(block * BLOCK + 4), 0x00180018);
        assert_int_equal(read_word(block * BLOCK + 8), block == 2 ? 0x00010001 : 0);
    }
    expect_erased();
}

static uint32_t query(unsigned int offset)
{
    uint32_t word = read_word(4ul * offset);

    assert_int_equal(word >> 16, word & 0xffff);
    assert_true((word & 0xffff) < 0x100);
    return word & 0xff;
}

static uint32_t query16(unsigned int offset)
{
    return query(offset) | query(offset + 1) << 8;
}

/* By the standard's offsets, as a driver adds it up. */
static void expect_geometry(uint64_t size)
{
    flash_init(&flash, memory, size, 0);
    send(0x55 * 4, 0x98);
    assert_int_equal(query(0x10), 'Q');
    assert_int_equal(query(0x11), 'R');
    assert_int_equal(query(0x12), 'Y');
    assert_int_equal(query16(0x13), 1);
    assert_int_equal(2ul << query(0x27), size);
    assert_int_equal(2ul << query16(0x2a), WINDOW);
    assert_int_equal(query(0x2c), 1);
    assert_int_equal((query16(0x2d) + 1ul) * (query16(0x2f) * 256ul) * 2, size);
    assert_int_equal(query16(0x2f) * 256 * 2, BLOCK);
    assert_int_equal(query(query16(0x15)), 'P');
    assert_int_equal(query(query16(0x15) + 3), '1');
    assert_int_equal(query(0x7f), 0);
    assert_int_equal(read_word(0x80 * 4), ERASED);
    flash_reset(&flash);
    assert_int_equal(read_word(0x40), ERASED);
}

static void answers_the_query(void **state)
{
    (void)state;
    for (uint64_t size = BLOCK; size <= SIZE; size *= 2) {
        expect_geometry(size);
    }
}

static void locks_blocks(void **state)
{
    const uint32_t after[][2] = {{0, 0x11111111}, {BLOCK, 0x22222222}};

    (void)state;
    program(0, 0x11111111);
    send(0x40, 0x60);
    send(0x40, 0x01);
    assert_int_equal(read_word(0x40), READY);
    program(0, 0);
    assert_int_equal(read_word(0), LOCKED);
    send(0, 0x50);
    send(0, 0x20);
    send(0, 0xd0);
    assert_int_equal(read_word(0), 0x00a200a2);
    send(0, 0x50);
    send(0, 0xe8);
    send(0, 0);
    write_word(0, 0);
    send(0, 0xd0);
    assert_int_equal(read_word(0), LOCKED);
    send(0, 0x50);
    program(BLOCK, 0x22222222);
    assert_int_equal(read_word(BLOCK), READY);
    expect_contents(after, 2);
    send(0, 0x60);
    send(0, 0xd0);
    program(0, 0x01010101);
    assert_int_equal(read_word(0), READY);
    read_array();
    assert_int_equal(read_word(0), 0x01010101);
}

static void has_no_protection_register(void **state)
{
    (void)state;
    send(0x204, 0xc0);
    write_word(0x204, 0);
    assert_int_equal(read_word(0x204), LOCKED);
    expect_erased();
}

static void programs_by_the_buffer(void **state)
{
    const uint32_t after[][2] = {
        {BLOCK + 0x400, 1}, {BLOCK + 0x408, 3 & 0xfffe}, {BLOCK + 0x7fc, 4}};

    (void)state;
    buffer_begin(BLOCK, 4);
    write_word(BLOCK + 0x400, 1);
    assert_int_equal(read_word(BLOCK + 0x400), ERASED); /* not yet */
    write_word(BLOCK + 0x7fc, 4);                       /* in any order */
    write_word(BLOCK + 0x408, 3);
    write_word(BLOCK + 0x408, 0xfffe & 3); /* the later one */
    assert_int_equal(read_word(BLOCK), READY);
    send(BLOCK, 0xd0);
    assert_int_equal(read_word(BLOCK), READY);
    expect_contents(after, 3);
}

static void fills_the_buffer(void **state)
{
    (void)state;
    buffer_begin(0, FLASH_BUFFER_WORDS);
    for (uint32_t i = 0; i < FLASH_BUFFER_WORDS / 2; i++) {
        write_sized(8ul * i, 8, (2ul * i + 1) << 32 | (2 * i));
    }
    send(0, 0xd0);
    read_array();
    for (uint32_t i = 0; i < FLASH_BUFFER_WORDS; i++) {
        assert_int_equal(memory[i], i);
    }
    assert_int_equal(memory[FLASH_BUFFER_WORDS], ERASED);
}

static void refuses_what_no_buffer_holds(void **state)
{
    static const uint32_t counts[] = {FLASH_BUFFER_WORDS, 0x7fff, 0xffff};

    (void)state;
    for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        send(0, 0xe8);
        send(0, counts[i]);
        assert_int_equal(read_word(0), SEQUENCE);
        assert_int_equal(flash.step, FLASH_COMMAND);
        send(0, 0x50);
    }
    expect_erased();
}

/* Another window than the first word's, another block than the command's. */
static void refuses_data_for_another_place(void **state)
{
    static const uint64_t places[][2] = {
        {0, WINDOW}, {WINDOW, 0}, {BLOCK, BLOCK}, {0, BLOCK}, {SIZE - 4, SIZE - 4}};

    (void)state;
    for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        buffer_begin(0, 2);
        write_word(places[i][0], 0);
        write_word(places[i][1], 0);
        send(0, 0xd0);
        assert_int_equal(read_word(0), SEQUENCE);
        send(0, 0x50);
        expect_erased();
    }
}

/* Sent to find out how wide the bus is: by halves and bytes it is no command. */
static void ignores_commands_for_one_chip(void **state)
{
    static const uint64_t offsets[] = {0x55, 0xaa, 0x154, 0, 2};

    (void)state;
    for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        for (unsigned int size = 1; size <= 2; size++) {
            write_sized(offsets[i], size, 0x9898);
            assert_int_equal(read_word(0x40), ERASED);
            assert_int_equal(flash.step, FLASH_COMMAND);
        }
    }
    send(BLOCK, 0x20);
    write_sized(BLOCK, 2, 0xd0);
    assert_int_equal(read_word(BLOCK), SEQUENCE);
    expect_erased();
}

/* Stopped anywhere it is as whole as before, and takes commands. */
static void begins_anew_after_a_reset(void **state)
{
    static const struct {
        uint8_t commands[4];
        unsigned int count;
    } begun[] = {
        {{0x70}, 1}, {{0x90}, 1}, {{0x98}, 1}, {{0x40}, 1},    {{0x20}, 1},       {{0x60}, 1},
        {{0xc0}, 1}, {{0xe8}, 1}, {{0x10}, 1}, {{0xe8, 3}, 2}, {{0xe8, 3, 0}, 3}, {{0xe8, 0, 0}, 3},
    };
    const uint32_t after[][2] = {{0, 7}, {8, 9}, {BLOCK + 0x40, 0xabcd}};

    (void)state;
    program(0, 7);
    program(8, 9);
    program(BLOCK + 0x40, 0xabcd);
    for (unsigned int i = 0; i < sizeof(begun) / sizeof(begun[0]); i++) {
        send(BLOCK, 0x60);
        send(BLOCK, 0x01);
        for (unsigned int k = 0; k < begun[i].count; k++) {
            send(BLOCK, begun[i].commands[k]);
        }
        flash_reset(&flash);
        assert_int_equal(read_word(0), 7);
        assert_int_equal(read_word(8), 9);
        assert_int_equal(read_word(BLOCK + 0x40), 0xabcd);
        send(0, 0x70);
        assert_int_equal(read_word(0), READY);
        send(0, 0x90);
        assert_int_equal(read_word(BLOCK + 8), 0); /* not locked */
        expect_contents(after, 3);
    }
}

/* Where it answers it has contents all the same. */
static void programs_under_its_answers(void **state)
{
    const uint32_t after[][2] = {{0, 1}, {4, 2}, {8, 3}, {0x40, 4}};

    (void)state;
    send(0, 0x98);
    program(0, 1);
    send(0, 0x90);
    program(4, 2);
    send(8, 0x70);
    program(8, 3);
    send(0x40, 0x70);
    program(0x40, 4);
    expect_contents(after, 4);
}

/* What the guest could see is in memory, not in a cache: as many bytes as have changed. */
static void publishes_what_it_changes(void **state)
{
    unsigned int before;

    (void)state;
    read_array();
    before = fake.cleaned_count;
    send(0x44, 0x70);
    assert_int_equal(fake.cleaned_count - before, BLOCKS + 1);
    read_array();
    assert_int_equal(fake.cleaned_count - before, 2 * (BLOCKS + 1));
}

static void is_not_read_through_here(void **state)
{
    struct mmio_access access = {.offset = 0, .size = 4};

    (void)state;
    assert_false(flash_ops.access(&flash, &access));
}

static void may_be_missing(void **state)
{
    static struct flash none;

    (void)state;
    flash_reset(&none);
    assert_null(none.words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_erased_at_first, setup),
        cmocka_unit_test_setup(keeps_what_it_starts_with, setup),
        cmocka_unit_test_setup(programs_words, setup),
        cmocka_unit_test_setup(programs_parts_of_words, setup),
        cmocka_unit_test_setup(takes_doublewords, setup),
        cmocka_unit_test_setup(erases_a_block, setup),
        cmocka_unit_test_setup(refuses_bad_sequences, setup),
        cmocka_unit_test_setup(answers_single_commands, setup),
        cmocka_unit_test_setup(clears_its_status, setup),
        cmocka_unit_test_setup(answers_its_identification, setup),
        cmocka_unit_test_setup(answers_the_query, setup),
        cmocka_unit_test_setup(locks_blocks, setup),
        cmocka_unit_test_setup(has_no_protection_register, setup),
        cmocka_unit_test_setup(programs_by_the_buffer, setup),
        cmocka_unit_test_setup(fills_the_buffer, setup),
        cmocka_unit_test_setup(refuses_what_no_buffer_holds, setup),
        cmocka_unit_test_setup(refuses_data_for_another_place, setup),
        cmocka_unit_test_setup(ignores_commands_for_one_chip, setup),
        cmocka_unit_test_setup(begins_anew_after_a_reset, setup),
        cmocka_unit_test_setup(programs_under_its_answers, setup),
        cmocka_unit_test_setup(publishes_what_it_changes, setup),
        cmocka_unit_test_setup(is_not_read_through_here, setup),
        cmocka_unit_test_setup(may_be_missing, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
