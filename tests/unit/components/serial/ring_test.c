/* SPDX-License-Identifier: BSD-2-Clause */
#include "components/serial/ring.h"

#include "tests/unit/vmm/fake/cmocka_all.h"

#define SIZE 16u

static struct ring_shared shared;
static uint8_t data[SIZE + 2]; /* a guard on both sides */
static struct ring producer;
static struct ring consumer;
static bool wake;

static int setup_at(uint32_t start)
{
    shared = (struct ring_shared){.head = start, .tail = start};
    memset(data, 0xee, sizeof(data));
    ring_producer_init(&producer, &shared, data + 1, SIZE);
    ring_consumer_init(&consumer, &shared, data + 1, SIZE);
    wake = false;
    return 0;
}

/* The counters wrap around soon. */
static int setup(void **state)
{
    (void)state;
    return setup_at(0xfffffff9u);
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(data[0], 0xee);
    assert_int_equal(data[SIZE + 1], 0xee);
    return 0;
}

static void bytes_come_in_order(void **state)
{
    uint32_t next_in = 0;
    uint32_t next_out = 0;

    (void)state;
    for (unsigned int i = 0; i < 100; i++) {
        uint8_t bytes[SIZE];
        uint32_t written;

        for (unsigned int j = 0; j < SIZE; j++) {
            bytes[j] = (uint8_t)(next_in + j);
        }
        written = ring_write(&producer, bytes, i % (SIZE + 1), &wake);
        next_in += written;
        assert_int_equal(ring_used(&consumer), next_in - next_out);
        assert_int_equal(ring_room(&producer), SIZE - ring_used(&consumer));
        for (uint32_t left = ring_read(&consumer, bytes, i % 7, &wake), j = 0; j < left; j++) {
            assert_int_equal(bytes[j], (uint8_t)next_out++);
        }
    }
    assert_true(next_out > 100);
}

static void full_and_empty(void **state)
{
    uint8_t bytes[2 * SIZE] = {0};

    (void)state;
    assert_int_equal(ring_read(&consumer, bytes, 1, &wake), 0);
    assert_int_equal(ring_write(&producer, bytes, 0, &wake), 0);
    assert_int_equal(ring_write(&producer, bytes, 2 * SIZE, &wake), SIZE);
    assert_int_equal(ring_write(&producer, bytes, 1, &wake), 0);
    assert_int_equal(ring_read(&consumer, bytes, 2 * SIZE, &wake), SIZE);
    assert_int_equal(ring_room(&producer), SIZE);
}

static void peek_leaves_bytes(void **state)
{
    char bytes[SIZE] = "";

    (void)state;
    (void)ring_write(&producer, "0123456789", 10, &wake);
    assert_int_equal(ring_peek(&consumer, 0, bytes, 3), 3);
    assert_memory_equal(bytes, "012", 3);
    assert_int_equal(ring_peek(&consumer, 6, bytes, SIZE), 4);
    assert_memory_equal(bytes, "6789", 4);
    assert_int_equal(ring_peek(&consumer, 10, bytes, 1), 0);
    assert_int_equal(ring_peek(&consumer, UINT32_MAX, bytes, 1), 0);
    assert_int_equal(ring_used(&consumer), 10);
}

static void waiting_consumer_is_woken_once(void **state)
{
    char bytes[SIZE];

    (void)state;
    assert_false(ring_wait_data(&consumer));
    (void)ring_write(&producer, "a", 1, &wake);
    assert_true(wake);
    wake = false;
    (void)ring_write(&producer, "b", 1, &wake);
    assert_false(wake);
    (void)ring_read(&consumer, bytes, 1, &wake);
    assert_true(ring_wait_data(&consumer)); /* and does not sleep */
    (void)ring_read(&consumer, bytes, SIZE, &wake);
    (void)ring_write(&producer, "c", 1, &wake);
    assert_false(wake);
}

static void consumer_may_wait_for_more(void **state)
{
    (void)state;
    (void)ring_write(&producer, "abcd", 4, &wake);
    wake = false;
    assert_true(ring_wait_more(&consumer, 3));
    assert_false(ring_wait_more(&consumer, 4));
    (void)ring_write(&producer, "e", 1, &wake);
    assert_true(wake);
}

static void waiting_producer_is_woken_when_there_is_room(void **state)
{
    uint8_t bytes[SIZE] = {0};

    (void)state;
    (void)ring_write(&producer, bytes, SIZE, &wake);
    wake = false;
    (void)ring_read(&consumer, bytes, 1, &wake);
    assert_false(wake); /* it did not ask */
    assert_true(ring_wait_room(&producer, 1));
    assert_false(ring_wait_room(&producer, 4));
    (void)ring_read(&consumer, bytes, 2, &wake);
    assert_false(wake);
    (void)ring_read(&consumer, bytes, 1, &wake);
    assert_true(wake);
    wake = false;
    (void)ring_read(&consumer, bytes, 1, &wake);
    assert_false(wake);
    assert_false(ring_wait_room(&producer, 2 * SIZE)); /* as much as there ever is */
    (void)ring_read(&consumer, bytes, SIZE, &wake);
    assert_true(wake);
}

/* The other side's counter says that there is more in the ring than it holds. */
static void nonsense_is_no_room(void **state)
{
    (void)state;
    shared.tail = producer.index + 1;
    assert_int_equal(ring_room(&producer), 0);
    assert_int_equal(ring_write(&producer, "a", 1, &wake), 0);
    assert_false(ring_wait_room(&producer, 1));
    shared.tail = producer.index - SIZE - 1;
    assert_int_equal(ring_room(&producer), 0);
}

static void nonsense_is_empty(void **state)
{
    uint8_t bytes[SIZE];

    (void)state;
    shared.head = consumer.index + SIZE + 1;
    assert_int_equal(ring_read(&consumer, bytes, SIZE, &wake), 0);
    assert_int_equal(consumer.index, shared.head);
    assert_int_equal(shared.tail, shared.head);
    shared.head += 2;
    assert_int_equal(ring_read(&consumer, bytes, SIZE, &wake), 2);
    shared.head = consumer.index - 1;
    assert_int_equal(ring_peek(&consumer, 0, bytes, 1), 0);
    assert_false(ring_wait_data(&consumer));
}

static void restarts_go_on(void **state)
{
    char bytes[SIZE] = "";

    (void)state;
    (void)ring_write(&producer, "abc", 3, &wake);
    (void)ring_read(&consumer, bytes, 1, &wake);
    ring_producer_init(&producer, &shared, data + 1, SIZE);
    ring_consumer_init(&consumer, &shared, data + 1, SIZE);
    (void)ring_write(&producer, "d", 1, &wake);
    assert_int_equal(ring_read(&consumer, bytes, SIZE, &wake), 3);
    assert_memory_equal(bytes, "bcd", 3);
}

static void fresh_memory_signals_the_first_byte(void **state)
{
    (void)state;
    (void)setup_at(0);
    (void)ring_write(&producer, "a", 1, &wake);
    assert_true(wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_come_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(full_and_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(peek_leaves_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(waiting_consumer_is_woken_once, setup, teardown),
        cmocka_unit_test_setup_teardown(consumer_may_wait_for_more, setup, teardown),
        cmocka_unit_test_setup_teardown(waiting_producer_is_woken_when_there_is_room, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_no_room, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(restarts_go_on, setup, teardown),
        cmocka_unit_test_setup_teardown(fresh_memory_signals_the_first_byte, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
