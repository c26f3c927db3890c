/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest exits, WFI, virtual interrupts on and off the core, maintenance and the virtual timer. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/sched/sched.h"

#define CPU          (&cpus[0])
#define VMM          (&pds[1])
#define VCPU         (&vcpus[0])
#define SYNDROME(ec) ((uint64_t)(ec) << 26 | 1UL << 25)
#define CNTV_ENABLE  1

static const struct gic_virq irq_79 = {.intid = 79, .priority = 20};

/* The VMM waits and the guest runs, alone on the core. */
static int setup(void **state)
{
    system_setup(state);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    sched_remove(&pds[2].thread, THREAD_STOPPED);
    endpoint_receive(VMM);
    endpoint_resume(&VCPU->thread);
    switch_to(CPU, sched_choose(CPU));
    return 0;
}

static void vmm_has(enum abi_fault fault, uint64_t first_word)
{
    assert_int_equal(VMM->thread.state, THREAD_RUNNABLE);
    assert_int_equal(VMM->thread.frame.x[0], ABI_BADGE_ENDPOINT | ABI_BADGE_FAULT | 7);
    assert_int_equal(ABI_MSGINFO_LABEL(VMM->thread.frame.x[1]), fault);
    assert_int_equal(VMM->ipc_buffer[0], first_word);
}

static void smc_keeps_its_pc_and_carries_the_syndrome(void **state)
{
    (void)state;
    VCPU->thread.frame.pc = 0x1000;
    exit_sync(CPU, VCPU, SYNDROME(0x17));
    vmm_has(ABI_FAULT_VCPU, SYNDROME(0x17));
    assert_int_equal(VCPU->thread.frame.pc, 0x1000);
}

static void hvc_is_an_unknown_syscall_at_its_own_pc(void **state)
{
    (void)state;
    VCPU->thread.frame.pc = 0x1000; /* trap.c has it so */
    VCPU->thread.frame.x[0] = 0x84000000;
    VCPU->thread.frame.x[7] = ABI_SYS_SMC; /* never a system call of ours */
    exit_sync(CPU, VCPU, SYNDROME(0x16));
    vmm_has(ABI_FAULT_UNKNOWN_SYSCALL, 0x84000000);
    assert_int_equal(VMM->ipc_buffer[ABI_UNKNOWN_SYSCALL_IP], 0x1000);
    assert_int_equal(VMM->ipc_buffer[ABI_UNKNOWN_SYSCALL_NUMBER], ABI_SYS_SMC);
    assert_int_equal(VCPU->thread.frame.pc, 0x1000);
}

static void hvc_with_an_immediate_is_not_a_call(void **state)
{
    (void)state;
    exit_sync(CPU, VCPU, SYNDROME(0x16) | 1);
    vmm_has(ABI_FAULT_VCPU, SYNDROME(0x16) | 1);
}

static void aborts_carry_the_guest_physical_address(void **state)
{
    (void)state;
    host.fault_ipa = 0x8000104;
    exit_sync(CPU, VCPU, SYNDROME(0x24) | 7);
    vmm_has(ABI_FAULT_VM, 0);
    assert_int_equal(VMM->ipc_buffer[ABI_VM_FAULT_ADDR], 0x8000104);
    assert_int_equal(VMM->ipc_buffer[ABI_VM_FAULT_PREFETCH], 0);
    assert_int_equal(VMM->ipc_buffer[ABI_VM_FAULT_FSR], SYNDROME(0x24) | 7);
}

static void wfi_sleeps_until_an_injection(void **state)
{
    (void)state;
    VCPU->thread.frame.pc = 0x1000;
    exit_sync(CPU, VCPU, SYNDROME(0x01));
    assert_int_equal(VCPU->thread.state, THREAD_IDLE);
    assert_int_equal(VCPU->thread.frame.pc, 0x1004);
    inject_irq(VCPU, irq_79, 2);
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
    assert_true(fake_gic.list[0] != 0);
}

static void wfi_with_an_interrupt_pending_does_not_sleep(void **state)
{
    (void)state;
    inject_irq(VCPU, irq_79, 0);
    exit_sync(CPU, VCPU, SYNDROME(0x01));
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
}

static void wfi_sleeps_no_longer_than_the_timer(void **state)
{
    (void)state;
    host.counter = 100;
    host.virtual_control = CNTV_ENABLE;
    host.virtual_deadline = 100;
    exit_sync(CPU, VCPU, SYNDROME(0x01));
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
    host.virtual_deadline = 500;
    switch_to(CPU, &VCPU->thread);
    exit_sync(CPU, VCPU, SYNDROME(0x01));
    assert_int_equal(VCPU->thread.state, THREAD_IDLE);
    assert_ptr_equal(timer_take_expired(&CPU->timers, 500), &VCPU->thread.wake);
}

#define WFE (SYNDROME(0x01) | 1)

static void wfe_lets_an_equal_run(void **state)
{
    struct thread *other = &pds[0].thread;

    (void)state;
    other->priority = VCPU->thread.priority;
    budget_init(&VCPU->thread.own, 500, 1000);
    sched_add(other);
    VCPU->thread.frame.pc = 0x1000;
    exit_sync(CPU, VCPU, WFE);
    assert_int_equal(VCPU->thread.state, THREAD_RUNNABLE);
    assert_int_equal(VCPU->thread.frame.pc, 0x1004);
    assert_ptr_equal(system_run_next(), other);
    sched_remove(other, THREAD_RECEIVING);
    assert_ptr_equal(system_run_next(), &VCPU->thread);
    assert_int_equal(budget_available(&VCPU->thread.own, host.counter), 500); /* all of it */
}

