/* SPDX-License-Identifier: BSD-2-Clause */
/* See cpu.h. Owns the cores' state and stacks. */
#include "kernel/smp/cpu.h"

#define STACK_SIZE 4096

struct cpu cpus[ABI_MAX_CPUS];

static __attribute__((aligned(16))) uint8_t stacks[ABI_MAX_CPUS][STACK_SIZE];

void cpu_init(unsigned int index)
{
    struct cpu *cpu = &cpus[index];

    cpu->stack_top = stacks[index] + STACK_SIZE;
    cpu->index = index;
    timer_queue_init(&cpu->timers);
    for (unsigned int i = 0; i < CPU_PRIORITIES; i++) {
        list_init(&cpu->ready[i]);
    }
    arch_cpu_init(cpu);
}
