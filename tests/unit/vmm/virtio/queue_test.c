/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm/virtio/queue.h"

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/virtio/driver.h"

#define SIZE 8

static struct guest_ram ram;
static struct virtq queue;

static void set_up_queue(uint32_t size)
{
    ram = driver_reset();
    virtq_reset(&queue, &ram, 16);
    queue.size = size;
    queue.desc_ipa = DRIVER_QUEUE(0);
    queue.avail_ipa = DRIVER_QUEUE(0) + DRIVER_AVAIL;
    queue.used_ipa = DRIVER_QUEUE(0) + DRIVER_USED;
}

static int setup(void **state)
{
    (void)state;
    set_up_queue(SIZE);
    assert_true(virtq_start(&queue));
    return 0;
}

static void describe(unsigned int index, uint64_t ipa, uint32_t length, unsigned int flags,
                     unsigned int next)
{
    const struct driver_desc desc = {ipa, length, (uint16_t)flags, (uint16_t)next};

    driver_describe(0, index, &desc);
}

static void offer(uint16_t head)
{
    driver_offer(0, SIZE, head);
}

static enum virtq_result open_next(void)
{
    assert_int_equal(virtq_look(&queue), VIRTQ_OK);
    return virtq_open(&queue);
}

static void assert_run(uint64_t ipa, uint32_t count, bool is_writable)
{
    struct virtq_run run;

    assert_int_equal(virtq_run(&queue, &run), VIRTQ_OK);
    assert_ptr_equal(run.bytes, driver_pointer(ipa));
    assert_int_equal(run.count, count);
    assert_int_equal(run.is_writable, is_writable);
}

static enum virtq_result run_result(void)
{
    struct virtq_run run;

    return virtq_run(&queue, &run);
}

static void nothing_there(void **state)
{
    (void)state;
    assert_int_equal(virtq_look(&queue), VIRTQ_NONE);
    assert_int_equal(virtq_open(&queue), VIRTQ_NONE);
    assert_false(virtq_announce(&queue));
}

