/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin on a fake of QEMU: its state is QEMU's life long, so everything is one machine. */
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

#define STP  0xa9000000U
#define ADD  0x8b010000U
#define WFI  0xd503207fU
#define WFE  0xd503205fU
#define ERET 0xd69f03e0U

#define SYNCHRONOUS 0x1400 /* the vectors are at 0x1000 */
#define INTERRUPT   0x1480
#define CALL        0x2000
#define HANDLER     0x2100
#define OTHER       0x2200
#define LEAVE       0x2300
#define IDLE        0x2400
#define WAIT        0x2500
#define NESTED      0x2600
#define OUTSIDE     0x9000

static char path[] = "/tmp/sluice-entries-XXXXXX";
static uint64_t frame[34];

static void run(unsigned int vcpu, uint64_t address, size_t count, const uint32_t *opcodes)
{
    struct qemu_plugin_tb tb = {.count = count};

    for (size_t i = 0; i < count; i++) {
        tb.insns[i].opcode = opcodes[i];
        tb.insns[i].address = address + 4 * i;
    }
    fake_translated(1, &tb);
    fake_execute(vcpu, &tb, count);
}

static void enter(unsigned int vcpu, uint64_t vector)
{
    fake_stored_at = (uint64_t)(uintptr_t)frame - FAKE_HOST;
    run(vcpu, vector, 2, (const uint32_t[]){STP, ADD});
}

static void work(unsigned int vcpu, uint64_t address, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        run(vcpu, address, 1, (const uint32_t[]){ADD});
    }
}

static void leave(unsigned int vcpu)
{
    run(vcpu, LEAVE, 1, (const uint32_t[]){ERET});
}

static const char *output(void)
{
    static char text[4096];
    FILE *file;

    fake_ended(1, NULL);
    file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

static void install(void)
{
    char out[64];
    char *arguments[] = {out,
                         "text=0x1000+0x2000",
                         "vectors=0x1000",
                         "call=0x2000",
                         "label=0x2100",
                         "wait=0x2500+0x10",
                         "nested=0x2600+0x10"};
    qemu_info_t info = {.target_name = "aarch64", .system_emulation = true};

    info.version.cur = fake_version;
    info.system.smp_vcpus = 2;
    info.system.max_vcpus = 2;
    (void)snprintf(out, sizeof(out), "out=%s", path);
    assert_int_equal(qemu_plugin_install(1, &info, 7, arguments), 0);
}

static void counts_entries(void **state)
{
    (void)state;
    install();
    work(0, OTHER, 3); /* its boot is none */
    leave(0);

    frame[7] = 5;
    enter(0, SYNCHRONOUS);
    work(0, CALL, 1);
    work(0, HANDLER, 1); /* the first label counts */
    work(0, OTHER, 30);
    run(0, NESTED, 1, (const uint32_t[]){ERET});
    leave(0);
    work(0, OUTSIDE, 9);

    enter(0, SYNCHRONOUS); /* shorter than that one, with a fault's label */
    work(0, HANDLER, 1);
    leave(0);

    enter(0, INTERRUPT);
    run(0, IDLE, 1, (const uint32_t[]){WFI});
    work(0, OTHER, 1);
    leave(0);

    enter(0, INTERRUPT);
    enter(1, INTERRUPT); /* on another core, at the same time */
    work(1, WAIT, 7);
    run(1, OTHER, 1, (const uint32_t[]){WFE});
    leave(1);
    leave(0);

    assert_string_equal(output(), "pc 0x1400 2\n"
                                  "pc 0x1404 2\n"
                                  "pc 0x1480 3\n"
                                  "pc 0x1484 3\n"
                                  "pc 0x2000 1\n"
                                  "pc 0x2100 2\n"
                                  "pc 0x2200 35\n"
                                  "pc 0x2300 6\n"
                                  "pc 0x2400 1\n"
                                  "pc 0x2500 7\n"
                                  "pc 0x2600 1\n"
                                  "kind 0 0x2000 5 1 36 0\n"
                                  "at 0x1400 1\n"
                                  "at 0x1404 1\n"
                                  "at 0x2000 1\n"
                                  "at 0x2100 1\n"
                                  "at 0x2200 30\n"
                                  "at 0x2300 1\n"
                                  "at 0x2600 1\n"
                                  "kind 0 0x2100 - 1 4 0\n"
                                  "at 0x1400 1\n"
                                  "at 0x1404 1\n"
                                  "at 0x2100 1\n"
                                  "at 0x2300 1\n"
                                  "kind 1 - - 3 3 8\n"
                                  "at 0x1480 1\n"
                                  "at 0x1484 1\n"
                                  "at 0x2400 1\n"
                                  "kind 4 - - 1 2 0\n"
                                  "at 0x2200 1\n"
                                  "at 0x2300 1\n");
}

static void refuses(void **state)
{
    qemu_info_t info = {.target_name = "aarch64", .system_emulation = true};
    char *unknown[] = {"colour=red"};
    char *range[] = {"wait=0x10"};

    (void)state;
    info.system.smp_vcpus = info.system.max_vcpus = 1;
    assert_int_equal(qemu_plugin_install(1, &info, 1, unknown), -1);
    assert_int_equal(qemu_plugin_install(1, &info, 1, range), -1);
    assert_int_equal(qemu_plugin_install(1, &info, 0, NULL), -1); /* out= and text= */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses),
        cmocka_unit_test(counts_entries),
    };
    int file = mkstemp(path);
    int failed;

    if (file < 0) {
        return EXIT_FAILURE;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)close(file);
    (void)unlink(path);
    return failed;
}
