/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VMM on an SDK that takes interrupts to the guest without it (compiled with
 * MICROKIT_HAS_VCPU_BIND_IRQ) and lets the kernel do its sleep (MICROKIT_HAS_VCPU_SLEEP): what it
 * says to the kernel, and when.
 */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"
#include "vmm/exit/syndrome.h"

#define SYSTEM_RESET 0x84000009
#define SYSTEM_OFF   0x84000008
#define TIMER        27

/* How the kernel has an interrupt, and how often it was told. */
struct bound {
    bool is_bound;
    bool enabled;
    seL4_Uint8 priority;
    seL4_Uint8 group;
    unsigned int calls;
};

static struct bound irqs[FAKE_CHANNELS];
static struct bound timer;
static unsigned int resets;
static unsigned int sleeps;

static void describe(struct bound *bound, seL4_Bool enabled, seL4_Uint8 priority, seL4_Uint8 group)
{
    assert_true(priority < 32 && group < 2); /* a kernel's error otherwise */
    *bound = (struct bound){.is_bound = true,
                            .enabled = enabled,
                            .priority = priority,
                            .group = group,
                            .calls = bound->calls + 1};
}

void microkit_vcpu_arm_bind_irq(microkit_child vcpu, microkit_channel irq, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group)
{
    assert_int_equal(vcpu, MACHINE_VCPU);
    assert_true(irq == MACHINE_EDGE_CH || irq == MACHINE_LEVEL_CH);
    describe(&irqs[irq], enabled, priority, group);
}

void microkit_vcpu_arm_bind_vppi(microkit_child vcpu, seL4_Word irq, seL4_Bool enabled,
                                 seL4_Uint8 priority, seL4_Uint8 group)
{
    assert_int_equal(vcpu, MACHINE_VCPU);
    assert_int_equal(irq, TIMER);
    describe(&timer, enabled, priority, group);
}

void microkit_vcpu_arm_reset_vgic(microkit_child vcpu)
{
    assert_int_equal(vcpu, MACHINE_VCPU);
    assert_false(fake.vcpus[vcpu].is_running);
    resets++;
    memset(irqs, 0, sizeof(irqs));
    memset(&timer, 0, sizeof(timer));
}

/* The message registers are the kernel's, as with any call. */
void microkit_vcpu_arm_sleep(microkit_child vcpu)
{
    assert_int_equal(vcpu, MACHINE_VCPU);
    memset(fake.mr, 0x5a, sizeof(fake.mr));
    sleeps++;
}

static int setup(void **state)
{
    (void)state;
    memset(irqs, 0, sizeof(irqs));
    memset(&timer, 0, sizeof(timer));
    resets = 0;
    sleeps = 0;
    machine_reset();
    machine_create();
    return 0;
}

static void enable_edge(void)
{
    machine_write_gicd(0x108, 1u << (MACHINE_EDGE - 64));
}

static void everything_is_bound_from_the_start_and_closed(void **state)
{
    (void)state;
    assert_true(irqs[MACHINE_EDGE_CH].is_bound && !irqs[MACHINE_EDGE_CH].enabled);
    assert_true(irqs[MACHINE_LEVEL_CH].is_bound && !irqs[MACHINE_LEVEL_CH].enabled);
    assert_true(timer.is_bound && !timer.enabled);
}

static void it_opens_when_the_guest_enables_it_and_the_distributor(void **state)
{
    (void)state;
    enable_edge();
    assert_false(irqs[MACHINE_EDGE_CH].enabled);
    machine_write_gicd(0x000, 1);
    assert_true(irqs[MACHINE_EDGE_CH].enabled);
    assert_false(irqs[MACHINE_LEVEL_CH].enabled);
    machine_write_gicd(0x100, 1u << TIMER);
    assert_true(timer.enabled);
    machine_write_gicd(0x188, 1u << (MACHINE_EDGE - 64));
    assert_false(irqs[MACHINE_EDGE_CH].enabled);
    assert_true(timer.enabled);
    machine_write_gicd(0x000, 0);
    assert_false(timer.enabled);
}

