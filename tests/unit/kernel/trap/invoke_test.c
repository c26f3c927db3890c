/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on objects: what they refuse, and what they ask of the machine. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <string.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/lib/log.h"
#include "kernel/lib/random.h"
#include "kernel/mm/pgtable.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"

#define CHILD  (&pds[0])
#define PARENT (&pds[1]) /* of a child, 3, and of a vCPU, 7 */

#define SLOT(n) ((uint64_t)(n) << ABI_CSPACE_SHIFT)

static struct image_pd desc; /* the parent's, with more in it */
static struct image_channel channels[ABI_MAX_CHANNELS];
static _Alignas(8192) uint8_t pages[16 * 4096];

static void map(struct thread *thread, struct pgtable_pool *pool, uint64_t paddr, uint32_t flags)
{
    struct image_mapping mapping = {
        .ipa = 0x10000000, .paddr = paddr, .size = 0x2000, .flags = flags};
    struct pgtable table;

    assert_int_equal(pgtable_init(&table, pool), PGTABLE_OK);
    assert_int_equal(pgtable_map(&table, pool, &mapping), PGTABLE_OK);
    thread->stage2 = arch_stage2_base(table.root.raw, 3);
}

static int setup(void **state)
{
    struct pgtable_pool pool = {(uintptr_t)pages, (uintptr_t)pages + sizeof(pages)};

    system_setup(state);
    desc = *PARENT->desc;
    desc.cspace[1] = (struct image_cap){IMAGE_CAP_VSPACE, 0};
    desc.cspace[2] = (struct image_cap){IMAGE_CAP_TCB, 0};
    desc.cspace[3] = (struct image_cap){IMAGE_CAP_SC, 0};
    channels[4] = (struct image_channel){.kind = IMAGE_CHANNEL_PD,
                                         .rights = IMAGE_CHANNEL_NOTIFY | IMAGE_CHANNEL_CALL};
    channels[5] = (struct image_channel){.kind = IMAGE_CHANNEL_PD};
    channels[6] = (struct image_channel){.kind = IMAGE_CHANNEL_IRQ};
    PARENT->desc = &desc;
    PARENT->channels = channels;
    map(&PARENT->thread, &pool, 0x50000000, IMAGE_MAP_READ | IMAGE_MAP_WRITE);
    map(&CHILD->thread, &pool, 0x60000000, IMAGE_MAP_READ);
    log_enable(true);
    return 0;
}

static uint64_t call(uint64_t number, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    uint64_t *x = PARENT->thread.frame.x;

    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    x[7] = number;
    syscall_handle(PARENT);
    return x[0];
}

static uint64_t maintain(uint64_t cap, uint64_t operation, uint64_t start, uint64_t end)
{
    host.cache = (struct host_cache){0};
    return call(ABI_SYS_VSPACE_CACHE, cap, operation, start, end);
}

static void assert_maintained(uint64_t paddr, uint64_t size, enum arch_cache operation)
{
    assert_int_equal(host.cache.paddr, paddr);
    assert_int_equal(host.cache.size, size);
    assert_int_equal(host.cache.operation, operation);
}

static void random_numbers(void **state)
{
    static const uint32_t seed[RANDOM_WORDS] = {1};
    uint64_t *area = pd_transfer(PARENT);
    uint64_t first[4];

    (void)state;
    memset(area, 0, sizeof(first));
    assert_int_equal(call(ABI_SYS_RANDOM, 1, 2, 3, 4), ABI_ILLEGAL_OPERATION);
    assert_int_equal(area[0] | area[1] | area[2] | area[3], 0);
    random_seed(seed);
    assert_int_equal(call(ABI_SYS_RANDOM, 0, 0, 0, 0), ABI_OK);
    memcpy(first, area, sizeof(first));
    assert_true(first[0] != 0 && first[1] != 0 && first[2] != 0 && first[3] != 0);
    assert_int_equal(call(ABI_SYS_RANDOM, 0, 0, 0, 0), ABI_OK);
    assert_memory_not_equal(area, first, sizeof(first));
}

static void caches(void **state)
{
    (void)state;
    assert_int_equal(maintain(ABI_CAP_VSPACE, ABI_CACHE_CLEAN, 0x10000040, 0x10001000), ABI_OK);
    assert_maintained(0x50000040, 0xfc0, ARCH_CACHE_CLEAN);
    assert_int_equal(maintain(SLOT(1), ABI_CACHE_UNIFY, 0x10001000, 0x10001004), ABI_OK);
    assert_maintained(0x60001000, 4, ARCH_CACHE_UNIFY);
    assert_int_equal(maintain(SLOT(1), ABI_CACHE_CLEAN_INVALIDATE, 0x10000fff, 0x10001000), ABI_OK);
    assert_maintained(0x60000fff, 1, ARCH_CACHE_CLEAN_INVALIDATE);
    assert_int_equal(maintain(ABI_CAP_VSPACE, ABI_CACHE_CLEAN, 0x10002000, 0x10002001), ABI_OK);
    assert_int_equal(host.cache.size, 0); /* nothing is mapped there */
}

