/* SPDX-License-Identifier: BSD-2-Clause */
/* See fake/kernel/arch/aarch64/insn.h. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <string.h>

#include "kernel/arch/aarch64/insn.h"

#define REGISTERS 96

struct insn insns[INSN_MAX];
unsigned int insn_count;

static struct {
    const char *name;
    uint64_t value;
} registers[REGISTERS];

void insn_record(const char *text, uint64_t value)
{
    assert_true(insn_count < INSN_MAX);
    insns[insn_count++] = (struct insn){text, value};
}

static unsigned int place(const char *name)
{
    unsigned int i = 0;

    while (i < REGISTERS && registers[i].name != NULL && strcmp(registers[i].name, name) != 0) {
        i++;
    }
    assert_true(i < REGISTERS);
    registers[i].name = name;
    return i;
}

uint64_t insn_read(const char *name)
{
    return registers[place(name)].value;
}

void insn_set(const char *name, uint64_t value)
{
    registers[place(name)].value = value;
}

void insn_reset(void)
{
    insn_count = 0;
    memset(registers, 0, sizeof(registers));
}

unsigned int insn_find(const char *text, unsigned int from)
{
    while (from < insn_count && strcmp(insns[from].text, text) != 0) {
        from++;
    }
    if (from == insn_count) {
        fail_msg("%s is not there", text);
    }
    return from;
}
