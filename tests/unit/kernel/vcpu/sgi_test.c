/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SGIs that are bound to a vCPU, which sends them to itself: what its guest gets, what its VMM sees
 * and changes, by traps and system calls and against a model of the GIC. What several cores make of
 * it is the model test's.
 */
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/gic_model.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/syscall.h"
#include "kernel/sched/sched.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/sgi.h"

#define CPU    (&cpus[0])
#define VMM    (&pds[1])
#define VCPU   (&vcpus[0])
#define CAP    (ABI_CAP_VCPU + 7)
#define NUMBER 2
#define SGIR   0x8000f00UL
#define SGI    9
#define OPEN   (ABI_BIND_ENABLED | 8)

#define IS_V3 (ops == &gicv3_ops)
#define SELF  (IS_V3 ? 1U : 1U << NUMBER)

static const struct gic_ops *ops;

static uint64_t call(uint64_t number, uint64_t x1, uint64_t x2, uint64_t x3)
{
    uint64_t *x = VMM->thread.frame.x;

    x[0] = CAP;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    x[4] = 0;
    x[7] = number;
    syscall_handle(VMM);
    return x[0];
}

static int setup(void **state)
{
    system_setup(state);
    gic_model_begin(ops);
    gic->enable(MODEL_MAINTENANCE, false);
    assert_int_equal(call(ABI_SYS_VCPU_ROUTE_SGIS, NUMBER, NUMBER, IS_V3 ? 0 : SGIR), ABI_OK);
    for (unsigned int i = 0; i < VCPU_SGIS; i++) {
        assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, i, OPEN, 0), ABI_OK);
    }
    return 0;
}

static uint64_t pending(void)
{
    assert_int_equal(call(ABI_SYS_VCPU_CHANGE_SGI, SGI, 0, 0), ABI_OK);
    return VMM->thread.frame.x[1];
}

/* The guest's instruction, which the kernel deals with: true. */
static bool send(uint64_t value)
{
    VCPU->thread.frame.x[19] = value;
    if (IS_V3) {
        return sgi_send_by_register(VCPU, 0x18UL << 26 | 1UL << 25 | 3UL << 20 | 5UL << 17 |
                                              12UL << 10 | 19UL << 5 | 11UL << 1);
    }
    return sgi_send_by_store(
        VCPU, 0x24UL << 26 | 1UL << 25 | 1UL << 24 | 2UL << 22 | 19UL << 16 | 1UL << 6, SGIR);
}

static uint64_t to_self(unsigned int intid)
{
    return IS_V3 ? (uint64_t)intid << 24 | 1U << NUMBER : 1U << NUMBER << 16 | intid;
}

static uint32_t guest_takes(void)
{
    uint32_t intid;

    sgi_receive(CPU);
    switch_to(CPU, &VCPU->thread);
    intid = gic_model_guest_acknowledge();
    switch_to(CPU, NULL);
    return intid;
}

static void guest_ends(void)
{
    switch_to(CPU, &VCPU->thread);
    (void)gic_model_guest_end();
    inject_maintenance(CPU);
    switch_to(CPU, NULL);
}

static void sent(void **state)
{
    (void)state;
    assert_true(send(to_self(SGI)));
    assert_int_equal(pending(), SELF);
    assert_int_equal(guest_takes(), SGI);
    assert_int_equal(pending(), 0);
    assert_true(send(to_self(SGI))); /* pending once more */
    assert_int_equal(guest_takes(), MODEL_NONE);
    assert_int_equal(pending(), SELF);
    guest_ends();
    assert_int_equal(guest_takes(), SGI);
    guest_ends();
    assert_int_equal(guest_takes(), MODEL_NONE);
}

static void from_several(void **state)
{
    unsigned int count = IS_V3 ? 1 : 3;

    (void)state;
    assert_int_equal(call(ABI_SYS_VCPU_CHANGE_SGI, SGI, 0, 1 << 0 | 1 << 3), ABI_OK);
    assert_true(send(to_self(SGI)));
    assert_int_equal(pending(), IS_V3 ? 1 : 1 << 0 | 1 << 3 | SELF);
    for (unsigned int i = 0; i < count; i++) {
        assert_int_equal(guest_takes(), SGI);
        guest_ends();
    }
    assert_int_equal(guest_takes(), MODEL_NONE);
}

