/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm/virtio/console.h"

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/fake/port.h"
#include "tests/unit/vmm/virtio/driver.h"

#define INTID    40
#define SIZE     8
#define RX       0
#define TX       1
#define F_SIZE   1UL
#define F_EMERG  4UL
#define BUFFER   DRIVER_BUFFERS
#define COLS     DRIVER_CONFIG
#define ROWS     (DRIVER_CONFIG + 2)
#define EMERG_WR (DRIVER_CONFIG + 8)

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};

static struct vgic vgic;
static struct virtio_machine machine;
static struct virtio_console console;
static struct virtio_mmio mmio;
static struct fake_port port;
static struct console_port seam;
static struct console_device device;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    fake_port_reset(&port);
    seam = fake_port_connect(&port);
    vgic_init(&vgic, vcpus, 1, INTID);
    machine = (struct virtio_machine){.name = "guest", .vgic = &vgic, .ram = driver_reset()};
    virtio_console_init(&console, &seam, &machine);
    assert_true(virtio_mmio_init(&mmio, &console.virtio, INTID));
    device = virtio_console_device(&console);
    return 0;
}

static int setup_started(void **state)
{
    (void)setup(state);
    driver_start(&mmio, F_SIZE | F_EMERG, SIZE);
    assert_int_equal(driver_read(&mmio, DRIVER_STATUS), 0xf);
    return 0;
}

static void describe(unsigned int queue, unsigned int index, struct driver_desc desc)
{
    driver_describe(queue, index, &desc);
}

static void offer(unsigned int queue, uint16_t head)
{
    driver_offer(queue, SIZE, head);
}

static void notify(unsigned int queue)
{
    driver_write(&mmio, DRIVER_QUEUE_NOTIFY, queue);
}

/* The driver prints from a buffer of its own for each descriptor. */
static void print(uint16_t index, const char *text)
{
    uint64_t ipa = BUFFER + 0x100UL * index;

    memcpy(driver_pointer(ipa), text, strlen(text));
    describe(TX, index, (struct driver_desc){ipa, (uint32_t)strlen(text), 0, 0});
    offer(TX, index);
    notify(TX);
}

static void offer_to_read(uint16_t index, uint32_t length)
{
    describe(RX, index,
             (struct driver_desc){BUFFER + 0x1000 + 0x100UL * index, length, DRIVER_WRITE, 0});
    offer(RX, index);
    notify(RX);
}

static void type(const char *text)
{
    fake_port_type(&port, text);
    device.input(device.context);
}

static void make_room(uint32_t count)
{
    port.room = count;
    device.room(device.context);
}

static void assert_printed(const char *text)
{
    assert_int_equal(port.out_count, strlen(text));
    assert_memory_equal(port.out, text, strlen(text));
}

/* Chain `number` of the receive queue came back with `text`. */
static void assert_read(unsigned int number, const char *text)
{
    struct driver_used used = driver_used(RX, SIZE, number);

    assert_true(number < driver_used_index(RX));
    assert_int_equal(used.length, strlen(text));
    assert_memory_equal(driver_pointer(BUFFER + 0x1000 + 0x100UL * used.id), text, strlen(text));
}

static uint32_t interrupt(void)
{
    uint32_t status = driver_read(&mmio, DRIVER_INTERRUPT_STATUS);

    assert_int_equal(mmio.irq.virq->is_up, status != 0);
    driver_write(&mmio, DRIVER_INTERRUPT_ACK, status);
    return status;
}

static void assert_broken(void)
{
    assert_int_equal(driver_read(&mmio, DRIVER_STATUS), 0x4f);
    assert_true(interrupt() & 2);
}

static void what_it_is(void **state)
{
    (void)state;
    assert_int_equal(driver_read(&mmio, 0x008), 3);
    assert_int_equal(driver_read(&mmio, DRIVER_DEVICE_FEATURES), F_SIZE | F_EMERG);
    assert_int_equal(driver_read(&mmio, DRIVER_QUEUE_NUM_MAX), 16);
}

static void prints(void **state)
{
    (void)state;
    print(0, "hello ");
    assert_int_equal(driver_used_index(TX), 1);
    assert_int_equal(driver_used(TX, SIZE, 0).length, 0);
    assert_int_equal(interrupt(), 1);
    driver_set_avail_flags(TX, 1);
    print(1, "world");
    assert_int_equal(interrupt(), 0);
    assert_printed("hello world");
    assert_int_equal(port.call_count, 2); /* a run at a time */
}

static void prints_a_chain(void **state)
{
    (void)state;
    memcpy(driver_pointer(BUFFER), "abcdef", 6);
    memcpy(driver_pointer(DRIVER_SECOND - 3), "ghi", 3);
    memcpy(driver_pointer(DRIVER_SECOND), "jkl", 3);
    describe(TX, 0, (struct driver_desc){BUFFER, 6, DRIVER_NEXT, 2});
    describe(TX, 2, (struct driver_desc){DRIVER_SECOND - 3, 6, 0, 0});
    offer(TX, 0);
    notify(TX);
    assert_printed("abcdefghijkl");
    assert_int_equal(driver_used_index(TX), 1);
}

