/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program does, instruction by instruction: it mostly answers what it received as a server,
 * a parent or a VMM would, and else makes any system call, mostly with arguments that mean
 * something.
 */
#include "tests/model/gic.h"

#include <stdio.h>

#include "abi/fault.h"
#include "abi/syscall.h"
#include "kernel/dev/gic.h"

#define SYNDROME(class) ((uint64_t)(class) << 26 | 1UL << 25)

#define CONSOLE_CHANNEL (MODEL_CHANNELS + MODEL_IRQS)

static enum trap call_kernel(uint64_t number, uint64_t x0, uint64_t x1, uint64_t x2)
{
    here->live.x[7] = number;
    here->live.x[0] = x0;
    here->live.x[1] = x1;
    here->live.x[2] = x2;
    here->elr = here->live.pc + 4;
    here->syndrome = SYNDROME(0x15);
    return TRAP_SVC;
}

static enum trap trapped(unsigned int class, enum trap trap)
{
    here->syndrome = SYNDROME(class);
    here->far = choose(1 << 12) * 0x1000UL;
    return trap;
}

static uint64_t wrong_sometimes(uint64_t value)
{
    return once_in(40) ? choose(400) : value;
}

/* A capability that it may have not: a program without a parent is lost then, so seldom. */
static uint64_t bad_at_times(uint64_t cap)
{
    return here->thread->handler != NULL || once_in(20) ? wrong_sometimes(cap) : cap;
}

/* By seL4's own calls: waits or looks, with the answer or something else to say first, or nothing.
 */
static enum trap receive_by_itself(const struct ghost *ghost, uint64_t info)
{
    static const uint16_t bases[] = {ABI_CAP_NOTIFICATION, ABI_CAP_ENDPOINT, ABI_CAP_IRQ};
    uint64_t flags = (once_in(2) ? ABI_NONBLOCKING : 0) | (once_in(2) ? ABI_ANSWERS : 0);
    uint64_t first = once_in(2) ? 0 : bases[choose(3)] + choose(CONSOLE_CHANNEL);

    here->live.x[3] = bad_at_times(ABI_CAP_INPUT);
    here->live.x[4] = bad_at_times(ABI_CAP_REPLY);
    return call_kernel(ABI_SYS_RECEIVE, flags, info,
                       ghost->owes_reply && !once_in(32) ? ABI_CAP_REPLY : first);
}

static enum trap receive(const struct ghost *ghost, uint64_t info)
{
    uint64_t deferred = 0;

    if (once_in(6)) {
        return receive_by_itself(ghost, info);
    }
    if (once_in(8)) {
        deferred = (once_in(2) ? ABI_CAP_NOTIFICATION : ABI_CAP_IRQ) + choose(CONSOLE_CHANNEL);
    }
    return call_kernel(ABI_SYS_REPLY_RECV, ghost->owes_reply ? ABI_RECV_REPLY : 0, info, deferred);
}

/* ---- What it has of others; `limit`: nothing ---- */

static unsigned int some(const uint16_t *table, unsigned int limit)
{
    unsigned int first = choose(limit);

    for (unsigned int i = 0; i < limit; i++) {
        if (table[(first + i) % limit] != IMAGE_NONE) {
            return (first + i) % limit;
        }
    }
    return limit;
}

static unsigned int some_irq(const struct pd *pd)
{
    unsigned int first = choose(MODEL_IRQS);

    for (unsigned int i = 0; i < MODEL_IRQS; i++) {
        unsigned int channel = MODEL_CHANNELS + (first + i) % MODEL_IRQS;

        if (pd->channels[channel].kind == IMAGE_CHANNEL_IRQ) {
            return channel;
        }
    }
    return CONSOLE_CHANNEL;
}

/* ---- Calls about other threads ---- */

static enum trap write_registers(struct pd *pd, uint64_t tcb, bool resume)
{
    uint64_t count = once_in(4) ? 36 : 1 + choose(4);

    for (uint64_t i = 1; i < count; i++) {
        pd_transfer(pd)[i] = now * 5 + i;
    }
    pd_transfer(pd)[0] = 0x40000000 + now * 16;
    return call_kernel(ABI_SYS_TCB_WRITE_REGISTERS, tcb, resume, wrong_sometimes(count));
}

