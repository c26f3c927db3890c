/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ITS's driver against a model of the hardware (its_model.c): what reaches which core, what
 * does not, and machines that are another or do not do as they are told.
 */
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/its_model.h"

#include "kernel/dev/its.h"
#include "kernel/lib/log.h"

#define LPI(n)      (ABI_FIRST_LPI + (n))
#define DISK        0x08U /* sender ids: 00:01.0 */
#define NIC         0x10U
#define STRANGER    0x18U
#define GICD_TYPE   (1U << 17 | 15U << 19) /* LPIs, INTIDs of 16 bits */
#define ROOM        0x20000UL
#define EVENT_TABLE 0x1000UL

enum {
    GUEST,
    OTHER
}; /* PDs */

/* Two functions of one guest, with two vectors, and one of another's, with one. */
static const struct image_irq irqs[] = {
    {.intid = 33, .pd = GUEST},
    {.intid = LPI(80), .pd = GUEST, .edge = 1},
    {.intid = LPI(255), .pd = GUEST, .edge = 1},
    {.intid = LPI(81), .pd = OTHER, .edge = 1},
};
static uint8_t memory[8][ROOM] __attribute__((aligned(ROOM)));
static uint8_t event_tables[3][EVENT_TABLE] __attribute__((aligned(EVENT_TABLE)));
static struct image_sender senders[3];
static struct image_machine machine;
static char text[512];
static jmp_buf halted;

static void put(const char *line, unsigned int size)
{
    size_t length = strlen(text);

    if (size < sizeof(text) - length) {
        memcpy(text + length, line, size);
        text[length + size] = '\0';
    }
}

static void halt(void)
{
    longjmp(halted, 1);
}

static struct image_range range(unsigned int index, uint64_t size)
{
    memset(memory[index], 0, ROOM);
    return (struct image_range){(uint64_t)(uintptr_t)memory[index], size};
}

static int setup(void **state)
{
    static const uint16_t owners[] = {GUEST, OTHER, GUEST};
    static const uint32_t ids[] = {DISK, NIC, STRANGER + 8};

    (void)state;
    its_model_reset();
    memset(text, 0, sizeof(text));
    log_init(put, halt);
    log_enable(true);
    machine = (struct image_machine){.gic_version = 3, .cpu_count = 2};
    machine.its = (struct image_its){.base = ITS_MODEL_BASE,
                                     .commands = range(0, 0x1000),
                                     .properties = range(1, 0x2000),
                                     .devices = range(2, ROOM),
                                     .collections = range(3, 0x10000),
                                     .pending = range(4, 2 * IMAGE_ITS_ALIGN)};
    for (unsigned int i = 0; i < 3; i++) {
        senders[i] = (struct image_sender){.table = (uint64_t)(uintptr_t)event_tables[i],
                                           .id = ids[i],
                                           .pd = owners[i],
                                           .event_bits = 8};
    }
    return 0;
}

/* As gicv3.c does it, and route_enable(): the guest's program on core 0, the other's on core 1. */
static void start(void)
{
    its_set_senders(senders, 3, irqs, 4);
    its_init(&machine, GICD_TYPE);
    its_init_cpu(0, ITS_MODEL_FRAME);
    its_map(LPI(80), 0);
    its_map(LPI(255), 0);
    its_init_cpu(1, ITS_MODEL_FRAME + ITS_MODEL_STRIDE);
    its_map(LPI(81), 1);
}

static void assert_reaches(uint32_t id, uint32_t event, int core)
{
    uint32_t intid = 0;

    assert_int_equal(its_model_message(id, event, &intid), core);
    if (core != ITS_MODEL_NONE) {
        assert_int_equal(intid, LPI(event));
        its_model_take(intid);
    }
}