static void goes_on_when_there_is_room(void **state)
{
    (void)state;
    port.room = 4;
    memcpy(driver_pointer(BUFFER + 0x80), "efgh", 4);
    memcpy(driver_pointer(BUFFER), "abcd12", 6);
    describe(TX, 0, (struct driver_desc){BUFFER, 6, DRIVER_NEXT, 1});
    describe(TX, 1, (struct driver_desc){BUFFER + 0x80, 4, 0, 0});
    offer(TX, 0);
    notify(TX);
    assert_printed("abcd");
    assert_int_equal(driver_used_index(TX), 0);
    assert_int_equal(interrupt(), 0);
    notify(TX); /* no room yet */
    make_room(1);
    assert_printed("abcd1");
    print(3, "ij"); /* waits behind */
    make_room(3);
    assert_printed("abcd12ef");
    assert_int_equal(driver_used_index(TX), 0);
    make_room(100);
    assert_printed("abcd12efghij");
    assert_int_equal(driver_used_index(TX), 2);
    assert_int_equal(driver_used(TX, SIZE, 0).id, 0);
    assert_int_equal(driver_used(TX, SIZE, 1).id, 3);
    assert_int_equal(interrupt(), 1);
    make_room(100); /* nothing waits */
    assert_int_equal(interrupt(), 0);
}

static void reads(void **state)
{
    (void)state;
    offer_to_read(0, 16);
    assert_int_equal(driver_used_index(RX), 0);
    type("abc");
    assert_read(0, "abc");
    assert_int_equal(interrupt(), 1);
    type("def"); /* nowhere to put it */
    assert_int_equal(driver_used_index(RX), 1);
    assert_int_equal(port.in_at, 3);
    offer_to_read(1, 2);
    assert_read(1, "de");
    offer_to_read(2, 2);
    assert_read(2, "f");
    assert_int_equal(interrupt(), 1);
    offer_to_read(3, 2);
    assert_int_equal(driver_used_index(RX), 3);
    assert_int_equal(interrupt(), 0);
}

static void reads_into_chains(void **state)
{
    (void)state;
    port.read_limit = 2;
    describe(RX, 0, (struct driver_desc){BUFFER + 0x1000, 3, DRIVER_NEXT | DRIVER_WRITE, 1});
    describe(RX, 1, (struct driver_desc){BUFFER + 0x1003, 4, DRIVER_WRITE, 0});
    offer(RX, 0);
    describe(RX, 2, (struct driver_desc){BUFFER + 0x1200, 8, DRIVER_WRITE, 0});
    offer(RX, 2);
    notify(RX);
    type("0123456789");
    assert_int_equal(driver_used_index(RX), 2);
    assert_read(0, "0123456");
    assert_read(1, "789");
    driver_set_avail_flags(RX, 1);
    (void)interrupt();
    offer(RX, 2);
    notify(RX);
    type("x");
    assert_int_equal(interrupt(), 0);
    assert_read(2, "x");
}

static void typed_before_there_was_a_driver(void **state)
{
    (void)state;
    type("early");
    driver_start(&mmio, 0, SIZE);
    device.input(device.context);
    assert_int_equal(port.in_at, 0);
    offer_to_read(0, 16);
    assert_read(0, "early");
}

static void breaks_are_dropped(void **state)
{
    (void)state;
    fake_port_break(&port);
    fake_port_type(&port, "ab");
    fake_port_break(&port);
    fake_port_break(&port);
    fake_port_type(&port, "cd");
    fake_port_break(&port);
    offer_to_read(0, 16);
    assert_read(0, "abcd");
    assert_int_equal(port.in_at, port.in_count);
}

/* A chain that nothing was put into is empty again after a reset, and not given back. */
static void reset_forgets_chains(void **state)
{
    (void)state;
    offer_to_read(0, 16);
    port.room = 1;
    print(0, "xyz");
    driver_write(&mmio, DRIVER_STATUS, 0);
    type("a");
    make_room(100);
    assert_printed("x");
    assert_int_equal(port.in_at, 0);
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    driver_start(&mmio, 0, SIZE);
    assert_int_equal(driver_used_index(RX), 0);
    offer_to_read(1, 16);
    assert_read(0, "a");
    print(1, "b");
    assert_printed("xb");
}

static void wrong_directions(void **state)
{
    (void)state;
    describe(TX, 0, (struct driver_desc){BUFFER, 1, DRIVER_WRITE, 0});
    offer(TX, 0);
    notify(TX);
    assert_broken();
    assert_int_equal(port.call_count, 0);
    assert_string_equal(fake.console,
                        "[guest] virtio console: the transmit queue cannot be: it needs a reset\n");
    (void)setup_started(state);
    describe(RX, 0, (struct driver_desc){BUFFER, 1, 0, 0});
    offer(RX, 0);
    notify(RX);
    assert_broken();
    assert_int_equal(port.call_count, 0);
    assert_string_equal(fake.console,
                        "[guest] virtio console: the receive queue cannot be: it needs a reset\n");
}

