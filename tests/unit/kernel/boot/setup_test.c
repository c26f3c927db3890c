/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot does to memory, and in which order. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <string.h>

#include "kernel/boot/setup.h"

static char program[] = "loaded as data";
static char place[sizeof(program)];

static struct {
    struct image_header header;
    struct image_range zero[2];
    struct image_copy copy[1];
} image;

static int setup(void **state)
{
    char *base = (char *)&image;

    system_setup(state);
    memset(&image, 0, sizeof(image));
    memset(place, 0, sizeof(place));
    image.header.tables[IMAGE_TABLE_ZERO] =
        (struct image_table){(uint32_t)((char *)image.zero - base), 2};
    image.header.tables[IMAGE_TABLE_COPY] =
        (struct image_table){(uint32_t)((char *)image.copy - base), 1};
    image.header.machine.ram_start = 0x40000000;
    image.header.machine.ram_end = 0x50000000;
    image.zero[0] = (struct image_range){0x41000000, 0x1000};
    image.zero[1] = (struct image_range){0x42000000, 0x1000};
    image.copy[0] = (struct image_copy){(uint64_t)(uintptr_t)program, (uint64_t)(uintptr_t)place,
                                        sizeof(program)};
    host.event_count = 0;
    return 0;
}

static void expect(const enum host_event *events, unsigned int count)
{
    assert_int_equal(host.event_count, count);
    for (unsigned int i = 0; i < count; i++) {
        assert_int_equal(host.events[i].event, events[i]);
    }
}

/* No line from before the MMU is on is left to overwrite something. */
static void caches_are_clean_before_the_mmu_is_on(void **state)
{
    (void)state;
    setup_map(&image.header);
    assert_int_equal(host.events[0].event, HOST_CACHE_CLEAN_ALL);
    assert_int_equal(host.events[host.event_count - 1].event, HOST_MMU_ENABLE);
}

/* Zeroed memory is cacheable only when all zeroes are in it; a copy is out of the data cache before
 * instruction caches forget what they had. */
static void memory_is_made_in_order(void **state)
{
    static const enum host_event events[] = {HOST_ZERO_RANGE,  HOST_ZERO_RANGE,
                                             HOST_ZERO_DONE,   HOST_MMU_MAP,
                                             HOST_CACHE_CLEAN, HOST_SYNC_INSTRUCTIONS};

    (void)state;
    setup_memory(&image.header);
    expect(events, sizeof(events) / sizeof(events[0]));
    assert_int_equal(host.events[4].value, (uint64_t)(uintptr_t)place);
    assert_string_equal(place, program);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(caches_are_clean_before_the_mmu_is_on),
        TEST(memory_is_made_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