static void changed(void **state)
{
    (void)state;
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, SGI, OPEN & ~ABI_BIND_ENABLED, 0), ABI_OK);
    assert_true(send(to_self(SGI)));
    assert_int_equal(guest_takes(), MODEL_NONE);
    assert_int_equal(pending(), SELF);
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, SGI, OPEN, 0), ABI_OK);
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, SGI, OPEN & ~ABI_BIND_ENABLED, 0), ABI_OK);
    assert_int_equal(guest_takes(), MODEL_NONE); /* it was in a list register meanwhile */
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, SGI, OPEN, 0), ABI_OK);
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, SGI, ABI_IRQ_PENDING, 0), ABI_OK);
    assert_int_equal(VMM->thread.frame.x[1], 1);
    assert_int_equal(guest_takes(), MODEL_NONE);
}

static void made_inactive(void **state)
{
    (void)state;
    assert_true(send(to_self(SGI)));
    assert_int_equal(guest_takes(), SGI);
    assert_int_equal(call(ABI_SYS_VCPU_IRQ_STATE, SGI, 0, 0), ABI_OK);
    assert_int_equal(VMM->thread.frame.x[1], ABI_IRQ_ACTIVE);
    assert_true(send(to_self(SGI)));
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, SGI, ABI_IRQ_ACTIVE, 0), ABI_OK);
    assert_int_equal(VMM->thread.frame.x[1], 1);
    assert_int_equal(call(ABI_SYS_VCPU_IRQ_STATE, SGI, 0, 0), ABI_OK);
    assert_int_equal(VMM->thread.frame.x[1], ABI_IRQ_PENDING);
    assert_int_equal(call(ABI_SYS_VCPU_CLEAR_IRQ, SGI, ABI_IRQ_ACTIVE, 0), ABI_OK);
    assert_int_equal(VMM->thread.frame.x[1], 0);
}

/* An injection of one that is bound, as if another CPU had sent it; and one that was injected. */
static void injected(void **state)
{
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, SGI, 8, 0), ABI_OK);
    assert_int_equal(pending(), 1);
    assert_int_equal(guest_takes(), SGI);
    setup(state);
    assert_int_equal(call(ABI_SYS_VCPU_RESET_VGIC, 0, 0, 0), ABI_OK);
    assert_int_equal(call(ABI_SYS_VCPU_INJECT_IRQ, SGI, 8, 0), ABI_OK);
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, SGI, OPEN, 0), ABI_ILLEGAL_OPERATION);
}

static void reset(void **state)
{
    (void)state;
    assert_true(send(to_self(SGI)));
    assert_int_equal(call(ABI_SYS_VCPU_RESET_VGIC, 0, 0, 0), ABI_OK);
    assert_false(send(to_self(SGI)));
    assert_int_equal(call(ABI_SYS_VCPU_CHANGE_SGI, SGI, 0, 0), ABI_ILLEGAL_OPERATION);
    assert_int_equal(call(ABI_SYS_VCPU_ROUTE_SGIS, NUMBER, NUMBER, IS_V3 ? 0 : SGIR), ABI_OK);
    assert_false(send(to_self(SGI))); /* it is the VMM's */
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, SGI, OPEN, 0), ABI_OK);
    assert_int_equal(pending(), 0);
    assert_int_equal(guest_takes(), MODEL_NONE);
}

