/* SPDX-License-Identifier: BSD-2-Clause */
/* The block that says why a program stopped: its place, with and without names; a line at a time.
 */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <stdlib.h>
#include <string.h>

#include "abi/fault.h"
#include "kernel/dev/console.h"
#include "kernel/ipc/fault.h"
#include "kernel/ipc/report.h"
#include "kernel/lib/log.h"
#include "kernel/pd/symbol.h"
#include "kernel/sched/sched.h"

#define ROOT (&pds[1])

#define LINES 14 /* of a block, at most */

static char console[4096];
static struct image_pd desc;

static void halt(void)
{
    abort();
}

static int setup(void **state)
{
    /* The second begins where the first's last instruction, a call, would return to. */
    static const struct image_symbol symbols[] = {
        {.address = 0x200000, .size = 0x20, .name = 0},
        {.address = 0x200020, .size = 0x30, .name = 5},
    };

    (void)system_setup(state);
    log_init(console_write, halt);
    log_enable(true);
    symbol_init(symbols, "init\0notified");
    desc = *ROOT->desc;
    desc.symbol_count = 2;
    ROOT->desc = &desc;
    ROOT->thread.frame.sp = 0xffffffdf80;
    ROOT->thread.frame.spsr = 0x60000000;
    return 0;
}

/* Without carriage returns. */
static void take_text(void)
{
    unsigned int size = 0;

    for (unsigned int i = 0; i < fake_uart.size; i++) {
        if (fake_uart.text[i] != '\r') {
            console[size++] = fake_uart.text[i];
        }
    }
    console[size] = '\0';
}

/* As many ways out of the kernel as that takes. */
static void print_all(void)
{
    while (report_drain()) {
    }
    take_text();
}

static void fault(uint64_t pc, uint64_t lr)
{
    ROOT->thread.frame.pc = pc;
    ROOT->thread.frame.x[30] = lr;
    fault_vm(&ROOT->thread, 0, false, 0x92000006);
    assert_int_equal(ROOT->thread.state, THREAD_STOPPED);
    print_all();
    assert_non_null(strstr(console, "sluice: pd1 stopped by a fault\n"));
}

static void says(const char *text)
{
    if (strstr(console, text) == NULL) {
        fail_msg("'%s' is not in:\n%s", text, console);
    }
}

static void names_of_pc_and_lr(void **state)
{
    (void)state;
    fault(0x200044, 0x200008);
    says("\nsluice:   pc:       0000000000200044 notified+0x24\n"
         "sluice:   lr:       0000000000200008 init+0x8\n"
         "sluice:   sp:       000000ffffffdf80    spsr: 60000000\n"
         "sluice:   x00-x03:  ");
}

static void return_address_is_the_callers(void **state)
{
    (void)state;
    fault(0xdead0000, 0x200020);
    says("\nsluice:   pc:       00000000dead0000\n"
         "sluice:   lr:       0000000000200020 init+0x20\n");
}

static void one_line_without_names(void **state)
{
    (void)state;
    desc.symbol_count = 0;
    fault(0x200044, 0);
    says("\nsluice:   pc:       0000000000200044    sp: 000000ffffffdf80    "
         "lr: 0000000000000000    spsr: 60000000\n"
         "sluice:   x00-x03:  ");
}

static void lr_at_the_ends_of_memory(void **state)
{
    (void)state;
    fault(0x200000, 0);
    says("pc:       0000000000200000 init+0x0\nsluice:   lr:       0000000000000000\n");
}

static unsigned int count_lines(void)
{
    unsigned int lines = 0;

    take_text();
    for (const char *end = console; (end = strchr(end, '\n')) != NULL; end++) {
        lines++;
    }
    return lines;
}

/* An entry to the kernel makes no more than one. */
static void a_line_at_a_time(void **state)
{
    (void)state;
    fault_vm(&ROOT->thread, 0, false, 0x92000006);
    assert_int_equal(count_lines(), 0);
    assert_true(console_is_empty());
    for (unsigned int i = 1; report_is_due(); i++) {
        assert_true(report_is_ready());
        assert_true(report_drain());
        assert_false(report_is_ready()); /* the one before is not out */
        while (!console_is_empty()) {
            (void)report_drain();
        }
        assert_true(count_lines() <= i);
    }
    assert_in_range(count_lines(), 10, LINES);
}

/* Whoever restarts the program meanwhile. */
static void it_says_what_was(void **state)
{
    (void)state;
    ROOT->thread.frame.x[3] = 0x1234;
    fault_vm(&ROOT->thread, 0x5678, false, 0x92000006);
    ROOT->thread.frame.x[3] = 1;
    ROOT->thread.message.words[ABI_VM_FAULT_ADDR] = 2;
    print_all();
    says("cannot read 0x5678: ");
    says(" 0000000000001234\n");
}

/* A program that faults again while it is said: the block begins again, and is whole. */
static void a_new_fault_is_said_instead(void **state)
{
    const char *second;

    (void)state;
    fault_vm(&ROOT->thread, 0x5678, false, 0x92000006);
    for (unsigned int i = 0; i < 6; i++) {
        do {
            (void)report_drain();
        } while (!console_is_empty());
    }
    sched_add(&ROOT->thread);
    fault_vm(&ROOT->thread, 0x9abc, false, 0x92000006);
    print_all();
    says("cannot read 0x5678: ");
    second = strstr(console, "cannot read 0x9abc: ");
    assert_non_null(second);
    assert_non_null(strstr(second, "sluice:   x28-x29:"));
    assert_null(strstr(strstr(second, "x28-x29"), "x00-x03"));
}

/* One after the other, each with the guest that it takes along; programs' text comes behind. */
static void blocks_are_whole(void **state)
{
    const char *first;
    const char *second;

    (void)state;
    sched_add(&vcpus[0].thread); /* pd1 is its VMM */
    fault_vm(&ROOT->thread, 0, false, 0x92000006);
    fault_vm(&pds[2].thread, 0, false, 0x92000006);
    print_all();
    first = strstr(console, " stopped with it\n");
    second = strstr(console, "pd2 stopped by a fault\n");
    assert_true(strstr(console, "pd1 stopped by a fault\n") == console + strlen("sluice: "));
    assert_true(first != NULL && second != NULL && first < second);
    assert_null(strstr(second, "stopped with it"));
}

/* All that is due, and waited for, when the machine stops. */
static void nothing_is_left_when_it_ends(void **state)
{
    (void)state;
    fault_vm(&ROOT->thread, 0, false, 0x92000006);
    fault_vm(&pds[2].thread, 0, false, 0x92000006);
    report_flush();
    assert_false(report_is_due());
    assert_true(console_is_empty());
    take_text();
    says("pd2 stopped by a fault\n");
    assert_non_null(strstr(strstr(console, "pd2"), "x28-x29"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_of_pc_and_lr, setup),
        cmocka_unit_test_setup(return_address_is_the_callers, setup),
        cmocka_unit_test_setup(one_line_without_names, setup),
        cmocka_unit_test_setup(lr_at_the_ends_of_memory, setup),
        cmocka_unit_test_setup(a_line_at_a_time, setup),
        cmocka_unit_test_setup(it_says_what_was, setup),
        cmocka_unit_test_setup(a_new_fault_is_said_instead, setup),
        cmocka_unit_test_setup(blocks_are_whole, setup),
        cmocka_unit_test_setup(nothing_is_left_when_it_ends, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
