/* SPDX-License-Identifier: BSD-2-Clause */
/* The console multiplexer's region and channel, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    fixture_start(&fixture);
    fixture_add_multiplexer(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_end(&fixture);
    return 0;
}

static void expect(const char *message)
{
    fixture_derive(&fixture);
    assert_string_equal(fixture_messages, message);
}

static void test_found(void **state)
{
    (void)state;
    struct guest *guest = fixture_derive(&fixture);

    assert_string_equal(fixture_messages, "");
    assert_ptr_equal(guest->console_map, &fixture.pd_maps[PD_MAP_COUNT]);
    assert_int_equal(guest->console_end->id, 5);
}

/* It is the symbols that count, not the order of the ends. */
static void test_ends_swapped(void **state)
{
    (void)state;
    struct sdf_end end = fixture.channel.ends[0];
    fixture.channel.ends[0] = fixture.channel.ends[1];
    fixture.channel.ends[1] = end;

    assert_int_equal(fixture_derive(&fixture)->console_end->id, 5);
    assert_string_equal(fixture_messages, "");
}

static void test_map_alone(void **state)
{
    (void)state;
    fixture.sdf.channel_count = 0;
    expect(
        "Error: setvar_vaddr=\"console_vaddr\" needs setvar_id=\"console_channel\" at the end of "
        "protection domain 'vmm' in its channel with the console multiplexer on 'map'\n");
}

static void test_channel_alone(void **state)
{
    (void)state;
    fixture.pds[PD_VMM].map_count = PD_MAP_COUNT;
    expect("Error: setvar_id=\"console_channel\" needs setvar_vaddr=\"console_vaddr\" at a map of "
           "protection domain 'vmm': that of the region shared with the console multiplexer on "
           "'end'\n");
}

static void test_smallest_region(void **state)
{
    (void)state;
    fixture.regions[REGION_CONSOLE].size = 0xd000;
    expect("");
}

static void test_too_small_a_region(void **state)
{
    (void)state;
    fixture.regions[REGION_CONSOLE].size = 0xc000;
    expect("Error: region 'console' is too small for the console multiplexer's rings: "
           "size=\"0x10000\" on 'memory_region'\n");
}

static void test_read_only_for_the_multiplexer(void **state)
{
    (void)state;
    fixture.serial_map.perms = SDF_READ;
    expect("Error: the VMM and the console multiplexer both write to region 'console': "
           "perms=\"rw\" on 'map'\n");
}

static void test_uncached(void **state)
{
    (void)state;
    fixture.pd_maps[PD_MAP_COUNT].cached = false;
    expect("Error: region 'console' is memory that the VMM and the console multiplexer share: "
           "cached=\"true\" on 'map'\n");
}

static void test_not_the_multiplexers(void **state)
{
    (void)state;
    fixture.serial_map.region = REGION_SERIAL;
    expect("Error: region 'console' is not mapped into protection domain 'serial', which is at the "
           "other end of the channel console_channel on 'map'\n");
}

static void test_three_maps(void **state)
{
    (void)state;
    fixture.regions[REGION_CONSOLE].map_count = 3;
    expect("Error: region 'console' is mapped 3 times: the console multiplexer shares one with "
           "each of its clients alone on 'map'\n");
}

static void test_no_signals(void **state)
{
    (void)state;
    fixture.channel.ends[0].notify = false;
    expect("Error: the VMM and the console multiplexer signal each other: notify=\"true\" on "
           "'end'\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_found),
        TEST(test_ends_swapped),
        TEST(test_map_alone),
        TEST(test_channel_alone),
        TEST(test_smallest_region),
        TEST(test_too_small_a_region),
        TEST(test_read_only_for_the_multiplexer),
        TEST(test_uncached),
        TEST(test_not_the_multiplexers),
        TEST(test_three_maps),
        TEST(test_no_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
