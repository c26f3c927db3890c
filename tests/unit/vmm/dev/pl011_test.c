/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/dev/pl011_rig.h"

static void values_after_reset(void **state)
{
    (void)state;
    assert_int_equal(read_reg(RSR), 0);
    assert_int_equal(read_reg(FR), FR_IDLE);
    assert_int_equal(read_reg(CR), CR_ON);
    assert_int_equal(read_reg(IFLS), 0x12);
    assert_int_equal(read_reg(IMSC), 0);
    assert_int_equal(read_reg(RIS), 0);
    assert_int_equal(read_reg(LCR_H), 0);
    assert_int_equal(read_reg(DR), 0);
}

static void kept_registers(void **state)
{
    static const struct {
        unsigned int offset;
        uint32_t kept;
    } rows[] = {
        {ILPR, 0xff}, {IBRD, 0xffff}, {FBRD, 0x3f},  {LCR_H, 0xff},
        {CR, 0xff87}, {IFLS, 0x3f},   {IMSC, 0x7ff}, {DMACR, 0x7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_reg(rows[i].offset, 0xffffffff);
        assert_int_equal(read_reg(rows[i].offset), rows[i].kept);
        write_reg(rows[i].offset, 0);
        assert_int_equal(read_reg(rows[i].offset), 0);
    }
}

/* What Linux's AMBA bus reads: 0x00341011, 0xb105f00d. */
static void identification(void **state)
{
    uint64_t part = 0;
    uint64_t cell = 0;

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        part |= (uint64_t)read_reg(0xfe0 + 4 * i) << 8 * i;
        cell |= (uint64_t)read_reg(0xff0 + 4 * i) << 8 * i;
    }
    assert_int_equal(part, 0x00341011);
    assert_int_equal(cell, 0xb105f00d);
    write_reg(0xfe0, 0);
    assert_int_equal(read_reg(0xfe0), 0x11);
}

static void sizes_and_holes(void **state)
{
    (void)state;
    write_sized(IBRD, 2, 0x1234);
    assert_int_equal(read_sized(IBRD, 2), 0x1234);
    assert_int_equal(read_sized(IBRD, 1), 0x34);
    write_sized(IBRD, 1, 0xff);
    assert_int_equal(read_sized(IBRD, 4), 0xff);
    write_sized(DR, 1, 'a');
    write_sized(DR, 2, 'b');
    write_sized(DR, 8, 'c');
    write_sized(DR + 1, 1, 'd');
    assert_printed("ab");
    type("xy");
    assert_int_equal(read_sized(DR, 8), 0);
    assert_int_equal(read_sized(DR + 2, 2), 0);
    assert_int_equal(read_sized(DR, 1), 'x');
    assert_int_equal(read_sized(DR, 2), 'y');
    write_reg(0x100, 0xffffffff);
    write_reg(FR, 0);
    write_reg(RIS, 0xffffffff);
    write_reg(MIS, 0xffffffff);
    assert_int_equal(read_reg(0x008), 0);
    assert_int_equal(read_reg(0x100), 0);
    assert_int_equal(read_reg(0xfdc), 0);
    assert_int_equal(read_reg(0x1000), 0);
    assert_int_equal(read_sized(ICR, 4), 0);
}

/* As earlycon does: no set-up, each byte waits until the line is free. */
static void early_output(void **state)
{
    (void)state;
    for (const char *text = "early"; *text != 0; text++) {
        assert_false(read_reg(FR) & FR_TXFF);
        write_reg(DR, (uint8_t)*text);
        assert_false(read_reg(FR) & FR_BUSY);
    }
    assert_printed("early");
}

static void bytes_wait_for_room(void **state)
{
    char text[DEPTH + 1] = {0};

    (void)state;
    port.room = 2;
    print("ab");
    assert_int_equal(read_reg(FR), FR_IDLE);
    memset(text, 'c', DEPTH - 1);
    print(text);
    assert_int_equal(read_reg(FR), (FR_IDLE | FR_BUSY) & ~FR_TXFE);
    print("d");
    assert_int_equal(read_reg(FR), (FR_IDLE | FR_BUSY | FR_TXFF) & ~FR_TXFE);
    print("lost"); /* the guest did not look */
    assert_printed("ab");
    make_room(1);
    assert_int_equal(read_reg(FR), (FR_IDLE | FR_BUSY) & ~FR_TXFE);
    make_room(1000);
    assert_int_equal(read_reg(FR), FR_IDLE);
    assert_int_equal(port.out_count, 2 + DEPTH);
    assert_memory_equal(port.out + 2, text, DEPTH - 1);
    assert_int_equal(port.out[1 + DEPTH], 'd');
}

/* A FIFO goes to the port as one piece. */
static void room_is_used_at_once(void **state)
{
    unsigned int calls;

    (void)state;
    port.room = 0;
    print("abcdefgh");
    calls = port.call_count;
    make_room(100);
    assert_int_equal(port.call_count, calls + 1);
    assert_printed("abcdefgh");
}

