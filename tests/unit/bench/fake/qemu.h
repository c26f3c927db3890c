/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fake of QEMU for plugins: blocks of instructions, executed from one instruction to another.
 * version1.c or version4.c has what differs between the versions of its interface.
 */
#ifndef SLUICE_TESTS_UNIT_BENCH_FAKE_QEMU_H
#define SLUICE_TESTS_UNIT_BENCH_FAKE_QEMU_H

#include "bench/plugin/qemu_plugin.h"

#define FAKE_HOST       0x7f0000000000UL /* where QEMU has the machine's address 0 */
#define FAKE_HOOKS      2
#define FAKE_BLOCK_SIZE 8

/* What is done before an instruction: a call, an addition, or one to the vCPU's own number. */
struct fake_hook {
    qemu_plugin_vcpu_udata_cb_t callback;
    void *userdata;
    uint64_t *number;
    qemu_plugin_u64 numbers;
    uint64_t immediate;
};

struct qemu_plugin_insn {
    uint32_t opcode;
    uint64_t address;
    struct fake_hook hooks[FAKE_HOOKS];
    unsigned int hook_count;
    qemu_plugin_vcpu_mem_cb_t stored; /* told of the address in fake_stored_at */
};

struct qemu_plugin_tb {
    struct qemu_plugin_insn insns[FAKE_BLOCK_SIZE];
    size_t count;
};

/* What the plugin registered. */
extern qemu_plugin_vcpu_tb_trans_cb_t fake_translated;
extern qemu_plugin_udata_cb_t fake_ended;

extern const int fake_version;

/* Where instructions store. */
extern uint64_t fake_stored_at;

void fake_add_hook(struct qemu_plugin_insn *insn, struct fake_hook hook);

/* The first `count` instructions of a block; the last of them may have faulted. */
void fake_execute(unsigned int vcpu, const struct qemu_plugin_tb *tb, size_t count);

#endif
