/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps the hammer going: answers its faults, wakes it when it waits, resumes it when it has
 * suspended itself. When it has made its calls, looks whether everybody else is well.
 */
#include "tests/target/hammer/shared.h"
#include "tests/target/lib/check.h"

#define TIMER     1
#define HAMMER    7
#define TO_HAMMER 8
#define TO_VICTIM 11
#define TICK      milliseconds(1)
#define TICKS_MAX 250000 /* ends what hangs, on a busy machine, too */

struct shared *shared = (struct shared *)1;

static unsigned int ticks;
static bool is_done;

void init(void)
{
    timer_start(TICK);
}

/* Every operation on an object worked now and then: the nonsense is not refused at the door. */
static void check_successes(void)
{
    seL4_Word never = 0;

    for (unsigned int number = ABI_SYS_TCB_READ_REGISTERS; number < ABI_SYS_SMC; number++) {
        never |= (seL4_Word)(shared->successes[number] == 0) << number;
    }
    check_equal("calls_reach_objects", never, 0);
    check_equal("no_firmware_without_the_right", shared->successes[ABI_SYS_SMC], 0);
}

static void tick(void)
{
    ticks++;
    if (shared->count >= HAMMER_CALLS) {
        microkit_pd_stop(HAMMER);
        is_done = true;
        microkit_notify(TO_VICTIM);
        timer_start(milliseconds(60000));
    } else if (ticks >= TICKS_MAX) {
        check_range("hammer_goes_on", shared->count, HAMMER_CALLS, ~0UL);
        check_done();
    } else {
        microkit_pd_resume(HAMMER);
        microkit_notify(TO_HAMMER);
        timer_start(TICK);
    }
    microkit_irq_ack(TIMER);
}

void notified(microkit_channel ch)
{
    if (ch == TIMER && !is_done) {
        tick();
    } else if (ch == TIMER) {
        check("victim_is_whole_and_answers", false);
        check_done();
    } else if (ch == TO_VICTIM && is_done) {
        check("hammer_goes_on", true);
        check("victim_is_whole_and_answers", true);
        check_successes();
        check_equal("firmware_answers", firmware(0x84000000UL, 0) >> 16, 1);
        check_done();
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    seL4_Word label = microkit_msginfo_get_label(info);

    expect_equal("fault of the hammer", child, HAMMER);
    if (label == seL4_Fault_UnknownSyscall) {
        microkit_mr_set(seL4_UnknownSyscall_FaultIP,
                        microkit_mr_get(seL4_UnknownSyscall_FaultIP) + 4);
        *reply = microkit_msginfo_new(0, seL4_UnknownSyscall_Length);
    } else {
        expect_equal("label", label, seL4_Fault_CapFault);
        *reply = microkit_msginfo_new(0, 0);
    }
    return true;
}