static void one_byte_without_fifo(void **state)
{
    (void)state;
    port.room = 0;
    print("a");
    assert_int_equal(read_reg(FR) & (FR_TXFF | FR_TXFE), FR_TXFF);
    print("b");
    make_room(10);
    assert_printed("a");
    type("xyz");
    assert_int_equal(port.in_at, 1);
    assert_int_equal(read_reg(FR) & (FR_RXFF | FR_RXFE), FR_RXFF);
    assert_int_equal(read_reg(DR), 'x');
    assert_int_equal(read_reg(DR), 'y');
    assert_int_equal(read_reg(DR), 'z');
    assert_int_equal(read_reg(FR) & (FR_RXFF | FR_RXFE), FR_RXFE);
}

/* Linux fills the FIFO, turns the interrupt on, and waits. */
static void transmit_interrupt(void **state)
{
    (void)state;
    write_reg(IMSC, INT_TX);
    assert_false(is_interrupting()); /* nothing was sent yet */
    port.room = 0;
    for (unsigned int i = 0; i < DEPTH; i++) {
        print("a");
    }
    assert_false(is_interrupting());
    make_room(15);
    assert_int_equal(read_reg(RIS), 0); /* 17 left, the trigger is 16 */
    make_room(1);
    assert_int_equal(read_reg(RIS), INT_TX);
    assert_int_equal(read_reg(MIS), INT_TX);
    assert_true(is_interrupting());
    print("b"); /* above the trigger again */
    assert_int_equal(read_reg(RIS), 0);
    assert_false(is_interrupting());
    make_room(100);
    assert_true(is_interrupting());
    write_reg(IMSC, 0); /* nothing more to send */
    assert_false(is_interrupting());
    assert_int_equal(read_reg(RIS), INT_TX);
    assert_int_equal(read_reg(MIS), 0);
    write_reg(ICR, INT_TX);
    assert_int_equal(read_reg(RIS), 0);
    write_reg(IMSC, INT_TX); /* and no storm */
    device.room(device.context);
    assert_false(is_interrupting());
    print("c");
    assert_true(is_interrupting());
}

static void transmit_trigger_levels(void **state)
{
    static const uint32_t levels[] = {4, 8, 16, 24, 28};

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        write_reg(IFLS, i);
        write_reg(ICR, INT_TX);
        port.room = 0;
        for (unsigned int n = 0; n < DEPTH; n++) {
            print("a");
        }
        make_room(DEPTH - levels[i] - 1);
        assert_int_equal(read_reg(RIS), 0);
        make_room(1);
        assert_int_equal(read_reg(RIS), INT_TX);
        make_room(DEPTH);
    }
}

static void transmit_interrupt_without_fifo(void **state)
{
    (void)state;
    port.room = 0;
    print("a");
    assert_int_equal(read_reg(RIS), 0);
    make_room(1);
    assert_int_equal(read_reg(RIS), INT_TX);
    print("b"); /* waits, so not empty */
    assert_int_equal(read_reg(RIS), 0);
}

static void output_waits_for_the_transmitter(void **state)
{
    (void)state;
    write_reg(CR, 0x201);
    print("ab");
    assert_printed("");
    assert_true(read_reg(FR) & FR_BUSY);
    write_reg(CR, 0x100);
    assert_printed("");
    write_reg(CR, CR_ON);
    assert_printed("ab");
}

static void turning_fifos_off_flushes(void **state)
{
    (void)state;
    port.room = 0;
    print("abc");
    type("xyz");
    write_reg(LCR_H, 0x60);
    assert_int_equal(read_reg(FR), FR_IDLE);
    assert_int_equal(read_reg(RIS), 0);
    make_room(10);
    assert_printed("");
    write_reg(LCR_H, 0x60 | FEN);
    print("d");
    assert_printed("d");
}

static void reset(void **state)
{
    (void)state;
    write_reg(IMSC, 0x7ff);
    write_reg(IBRD, 7);
    port.room = 0;
    print("abc");
    type("xyz");
    assert_true(is_interrupting());
    pl011_reset(&uart);
    assert_false(is_interrupting());
    values_after_reset(state);
    assert_int_equal(read_reg(IBRD), 0);
    make_room(100);
    assert_printed("");
    print("d");
    assert_printed("d");
    device.resize(device.context, 80, 24);
}

static void without_an_interrupt(void **state)
{
    (void)state;
    assert_false(pl011_init(&uart, &seam, &vgic, 1000));
    write_reg(IMSC, 0x7ff);
    type("a");
    assert_int_equal(read_reg(DR), 'a');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(values_after_reset, setup),
        cmocka_unit_test_setup(kept_registers, setup),
        cmocka_unit_test_setup(identification, setup),
        cmocka_unit_test_setup(sizes_and_holes, setup_fifo),
        cmocka_unit_test_setup(early_output, setup),
        cmocka_unit_test_setup(bytes_wait_for_room, setup_fifo),
        cmocka_unit_test_setup(room_is_used_at_once, setup_fifo),
        cmocka_unit_test_setup(one_byte_without_fifo, setup),
        cmocka_unit_test_setup(transmit_interrupt, setup_fifo),
        cmocka_unit_test_setup(transmit_trigger_levels, setup_fifo),
        cmocka_unit_test_setup(transmit_interrupt_without_fifo, setup),
        cmocka_unit_test_setup(output_waits_for_the_transmitter, setup_fifo),
        cmocka_unit_test_setup(turning_fifos_off_flushes, setup_fifo),
        cmocka_unit_test_setup(reset, setup_fifo),
        cmocka_unit_test_setup(without_an_interrupt, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
