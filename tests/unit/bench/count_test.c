/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin on a fake of QEMU, once for each version of its interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/plugin/qemu_plugin.h"
#include "tests/unit/bench/fake/qemu.h"

#define ADD     0x8b010000U
#define ADD_IMM 0x91000400U
#define LDR     0xf9400000U
#define BRANCH  0x14000000U
#define FMOV    0x1e604020U
#define WFI     0xd503207fU
#define MARK(n) (0xd503201fU | (uint32_t)(64 + (n)) << 5)

static char path[] = "/tmp/sluice-count-XXXXXX";

static struct qemu_plugin_tb block(uint64_t address, size_t count, const uint32_t *opcodes)
{
    struct qemu_plugin_tb tb = {.count = count};

    for (size_t i = 0; i < count; i++) {
        tb.insns[i].opcode = opcodes[i];
        tb.insns[i].address = address + 4 * i;
    }
    fake_translated(1, &tb);
    return tb;
}

static const char *output(void)
{
    static char text[4096];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

static void install(int vcpus, char *last_argument)
{
    char out[64];
    char *arguments[] = {out, "class=low:p0+0x1000", "mark=0xd503207f:100", last_argument};
    qemu_info_t info = {.target_name = "aarch64", .system_emulation = true};

    info.version.cur = fake_version;
    info.system.max_vcpus = vcpus;
    (void)snprintf(out, sizeof(out), "out=%s", path);
    assert_int_equal(qemu_plugin_install(1, &info, 4, arguments), 0);
}

/* The plugin's state is QEMU's life long, so everything is one test. */
static void counts_what_was_executed(void **state)
{
    static const uint32_t low[] = {ADD, ADD_IMM, LDR, ADD, FMOV, BRANCH};
    static const uint32_t high[] = {ADD, MARK(7), WFI, ADD};
    struct qemu_plugin_tb first;
    struct qemu_plugin_tb second;

    (void)state;
    install(1, "profile=on");
    first = block(0x100, 6, low);
    second = block(0xffff000000002000, 4, high);
    fake_execute(0, &first, 6);
    fake_execute(0, &first, 3); /* the load faults */
    fake_execute(0, &second, 4);
    first = block(0x100, 6, low); /* translated again */
    fake_execute(0, &first, 5);
    fake_ended(1, NULL);
    assert_string_equal(output(), "classes other low\n"
                                  "mark 7 0 1 9\n"
                                  "mark 100 0 2 9\n"
                                  "total 3 14\n"
                                  "vcpu 0 3 14\n"
                                  "block 0xffff00000000200c 0x200c other 7 1\n"
                                  "block 0xffff000000002008 0x2008 other 7 1\n"
                                  "block 0xffff000000002000 0x2000 other - 1\n"
                                  "block 0x114 0x114 low - 1\n"
                                  "block 0x10c 0x10c low 7 2\n"
                                  "block 0x10c 0x10c low - 2\n"
                                  "block 0x100 0x100 low 7 3\n"
                                  "block 0x100 0x100 low - 6\n");
}

static void counts_by_vcpu(void **state)
{
    static const uint32_t low[] = {ADD, BRANCH};
    static const uint32_t mark[] = {MARK(1)};
    struct qemu_plugin_tb tb;

    (void)state;
    install(3, "profile=off"); /* one of which is never started */
    tb = block(0x200, 2, low);
    fake_execute(0, &tb, 2);
    fake_execute(1, &tb, 2);
    fake_execute(1, &tb, 2);
    tb = block(0x300, 1, mark);
    fake_execute(1, &tb, 1);
    fake_ended(1, NULL);
    assert_string_equal(output(), "classes other low\n"
                                  "mark 1 1 0 6\n"
                                  "total 0 6\n"
                                  "vcpu 0 0 2\n"
                                  "vcpu 1 0 4\n"
                                  "vcpu 2 0 0\n");
}

static void refuses(void **state)
{
    qemu_info_t info = {.target_name = "aarch64", .system_emulation = true};

    (void)state;
    assert_int_equal(qemu_plugin_install(1, &info, 1, (char *[]){"speed=11"}), -1);
    assert_int_equal(qemu_plugin_install(1, &info, 1, (char *[]){"out=/nowhere/at/all"}), -1);
    info.target_name = "riscv64";
    assert_int_equal(qemu_plugin_install(1, &info, 1, (char *[]){"out=/dev/null"}), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_was_executed),
        cmocka_unit_test(counts_by_vcpu),
        cmocka_unit_test(refuses),
    };
    int file = mkstemp(path);
    int failed;

    if (file < 0) {
        return 1;
    }
    (void)close(file);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
