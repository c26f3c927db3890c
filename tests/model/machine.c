/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cores as coroutines, and arch.h as they implement it. Kernel code of one core runs until a place
 * where another could be faster: an atomic access, a device access, a wait, and between any two
 * steps of entry and return.
 */
#include "tests/model/gic.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "kernel/arch/arch.h"
#include "kernel/smp/lock.h"
#include "tests/model/machine.h"
#include "tests/model/watch.h"

#define STACK_SIZE (256 * 1024)
#define PATIENCE   200    /* tries to wake somebody */
#define ENOUGH     100000 /* turns without an instruction */

#define CNTV_ENABLE 1UL
#define CNTV_IMASK  2UL

struct core cores[MODEL_CORES];
unsigned int core_count;
struct core *here;
uint64_t now;
unsigned int steps_left;

static ucontext_t contexts[MODEL_CORES];
static ucontext_t main_context;
static bool is_running;     /* boot is over */
static unsigned int yields; /* since the last instruction of anybody */
static uint8_t stacks[MODEL_CORES][STACK_SIZE] __attribute__((aligned(64)));

/* ---- Turns ---- */

static bool can_run(const struct core *core)
{
    if (core->waits_for_interrupt) {
        return gic_interrupts(core->index) || gic_guest_has_interrupt(core->index);
    }
    if (core->place == PLACE_SLEEP) {
        return gic_interrupts(core->index);
    }
    return core->place != PLACE_EVENT || core->is_event;
}

static void touch_device(void)
{
    const struct image_irq *irq;

    if (model_irq_count == 0) {
        return;
    }
    irq = &model_irqs[choose(model_irq_count)];
    if (irq->intid < MODEL_SPI) {
        return; /* a timer does as it was told */
    }
    if (gic_is_raised(irq->intid)) {
        gic_lower(irq->intid);
    } else {
        gic_raise(irq->intid);
    }
}

static void pass(void)
{
    uint32_t what = choose(64);

    now += what < 32 ? 0 : what < 60 ? 1 : what < 63 ? choose(16) : choose(300);
    if (what == 7 || what == 40) {
        touch_device();
    }
    gic_update();
}

/* Everybody sleeps: the next thing that will happen does. */
static void wake_somebody(void)
{
    uint64_t next = MODEL_NEVER;

    for (unsigned int i = 0; i < core_count; i++) {
        next = cores[i].hyp_deadline < next ? cores[i].hyp_deadline : next;
        if (cores[i].program_deadline > now && cores[i].program_deadline < next) {
            next = cores[i].program_deadline;
        }
        if (cores[i].is_guest && (cores[i].cntv_ctl & 3) == CNTV_ENABLE) {
            uint64_t due = cores[i].cntv_cval + cores[i].cntvoff;

            next = due > now && due < next ? due : next;
        }
    }
    if (next != MODEL_NEVER && !once_in(3)) {
        now = next > now ? next : now;
    } else {
        gic_lower(model_irqs[MODEL_ALARM_IRQ].intid);
        gic_raise(model_irqs[MODEL_ALARM_IRQ].intid);
        touch_device();
    }
    gic_update();
}

static struct core *pick(void)
{
    for (unsigned int tries = 0; tries < PATIENCE; tries++) {
        unsigned int first = choose(core_count);

        for (unsigned int i = 0; i < core_count; i++) {
            struct core *core = &cores[(first + i) % core_count];

            if (can_run(core)) {
                return core;
            }
        }
        wake_somebody();
    }
    for (unsigned int i = 0; i < core_count; i++) {
        require(cores[i].place != PLACE_EVENT, "core %u waits for an event that does not come", i);
    }
    finish(); /* nothing will ever happen */
}

void model_yield(void)
{
    struct core *self = here;
    struct core *next;

    if (!is_running) {
        return;
    }
    if (steps_left == 0) {
        finish();
    }
    require(++yields < ENOUGH, "the cores go round and round");
    watch_check();
    pass();
    next = pick();
    if (next != self) {
        here = next;
        swapcontext(&contexts[self->index], &contexts[next->index]);
    }
}

void model_may_yield(void)
{
    if (once_in(8)) {
        model_yield();
    }
}

/* As secondary_main() does; the first core also makes the programs runnable. */
static void core_main(void)
{
    struct cpu *cpu = cpu_local();

    smp_enter(cpu);
    if (cpu->index == 0) {
        system_start();
    }
    vectors_run(NULL);
}

void machine_note_step(void)
{
    steps_left--;
    yields = 0;
}

void machine_reset(void)
{
    yields = 0;
    is_running = false;
    memset(cores, 0, sizeof(cores));
    now = 1000;
    for (unsigned int i = 0; i < MODEL_CORES; i++) {
        cores[i].index = i;
        cores[i].hyp_deadline = MODEL_NEVER;
        cores[i].program_deadline = MODEL_NEVER;
        cores[i].traps_fp = true;
    }
    here = &cores[0];
}

static void prepare(unsigned int index)
{
    ucontext_t *context = &contexts[index];

    getcontext(context);
    context->uc_stack.ss_sp = stacks[index];
    context->uc_stack.ss_size = STACK_SIZE;
    context->uc_link = NULL;
    makecontext(context, core_main, 0);
}

void machine_run(void)
{
    for (unsigned int i = 0; i < core_count; i++) {
        prepare(i);
    }
    here = &cores[0];
    watch_begin();
    is_running = true;
    swapcontext(&main_context, &contexts[0]);
}

void machine_stop(void)
{
    if (!is_running) {
        abort(); /* it does not even boot */
    }
    (void)setcontext(&main_context);
    __builtin_unreachable();
}