static void caches_refused(void **state)
{
    static const struct {
        uint64_t cap, operation, start, end, error;
    } cases[] = {
        {ABI_CAP_TCB, 0, 0x10000000, 0x10000001, ABI_INVALID_CAPABILITY},
        {SLOT(2), 0, 0x10000000, 0x10000001, ABI_INVALID_CAPABILITY},
        {SLOT(1) | 1, 0, 0x10000000, 0x10000001, ABI_INVALID_CAPABILITY},
        {SLOT(1), ABI_CACHE_COUNT, 0x10000000, 0x10000001, ABI_INVALID_ARGUMENT},
        {SLOT(1), 0, 0x10000000, 0x10000000, ABI_RANGE_ERROR},
        {SLOT(1), 0, 0x10000001, 0x10000000, ABI_RANGE_ERROR},
        {SLOT(1), 0, 0x10000fff, 0x10001001, ABI_RANGE_ERROR},
        {SLOT(1), 0, 0xfffffffffffff000, 0xffffffffffffffff, ABI_RANGE_ERROR},
        {SLOT(1), 0, 0xfffffffffffff000, 0, ABI_RANGE_ERROR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(maintain(cases[i].cap, cases[i].operation, cases[i].start, cases[i].end),
                         cases[i].error);
        assert_int_equal(host.cache.size, 0);
    }
}

static void identified(void **state)
{
    static const uint64_t cases[][2] = {
        {0, 0},
        {ABI_CAP_INPUT, 4},
        {ABI_CAP_VSPACE, 9},
        {ABI_CAP_REPLY, 8},
        {ABI_CAP_TCB, 12},
        {ABI_CAP_ARM_SMC, 0},
        {ABI_CAP_NOTIFICATION + 4, 6},
        {ABI_CAP_NOTIFICATION + 5, 0},
        {ABI_CAP_ENDPOINT + 4, 4},
        {ABI_CAP_ENDPOINT + 5, 0},
        {ABI_CAP_IRQ + 6, 16},
        {ABI_CAP_IRQ + 4, 0},
        {ABI_CAP_CHILD_TCB + 3, 12},
        {ABI_CAP_CHILD_TCB + 4, 0},
        {ABI_CAP_VM_TCB + 7, 12},
        {ABI_CAP_VCPU + 7, 15},
        {SLOT(1), 9},
        {SLOT(2), 12},
        {SLOT(3), 22},
        {SLOT(4), 0},
        {SLOT(3) | 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(call(ABI_SYS_DEBUG_IDENTIFY, cases[i][0], 0, 0, 0), ABI_OK);
        assert_int_equal(PARENT->thread.frame.x[1], cases[i][1]);
    }
}

static void named(void **state)
{
    char *area = (char *)pd_transfer(PARENT);

    (void)state;
    memset(area, 'x', 100);
    area[1] = '\033';
    assert_int_equal(call(ABI_SYS_DEBUG_NAME, ABI_CAP_CHILD_TCB + 3, 0, 0, 0), ABI_OK);
    assert_int_equal(strlen(CHILD->thread.name), ABI_NAME_LENGTH - 1);
    assert_memory_equal(CHILD->thread.name, "x?x", 3);
    assert_int_equal(call(ABI_SYS_DEBUG_NAME, ABI_CAP_CHILD_TCB + 4, 0, 0, 0),
                     ABI_INVALID_CAPABILITY);
}

static void listed(void **state)
{
    const uint64_t *area = pd_transfer(PARENT);

    (void)state;
    assert_int_equal(call(ABI_SYS_DEBUG_THREAD, 2, 0, 0, 0), ABI_OK);
    assert_string_equal((const char *)area, "pd2");
    assert_int_equal(area[ABI_THREAD_STATE], ABI_THREAD_RUNNABLE);
    assert_int_equal(area[ABI_THREAD_PRIORITY], 20);
    assert_int_equal(call(ABI_SYS_DEBUG_THREAD, 3, 0, 0, 0), ABI_OK);
    assert_string_equal((const char *)area, "vm");
    assert_int_equal(area[ABI_THREAD_STATE], ABI_THREAD_STOPPED);
    assert_int_equal(call(ABI_SYS_DEBUG_THREAD, 4, 0, 0, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_DEBUG_THREAD, ~0UL, 0, 0, 0), ABI_RANGE_ERROR);
}

/* Others' names and states are nobody's business where there is no debug console. */
static void silent_without_a_console(void **state)
{
    (void)state;
    log_enable(false);
    assert_int_equal(call(ABI_SYS_DEBUG_THREAD, 2, 0, 0, 0), ABI_ILLEGAL_OPERATION);
    assert_int_equal(call(ABI_SYS_DEBUG_NAME, ABI_CAP_TCB, 0, 0, 0), ABI_ILLEGAL_OPERATION);
    assert_int_equal(call(ABI_SYS_DEBUG_IDENTIFY, ABI_CAP_TCB, 0, 0, 0), ABI_ILLEGAL_OPERATION);
    assert_string_equal(PARENT->thread.name, "pd1");
}

static void priorities(void **state)
{
    const uint64_t child = ABI_CAP_CHILD_TCB + 3;

    (void)state;
    assert_int_equal(call(ABI_SYS_TCB_SET_PRIORITY, child, ABI_CAP_TCB, 21, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_TCB_SET_PRIORITY, child, ABI_CAP_TCB, 256 + 5, 0),
                     ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_TCB_SET_PRIORITY, child, child, 11, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_TCB_SET_PRIORITY, child, SLOT(1), 1, 0), ABI_INVALID_CAPABILITY);
    assert_int_equal(call(ABI_SYS_TCB_SET_PRIORITY, SLOT(1), ABI_CAP_TCB, 1, 0),
                     ABI_INVALID_CAPABILITY);
    assert_int_equal(CHILD->thread.priority, 10);
    assert_int_equal(call(ABI_SYS_TCB_SET_PRIORITY, child, ABI_CAP_TCB, 20, 0), ABI_OK);
    assert_int_equal(CHILD->thread.priority, 20);
    assert_int_equal(call(ABI_SYS_TCB_SET_MAXIMUM, child, ABI_CAP_TCB, 20, 0), ABI_OK);
    assert_int_equal(CHILD->thread.maximum, 20);
    assert_int_equal(call(ABI_SYS_TCB_SET_MAXIMUM, child, ABI_CAP_TCB, 21, 0), ABI_RANGE_ERROR);
}

static void scheduling_contexts(void **state)
{
    (void)state;
    CHILD->thread.own.consumed = timer_ticks(12) + 1;
    assert_int_equal(call(ABI_SYS_SC_CONSUMED, SLOT(3), 0, 0, 0), ABI_OK);
    assert_int_equal(PARENT->thread.frame.x[1], timer_microseconds(timer_ticks(12) + 1));
    assert_int_equal(call(ABI_SYS_SC_CONSUMED, SLOT(3), 0, 0, 0), ABI_OK);
    assert_int_equal(PARENT->thread.frame.x[1], 0);
    assert_int_equal(call(ABI_SYS_SC_CONSUMED, SLOT(2), 0, 0, 0), ABI_INVALID_CAPABILITY);
    assert_int_equal(call(ABI_SYS_SC_YIELD_TO, ABI_CAP_TCB, 0, 0, 0), ABI_INVALID_CAPABILITY);
    assert_int_equal(call(ABI_SYS_SC_YIELD_TO, SLOT(3), 0, 0, 0), ABI_OK);
    CHILD->thread.priority = 21;
    assert_int_equal(call(ABI_SYS_SC_YIELD_TO, SLOT(3), 0, 0, 0), ABI_ILLEGAL_OPERATION);
}

/* A capability that is not there is a fault of who sends or receives, unless it does not block. */
static void messages_refused(void **state)
{
    static const uint64_t calls[][6] = {
        {ABI_SYS_SEND_MESSAGE, 0, 0, 0},
        {ABI_SYS_SEND_MESSAGE, ABI_CAP_ENDPOINT + 5, 0, 0},
        {ABI_SYS_RECEIVE, 0, 0, 0, 2},
        {ABI_SYS_RECEIVE, ABI_ANSWERS, 0, 0, ABI_CAP_INPUT, 0},
    };
    uint64_t *x = PARENT->thread.frame.x;

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        x[4] = calls[i][5];
        (void)call(calls[i][0], calls[i][1], calls[i][2], calls[i][3], calls[i][4]);
        assert_int_equal(PARENT->thread.state, THREAD_STOPPED); /* a root's fault */
        assert_int_equal(ABI_MSGINFO_LABEL(PARENT->thread.message.info), ABI_FAULT_CAP);
        sched_add(&PARENT->thread);
    }
    (void)call(ABI_SYS_SEND_MESSAGE, 0, 0, ABI_NONBLOCKING, 0);
    assert_int_equal(PARENT->thread.state, THREAD_RUNNABLE);
    (void)call(ABI_SYS_RECEIVE, ABI_NONBLOCKING, 0, 0, ABI_CAP_INPUT);
    assert_int_equal(x[0], 0);
    (void)call(ABI_SYS_RECEIVE, 0, 0, 0, ABI_CAP_INPUT);
    assert_int_equal(PARENT->thread.state, THREAD_RECEIVING);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(random_numbers),   TEST(caches),
        TEST(caches_refused),   TEST(identified),
        TEST(priorities),       TEST(scheduling_contexts),
        TEST(messages_refused), TEST(named),
        TEST(listed),           TEST(silent_without_a_console),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