static enum trap manage(struct pd *pd, uint64_t tcb, const struct thread *thread)
{
    tcb = wrong_sometimes(tcb);
    if (thread->state == THREAD_STOPPED && once_in(2)) {
        return once_in(2) ? call_kernel(ABI_SYS_TCB_RESUME, tcb, 0, 0)
                          : write_registers(pd, tcb, true);
    }
    switch (choose(7)) {
    case 6:
        return call_kernel(once_in(4) ? ABI_SYS_TCB_SET_MAXIMUM : ABI_SYS_TCB_SET_PRIORITY, tcb,
                           ABI_CAP_TCB, once_in(2) ? pd->thread.priority : 98 + choose(6));
    case 0:
        return call_kernel(ABI_SYS_TCB_READ_REGISTERS, tcb, choose(2), wrong_sometimes(36));
    case 1:
        return write_registers(pd, tcb, once_in(2));
    case 2:
        return call_kernel(ABI_SYS_TCB_SUSPEND, tcb, 0, 0);
    default:
        return call_kernel(ABI_SYS_TCB_RESUME, tcb, 0, 0);
    }
}

/* Somebody whose TCB its cspace has. */
static enum trap manage_other(struct pd *pd)
{
    uint64_t slot = 1 + choose(MODEL_PDS);
    const struct image_cap *cap = &pd->desc->cspace[slot];

    if (cap->kind == IMAGE_CAP_SC) {
        return call_kernel(once_in(2) ? ABI_SYS_SC_YIELD_TO : ABI_SYS_SC_CONSUMED,
                           slot << ABI_CSPACE_SHIFT, 0, 0);
    }
    return cap->kind == IMAGE_CAP_TCB ? manage(pd, slot << ABI_CSPACE_SHIFT, &pds[cap->pd].thread)
                                      : TRAP_NONE;
}

static enum trap inject(const struct pd *pd, unsigned int id)
{
    bool has_more = once_in(3);
    unsigned int slot = choose(has_more ? ABI_VCPU_SLOTS : ABI_LIST_REGISTERS);
    uint64_t intid = 100 + slot;

    (void)pd;
    if (model_is_hostile && once_in(4)) {
        intid = once_in(4)   ? 1019 + choose(6)
                : once_in(4) ? choose(3)
                : once_in(2) ? 100 + choose(4)
                             : MODEL_SPI + choose(4);
    }
    here->live.x[3] = choose(2) | (has_more ? ABI_INJECT_MORE : 0);
    here->live.x[4] = wrong_sometimes(slot);
    return call_kernel(ABI_SYS_VCPU_INJECT_IRQ, ABI_CAP_VCPU + id, intid,
                       wrong_sometimes(choose(32)));
}

/* What is injected, or bound, loses a state or is looked at. */
static enum trap look_at_interrupt(unsigned int id)
{
    uint64_t intid = once_in(3)   ? 100 + choose(ABI_VCPU_SLOTS)
                     : once_in(2) ? (once_in(2) ? 27 : choose(3))
                                  : MODEL_SPI + choose(MODEL_IRQS);

    switch (choose(3)) {
    case 0:
        return call_kernel(ABI_SYS_VCPU_IRQ_STATE, ABI_CAP_VCPU + id, intid, 0);
    case 1:
        return call_kernel(ABI_SYS_VCPU_WITHDRAW_IRQ, ABI_CAP_VCPU + id, choose(ABI_VCPU_SLOTS), 0);
    default:
        return call_kernel(ABI_SYS_VCPU_CLEAR_IRQ, ABI_CAP_VCPU + id, intid,
                           once_in(3) ? ABI_IRQ_PENDING : ABI_IRQ_ACTIVE);
    }
}

static enum trap bind(const struct pd *pd, unsigned int id)
{
    uint64_t how =
        choose(32) | (once_in(2) ? ABI_BIND_GROUP1 : 0) | (once_in(3) ? 0 : ABI_BIND_ENABLED);
    unsigned int channel = some_irq(pd);

    if (channel == CONSOLE_CHANNEL || channel == MODEL_CHANNELS + MODEL_ALARM_IRQ || once_in(3)) {
        return call_kernel(ABI_SYS_VCPU_BIND_VPPI, ABI_CAP_VCPU + id, wrong_sometimes(27), how);
    }
    return call_kernel(ABI_SYS_VCPU_BIND_IRQ, ABI_CAP_VCPU + id, ABI_CAP_IRQ + channel,
                       wrong_sometimes(how));
}