static void wfe_waits_for_nobody_else(void **state)
{
    (void)state;
    pds[0].thread.priority = VCPU->thread.priority - 1;
    sched_add(&pds[0].thread);
    exit_sync(CPU, VCPU, WFE);
    assert_ptr_equal(system_run_next(), &VCPU->thread);
}

static void wfi_traps_only_while_others_want_the_core(void **state)
{
    (void)state;
    assert_false(host.traps_wfi);
    sched_add(&pds[0].thread);
    switch_refresh_wfi(CPU);
    assert_true(host.traps_wfi);
    sched_remove(&pds[0].thread, THREAD_STOPPED);
    assert_ptr_equal(sched_choose(CPU), &VCPU->thread);
    switch_refresh_wfi(CPU);
    assert_false(host.traps_wfi);
}

static void list_registers_survive_eviction(void **state)
{
    (void)state;
    inject_irq(VCPU, irq_79, 1);
    switch_to(CPU, NULL);
    switch_evict(VCPU);
    fake_gic.list[0] = 0;
    assert_true(list_is_signalling(VCPU));
    inject_irq(VCPU, (struct gic_virq){.intid = 80, .priority = 20}, 3);
    assert_int_equal(fake_gic.list[1], 0);
    switch_to(CPU, &VCPU->thread);
    assert_true(fake_gic.list[0] != 0 && fake_gic.list[1] != 0);
}

static void every_ended_interrupt_is_one_fault(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        inject_irq(VCPU, (struct gic_virq){.intid = 79 + i, .priority = 20}, i);
    }
    fake_gic.ended = 0x5;
    inject_maintenance(CPU);
    assert_true(inject_report_ended(VCPU));
    vmm_has(ABI_FAULT_VGIC_MAINTENANCE, 0);
    endpoint_reply(VMM, 0);
    endpoint_receive(VMM);
    assert_true(inject_report_ended(VCPU));
    vmm_has(ABI_FAULT_VGIC_MAINTENANCE, 2);
    endpoint_reply(VMM, 0);
    assert_false(inject_report_ended(VCPU));
}

static void timer_is_active_until_acked(void **state)
{
    (void)state;
    inject_timer(CPU);
    vmm_has(ABI_FAULT_VPPI_EVENT, 27);
    assert_int_equal(fake_gic.deactivated, 0);
    switch_to(CPU, &VMM->thread);
    inject_ack_timer(VCPU);
    assert_int_equal(fake_gic.deactivated, 27);
    fake_gic.deactivated = 0;
    inject_ack_timer(VCPU);
    assert_int_equal(fake_gic.deactivated, 0);
}

static void active_timer_moves_with_its_vcpu(void **state)
{
    (void)state;
    fake_gic.timer_ppi_active = true;
    inject_timer(CPU);
    switch_to(CPU, NULL);
    switch_evict(VCPU);
    assert_false(fake_gic.timer_ppi_active);
    endpoint_reply(VMM, 0);
    switch_to(CPU, &VCPU->thread);
    assert_true(fake_gic.timer_ppi_active);
}

/* What was asked of the machine when the vCPU became the core's, after another thread. */
static void enter(unsigned int index)
{
    switch_to(CPU, NULL);
    host.event_count = 0;
    switch_to(CPU, &vcpus[index].thread);
}

static void expect(const enum host_event *events, unsigned int count)
{
    assert_int_equal(host.event_count, count);
    for (unsigned int i = 0; i < count; i++) {
        assert_int_equal(host.events[i].event, events[i]);
    }
}

static const enum host_event as_before[] = {HOST_VCPU_SAVE, HOST_VCPU_LOAD, HOST_ENTER_GUEST};
static const enum host_event forgetting[] = {HOST_VCPU_SAVE, HOST_VCPU_LOAD, HOST_STAGE2_FORGET,
                                             HOST_ENTER_GUEST};

/* vCPUs 0 and 1 are one VM's, vCPU 2 is another's; 3 is the first VM's, of another core. */
static void tlb_forgets_the_other_vcpu_of_a_vm(void **state)
{
    static const struct {
        unsigned int vcpu;
        bool forgets;
    } turns[] = {{1, true}, {0, true}, {1, true}, {2, true}, {1, false}, {2, false}, {0, true}};
    static struct image_vcpu descs[3];

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        descs[i] = *VCPU->desc;
        descs[i].cpu = i == 2;
        vcpu_init(i + 1, &descs[i], i == 1 ? 0x7000 : VCPU->thread.stage2);
    }
    vcpu_init(0, VCPU->desc, VCPU->thread.stage2);
    assert_ptr_equal(vcpus[3].first, &vcpus[3]);
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        enter(turns[i].vcpu);
        expect(turns[i].forgets ? forgetting : as_before, turns[i].forgets ? 4 : 3);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(smc_keeps_its_pc_and_carries_the_syndrome),
        TEST(hvc_is_an_unknown_syscall_at_its_own_pc),
        TEST(hvc_with_an_immediate_is_not_a_call),
        TEST(aborts_carry_the_guest_physical_address),
        TEST(wfi_sleeps_until_an_injection),
        TEST(wfi_with_an_interrupt_pending_does_not_sleep),
        TEST(wfi_sleeps_no_longer_than_the_timer),
        TEST(wfe_lets_an_equal_run),
        TEST(wfe_waits_for_nobody_else),
        TEST(wfi_traps_only_while_others_want_the_core),
        TEST(list_registers_survive_eviction),
        TEST(every_ended_interrupt_is_one_fault),
        TEST(timer_is_active_until_acked),
        TEST(active_timer_moves_with_its_vcpu),
        TEST(tlb_forgets_the_other_vcpu_of_a_vm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
