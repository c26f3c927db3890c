/* SPDX-License-Identifier: BSD-2-Clause */
/* See cpu.h. Owns the cores' state and stacks. */
#include "kernel/smp/cpu.h"

#include <stddef.h>

#include "kernel/pd/thread.h"

#define STACK_SIZE 4096

struct cpu cpus[ABI_MAX_CPUS];

/* start.S knows their size. */
__attribute__((aligned(16))) uint8_t cpu_stacks[ABI_MAX_CPUS][STACK_SIZE];

void cpu_init(unsigned int index)
{
    struct cpu *cpu = &cpus[index];

    cpu->stack_top = cpu_stacks[index] + STACK_SIZE;
    cpu->index = index;
    timer_queue_init(&cpu->timers);
    for (unsigned int i = 0; i < CPU_PRIORITIES; i++) {
        list_init(&cpu->ready[i]);
    }
}

void cpu_start(unsigned int index)
{
    arch_cpu_init(&cpus[index]);
}

void cpu_drop_fp(struct cpu *cpu)
{
    if (cpu->fp_owner != NULL) {
        arch_fp_trap(false);
        arch_fp_save(&cpu->fp_owner->fp);
        arch_fp_trap(true);
        cpu->fp_owner = NULL;
    }
}
