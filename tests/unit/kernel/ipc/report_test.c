/* SPDX-License-Identifier: BSD-2-Clause */
/* The block that says why a program stopped: its place, with and without names. */
#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/ipc/fault.h"
#include "kernel/lib/log.h"
#include "kernel/pd/symbol.h"

#define ROOT (&pds[1])

static char console[4096];
static size_t console_size;
static struct image_pd desc;

static void put(char character)
{
    assert_true(console_size < sizeof(console) - 1);
    console[console_size++] = character;
}

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
    memset(console, 0, sizeof(console));
    console_size = 0;
    log_init(put, halt);
    log_enable(true);
    symbol_init(symbols, "init\0notified");
    desc = *ROOT->desc;
    desc.symbol_count = 2;
    ROOT->desc = &desc;
    ROOT->thread.frame.sp = 0xffffffdf80;
    ROOT->thread.frame.spsr = 0x60000000;
    return 0;
}

static void fault(uint64_t pc, uint64_t lr)
{
    ROOT->thread.frame.pc = pc;
    ROOT->thread.frame.x[30] = lr;
    fault_vm(&ROOT->thread, 0, false, 0x92000006);
    assert_int_equal(ROOT->thread.state, THREAD_STOPPED);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_of_pc_and_lr, setup),
        cmocka_unit_test_setup(return_address_is_the_callers, setup),
        cmocka_unit_test_setup(one_line_without_names, setup),
        cmocka_unit_test_setup(lr_at_the_ends_of_memory, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
