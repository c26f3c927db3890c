/* SPDX-License-Identifier: BSD-2-Clause */
/* See cpu.h. Owns the cores' state and stacks. */
#include "kernel/smp/cpu.h"

#include <stddef.h>

#include "kernel/dev/gic.h"
#include "kernel/pd/thread.h"

#define STACK_SIZE 4096

struct cpu cpus[ABI_MAX_CPUS];
static struct list_node ready_queues[ABI_MAX_CPUS][CPU_PRIORITIES];

/* start.S knows their size. */
__attribute__((aligned(16))) uint8_t cpu_stacks[ABI_MAX_CPUS][STACK_SIZE];

void cpu_init(unsigned int index)
{
    struct cpu *cpu = &cpus[index];

    cpu->stack_top = cpu_stacks[index] + STACK_SIZE;
    cpu->index = index;
    cpu->acknowledged = GIC_SPURIOUS;
    cpu->top = CPU_NOBODY;
    cpu->queue_top = CPU_NOBODY;
    cpu->ready = ready_queues[index];
    timer_queue_init(&cpu->timers);
    for (unsigned int i = 0; i < CPU_PRIORITIES; i++) {
        list_init(&cpu->ready[i]);
    }
}

void cpu_start(unsigned int index)
{
    cpus[index].traps_fp = true; /* as arch_cpu_init() leaves it */
    arch_cpu_init(&cpus[index]);
}

void cpu_trap_fp(struct cpu *cpu, bool trap)
{
    if (cpu->traps_fp != trap) {
        cpu->traps_fp = trap;
        arch_fp_trap(trap);
    }
}

void cpu_open_timer(struct cpu *cpu, bool open)
{
    if (cpu->opens_timer != open) {
        cpu->opens_timer = open;
        arch_open_timer(open);
    }
}

void cpu_drop_fp(struct cpu *cpu)
{
    if (cpu->fp_owner != NULL) {
        cpu_trap_fp(cpu, false);
        arch_fp_save(&cpu->fp_owner->fp);
        cpu_trap_fp(cpu, true);
        cpu->fp_owner = NULL;
    }
}
