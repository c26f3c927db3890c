/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose messages the ITS takes: by configuration pages that programs and their guests have mapped.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool/microkit/cmocka_all.h"
#include "tool/microkit/build.h"

#define ECAM 0x3f000000UL
#define BUS  0x100000UL
#define PAGE 0x1000UL
#define PDS  2

static struct sdf_messages messages;
static struct arena arena;
static struct sdf_region regions[4];
static struct sdf_map maps[4];
static struct sdf_irq irqs[PDS];
static struct sdf_vm vm;
static struct sdf_pd pds[PDS];
static struct sdf sdf;
static struct board board;
static struct build build;
static uint64_t next_place;

uint64_t layout_take(struct build *unused, uint64_t size, uint64_t alignment,
                     const struct sdf_pos *pos, const char *what)
{
    uint64_t start = (next_place + alignment - 1) & ~(alignment - 1);

    (void)unused;
    (void)pos;
    (void)what;
    next_place = start + size;
    return start;
}

/* Two programs, each with a vector and the page of a function; the first has a guest. */
static int start(void **state)
{
    (void)state;
    memset(&messages, 0, sizeof(messages));
    memset(&build, 0, sizeof(build));
    memset(&vm, 0, sizeof(vm));
    next_place = 0x70000000;
    board = (struct board){.its = 0x8080000,
                           .msi_first = 80,
                           .msi_count = 64,
                           .ecam_count = 1,
                           .ecams = {{.start = ECAM,
                                      .size = 16 * BUS,
                                      .mask = UINT32_MAX,
                                      .map_count = 1,
                                      .maps = {{.first = 0, .count = 0x10000, .id = 0x100}}}}};
    board.machine.cpu_count = 4;
    for (unsigned int i = 0; i < PDS; i++) {
        regions[i] = (struct sdf_region){.name = "page",
                                         .size = PAGE,
                                         .has_phys_addr = true,
                                         .phys_addr = ECAM + (i + 1) * 8 * PAGE};
        maps[i] = (struct sdf_map){.region = i};
        irqs[i] = (struct sdf_irq){.intid = 80 + i, .edge = true};
        pds[i] = (struct sdf_pd){
            .name = "program", .maps = &maps[i], .map_count = 1, .irqs = &irqs[i], .irq_count = 1};
    }
    sdf = (struct sdf){.regions = regions, .region_count = 4, .pds = pds, .pd_count = PDS};
    build.arena = &arena;
    build.messages = &messages;
    build.sdf = &sdf;
    build.board = &board;
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void are_those_of_the_pages(void **state)
{
    struct image_sender list[PDS];

    (void)state;
    senders_find(&build);
    assert_int_equal(build.its.base, 0x8080000);
    assert_int_equal(build.sender_count, 2);
    senders_place(&build);
    senders_write(&build, list);
    assert_int_equal(list[0].id, 0x108);
    assert_int_equal(list[0].pd, 0);
    assert_int_equal(list[1].id, 0x110);
    assert_int_equal(list[1].pd, 1);
    assert_int_equal(list[0].event_bits, 7); /* for 81 */
    assert_true(list[1].table - list[0].table >= 128 * IMAGE_ITS_EVENT);
    assert_int_equal(list[0].table % 0x100, 0);
    assert_true(build.its.devices.size >= 0x111 * IMAGE_ITS_ENTRY);
    assert_int_equal(build.its.pending.size, 4 * IMAGE_ITS_ALIGN);
    assert_int_equal(build.its.pending.start % IMAGE_ITS_ALIGN, 0);
    assert_int_equal(senders_intid(&build, &irqs[0]), ABI_FIRST_LPI + 80);
    irqs[0].edge = false;
    assert_int_equal(senders_intid(&build, &irqs[0]), 80);
}

/* A program without vectors may look at all of them. */
static void are_of_who_has_vectors(void **state)
{
    (void)state;
    pds[1].irq_count = 0;
    regions[1].phys_addr = ECAM;
    regions[1].size = 16 * BUS;
    senders_find(&build);
    assert_int_equal(build.sender_count, 1);
    assert_int_equal(build.senders[0].pd, 0);
    start(state);
    pds[0].irq_count = pds[1].irq_count = 0;
    senders_find(&build);
    assert_int_equal(build.sender_count + build.its.base, 0); /* the ITS is left alone */
    senders_place(&build);
    assert_int_equal(next_place, 0x70000000);
}

static void have_one_owner(void **state)
{
    (void)state;
    regions[1].phys_addr = regions[0].phys_addr;
    senders_find(&build);
    assert_int_equal(messages.error_count, 1);
    start(state);
    vm.maps = &maps[0]; /* twice the same one's */
    vm.map_count = 1;
    pds[0].vm = &vm;
    senders_find(&build);
    assert_int_equal(messages.error_count, 0);
    assert_int_equal(build.sender_count, 2);
}

/* All that may be on the first bus, one device's functions on others. */
static void are_those_of_whole_buses(void **state)
{
    (void)state;
    pds[1].irq_count = 0;
    regions[0].phys_addr = ECAM;
    regions[0].size = 2 * BUS;
    senders_find(&build);
    assert_int_equal(build.sender_count, 256 + 8);
    assert_int_equal(build.senders[255].id, 0x1ff);
    assert_int_equal(build.senders[256].id, 0x200);
    start(state);
    pds[1].irq_count = 0;
    regions[0].phys_addr = ECAM + BUS + 8 * PAGE; /* not whole: what is there is meant */
    regions[0].size = 8 * PAGE;
    senders_find(&build);
    assert_int_equal(build.sender_count, 8);
    assert_int_equal(build.senders[7].id, 0x20f);
}

static void may_be_unknown_to_the_its(void **state)
{
    (void)state;
    board.ecams[0].maps[0] = (struct board_map){.first = 0x10, .count = 8, .id = 0};
    senders_find(&build);
    assert_int_equal(build.sender_count, 1); /* 00:01.0 is not */
    assert_int_equal(build.senders[0].id, 0);
    assert_int_equal(build.senders[0].pd, 1);
    start(state);
    regions[0].has_phys_addr = false;
    regions[1].phys_addr = ECAM - PAGE;
    senders_find(&build);
    assert_int_equal(build.sender_count, 0);
    assert_int_equal(build.its.base, 0x8080000);
    senders_place(&build); /* with tables for nobody */
    assert_true(build.its.devices.size > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(are_those_of_the_pages, start, end),
        cmocka_unit_test_setup_teardown(are_of_who_has_vectors, start, end),
        cmocka_unit_test_setup_teardown(have_one_owner, start, end),
        cmocka_unit_test_setup_teardown(are_those_of_whole_buses, start, end),
        cmocka_unit_test_setup_teardown(may_be_unknown_to_the_its, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
