/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each thread should have, beside what the kernel makes of it: its registers and its pc as its
 * own instructions and the calls of others leave them, the signals it is owed, the time that it
 * ran. An instruction counts once: a system call has happened when the kernel performs it, and the
 * pc is behind it from then on, and not before.
 *
 * The kernel's functions are wrapped by the linker where that says when something has happened.
 */
#include "tests/model/gic.h"

#include <string.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/ipc/message.h"
#include "kernel/irq/route.h"
#include "kernel/trap/trap.h"
#include "tests/model/sgis.h"

#define EC_WFX     0x01
#define WFX_IS_WFE 1UL

static struct ghost ghosts[MODEL_THREADS];
static uint64_t ran[MODEL_THREADS]; /* of limited budgets, by their owners */
static uint64_t charged[MODEL_THREADS];

unsigned int thread_index(const struct thread *thread)
{
    const struct pd *pd = (const struct pd *)thread;

    if (pd >= pds && pd < pds + MODEL_PDS) {
        return (unsigned int)(pd - pds);
    }
    return MODEL_PDS + (unsigned int)((const struct vcpu *)thread - vcpus);
}

static struct thread *thread_at(unsigned int index)
{
    return index < MODEL_PDS ? &pds[index].thread : &vcpus[index - MODEL_PDS].thread;
}

const char *thread_label(const struct thread *thread)
{
    return thread == NULL ? "nobody" : thread->name;
}

struct ghost *ghost_of(const struct thread *thread)
{
    return &ghosts[thread_index(thread)];
}

void ghost_reset(void)
{
    memset(ghosts, 0, sizeof(ghosts));
    memset(ran, 0, sizeof(ran));
    memset(charged, 0, sizeof(charged));
    sgis_reset();
}

/* ---- A thread's registers ---- */

static void check_registers(const struct thread *thread, const struct ghost *ghost)
{
    unsigned int first = thread->kind == THREAD_PD ? 2 : 0; /* a PD's x0, x1 are results */
    const struct arch_frame *live = &here->live;

    require(live->pc == ghost->frame.pc, "%s goes on at %lx, and should at %lx", thread->name,
            live->pc, ghost->frame.pc);
    require(live->sp == ghost->frame.sp, "%s has another sp", thread->name);
    for (unsigned int i = first; i < 31; i++) {
        require(live->x[i] == ghost->frame.x[i], "%s has x%u %lx, and should have %lx",
                thread->name, i, live->x[i], ghost->frame.x[i]);
    }
    require(here->tpidr_el0 == ghost->tpidr_el0, "%s has another tpidr_el0", thread->name);
    require(here->tpidrro_el0 == ghost->tpidrro_el0, "%s has another tpidrro_el0", thread->name);
    require(here->traps_fp || here->fp == ghost->fp, "%s has another's FP registers", thread->name);
}

static void check_el1(const struct thread *thread, const struct ghost *ghost)
{
    require(here->is_guest == (thread->kind == THREAD_VCPU), "%s runs as the other kind",
            thread->name);
    if (thread->kind == THREAD_VCPU) {
        require(here->el1 == ghost->el1 && here->sctlr == ghost->sctlr,
                "%s has other EL1 registers", thread->name);
        require(here->cntv_ctl == ghost->cntv_ctl && here->cntv_cval == ghost->cntv_cval &&
                    here->cntvoff == ghost->cntvoff,
                "%s has another virtual timer: %lx %lx %lx, and should have %lx %lx %lx",
                thread->name, here->cntv_ctl, here->cntv_cval, here->cntvoff, ghost->cntv_ctl,
                ghost->cntv_cval, ghost->cntvoff);
    }
}

static void adopt(struct thread *thread, struct ghost *ghost)
{
    ghost->is_known = true;
    ghost->frame = here->live;
    ghost->tpidr_el0 = here->tpidr_el0;
    ghost->tpidrro_el0 = here->tpidrro_el0;
    if (thread->kind == THREAD_VCPU) {
        ghost->el1 = here->el1;
        ghost->sctlr = here->sctlr;
        ghost->cntv_ctl = here->cntv_ctl;
        ghost->cntv_cval = here->cntv_cval;
        ghost->cntvoff = here->cntvoff;
    }
}

static bool owns_timer(const struct thread *thread)
{
    return thread->kind == THREAD_PD && model_irqs[MODEL_TIMER_IRQ].intid < MODEL_SPI &&
           thread == &pds[model_irqs[MODEL_TIMER_IRQ].pd].thread;
}