/* As a VMM would route and bind them, mostly. */
static enum trap bind_sgi(unsigned int id)
{
    uint64_t how =
        choose(32) | (once_in(2) ? ABI_BIND_GROUP1 : 0) | (once_in(3) ? 0 : ABI_BIND_ENABLED);
    uint64_t number = once_in(16) ? choose(8) : (id - MODEL_PDS) % MODEL_VCPUS;

    if (once_in(4)) {
        here->live.x[3] = gic_is_v3 ? 0 : MODEL_SGIR;
        return call_kernel(ABI_SYS_VCPU_ROUTE_SGIS, ABI_CAP_VCPU + id, wrong_sometimes(number),
                           number);
    }
    if (once_in(4)) {
        here->live.x[3] = once_in(2) ? choose(1 << MODEL_VCPUS) : 0;
        return call_kernel(ABI_SYS_VCPU_CHANGE_SGI, ABI_CAP_VCPU + id, wrong_sometimes(choose(3)),
                           once_in(2) ? choose(1 << MODEL_VCPUS) : 0);
    }
    return call_kernel(ABI_SYS_VCPU_BIND_SGI, ABI_CAP_VCPU + id, wrong_sometimes(choose(3)),
                       wrong_sometimes(how));
}

static enum trap touch_register(unsigned int id)
{
    static const uint8_t registers[] = {ABI_VCPU_TPIDR_EL1, ABI_VCPU_SCTLR,   ABI_VCPU_CNTV_CTL,
                                        ABI_VCPU_CNTV_CVAL, ABI_VCPU_CNTVOFF, ABI_VCPU_TTBR0};
    uint64_t reg = wrong_sometimes(registers[choose(sizeof(registers))]);
    uint64_t value = reg == ABI_VCPU_CNTV_CTL ? choose(4) : now + choose(100);

    if (reg == ABI_VCPU_CNTVOFF) {
        value = choose(50);
    }
    return call_kernel(once_in(2) ? ABI_SYS_VCPU_READ_REG : ABI_SYS_VCPU_WRITE_REG,
                       ABI_CAP_VCPU + id, reg, value);
}

static enum trap look_after_guest(struct pd *pd, unsigned int id)
{
    const struct thread *thread = &vcpus[pd->desc->vcpus[id]].thread;

    switch (choose(10)) {
    case 9:
        return bind_sgi(id);
    case 0:
    case 1:
        return manage(pd, ABI_CAP_VM_TCB + id, thread);
    case 8:
        return look_at_interrupt(id);
    case 2:
    case 3:
        return inject(pd, id);
    case 4:
        return call_kernel(ABI_SYS_VCPU_ACK_VPPI, ABI_CAP_VCPU + id, wrong_sometimes(27), 0);
    case 5:
        return touch_register(id);
    case 6:
        return bind(pd, id);
    default:
        return once_in(3) ? call_kernel(ABI_SYS_VCPU_RESET_VGIC, ABI_CAP_VCPU + id, 0, 0)
                          : call_kernel(ABI_SYS_TCB_RESUME, ABI_CAP_VM_TCB + id, 0, 0);
    }
}

/* ---- What it received ---- */

static enum trap answer_fault(struct pd *pd, struct ghost *ghost, uint64_t tcb)
{
    uint64_t label = ABI_MSGINFO_LABEL(ghost->info);

    if (label == ABI_FAULT_UNKNOWN_SYSCALL) {
        pd->ipc_buffer[ABI_UNKNOWN_SYSCALL_IP] += 4;
        return receive(ghost, ABI_MSGINFO(once_in(16), 12));
    }
    if (label == ABI_FAULT_USER_EXCEPTION) {
        pd->ipc_buffer[ABI_USER_EXCEPTION_IP] += 4;
        return receive(ghost, ABI_MSGINFO(once_in(16), 1 + choose(3)));
    }
    if (label == ABI_FAULT_CAP || ghost->stage == 2) {
        return receive(ghost, 0);
    }
    if (ghost->stage++ == 0) {
        return call_kernel(ABI_SYS_TCB_READ_REGISTERS, tcb, 0, 36);
    }
    pd_transfer(pd)[0] += 4;
    return call_kernel(ABI_SYS_TCB_WRITE_REGISTERS, tcb, 0, once_in(2) ? 36 : 1);
}

static enum trap answer_guest(struct pd *pd, struct ghost *ghost, unsigned int id)
{
    uint64_t label = ABI_MSGINFO_LABEL(ghost->info);

