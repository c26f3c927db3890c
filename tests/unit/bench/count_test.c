/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin on a fake of QEMU: blocks of instructions, executed from one instruction to another.
 */
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

#define HOST       0x7f0000000000UL /* where QEMU has the machine's address 0 */
#define HOOKS      2
#define BLOCK_SIZE 8
#define ADD        0x8b010000U
#define ADD_IMM    0x91000400U
#define LDR        0xf9400000U
#define BRANCH     0x14000000U
#define FMOV       0x1e604020U
#define WFI        0xd503207fU
#define MARK(n)    (0xd503201fU | (uint32_t)(64 + (n)) << 5)

struct hook {
    qemu_plugin_vcpu_udata_cb_t callback;
    void *userdata;
    uint64_t *counter;
    uint64_t immediate;
};

struct qemu_plugin_insn {
    uint32_t opcode;
    uint64_t address;
    struct hook hooks[HOOKS];
    unsigned int hook_count;
};

struct qemu_plugin_tb {
    struct qemu_plugin_insn insns[BLOCK_SIZE];
    size_t count;
};

static qemu_plugin_vcpu_tb_trans_cb_t translated;
static qemu_plugin_udata_cb_t ended;
static char path[] = "/tmp/sluice-count-XXXXXX";

void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t callback,
                                    void *userdata)
{
    (void)id;
    (void)userdata;
    ended = callback;
}

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t callback)
{
    (void)id;
    translated = callback;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            qemu_plugin_vcpu_udata_cb_t callback,
                                            enum qemu_plugin_cb_flags flags, void *userdata)
{
    assert_int_equal(flags, QEMU_PLUGIN_CB_NO_REGS);
    assert_true(insn->hook_count < HOOKS);
    insn->hooks[insn->hook_count++] = (struct hook){.callback = callback, .userdata = userdata};
}

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
                                                enum qemu_plugin_op op, void *ptr,
                                                uint64_t immediate)
{
    assert_int_equal(op, QEMU_PLUGIN_INLINE_ADD_U64);
    assert_true(insn->hook_count < HOOKS);
    insn->hooks[insn->hook_count++] = (struct hook){.counter = ptr, .immediate = immediate};
}

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb)
{
    return tb->count;
}

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index)
{
    return (struct qemu_plugin_insn *)(uintptr_t)&tb->insns[index];
}

const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn)
{
    return &insn->opcode;
}

size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn)
{
    (void)insn;
    return 4;
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn)
{
    return insn->address;
}

void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn)
{
    return (void *)(uintptr_t)(HOST + (insn->address & 0xffffff));
}

static struct qemu_plugin_tb block(uint64_t address, size_t count, const uint32_t *opcodes)
{
    struct qemu_plugin_tb tb = {.count = count};

    for (size_t i = 0; i < count; i++) {
        tb.insns[i].opcode = opcodes[i];
        tb.insns[i].address = address + 4 * i;
    }
    translated(1, &tb);
    return tb;
}

/* The first `count` instructions of a block; the last of them may have faulted. */
static void execute(unsigned int vcpu, const struct qemu_plugin_tb *tb, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned int j = 0; j < tb->insns[i].hook_count; j++) {
            const struct hook *hook = &tb->insns[i].hooks[j];

            if (hook->callback != NULL) {
                hook->callback(vcpu, hook->userdata);
            } else {
                *hook->counter += hook->immediate;
            }
        }
    }
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
    execute(0, &first, 6);
    execute(0, &first, 3); /* the load faults */
    execute(0, &second, 4);
    first = block(0x100, 6, low); /* translated again */
    execute(0, &first, 5);
    ended(1, NULL);
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
    install(2, "profile=off");
    tb = block(0x200, 2, low);
    execute(0, &tb, 2);
    execute(1, &tb, 2);
    execute(1, &tb, 2);
    tb = block(0x300, 1, mark);
    execute(1, &tb, 1);
    ended(1, NULL);
    assert_string_equal(output(), "classes other low\n"
                                  "mark 1 1 0 6\n"
                                  "total 0 6\n"
                                  "vcpu 0 0 2\n"
                                  "vcpu 1 0 4\n");
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
