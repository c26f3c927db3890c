/* SPDX-License-Identifier: BSD-2-Clause */
/* Both sides of a ring at once, each sleeping until the other wakes it: all bytes arrive in order,
 * and nobody sleeps for ever. Against a hostile side: this one's calls return. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "components/serial/ring.h"
#include "tests/unit/vmm/fake/cmocka_all.h"

#define SIZE    64U
#define TOTAL   3000000U
#define SECONDS 120 /* after which someone is taken to sleep for ever */

static struct ring_shared shared;
static uint8_t data[SIZE];
static sem_t consumer_signal;
static sem_t producer_signal;

static void *produce(void *unused)
{
    struct ring ring;
    uint8_t bytes[SIZE];

    ring_producer_init(&ring, &shared, data, SIZE);
    for (uint32_t done = 0; done < TOTAL;) {
        uint32_t wanted = done % 61 + 1 < TOTAL - done ? done % 61 + 1 : TOTAL - done;
        uint32_t count;
        bool wake = false;

        for (uint32_t i = 0; i < wanted; i++) {
            bytes[i] = (uint8_t)((done + i) * 7);
        }
        count = ring_write(&ring, bytes, wanted, &wake);
        done += count;
        if (wake) {
            (void)sem_post(&consumer_signal);
        }
        if (count < wanted && !ring_wait_room(&ring, done % SIZE + 1)) {
            (void)sem_wait(&producer_signal);
        }
    }
    return unused;
}

static void consume(void)
{
    struct ring ring;
    uint8_t bytes[SIZE];

    ring_consumer_init(&ring, &shared, data, SIZE);
    for (uint32_t done = 0; done < TOTAL;) {
        bool wake = false;
        uint32_t count = ring_read(&ring, bytes, done % 53 + 1, &wake);

        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(bytes[i], (uint8_t)((done + i) * 7));
        }
        done += count;
        if (wake) {
            (void)sem_post(&producer_signal);
        }
        if (count == 0 && !ring_wait_data(&ring)) {
            (void)sem_wait(&consumer_signal);
        }
    }
}

static void honest_sides(void **state)
{
    pthread_t thread;

    (void)state;
    memset(&shared, 0, sizeof(shared));
    (void)sem_init(&consumer_signal, 0, 0);
    (void)sem_init(&producer_signal, 0, 0);
    (void)alarm(SECONDS);
    assert_int_equal(pthread_create(&thread, NULL, produce, NULL), 0);
    consume();
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)alarm(0);
}

static bool is_over;

static void *scribble(void *unused)
{
    uint32_t state = 1;

    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
        uint32_t *words = (uint32_t *)&shared;

        state = state * 1664525 + 1013904223;
        __atomic_store_n(&words[(state >> 16) % (sizeof(shared) / 4)], state, __ATOMIC_RELAXED);
        __atomic_store_n(&shared.head, shared.tail + (state >> 8) % (2 * SIZE), __ATOMIC_RELAXED);
    }
    return unused;
}

static void hostile_side(void **state)
{
    uint8_t bytes[2 * SIZE + 1] = {0};
    pthread_t thread;
    struct ring in;
    struct ring out;
    bool wake;

    (void)state;
    (void)alarm(SECONDS);
    ring_consumer_init(&in, &shared, data, SIZE);
    ring_producer_init(&out, &shared, data, SIZE);
    assert_int_equal(pthread_create(&thread, NULL, scribble, NULL), 0);
    bytes[SIZE] = 0xee;
    for (uint32_t i = 0; i < 300000; i++) {
        assert_true(ring_read(&in, bytes, i % SIZE + 1, &wake) <= i % SIZE + 1);
        assert_true(ring_peek(&in, i % SIZE, bytes, SIZE) <= SIZE);
        assert_true(ring_write(&out, bytes, 2 * SIZE, &wake) <= SIZE);
        assert_true(ring_used(&in) <= SIZE && ring_room(&out) <= SIZE);
        (void)ring_wait_data(&in);
        (void)ring_wait_room(&out, i);
        assert_int_equal(bytes[SIZE], 0xee);
    }
    __atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_sides),
        cmocka_unit_test(hostile_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
