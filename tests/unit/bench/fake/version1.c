/* SPDX-License-Identifier: BSD-2-Clause */
/* Version 1: additions go to one number for all vCPUs, and bytes are pointed to. */
#include "tests/unit/bench/fake/qemu.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const int fake_version = 1;

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
                                                enum qemu_plugin_op op, void *ptr,
                                                uint64_t immediate)
{
    assert_int_equal(op, QEMU_PLUGIN_INLINE_ADD_U64);
    fake_add_hook(insn, (struct fake_hook){.number = ptr, .immediate = immediate});
}

uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *buffer, size_t size)
{
    (void)buffer;
    (void)size;
    return (uintptr_t)&insn->opcode;
}