static void reach_their_owner_alone(void **state)
{
    (void)state;
    if (setjmp(halted) != 0) {
        fail_msg("%s", text);
    }
    start();
    assert_reaches(DISK, 80, 0);
    assert_reaches(DISK, 255, 0);
    assert_reaches(STRANGER + 8, 80, 0); /* the guest's other function */
    assert_reaches(NIC, 81, 1);
    assert_reaches(DISK, 81, ITS_MODEL_NONE); /* another guest's interrupt */
    assert_reaches(NIC, 80, ITS_MODEL_NONE);
    assert_reaches(NIC, 255, ITS_MODEL_NONE);
    assert_reaches(STRANGER, 80, ITS_MODEL_NONE); /* nobody's device */
    assert_reaches(DISK, 82, ITS_MODEL_NONE);     /* nobody's message */
    assert_reaches(DISK, 0, ITS_MODEL_NONE);
    assert_reaches(DISK, 256 + 80, ITS_MODEL_NONE);
}

static void waits_while_disabled(void **state)
{
    (void)state;
    start();
    its_set_enabled(LPI(80), false);
    assert_false(its_model_is_enabled(LPI(80)));
    assert_reaches(DISK, 80, ITS_MODEL_NONE);
    assert_int_equal(its_model_pending(LPI(80)), 0);
    assert_reaches(DISK, 255, 0);
    its_set_enabled(LPI(80), true);
    assert_true(its_model_is_enabled(LPI(80)));
    its_clear_pending(LPI(80));
    assert_int_equal(its_model_pending(LPI(80)), ITS_MODEL_NONE);
    its_set_pending(LPI(80));
    assert_int_equal(its_model_pending(LPI(80)), 0);
}

/* All who send it, and what is pending. */
static void moves(void **state)
{
    (void)state;
    start();
    its_set_pending(LPI(80));
    its_set_target(LPI(80), 1);
    assert_int_equal(its_model.moves, 2);
    assert_int_equal(its_model_pending(LPI(80)), 1);
    its_set_target(LPI(80), 1); /* it is there */
    assert_int_equal(its_model.moves, 2);
    assert_reaches(DISK, 80, 1);
    assert_reaches(STRANGER + 8, 80, 1);
    assert_reaches(DISK, 255, 0);
    its_set_target(LPI(80), 0);
    assert_reaches(DISK, 80, 0);
    its_set_enabled(LPI(80), false);
    assert_false(its_model_is_enabled(LPI(80)));
}

/* The ring has 128 places. */
static void goes_round(void **state)
{
    (void)state;
    start();
    for (unsigned int i = 0; i < 300; i++) {
        its_set_target(LPI(80), (i + 1) % 2);
        assert_reaches(DISK, 80, (int)(i + 1) % 2);
    }
    assert_true(its_model.commands > 900);
}

/* More commands at once than the ring has places. */
static void runs_a_full_ring(void **state)
{
    static struct image_sender many[60];
    static uint8_t tables[60][EVENT_TABLE] __attribute__((aligned(EVENT_TABLE)));

    (void)state;
    for (unsigned int i = 0; i < 60; i++) {
        many[i] = (struct image_sender){
            .table = (uint64_t)(uintptr_t)tables[i], .id = i, .pd = GUEST, .event_bits = 8};
    }
    its_set_senders(many, 60, irqs, 4);
    its_init(&machine, GICD_TYPE);
    its_init_cpu(0, ITS_MODEL_FRAME);
    its_init_cpu(1, ITS_MODEL_FRAME + ITS_MODEL_STRIDE);
    its_map(LPI(80), 0);
    for (unsigned int i = 0; i < 5; i++) {
        its_set_target(LPI(80), (i + 1) % 2);
    }
    assert_int_equal(its_model.moves, 300);
    assert_reaches(59, 80, 1);
}

static void other_implementations(void **state)
{
    static const unsigned int page_sizes[] = {4, 16, 64};

    for (unsigned int i = 0; i < 3; i++) {
        setup(state);
        its_model.page_size = page_sizes[i];
        start();
        assert_reaches(DISK, 80, 0);
    }
    setup(state);
    its_model.names_by_address = true;
    its_model.has_collection_table = false;
    its_model.collections = 2;
    start();
    assert_reaches(NIC, 81, 1);
    setup(state);
    its_model.is_coherent = false;
    start();
    assert_true(its_model.is_uncached);
    assert_reaches(DISK, 80, 0);
}

/* No LPIs in the image: it is not there, and nothing of it is touched. */
static void may_be_absent(void **state)
{
    (void)state;
    machine.its = (struct image_its){0};
    its_set_senders(NULL, 0, irqs, 1);
    its_init(&machine, 0);
    its_init_cpu(0, ITS_MODEL_FRAME);
    assert_int_equal(its_model.commands, 0);
}