bool machine_virtual_timer(const struct core *core)
{
    return (core->cntv_ctl & (CNTV_ENABLE | CNTV_IMASK)) == CNTV_ENABLE &&
           now >= core->cntv_cval + core->cntvoff;
}

/* ---- arch.h ---- */

void arch_cpu_init(void *cpu)
{
    here->local = cpu;
}

uint64_t arch_mpidr(void)
{
    return here->index;
}

void *arch_cpu_local(void)
{
    return here->local;
}

static void wait_at(enum core_place place)
{
    here->place = place;
    model_yield();
    here->place = PLACE_KERNEL;
}

void arch_wait_for_interrupt(void)
{
    here->kernel_work = 0;
    wait_at(PLACE_SLEEP);
}

void arch_wait_for_event(void)
{
    wait_at(PLACE_EVENT);
    here->is_event = false;
}

void arch_relax(void)
{
}

void arch_send_event(void)
{
    for (unsigned int i = 0; i < core_count; i++) {
        cores[i].is_event = true;
    }
}

uint64_t arch_counter(void)
{
    return now;
}

uint64_t arch_counter_frequency(void)
{
    return 1000000;
}

uint64_t arch_cycles(void)
{
    return now;
}

void arch_timer_set(uint64_t deadline)
{
    here->hyp_deadline = deadline;
    gic_update();
}

void arch_timer_stop(void)
{
    here->hyp_deadline = MODEL_NEVER;
    gic_update();
}

uint64_t arch_syndrome(void)
{
    return here->syndrome;
}

uint64_t arch_fault_address(void)
{
    return here->far;
}

uint64_t arch_fault_pc(void)
{
    return here->elr;
}

void arch_skip_trapped(void)
{
    here->elr += 4;
}

uint64_t arch_fault_ipa(uint64_t syndrome)
{
    (void)syndrome;
    return here->ipa;
}

void arch_smc(uint64_t registers[8])
{
    registers[0] = 0;
}

void arch_enter_native(uint64_t stage2, bool opens_timer)
{
    here->stage2 = stage2;
    here->is_guest = false;
    here->sctlr = MACHINE_SCTLR_NATIVE;
    here->opens_timer = opens_timer;
}

void arch_enter_other_native(uint64_t stage2)
{
    require(!here->is_guest && here->sctlr == MACHINE_SCTLR_NATIVE, "a guest's EL1 registers stay");
    here->stage2 = stage2;
}

/* By VMID, of which each address space of a guest has one. */
static const struct arch_vcpu **tlb_of(uint64_t stage2)
{
    return &here->tlb[stage2 / MODEL_STAGE2 - 1];
}

void arch_stage2_forget(uint64_t stage2)
{
    *tlb_of(stage2) = NULL;
}

/* From now on the TLB may hold what this vCPU's tables say. */
void arch_enter_guest(uint64_t stage2, const struct arch_vcpu *vcpu, bool trap_wfi)
{
    require(here->loaded == vcpu, "core %u runs a vCPU with another's EL1 registers", here->index);
    require(*tlb_of(stage2) == NULL || *tlb_of(stage2) == vcpu,
            "core %u runs a vCPU with what the TLB holds of another one of its VM", here->index);
    *tlb_of(stage2) = vcpu;
    here->stage2 = stage2;
    here->is_guest = true;
    here->opens_timer = false;
    here->traps_wfi = trap_wfi;
    here->sctlr = vcpu->reg[ABI_VCPU_SCTLR];
    here->cntv_ctl = vcpu->reg[ABI_VCPU_CNTV_CTL];
    gic_update();
}

void arch_guest_trap_wfi(bool trap_wfi)
{
    here->traps_wfi = trap_wfi;
}

void arch_leave_guest(struct arch_vcpu *vcpu)
{
    vcpu->reg[ABI_VCPU_SCTLR] = here->sctlr;
    vcpu->reg[ABI_VCPU_CNTV_CVAL] = here->cntv_cval;
    vcpu->reg[ABI_VCPU_CNTV_CTL] = here->cntv_ctl;
    here->cntv_ctl |= CNTV_IMASK;
    gic_update();
}

void arch_vcpu_save(struct arch_vcpu *vcpu)
{
    vcpu->reg[ABI_VCPU_TPIDR_EL1] = here->el1;
    here->cntv_ctl = 0;
    gic_update();
}

void arch_vcpu_load(const struct arch_vcpu *vcpu)
{
    here->loaded = vcpu;
    here->el1 = vcpu->reg[ABI_VCPU_TPIDR_EL1];
    here->cntvoff = vcpu->reg[ABI_VCPU_CNTVOFF];
    here->cntv_cval = vcpu->reg[ABI_VCPU_CNTV_CVAL];
}

void arch_tls_save(uint64_t *tpidr_el0, uint64_t *tpidrro_el0)
{
    *tpidr_el0 = here->tpidr_el0;
    *tpidrro_el0 = here->tpidrro_el0;
}

uint64_t arch_tls_save_program(void)
{
    model_may_yield();
    return here->tpidr_el0;
}

void arch_tls_load(uint64_t tpidr_el0, uint64_t tpidrro_el0)
{
    model_may_yield();
    here->tpidr_el0 = tpidr_el0;
    here->tpidrro_el0 = tpidrro_el0;
}

void arch_fp_save(struct arch_fp *fp)
{
    require(!here->traps_fp, "FP registers saved while they trap");
    fp->v[0] = here->fp;
}

void arch_fp_load(const struct arch_fp *fp)
{
    require(!here->traps_fp, "FP registers loaded while they trap");
    here->fp = fp->v[0];
}

void arch_fp_trap(bool trap)
{
    here->traps_fp = trap;
}

void arch_open_timer(bool open)
{
    here->opens_timer = open;
}