    if (label == ABI_FAULT_VPPI_EVENT && ghost->stage++ == 0) {
        here->live.x[3] = 1;
        here->live.x[4] = choose(ABI_LIST_REGISTERS);
        return call_kernel(ABI_SYS_VCPU_INJECT_IRQ, ABI_CAP_VCPU + id,
                           model_is_hostile ? 27 : 100 + here->live.x[4], 8);
    }
    if (label == ABI_FAULT_VGIC_MAINTENANCE && ghost->stage++ == 0 && once_in(2)) {
        return call_kernel(ABI_SYS_VCPU_ACK_VPPI, ABI_CAP_VCPU + id, 27, 0);
    }
    if (label == ABI_FAULT_VPPI_EVENT || label == ABI_FAULT_VGIC_MAINTENANCE) {
        return receive(ghost, 0);
    }
    if (once_in(4)) { /* as PSCI's CPU_SUSPEND would have it */
        return call_kernel(ABI_SYS_VCPU_SLEEP, ABI_CAP_VCPU + id, 0, 0);
    }
    return answer_fault(pd, ghost, ABI_CAP_VM_TCB + id);
}

static void quiet(uint32_t intid)
{
    if (intid >= MODEL_SPI) {
        gic_lower(intid);
    } else if (here->opens_timer) {
        here->program_deadline = once_in(2) ? MODEL_NEVER : now + choose(300);
        gic_update();
    }
}

static enum trap answer_interrupts(struct pd *pd, struct ghost *ghost)
{
    for (unsigned int i = 0; i < model_irq_count; i++) {
        uint64_t bit = 1UL << model_irqs[i].channel;

        if ((ghost->badge & bit) == 0 || &pds[model_irqs[i].pd] != pd) {
            continue;
        }
        ghost->badge &= ~bit;
        if (!once_in(8)) {
            quiet(model_irqs[i].intid);
        }
        return call_kernel(ABI_SYS_SEND, ABI_CAP_IRQ + model_irqs[i].channel, 0, 0);
    }
    return receive(ghost, 0);
}

static enum trap handle_event(struct pd *pd, struct ghost *ghost)
{
    unsigned int id = (unsigned int)(ghost->badge & ABI_BADGE_ID);

    if (!ghost->has_event) {
        return receive(ghost, 0);
    }
    if ((ghost->badge & ABI_BADGE_ENDPOINT) == 0) { /* or its devices are silent for good */
        return answer_interrupts(pd, ghost);
    }
    if (once_in(64)) {
        ghost->owes_reply = false;
        return receive(ghost, 0);
    }
    if ((ghost->badge & ABI_BADGE_FAULT) == 0) {
        pd->ipc_buffer[0] = now * 11;
        return receive(ghost, ABI_MSGINFO(now, choose(130)));
    }
    return id < MODEL_PDS ? answer_fault(pd, ghost, ABI_CAP_CHILD_TCB + id)
                          : answer_guest(pd, ghost, id);
}

/* ---- What it does on its own ---- */

static enum trap print(void)
{
    if (once_in(3)) {
        return call_kernel(ABI_SYS_DEBUG_READ, CONSOLE_CHANNEL + (once_in(40) ? 60 : 0),
                           wrong_sometimes(64), 0);
    }
    return call_kernel(ABI_SYS_DEBUG_PUTC, once_in(4) ? '\n' : 'x', 0, 0);
}

/* What debug kernels and benchmarks have. */
static enum trap ask(struct pd *pd)
{
    uint64_t cap = once_in(2) ? ABI_CAP_TCB : choose(ABI_CAP_CHILD_TCB);

    switch (choose(7)) {
    case 6:
        return call_kernel(ABI_SYS_YIELD, 0, 0, 0);
    case 0:
        (void)snprintf((char *)pd_transfer(pd), ABI_NAME_LENGTH, "%s", pd->desc->name);
        return call_kernel(ABI_SYS_DEBUG_NAME, cap, 0, 0);
    case 1:
        return call_kernel(ABI_SYS_DEBUG_THREAD, choose(MODEL_THREADS + 2), 0, 0);
    case 2:
        return call_kernel(ABI_SYS_DEBUG_IDENTIFY, cap, 0, 0);
    case 3:
        return call_kernel(ABI_SYS_BENCHMARK_RESET + choose(4), cap, 0, 0);
    case 4:
        return call_kernel(ABI_SYS_SMC, ABI_CAP_ARM_SMC, 0, 0);
    default:
        return print();
    }
}