void ghost_arrive(void)
{
    struct thread *thread = here->thread;
    struct ghost *ghost = ghost_of(thread);

    require(here->opens_timer == owns_timer(thread), "%s can%s reach the physical timer",
            thread->name, here->opens_timer ? "" : "not");
    require(here->stage2 == thread->stage2, "%s runs in another's address space", thread->name);
    if (!ghost->is_known) {
        adopt(thread, ghost);
    }
    require(!gic_forgets(here->index), "core %u: an interrupt is due, and nobody looks",
            here->index);
    check_registers(thread, ghost);
    check_el1(thread, ghost);
    ghost->may_have_received = false;
    messages_arrive(thread, ghost);
}

static bool is_limited(const struct budget *budget)
{
    return budget->budget < budget->period;
}

static unsigned int owner_of(const struct budget *budget)
{
    for (unsigned int i = 0; i < MODEL_THREADS; i++) {
        if (budget == &thread_at(i)->own) {
            return i;
        }
    }
    fail("a budget that is nobody's");
}

void ghost_note(void)
{
    struct ghost *ghost = ghost_of(here->thread);

    ghost->is_moved = false;
    ghost->frame = here->live;
    ghost->tpidr_el0 = here->tpidr_el0;
    if (here->thread->kind == THREAD_VCPU) {
        ghost->el1 = here->el1;
        ghost->sctlr = here->sctlr;
        ghost->cntv_ctl = here->cntv_ctl;
        ghost->cntv_cval = here->cntv_cval;
    }
}

void ghost_depart(enum trap trap)
{
    uint64_t span = now - here->user_since;

    ghost_note();
    ghost_of(here->thread)->may_have_received |=
        trap == TRAP_SVC && messages_receives(here->live.x[7]);
    here->turn += here->has_equal ? span : 0;
    require(here->turn <= here->user_payer->budget + MODEL_OVERRUN, "%s has a turn without end",
            here->thread->name);
    if (is_limited(here->user_payer)) {
        ran[owner_of(here->user_payer)] += span;
        here->unpaid += span;
    }
}

/* ---- Time ---- */

void __real_budget_charge(struct budget *budget, uint64_t start, uint64_t used);
void __wrap_budget_charge(struct budget *budget, uint64_t start, uint64_t used);
void __wrap_budget_charge(struct budget *budget, uint64_t start, uint64_t used)
{
    require(start + used <= now, "%s pays for time to come",
            thread_label(thread_at(owner_of(budget))));
    require(start >= here->charged_until, "%s pays for time that is paid",
            thread_label(thread_at(owner_of(budget))));
    here->charged_until = start + used;
    charged[owner_of(budget)] += used;
    __real_budget_charge(budget, start, used);
}

void ghost_check_paid(void)
{
    uint64_t unpaid[MODEL_THREADS] = {0};

    here->unpaid = 0;
    for (unsigned int i = 0; i < core_count; i++) {
        if (cores[i].unpaid != 0) {
            unpaid[owner_of(cores[i].user_payer)] += cores[i].unpaid;
        }
    }
    for (unsigned int i = 0; i < MODEL_THREADS; i++) {
        require(charged[i] + unpaid[i] >= ran[i], "%s ran for %lu ticks and paid for %lu",
                thread_label(thread_at(i)), ran[i], charged[i]);
    }
}

/* ---- What system calls do ---- */

/* Which register word `index` of a seL4_UserContext is. */
static uint64_t *context_place(struct ghost *ghost, uint64_t index)
{
    static const uint8_t order[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  16, 17, 18, 29, 30, 9, 10,
                                    11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28};

    switch (index) {
    case 0:
        return &ghost->frame.pc;
    case 1:
        return &ghost->frame.sp;
    case 2:
        return &ghost->frame.spsr;
    case 34:
        return &ghost->tpidr_el0;
    case 35:
        return &ghost->tpidrro_el0;
    default:
        return &ghost->frame.x[order[index - 3]];
    }
}