static void sizes(void **state)
{
    static const struct {
        uint32_t size;
        bool is_fine;
    } rows[] = {{0, false},  {1, true},   {2, true},        {3, false},         {16, true},
                {17, false}, {32, false}, {0x10000, false}, {0x80000000, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_up_queue(rows[i].size);
        assert_int_equal(virtq_start(&queue), rows[i].is_fine);
        assert_int_equal(queue.is_ready, rows[i].is_fine);
    }
}

static void places(void **state)
{
    /* of 16 entries: 256, 36 and 132 bytes; aligned to 16, 2 and 4 */
    static const struct {
        uint64_t desc;
        uint64_t avail;
        uint64_t used;
        bool is_fine;
    } rows[] = {
        {DRIVER_SECOND - 0x100, DRIVER_SECOND - 36, DRIVER_SECOND - 132, true},
        {DRIVER_SECOND - 0xf0, DRIVER_RAM, DRIVER_RAM, false},
        {DRIVER_RAM, DRIVER_SECOND - 34, DRIVER_RAM, false},
        {DRIVER_RAM, DRIVER_RAM, DRIVER_SECOND - 128, false},
        {DRIVER_RAM + 8, DRIVER_RAM, DRIVER_RAM, false},
        {DRIVER_RAM, DRIVER_RAM + 1, DRIVER_RAM, false},
        {DRIVER_RAM, DRIVER_RAM, DRIVER_RAM + 2, false},
        {DRIVER_RAM, DRIVER_RAM + 2, DRIVER_RAM + 4, true},
        {DRIVER_NOT_MAPPED, DRIVER_RAM, DRIVER_RAM, false},
        {DRIVER_RAM, 0, DRIVER_RAM, false},
        {DRIVER_RAM, DRIVER_RAM, 0xfffffffffffffffc, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_up_queue(16);
        queue.desc_ipa = rows[i].desc;
        queue.avail_ipa = rows[i].avail;
        queue.used_ipa = rows[i].used;
        assert_int_equal(virtq_start(&queue), rows[i].is_fine);
    }
}

static void a_chain(void **state)
{
    (void)state;
    describe(3, DRIVER_BUFFERS, 10, DRIVER_NEXT, 1);
    describe(1, DRIVER_BUFFERS + 0x100, 0, DRIVER_NEXT, 7); /* empty: skipped */
    describe(7, DRIVER_BUFFERS + 0x200, 20, DRIVER_NEXT | DRIVER_WRITE, 0);
    describe(0, DRIVER_BUFFERS + 0x300, 30, DRIVER_WRITE, 5);
    offer(3);
    assert_int_equal(open_next(), VIRTQ_OK);
    assert_run(DRIVER_BUFFERS, 10, false);
    virtq_advance(&queue, 4);
    assert_run(DRIVER_BUFFERS + 4, 6, false);
    virtq_advance(&queue, 6);
    assert_run(DRIVER_BUFFERS + 0x200, 20, true);
    virtq_advance(&queue, 20);
    assert_run(DRIVER_BUFFERS + 0x300, 30, true);
    virtq_advance(&queue, 1);
    assert_int_equal(driver_used_index(0), 0);
    virtq_close(&queue);
    assert_int_equal(driver_used_index(0), 1);
    assert_int_equal(driver_used(0, SIZE, 0).id, 3);
    assert_int_equal(driver_used(0, SIZE, 0).length, 21); /* what was written */
    assert_int_equal(virtq_look(&queue), VIRTQ_NONE);
}

static void an_open_chain_goes_on(void **state)
{
    (void)state;
    describe(0, DRIVER_BUFFERS, 10, 0, 0);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_advance(&queue, 3);
    assert_int_equal(virtq_look(&queue), VIRTQ_OK);
    assert_int_equal(virtq_open(&queue), VIRTQ_OK);
    assert_run(DRIVER_BUFFERS + 3, 7, false);
    virtq_advance(&queue, 7);
    assert_int_equal(run_result(), VIRTQ_NONE);
}

/* A buffer that is in one piece for the guest alone. */
static void across_ranges(void **state)
{
    (void)state;
    describe(0, DRIVER_SECOND - 6, 10, 0, 0);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    assert_run(DRIVER_SECOND - 6, 6, false);
    virtq_advance(&queue, 6);
    assert_run(DRIVER_SECOND, 4, false);
    virtq_advance(&queue, 4);
    assert_int_equal(run_result(), VIRTQ_NONE);
}

/* Many times round both rings, up to where indexes wrap. */
static void round_the_rings(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 0x20010; i++) {
        uint16_t head = (uint16_t)(i * 5 % SIZE);

        describe(head, DRIVER_BUFFERS + i, 1, DRIVER_WRITE, 0);
        offer(head);
        assert_int_equal(open_next(), VIRTQ_OK);
        virtq_advance(&queue, i % 2);
        virtq_close(&queue);
        assert_int_equal(driver_used_index(0), (uint16_t)(i + 1));
        assert_int_equal(driver_used(0, SIZE, i).id, head);
        assert_int_equal(driver_used(0, SIZE, i).length, i % 2);
    }
    assert_int_equal(virtq_look(&queue), VIRTQ_NONE);
}

/* What comes during a pass waits for the next one. */
static void a_pass_ends(void **state)
{
    (void)state;
    describe(0, DRIVER_BUFFERS, 1, 0, 0);
    offer(0);
    offer(0);
    assert_int_equal(virtq_look(&queue), VIRTQ_OK);
    offer(0);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(virtq_open(&queue), VIRTQ_OK);
        virtq_close(&queue);
    }
    assert_int_equal(virtq_open(&queue), VIRTQ_NONE);
    assert_int_equal(open_next(), VIRTQ_OK);
}

static void too_many_available(void **state)
{
    (void)state;
    driver_set_avail_index(0, SIZE);
    assert_int_equal(virtq_look(&queue), VIRTQ_OK);
    driver_set_avail_index(0, SIZE + 1);
    assert_int_equal(virtq_look(&queue), VIRTQ_BAD);
    driver_set_avail_index(0, 0xffff); /* went back */
    assert_int_equal(virtq_look(&queue), VIRTQ_BAD);
}

static void bad_heads(void **state)
{
    (void)state;
    describe(SIZE - 1, DRIVER_BUFFERS, 1, 0, 0);
    offer(SIZE - 1);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_close(&queue);
    offer(SIZE);
    assert_int_equal(open_next(), VIRTQ_BAD);
    virtq_stop(&queue);
    assert_true(virtq_start(&queue));
    driver_set_avail_index(0, 0);
    offer(0xffff);
    assert_int_equal(open_next(), VIRTQ_BAD);
}