/* Calls that are rare. */
static enum trap be_odd(struct pd *pd)
{
    unsigned int rarely = pd->thread.handler != NULL ? 2 : 40;

    if (!once_in(rarely)) {
        return ask(pd);
    }
    switch (choose(7)) {
    case 0:
        return call_kernel(once_in(2) ? 100 : ~0UL, 1, 2, 3);
    case 1:
        return trapped(0x3c, TRAP_SYNC);
    case 2:
        return trapped(0x00, TRAP_SYNC);
    case 3:
        return trapped(0x20, TRAP_SYNC);
    case 4:
        return call_kernel(ABI_SYS_CALL, ABI_CAP_ENDPOINT + 60, 0, 0);
    case 5:
        return once_in(8) ? trapped(0x2f, TRAP_SERROR)
                          : call_kernel(ABI_SYS_TCB_SUSPEND, ABI_CAP_TCB, 0, 0);
    default:
        return trapped(0x24, TRAP_ABORT);
    }
}

static enum trap compute(struct pd *pd)
{
    struct ghost *ghost = ghost_of(&pd->thread);

    if (here->opens_timer && once_in(4)) {
        here->program_deadline = now + choose(300);
        gic_update();
    } else if (once_in(4)) {
        here->live.x[2 + choose(29)] = now;
        here->live.sp = now * 8;
        here->tpidr_el0 = now + 1;
    } else if (once_in(8)) {
        if (!pd->thread.fpu && !once_in(100)) {
            return TRAP_NONE;
        }
        if (here->traps_fp) {
            return trapped(0x07, TRAP_SYNC);
        }
        here->fp = now * 7 + choose(1000);
        ghost->fp = here->fp;
    }
    return TRAP_NONE;
}

static enum trap talk(struct pd *pd)
{
    if (once_in(3)) {
        unsigned int peer = choose(pd_count);

        if ((pd->channels[peer].rights & IMAGE_CHANNEL_CALL) != 0) {
            pd->ipc_buffer[0] = now * 9;
            if (once_in(3)) { /* which is not answered */
                return call_kernel(ABI_SYS_SEND_MESSAGE, ABI_CAP_ENDPOINT + peer,
                                   ABI_MSGINFO(now, choose(130)), once_in(2) ? ABI_NONBLOCKING : 0);
            }
            return call_kernel(ABI_SYS_CALL, ABI_CAP_ENDPOINT + peer, ABI_MSGINFO(now, choose(130)),
                               0);
        }
    }
    if (once_in(4)) {
        return call_kernel(ABI_SYS_SEND, ABI_CAP_IRQ + some_irq(pd), 0, 0);
    }
    if (once_in(8)) { /* an answer, or a signal; one that blocks needs the capability */
        unsigned int channel = choose(MODEL_CHANNELS);
        bool is_held = pd->channels[channel].kind == IMAGE_CHANNEL_PD;
        uint64_t cap = once_in(4) ? ABI_CAP_REPLY : ABI_CAP_NOTIFICATION + channel;

        return call_kernel(ABI_SYS_SEND_MESSAGE, bad_at_times(cap), ABI_MSGINFO(0, choose(130)),
                           is_held && once_in(2) ? 0 : ABI_NONBLOCKING);
    }
    return call_kernel(ABI_SYS_SEND, ABI_CAP_NOTIFICATION + choose(MODEL_CHANNELS), 0, 0);
}

static enum trap act(struct pd *pd)
{
    unsigned int child = some(pd->desc->children, MODEL_PDS);
    unsigned int guest = some(pd->desc->vcpus, MODEL_THREADS);

    switch (choose(32)) {
    case 0:
        return manage_other(pd);
    case 1:
        return child < MODEL_PDS
                   ? manage(pd, ABI_CAP_CHILD_TCB + child, &pds[pd->desc->children[child]].thread)
                   : TRAP_NONE;
    case 2:
    case 3:
    case 4:
        return guest < MODEL_THREADS ? look_after_guest(pd, guest) : TRAP_NONE;
    case 5:
        return be_odd(pd);
    case 6:
    case 7:
    case 8:
    case 9:
        return talk(pd);
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
        return compute(pd);
    default:
        return handle_event(pd, ghost_of(&pd->thread));
    }
}

enum trap program_step(struct pd *pd)
{
    enum trap trap = act(pd);

    if (trap == TRAP_NONE) {
        here->live.pc += 4;
        ghost_note();
    }
    return trap;
}
