/* SPDX-License-Identifier: BSD-2-Clause */
/* Version 4: additions go to a number of the vCPU's own, and bytes are copied. */
#include "tests/unit/bench/fake/qemu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VCPUS 2 /* that were started; the machine may have more */

const int fake_version = 4;

struct qemu_plugin_scoreboard {
    size_t element_size;
    char elements[];
};

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size)
{
    static struct qemu_plugin_scoreboard *last;

    free(last); /* of the test before: a plugin has one */
    last = calloc(1, sizeof(*last) + VCPUS * size);
    assert_non_null(last);
    last->element_size = size;
    return last;
}

void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn,
                                                         enum qemu_plugin_op op,
                                                         qemu_plugin_u64 number, uint64_t immediate)
{
    assert_int_equal(op, QEMU_PLUGIN_INLINE_ADD_U64);
    fake_add_hook(insn, (struct fake_hook){.numbers = number, .immediate = immediate});
}

static uint64_t *find(qemu_plugin_u64 number, unsigned int vcpu)
{
    assert_in_range(vcpu, 0, VCPUS - 1);
    return (uint64_t *)(void *)(number.score->elements + vcpu * number.score->element_size +
                                number.offset);
}

void qemu_plugin_u64_add(qemu_plugin_u64 number, unsigned int vcpu, uint64_t amount)
{
    *find(number, vcpu) += amount;
}

uint64_t qemu_plugin_u64_get(qemu_plugin_u64 number, unsigned int vcpu)
{
    return *find(number, vcpu);
}

int qemu_plugin_num_vcpus(void)
{
    return VCPUS;
}

uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *buffer, size_t size)
{
    assert_true(size >= sizeof(insn->opcode));
    memcpy(buffer, &insn->opcode, sizeof(insn->opcode));
    return sizeof(insn->opcode);
}
