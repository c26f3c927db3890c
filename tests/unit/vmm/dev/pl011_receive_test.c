/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vmm/dev/pl011_rig.h"

static void receive_in_order(void **state)
{
    char text[100];

    (void)state;
    for (unsigned int i = 0; i < sizeof(text) - 1; i++) {
        text[i] = (char)('0' + i % 70);
    }
    text[sizeof(text) - 1] = 0;
    port.read_limit = 7;
    type(text);
    assert_int_equal(port.in_at, DEPTH);
    for (unsigned int i = 0; i < sizeof(text) - 1; i++) {
        assert_false(read_reg(FR) & FR_RXFE);
        assert_int_equal(read_reg(DR), (uint8_t)text[i]);
    }
    assert_true(read_reg(FR) & FR_RXFE);
    assert_int_equal(read_reg(DR), 0);
}

static void receive_interrupts(void **state)
{
    (void)state;
    write_reg(IMSC, INT_RX | INT_RT);
    type("0123456789abcde"); /* one below half */
    assert_int_equal(read_reg(MIS), INT_RT);
    type("f");
    assert_true(read_reg(MIS) & INT_RX);
    assert_true(is_interrupting());
    (void)read_reg(DR);
    assert_int_equal(read_reg(MIS), INT_RT);
    for (unsigned int i = 1; i < 15; i++) {
        (void)read_reg(DR);
        assert_true(is_interrupting());
    }
    (void)read_reg(DR);
    assert_int_equal(read_reg(RIS), 0);
    assert_false(is_interrupting());
}

static void receive_trigger_levels(void **state)
{
    static const uint32_t levels[] = {4, 8, 16, 24, 28};

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        write_reg(IFLS, i << 3);
        for (uint32_t n = 1; n <= levels[i]; n++) {
            assert_false(read_reg(RIS) & INT_RX);
            type("a");
        }
        assert_true(read_reg(RIS) & INT_RX);
        while (!(read_reg(FR) & FR_RXFE)) {
            (void)read_reg(DR);
        }
    }
}

static void receive_interrupt_without_fifo(void **state)
{
    (void)state;
    type("ab");
    assert_true(read_reg(RIS) & INT_RX);
    (void)read_reg(DR);
    assert_true(read_reg(RIS) & INT_RX);
    (void)read_reg(DR);
    assert_int_equal(read_reg(RIS), 0);
}

/* Linux clears what it finds before it wants interrupts: what was typed already must not be stuck,
 * be the FIFO full or not. */
static void typed_ahead(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 3 * DEPTH; i++) {
        type("a");
    }
    write_reg(ICR, 0x7ff);
    assert_int_equal(read_reg(RIS), 0);
    write_reg(IMSC, INT_RX | INT_RT);
    assert_true(is_interrupting());
}

static void a_break_in_its_place(void **state)
{
    (void)state;
    write_reg(IMSC, INT_BE);
    fake_port_type(&port, "ab");
    fake_port_break(&port);
    fake_port_break(&port);
    fake_port_type(&port, "c");
    device.input(device.context);
    assert_true(is_interrupting());
    assert_int_equal(read_reg(DR), 'a');
    assert_int_equal(read_reg(RSR), 0);
    assert_int_equal(read_reg(DR), 'b');
    assert_int_equal(read_reg(DR), 0x400);
    assert_int_equal(read_reg(RSR), 0x4);
    write_reg(RSR, 0xff);
    assert_int_equal(read_reg(RSR), 0);
    assert_int_equal(read_reg(DR), 0x400);
    assert_int_equal(read_reg(DR), 'c');
    assert_int_equal(read_reg(RSR), 0); /* of the last character */
    assert_int_equal(read_reg(RIS), INT_BE);
    write_reg(ICR, INT_BE);
    assert_false(is_interrupting());
}

/* What was there before the guest had its receiver on, or before a restart. */
static void input_waits(void **state)
{
    (void)state;
    write_reg(CR, 0x101);
    type("abc");
    assert_true(read_reg(FR) & FR_RXFE);
    assert_int_equal(port.in_at, 0);
    write_reg(CR, 0x200);
    assert_true(read_reg(FR) & FR_RXFE);
    write_reg(CR, CR_ON);
    assert_int_equal(read_reg(RIS), INT_RT);
    assert_int_equal(read_reg(DR), 'a');
    device.reset(device.context);
    fake_port_type(&port, "def"); /* and says nothing: it was not asked to */
    assert_false(read_reg(FR) & FR_RXFE);
    assert_int_equal(read_reg(DR), 'd');
    device.reset(device.context);
    fake_port_type(&port, "g");
    assert_int_equal(read_reg(DR), 'f');
}

/* A change of the FIFO's depth or trigger counts for what is in it, and in the port. */
static void depth_and_level_change(void **state)
{
    (void)state;
    type("0123456789abcdef");
    assert_int_equal(port.in_at, 1);
    write_reg(LCR_H, 0x60 | FEN);
    assert_int_equal(port.in_at, 16);
    assert_true(read_reg(RIS) & INT_RX);
    write_reg(IFLS, 3 << 3);
    assert_int_equal(read_reg(RIS), INT_RT);
}