/* Nobody is there, or the VMM is to deal with it. */
static void elsewhere(void **state)
{
    (void)state;
    if (IS_V3) {
        static const uint64_t others[] = {1UL << 16, 1UL << 32, 1UL << 48, 1UL << 44, 1UL << 40};

        for (unsigned int i = 0; i < 5; i++) {
            assert_true(send(to_self(SGI) | others[i]));
        }
        assert_false(sgi_send_by_register(VCPU, 0x18UL << 26 | 3UL << 20 | 6UL << 17 | 12UL << 10 |
                                                    11UL << 1)); /* ASGI1R */
        assert_false(sgi_send_by_register(VCPU, 0x18UL << 26 | 3UL << 20 | 5UL << 17 | 12UL << 10 |
                                                    11UL << 1 | 1)); /* read */
    } else {
        assert_true(send(to_self(SGI) | 3UL << 24));
        assert_true(send(to_self(SGI) | 1UL << 24));
        assert_false(
            sgi_send_by_store(VCPU, 0x24UL << 26 | 1UL << 24 | 1UL << 6, SGIR)); /* a byte */
        assert_false(sgi_send_by_store(VCPU, 0x24UL << 26 | 1UL << 6, SGIR)); /* which register? */
        assert_false(
            sgi_send_by_store(VCPU, 0x24UL << 26 | 1UL << 24 | 2UL << 22 | 1UL << 6, SGIR + 4));
    }
    assert_int_equal(pending(), 0);
    assert_int_equal(guest_takes(), MODEL_NONE);
}

/* By all of its affinity, which is not its number. */
static void addressed(void **state)
{
    uint64_t value = 1UL << 48 | 2UL << 44 | 2UL << 32 | (uint64_t)SGI << 24 | 3UL << 16 | 1UL << 5;

    (void)state;
    if (!IS_V3) {
        return; /* a GICv2 has numbers */
    }
    assert_int_equal(call(ABI_SYS_VCPU_ROUTE_SGIS, NUMBER, 0x100020325, 0), ABI_OK);
    for (unsigned int i = 0; i < 7; i++) {
        static const uint64_t others[] = {1UL << 55, 1UL << 47, 1UL << 39, 1UL << 23,
                                          1UL << 48, 1UL << 45, 1UL << 32};

        assert_true(send(value ^ others[i]));
        assert_int_equal(pending(), 0);
    }
    assert_true(send((value & ~0xffffUL) | 0xffdf)); /* its neighbours */
    assert_true(send(to_self(SGI)));
    assert_int_equal(pending(), 0);
    assert_true(send(value));
    assert_int_equal(pending(), SELF);
    assert_int_equal(guest_takes(), SGI);
}

static void refused(void **state)
{
    uint64_t *x = VMM->thread.frame.x;

    (void)state;
    assert_int_equal(call(ABI_SYS_VCPU_ROUTE_SGIS, 8, 0, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_ROUTE_SGIS, 0, 0, SGIR + 1), ABI_INVALID_ARGUMENT);
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, 16, OPEN, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, 0, 32, 0), ABI_INVALID_ARGUMENT);
    assert_int_equal(call(ABI_SYS_VCPU_BIND_SGI, 0, 0x400, 0), ABI_INVALID_ARGUMENT);
    assert_int_equal(call(ABI_SYS_VCPU_CHANGE_SGI, 16, 0, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_CHANGE_SGI, 0, 0x100, 0), ABI_RANGE_ERROR);
    assert_int_equal(call(ABI_SYS_VCPU_CHANGE_SGI, 0, 0, 0x100), ABI_RANGE_ERROR);
    for (uint64_t number = ABI_SYS_VCPU_ROUTE_SGIS; number <= ABI_SYS_VCPU_CHANGE_SGI; number++) {
        x[0] = CAP + 1;
        x[1] = 0;
        x[7] = number;
        syscall_handle(VMM);
        assert_int_equal(x[0], ABI_INVALID_CAPABILITY);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sent),  TEST(from_several), TEST(changed),   TEST(made_inactive), TEST(injected),
        TEST(reset), TEST(elsewhere),    TEST(addressed), TEST(refused),
    };
    int failed;

    ops = &gicv2_ops;
    failed = cmocka_run_group_tests_name("GICv2", tests, NULL, NULL);
    ops = &gicv3_ops;
    return failed + cmocka_run_group_tests_name("GICv3", tests, NULL, NULL);
}