static void expect_panic(uint32_t gicd_type, const char *words)
{
    if (setjmp(halted) == 0) {
        its_set_senders(senders, 3, irqs, 4);
        its_init(&machine, gicd_type);
        its_init_cpu(0, ITS_MODEL_FRAME);
        its_init_cpu(1, ITS_MODEL_FRAME + ITS_MODEL_STRIDE);
        fail_msg("no panic: %s", words);
    }
    if (strstr(text, words) == NULL) {
        fail_msg("%s", text);
    }
}

static void another_machine(void **state)
{
    expect_panic(15U << 19, "expected an ITS at 8080000, found none (QEMU: -machine its=on)");
    setup(state);
    expect_panic(1U << 17 | 12U << 19, "expected INTIDs of 14 bits, found 13");
    setup(state);
    its_model.revision = 0;
    expect_panic(GICD_TYPE, "expected an ITS at 8080000, found something else");
    setup(state);
    its_model.is_busy = true;
    expect_panic(GICD_TYPE, "expected bits 80000000 of 8080000 to become 80000000");
    setup(state);
    its_model.event_bits = 7;
    expect_panic(GICD_TYPE, "expected messages of 8 bits, found 7");
    setup(state);
    its_model.id_bits = 5;
    expect_panic(GICD_TYPE, "expected device 20, found devices of 5 bits");
    setup(state);
    machine.its.devices.size = 0x1000;
    its_model.entry_size = 32;
    its_model.page_size = 4;
    senders[2].id = 0x80;
    expect_panic(GICD_TYPE, "expected room for device 80, found room for 80");
    setup(state);
    machine.its.devices.size = 0x1000; /* less than a page of the ITS's */
    its_model.page_size = 64;
    expect_panic(GICD_TYPE, "expected pages of 1000 bytes at most, found 10000");
    setup(state);
    its_model.has_collection_table = false;
    its_model.collections = 1;
    expect_panic(GICD_TYPE, "expected 2 collections, found 1");
    setup(state);
    its_model.keeps_lpis = true;
    expect_panic(GICD_TYPE, "expected LPIs of core 0 off, found that they stay on");
}

static void does_not_as_told_at_boot(void **state)
{
    its_model.stalls = true;
    expect_panic(GICD_TYPE, "ITS: expected that it does as it is told");
    assert_non_null(strstr(text, "a command was refused"));
    setup(state);
    its_model.hangs = true;
    expect_panic(GICD_TYPE, "ITS: expected that it does as it is told");
    assert_non_null(strstr(text, "commands are not done in time"));
}

/* Later the system goes on: what is told of it is one line, and it is asked no more. */
static void does_not_as_told(void **state)
{
    for (unsigned int i = 0; i < 2; i++) {
        unsigned int commands;

        setup(state);
        start();
        commands = its_model.commands;
        its_model.stalls = i == 0;
        its_model.hangs = i == 1;
        its_set_enabled(LPI(80), false);
        assert_non_null(strstr(text, i == 0 ? "refused" : "not done in time"));
        text[0] = '\0';
        its_model.stalls = its_model.hangs = false;
        its_set_target(LPI(80), 1);
        for (unsigned int k = 0; k < 200; k++) {
            its_set_pending(LPI(255));
        }
        assert_string_equal(text, "");
        assert_int_equal(its_model.commands, commands);
        assert_reaches(DISK, 255, 0); /* as it was */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reach_their_owner_alone, setup),
        cmocka_unit_test_setup(waits_while_disabled, setup),
        cmocka_unit_test_setup(moves, setup),
        cmocka_unit_test_setup(goes_round, setup),
        cmocka_unit_test_setup(runs_a_full_ring, setup),
        cmocka_unit_test_setup(other_implementations, setup),
        cmocka_unit_test_setup(may_be_absent, setup),
        cmocka_unit_test_setup(another_machine, setup),
        cmocka_unit_test_setup(does_not_as_told_at_boot, setup),
        cmocka_unit_test_setup(does_not_as_told, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