static void priorities_and_groups_are_forwarded_while_they_matter(void **state)
{
    unsigned int calls;

    (void)state;
    calls = irqs[MACHINE_EDGE_CH].calls;
    machine_write_gicd(0x400 + MACHINE_EDGE / 4 * 4, 0xa0a0a0a0);
    assert_int_equal(irqs[MACHINE_EDGE_CH].calls, calls);
    machine_write_gicd(0x000, 3);
    enable_edge();
    assert_int_equal(irqs[MACHINE_EDGE_CH].priority, 0xa0 >> 3);
    assert_int_equal(irqs[MACHINE_EDGE_CH].group, 0);
    machine_write_gicd(0x400 + MACHINE_EDGE / 4 * 4, 0x40404040);
    assert_int_equal(irqs[MACHINE_EDGE_CH].priority, 0x40 >> 3);
    machine_write_gicd(0x080 + MACHINE_EDGE / 32 * 4, 1u << MACHINE_EDGE % 32);
    assert_int_equal(irqs[MACHINE_EDGE_CH].group, 1);
    assert_true(irqs[MACHINE_EDGE_CH].enabled);
}

/* What a guest makes pending by itself has no physical interrupt: list registers, as ever. */
static void its_own_interrupts_still_come_from_the_vmm(void **state)
{
    (void)state;
    machine_write_gicd(0x000, 1);
    enable_edge();
    machine_write_gicd(0x208, 1u << (MACHINE_EDGE - 64));
    assert_int_equal(machine_handle_irq(), MACHINE_EDGE);
    assert_int_equal(fake.ack_count[MACHINE_EDGE_CH], 0);
}

static void restart_needs_no_draining_and_binds_anew(void **state)
{
    (void)state;
    machine_write_gicd(0x000, 1);
    enable_edge();
    assert_false(machine_smc(SYSTEM_RESET, 0, 0, 0));
    assert_int_equal(resets, 1);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    everything_is_bound_from_the_start_and_closed(state);
}

static void off_leaves_nothing_bound(void **state)
{
    (void)state;
    assert_false(machine_smc(SYSTEM_OFF, 0, 0, 0));
    assert_false(timer.is_bound || irqs[MACHINE_EDGE_CH].is_bound);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

/* The kernel does it, whatever is pending or armed. */
static void sleep_is_the_kernels(void **state)
{
    seL4_Word x[8] = {0x84000001, 0, 0, 3, 44, 55, 66, 77};

    (void)state;
    machine_context()->pc = 0x1000;
    assert_true(machine_smc(0xc4000001, 0, 0, 3));
    assert_int_equal(sleeps, 1);
    assert_int_equal(machine_context()->x0, 0);
    assert_int_equal(machine_context()->pc, 0x1004);
    memcpy(&machine_context()->x0, x, sizeof(x));
    assert_true(machine_hvc(x));
    assert_int_equal(sleeps, 2);
    x[0] = 0;
    assert_memory_equal(&machine_context()->x0, x, sizeof(x));
    assert_int_equal(machine_context()->pc, 0x1008);
    assert_true(machine_trap((uint64_t)ESR_EC_WFX << 26 | ESR_IL));
    assert_int_equal(sleeps, 3);
    assert_int_equal(machine_context()->pc, 0x100c);
    assert_true(machine_smc(0x84000001, 1UL << 31, 0, 0)); /* refused */
    assert_int_equal(sleeps, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_is_bound_from_the_start_and_closed),
        TEST(it_opens_when_the_guest_enables_it_and_the_distributor),
        TEST(priorities_and_groups_are_forwarded_while_they_matter),
        TEST(its_own_interrupts_still_come_from_the_vmm),
        TEST(restart_needs_no_draining_and_binds_anew),
        TEST(off_leaves_nothing_bound),
        cmocka_unit_test_setup(sleep_is_the_kernels, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