static void written(struct thread *thread, const uint64_t *words, uint64_t count)
{
    struct ghost *ghost = ghost_of(thread);

    if (!ghost->is_known) {
        return; /* what it has is looked at when it runs */
    }
    ghost->is_moved = true;
    for (uint64_t i = 0; i < count; i++) {
        *context_place(ghost, i) = words[i];
    }
    if (thread->state == THREAD_RECEIVING) {
        return; /* still */
    }
    if (ghost->in_receive && thread->kind == THREAD_PD) { /* what it received is gone */
        ghost->owed &= pd_from_thread(thread)->notification;
    }
    ghost->may_have_received = false;
    ghost->in_receive = false;
    ghost->in_call = false;
    ghost->in_send = false;
    ghost->has_event = false;
    ghost->owes_reply = false;
}

static void read(struct thread *thread, const uint64_t *words, uint64_t count)
{
    struct ghost *ghost = ghost_of(thread);

    if (!ghost->is_known) {
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        bool is_result = thread->kind == THREAD_PD && (i == 3 || i == 4);

        require(i == 2 || is_result || words[i] == *context_place(ghost, i),
                "word %lu of %s reads as %lx, and should as %lx", i, thread->name, words[i],
                *context_place(ghost, i));
    }
}

/* Right after it was acknowledged: nothing has fired meanwhile. */
static void check_acknowledged(const struct pd *pd, uint64_t cap)
{
    const struct image_channel *channel = cap_channel(pd, cap, ABI_CAP_IRQ, IMAGE_CHANNEL_IRQ);
    const struct irq *irq = channel != NULL ? route_irq(channel->target) : NULL;

    require(
        irq == NULL || irq->desc->intid < MODEL_SPI || pd->desc->cpu != here->index || !irq->active,
        "%s has acknowledged interrupt %u, and it is active", pd->thread.name, irq->desc->intid);
}

static void injected(const struct pd *pd, const uint64_t *argument)
{
    ghost_of(&cap_vcpu(pd, argument[0])->thread)->injected[argument[4]]++;
}

static void before(struct pd *pd, uint64_t number, const uint64_t *argument, struct thread *answers)
{
    struct ghost *ghost = ghost_of(&pd->thread);

    require(!ghost->is_moved, "%s makes a system call at a pc that it has no more",
            pd->thread.name);
    if (number < ABI_SYS_COUNT) {
        ghost->frame.pc += 4;
    }
    messages_before(pd, number, argument, answers);
}

static uint64_t *el1_place(struct ghost *ghost, uint64_t reg)
{
    switch (reg) {
    case ABI_VCPU_TPIDR_EL1:
        return &ghost->el1;
    case ABI_VCPU_SCTLR:
        return &ghost->sctlr;
    case ABI_VCPU_CNTV_CTL:
        return &ghost->cntv_ctl;
    case ABI_VCPU_CNTV_CVAL:
        return &ghost->cntv_cval;
    case ABI_VCPU_CNTVOFF:
        return &ghost->cntvoff;
    default:
        return NULL;
    }
}

static void after_register(struct pd *pd, uint64_t number, const uint64_t *argument)
{
    struct thread *thread = &cap_vcpu(pd, argument[0])->thread;
    struct ghost *ghost = ghost_of(thread);
    uint64_t *place = el1_place(ghost, argument[1]);

    if (place == NULL || !ghost->is_known) {
        return;
    }
    if (number == ABI_SYS_VCPU_WRITE_REG) {
        *place = argument[2];
    } else {
        require(pd->thread.frame.x[1] == *place, "register %lu of %s reads as %lx, not %lx",
                argument[1], thread->name, pd->thread.frame.x[1], *place);
    }
}

/* What the VMM did to SGIs that are bound; others may be of the same number. */
static void after_sgi(struct pd *pd, uint64_t number, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    uint64_t result = pd->thread.frame.x[1];

    switch (number) {
    case ABI_SYS_VCPU_ROUTE_SGIS:
        sgis_routed(vcpu, argument[1], argument[2]);
        break;
    case ABI_SYS_VCPU_BIND_SGI:
        sgis_bound(vcpu, argument[1]);
        break;
    case ABI_SYS_VCPU_RESET_VGIC:
        sgis_unbound(vcpu);
        break;
    case ABI_SYS_VCPU_CHANGE_SGI:
        sgis_change(vcpu, argument[1], argument[2], argument[3]);
        require(result == sgis_pending(vcpu, argument[1]),
                "%s: SGI %lu is pending from %lx, not %x", vcpu->thread.name, argument[1], result,
                sgis_pending(vcpu, argument[1]));
        break;
    case ABI_SYS_VCPU_CLEAR_IRQ:
        if (sgis_has(vcpu, argument[1]) && argument[2] == ABI_IRQ_PENDING) {
            require(result == (sgis_pending(vcpu, argument[1]) != 0), "%s: SGI %lu was %spending",
                    vcpu->thread.name, argument[1], result != 0 ? "" : "not ");
            sgis_change(vcpu, argument[1], UINT8_MAX, 0);
        }
        break;
    case ABI_SYS_VCPU_IRQ_STATE:
        require(!sgis_has(vcpu, argument[1]) ||
                    ((result & ABI_IRQ_PENDING) != 0) == (sgis_pending(vcpu, argument[1]) != 0),
                "%s: SGI %lu has state %lx", vcpu->thread.name, argument[1], result);
        break;
    default:
        break;
    }
}