/* The port is not asked again before it says that there is something. */
static void an_empty_port_is_left_alone(void **state)
{
    unsigned int calls;

    (void)state;
    type("a");
    assert_int_equal(read_reg(DR), 'a');
    calls = port.call_count;
    for (unsigned int i = 0; i < 10; i++) {
        (void)read_reg(FR);
        (void)read_reg(DR);
    }
    assert_int_equal(port.call_count, calls);
}

static void loopback(void **state)
{
    (void)state;
    write_reg(CR, CR_ON | CR_LBE);
    fake_port_type(&port, "x");
    device.input(device.context);
    assert_true(read_reg(FR) & FR_RXFE); /* the line is cut */
    print("ab");
    assert_true(read_reg(RIS) & INT_RT);
    assert_int_equal(read_reg(DR), 'a');
    assert_int_equal(read_reg(DR), 'b');
    assert_true(read_reg(FR) & FR_RXFE);
    write_reg(LCR_H, 0x71); /* a break */
    assert_int_equal(read_reg(RIS) & (INT_TX | INT_BE | INT_RT), INT_TX | INT_BE | INT_RT);
    assert_int_equal(read_reg(DR), 0x400);
    write_reg(LCR_H, 0x70);
    assert_true(read_reg(FR) & FR_RXFE);
    write_reg(CR, CR_ON);
    assert_int_equal(read_reg(DR), 'x');
}

static void loopback_overrun(void **state)
{
    (void)state;
    write_reg(CR, CR_ON | CR_LBE);
    for (unsigned int i = 0; i < DEPTH; i++) {
        print("a");
    }
    assert_false(read_reg(RIS) & INT_OE);
    print("b");
    assert_int_equal(read_reg(RIS) & (INT_OE | INT_TX | INT_RX), INT_OE | INT_TX | INT_RX);
    assert_int_equal(read_reg(RSR), 0x8);
    assert_int_equal(read_reg(DR), 0x800 | 'a');
    print("c");
    assert_int_equal(read_reg(DR), 'a');
    for (unsigned int i = 2; i < DEPTH; i++) {
        assert_int_equal(read_reg(DR), 'a');
    }
    assert_int_equal(read_reg(DR), 'c');
    assert_true(read_reg(FR) & FR_RXFE);
}

static void modem_lines(void **state)
{
    static const struct {
        uint32_t control;
        uint32_t flags;
    } rows[] = {
        {0x0000, 0x000}, {0x0800, 0x001}, {0x0400, 0x002}, {0x1000, 0x004}, {0x2000, 0x100},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_reg(CR, CR_ON | CR_LBE | rows[i].control);
        assert_int_equal(read_reg(FR) & FR_MODEM, rows[i].flags);
    }
    write_reg(CR, CR_ON | CR_LBE);
    write_reg(ICR, 0x7ff);
    write_reg(IMSC, INT_CTS);
    write_reg(CR, CR_ON | CR_LBE | 0x400); /* DSR, which is masked */
    assert_int_equal(read_reg(RIS), 0x008);
    assert_false(is_interrupting());
    write_reg(CR, CR_ON | CR_LBE | 0xc00);
    assert_int_equal(read_reg(MIS), INT_CTS);
    assert_true(is_interrupting());
    write_reg(ICR, INT_CTS);
    assert_false(is_interrupting());
    write_reg(CR, CR_ON);
    assert_int_equal(read_reg(FR) & FR_MODEM, 0x007);
    assert_int_equal(read_reg(RIS), 0x00c); /* DCD came, DSR stayed from before */
}

/* The interrupt goes to the guest again and again until there is nothing more to read. */
static void interrupts_reach_the_guest(void **state)
{
    (void)state;
    write_reg(IMSC, INT_RX | INT_RT);
    type("ab");
    for (unsigned int i = 0; i < 2; i++) {
        int list = fake_take(0);

        assert_int_not_equal(list, -1);
        (void)read_reg(DR);
        fake_end(0, (unsigned int)list);
        assert_true(vgic_end(&vgic, 0, (unsigned int)list));
    }
    assert_int_equal(fake_find(0, INTID), -1);
    type("c");
    assert_int_not_equal(fake_find(0, INTID), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(receive_in_order, setup_fifo),
        cmocka_unit_test_setup(receive_interrupts, setup_fifo),
        cmocka_unit_test_setup(receive_trigger_levels, setup_fifo),
        cmocka_unit_test_setup(receive_interrupt_without_fifo, setup),
        cmocka_unit_test_setup(typed_ahead, setup_fifo),
        cmocka_unit_test_setup(a_break_in_its_place, setup_fifo),
        cmocka_unit_test_setup(input_waits, setup_fifo),
        cmocka_unit_test_setup(depth_and_level_change, setup),
        cmocka_unit_test_setup(an_empty_port_is_left_alone, setup_fifo),
        cmocka_unit_test_setup(loopback, setup_fifo),
        cmocka_unit_test_setup(loopback_overrun, setup_fifo),
        cmocka_unit_test_setup(modem_lines, setup),
        cmocka_unit_test_setup(interrupts_reach_the_guest, setup_fifo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
