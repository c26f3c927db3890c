/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts bound to a vCPU: level interrupts that are due again when the guest ends them come
 * again, without any exit; those that are disabled wait. Last, interrupts without end, of a guest
 * and of a program, each with a fifth of the core: who is below them has the rest.
 */
#include "tests/target/direct/payload.h"
#include "tests/target/direct/shares.h"
#include "tests/target/lib/check.h"

#define STORM    0
#define TIMER    1
#define UART_IRQ 2
#define VCPU     3
#define VTIMER   27
#define SERIAL   33
#define PRIORITY 20
#define ENTRY(n) (RAM + (seL4_Word)(n)*ENTRY_SIZE)
/* How long to wait for an interrupt that does not come. */
#define PATIENCE milliseconds(5000)

volatile seL4_Word *ram = (seL4_Word *)1;
volatile seL4_Word *shares = (seL4_Word *)1;

static enum {
    TIMER_DUE,
    UART_DUE,
    UART_MASKED,
    UART_UNMASKED,
    ENDLESS
} phase;
static seL4_Word worked;
static seL4_Word storms;

static void start(unsigned int entry)
{
    microkit_vcpu_restart(VCPU, ENTRY(entry));
    timer_start(PATIENCE);
}

void init(void)
{
    microkit_vcpu_arm_bind_vppi(VCPU, VTIMER, true, PRIORITY, 1);
    microkit_vcpu_arm_bind_irq(VCPU, UART_IRQ, true, PRIORITY, 1);
    start(ENTRY_TIMER);
}

static void check_rounds(const char *name, seL4_Word intid)
{
    check(name, microkit_mr_get(0) == ROUNDS && microkit_mr_get(1) == intid);
}

static void begin_endless(void)
{
    phase = ENDLESS;
    start(ENTRY_ENDLESS);
    microkit_notify(STORM);
    worked = shares[WORKED];
    storms = shares[STORMS];
    timer_start(milliseconds(1000));
}

static void end_endless(void)
{
    check_range("share_below_endless_interrupts",
                (shares[WORKED] - worked) * 100 / milliseconds(1000), 45, 70);
    check("guest_takes_them", ram[DATA / 8] > 1000);
    check("program_takes_them", shares[STORMS] - storms > 1000);
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child;
    expect_equal("label", microkit_msginfo_get_label(info), seL4_Fault_UnknownSyscall);
    switch (phase) {
    case TIMER_DUE:
        check_rounds("timer_due_again_at_its_end", VTIMER);
        phase = UART_DUE;
        start(ENTRY_UART);
        return false;
    case UART_DUE:
        check_rounds("level_up_again_at_its_end", SERIAL);
        phase = UART_MASKED;
        microkit_vcpu_arm_bind_irq(VCPU, UART_IRQ, false, PRIORITY, 1);
        start(ENTRY_MASKED);
        return false;
    case UART_MASKED:
        check_equal("disabled_does_not_come", microkit_mr_get(0), 0);
        phase = UART_UNMASKED;
        microkit_vcpu_arm_bind_irq(VCPU, UART_IRQ, true, PRIORITY, 1);
        microkit_mr_set(seL4_UnknownSyscall_FaultIP,
                        microkit_mr_get(seL4_UnknownSyscall_FaultIP) + 4);
        *reply = microkit_msginfo_new(0, seL4_UnknownSyscall_FaultIP + 1);
        return true;
    case UART_UNMASKED:
        check_rounds("enabled_comes", SERIAL);
        begin_endless();
        return false;
    default:
        check("unexpected_exit", false);
        check_done();
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
    if (phase == ENDLESS) {
        end_endless();
    } else {
        check("every_interrupt_comes", false);
    }
    check_done();
}