static void after(struct pd *pd, uint64_t number, const uint64_t *argument)
{
    if (number == ABI_SYS_DEBUG_PUTC && pd->thread.frame.pc != ghost_of(&pd->thread)->frame.pc) {
        ghost_of(&pd->thread)->frame.pc -= 4; /* the UART had no room: it asks again */
    }
    if (number == ABI_SYS_SEND || number == ABI_SYS_SEND_MESSAGE) {
        check_acknowledged(pd, argument[0]);
    }
    if (pd->thread.frame.x[0] != ABI_OK) {
        return;
    }
    switch (number) {
    case ABI_SYS_VCPU_INJECT_IRQ:
        injected(pd, argument);
        break;
    case ABI_SYS_TCB_WRITE_REGISTERS:
        written(cap_thread(pd, argument[0]), pd_transfer(pd), argument[2]);
        break;
    case ABI_SYS_TCB_READ_REGISTERS:
        read(cap_thread(pd, argument[0]), pd_transfer(pd), argument[2]);
        break;
    case ABI_SYS_VCPU_READ_REG:
    case ABI_SYS_VCPU_WRITE_REG:
        after_register(pd, number, argument);
        break;
    default:
        if (number >= ABI_SYS_VCPU_RESET_VGIC && number <= ABI_SYS_VCPU_CHANGE_SGI) {
            after_sgi(pd, number, argument);
        }
        break;
    }
}

void __real_syscall_handle(struct pd *pd);
void __wrap_syscall_handle(struct pd *pd);
void __wrap_syscall_handle(struct pd *pd)
{
    uint64_t number = pd->thread.frame.x[7];
    uint64_t argument[8];

    memcpy(argument, pd->thread.frame.x, sizeof(argument));
    trace("%s: system call %lu (%lx, %lx, %lx, %lx, %lx)", pd->thread.name, number, argument[0],
          argument[1], argument[2], argument[3], argument[4]);
    before(pd, number, argument, pd->reply_to);
    __real_syscall_handle(pd);
    after(pd, number, argument);
}

void ghost_fast_done(struct pd *pd, uint64_t number, const uint64_t *argument,
                     struct thread *answers)
{
    trace("%s: system call %lu (%lx, %lx, %lx, %lx, %lx), short way", pd->thread.name, number,
          argument[0], argument[1], argument[2], argument[3], argument[4]);
    before(pd, number, argument, answers);
    if (number == ABI_SYS_SEND) {
        check_acknowledged(pd, argument[0]);
    } else if (number == ABI_SYS_VCPU_INJECT_IRQ && pd->thread.frame.x[0] == ABI_OK) {
        injected(pd, argument);
    }
}

void __real_exit_sync(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome);
void __wrap_exit_sync(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome);
void __wrap_exit_sync(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome)
{
    struct ghost *ghost = ghost_of(&vcpu->thread);
    uint64_t pc;

    require(!ghost->is_moved, "%s traps at a pc that it has no more", vcpu->thread.name);
    if (syndrome >> 26 == EC_WFX) {
        ghost->frame.pc += 4;
    }
    pc = vcpu->thread.frame.pc;
    __real_exit_sync(cpu, vcpu, syndrome);
    require(syndrome >> 26 != EC_WFX || (syndrome & WFX_IS_WFE) == 0 ||
                vcpu->thread.state == THREAD_RUNNABLE,
            "%s sleeps in WFE", vcpu->thread.name);
    if (syndrome >> 26 != EC_WFX && vcpu->thread.frame.pc != pc) {
        ghost->frame.pc += 4; /* SGIs were sent */
    }
}