static void broken_queues(void **state)
{
    (void)state;
    print(0, "fine");
    describe(TX, 1, (struct driver_desc){DRIVER_NOT_MAPPED, 4, 0, 0});
    offer(TX, 1);
    print(2, "not seen");
    assert_broken();
    assert_printed("fine");
    device.input(device.context);
    device.room(device.context);
    driver_write(&mmio, DRIVER_STATUS, 0);
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    driver_start(&mmio, 0, SIZE);
    print(0, " again");
    assert_printed("fine again");
    driver_set_avail_index(RX, SIZE + 1);
    device.input(device.context);
    assert_broken();
}

static void terminal_size(void **state)
{
    uint32_t generation = driver_read(&mmio, DRIVER_CONFIG_GENERATION);

    (void)state;
    device.resize(device.context, 80, 24);
    assert_int_equal(interrupt(), 2);
    assert_int_equal(driver_read_sized(&mmio, COLS, 2), 80);
    assert_int_equal(driver_read_sized(&mmio, ROWS, 2), 24);
    assert_int_equal(driver_read_sized(&mmio, COLS, 4), 24 << 16 | 80);
    assert_int_equal(driver_read_sized(&mmio, DRIVER_CONFIG + 4, 8), 0);
    assert_int_not_equal(driver_read(&mmio, DRIVER_CONFIG_GENERATION), generation);
    device.resize(device.context, 80, 24); /* the same */
    assert_int_equal(interrupt(), 0);
    device.resize(device.context, 80, 25);
    assert_int_equal(interrupt(), 2);
    device.resize(device.context, 81, 25);
    assert_int_equal(interrupt(), 2);
    driver_write(&mmio, COLS, 1);
    assert_int_equal(driver_read_sized(&mmio, COLS, 2), 81);
    virtio_console_reset(&console); /* the terminal is the same */
    assert_int_equal(driver_read_sized(&mmio, COLS, 2), 81);
}

/* A size that was there before the driver is told with the first that it prints. */
static void early_terminal_size(void **state)
{
    (void)state;
    device.resize(device.context, 80, 24);
    driver_start(&mmio, F_SIZE, SIZE);
    assert_int_equal(interrupt(), 0);
    offer_to_read(0, 4);
    assert_int_equal(interrupt(), 0);
    print(0, "a");
    assert_int_equal(interrupt(), 3);
    print(0, "a");
    assert_int_equal(interrupt(), 1);
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    driver_start(&mmio, 0, SIZE); /* one that does not care */
    print(0, "a");
    assert_int_equal(interrupt(), 1);
    device.resize(device.context, 80, 25);
    assert_int_equal(interrupt(), 0);
    virtio_console_reset(&console);
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    driver_start(&mmio, F_SIZE, SIZE);
    print(0, "a");
    assert_int_equal(interrupt(), 3);
}

static void emergency_write(void **state)
{
    (void)state;
    driver_write(&mmio, EMERG_WR, 0xffffff00 | 'a');
    driver_write_sized(&mmio, EMERG_WR, 1, 'b');
    driver_write_sized(&mmio, EMERG_WR + 1, 1, 'c');
    driver_write_sized(&mmio, DRIVER_CONFIG + 4, 4, 'd');
    assert_int_equal(driver_read(&mmio, EMERG_WR), 0);
    assert_printed("ab");
    port.room = 0;
    driver_write(&mmio, EMERG_WR, 'e');
    make_room(1);
    assert_printed("ab");
}

static void reset(void **state)
{
    (void)state;
    offer_to_read(0, 4);
    print(0, "a");
    device.reset(device.context);
    assert_false(mmio.irq.virq->is_up);
    assert_int_equal(driver_read(&mmio, DRIVER_STATUS), 0);
    type("b");
    notify(TX);
    assert_int_equal(port.in_at, 0);
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    driver_start(&mmio, 0, SIZE);
    offer_to_read(0, 4);
    assert_read(0, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_it_is, setup),
        cmocka_unit_test_setup(prints, setup_started),
        cmocka_unit_test_setup(prints_a_chain, setup_started),
        cmocka_unit_test_setup(goes_on_when_there_is_room, setup_started),
        cmocka_unit_test_setup(reads, setup_started),
        cmocka_unit_test_setup(reads_into_chains, setup_started),
        cmocka_unit_test_setup(typed_before_there_was_a_driver, setup),
        cmocka_unit_test_setup(breaks_are_dropped, setup_started),
        cmocka_unit_test_setup(reset_forgets_chains, setup_started),
        cmocka_unit_test_setup(wrong_directions, setup_started),
        cmocka_unit_test_setup(broken_queues, setup_started),
        cmocka_unit_test_setup(terminal_size, setup_started),
        cmocka_unit_test_setup(early_terminal_size, setup),
        cmocka_unit_test_setup(emergency_write, setup),
        cmocka_unit_test_setup(reset, setup_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