static void bad_descriptors(void **state)
{
    static const struct {
        struct driver_desc desc;
        bool opens;
    } rows[] = {
        {{DRIVER_BUFFERS, 1, DRIVER_NEXT, SIZE}, true},
        {{DRIVER_BUFFERS, 1, DRIVER_NEXT, 0xffff}, true},
        {{DRIVER_BUFFERS, 0, DRIVER_NEXT, 0}, true}, /* a loop */
        {{DRIVER_BUFFERS, 1, DRIVER_NEXT, 0}, true},
        {{DRIVER_BUFFERS, 16, DRIVER_INDIRECT, 0}, false},
        {{0, 1, 0, 0}, true},
        {{DRIVER_NOT_MAPPED, 1, 0, 0}, true},
        {{DRIVER_NOT_MAPPED - 1, 2, 0, 0}, true},
        {{DRIVER_RAM_END, 1, 0, 0}, true},
        {{UINT64_MAX, 2, 0, 0}, false},
        {{UINT64_MAX - 0xfffffffe, 0xffffffff, 0, 0}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned int rounds = 0;

        (void)setup(state);
        driver_describe(0, 0, &rows[i].desc);
        offer(0);
        assert_int_equal(open_next(), rows[i].opens ? VIRTQ_OK : VIRTQ_BAD);
        while (rows[i].opens && run_result() == VIRTQ_OK) {
            virtq_advance(&queue, 1);
            rounds++;
        }
        assert_true(rounds <= SIZE);
        assert_true(!rows[i].opens || run_result() == VIRTQ_BAD);
    }
}

/* As long as the queue is not a loop yet. */
static void the_longest_chain(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < SIZE; i++) {
        describe(i, DRIVER_BUFFERS, 1, i < SIZE - 1 ? DRIVER_NEXT : 0, i + 1);
    }
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    for (unsigned int i = 0; i < SIZE; i++) {
        assert_int_equal(run_result(), VIRTQ_OK);
        virtq_advance(&queue, 1);
    }
    assert_int_equal(run_result(), VIRTQ_NONE);
}

static void readable_behind_writable(void **state)
{
    (void)state;
    describe(0, DRIVER_BUFFERS, 1, DRIVER_NEXT | DRIVER_WRITE, 1);
    describe(1, DRIVER_BUFFERS, 1, 0, 0);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_advance(&queue, 1);
    assert_int_equal(run_result(), VIRTQ_BAD);
}

static void announcements(void **state)
{
    (void)state;
    describe(0, DRIVER_BUFFERS, 1, 0, 0);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    assert_false(virtq_announce(&queue));
    virtq_close(&queue);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_close(&queue);
    assert_true(virtq_announce(&queue));
    assert_false(virtq_announce(&queue));
    driver_set_avail_flags(0, 1);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_close(&queue);
    assert_false(virtq_announce(&queue));
}

static void starts_from_the_beginning(void **state)
{
    (void)state;
    describe(0, DRIVER_BUFFERS, 1, 0, 0);
    offer(0);
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_close(&queue);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_stop(&queue);
    assert_false(queue.is_ready);
    driver_set_avail_index(0, 0);
    assert_true(virtq_start(&queue));
    assert_false(virtq_announce(&queue));
    assert_int_equal(virtq_look(&queue), VIRTQ_NONE); /* nothing is open */
    offer(0);
    assert_int_equal(open_next(), VIRTQ_OK);
    virtq_close(&queue);
    assert_int_equal(driver_used_index(0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_there, setup),
        cmocka_unit_test(sizes),
        cmocka_unit_test(places),
        cmocka_unit_test_setup(a_chain, setup),
        cmocka_unit_test_setup(an_open_chain_goes_on, setup),
        cmocka_unit_test_setup(across_ranges, setup),
        cmocka_unit_test_setup(round_the_rings, setup),
        cmocka_unit_test_setup(a_pass_ends, setup),
        cmocka_unit_test_setup(too_many_available, setup),
        cmocka_unit_test_setup(bad_heads, setup),
        cmocka_unit_test_setup(bad_descriptors, setup),
        cmocka_unit_test_setup(the_longest_chain, setup),
        cmocka_unit_test_setup(readable_behind_writable, setup),
        cmocka_unit_test_setup(announcements, setup),
        cmocka_unit_test_setup(starts_from_the_beginning, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
