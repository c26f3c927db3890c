/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest does, instruction by instruction: mostly what a kernel would, in no sensible order.
 */
#include "tests/model/gic.h"

#include "kernel/arch/arch.h"
#include "tests/model/sgis.h"

#define SYNDROME(class) ((uint64_t)(class) << 26 | 1UL << 25)

static enum trap trapped(uint64_t syndrome, enum trap trap)
{
    here->syndrome = syndrome;
    return trap;
}

#define IS_WFE 1UL

/* No event is there: it goes on all the same, as it may, or others do. */
static enum trap wait_for_event(struct vcpu *vcpu)
{
    trace("%s: WFE%s", vcpu->thread.name, here->traps_wfi ? ", which traps" : "");
    return here->traps_wfi ? trapped(SYNDROME(0x01) | IS_WFE, TRAP_SYNC) : TRAP_NONE;
}

static enum trap wait_for_interrupt(struct vcpu *vcpu)
{
    if (once_in(3)) {
        return wait_for_event(vcpu);
    }
    trace("%s: WFI%s", vcpu->thread.name, here->traps_wfi ? ", which traps" : "");
    if (here->traps_wfi) {
        return trapped(SYNDROME(0x01), TRAP_SYNC);
    }
    here->waits_for_interrupt = true;
    return TRAP_NONE;
}

static enum trap hypercall(struct vcpu *vcpu)
{
    here->elr = here->live.pc + 4;
    trace("%s: HVC", vcpu->thread.name);
    return trapped(SYNDROME(0x16), TRAP_SYNC);
}

static enum trap touch_memory(struct vcpu *vcpu)
{
    bool is_fetch = once_in(8);

    here->ipa = choose(1 << 12) * 0x1000UL;
    here->far = here->ipa;
    trace("%s: %s abort", vcpu->thread.name, is_fetch ? "instruction" : "data");
    return is_fetch ? trapped(SYNDROME(0x20), TRAP_SYNC) : trapped(SYNDROME(0x24), TRAP_ABORT);
}

/* Which a guest would address; and others. */
static enum trap send_sgi(struct vcpu *vcpu)
{
    unsigned int rt = choose(32);
    uint64_t intid = choose(once_in(8) ? VCPU_SGIS : 3);
    uint64_t to = choose(1 << MODEL_VCPUS);
    uint64_t value;

    if (gic_is_v3) {
        value = intid << 24 | to | (uint64_t)once_in(4) << 40 | (uint64_t)once_in(32) << 44;
    } else {
        value = intid | to << 16 | (once_in(4) ? choose(4) << 24 : 0);
    }
    if (rt != 31) {
        here->live.x[rt] = value;
        ghost_of(&vcpu->thread)->frame.x[rt] = value;
    }
    trace("%s: sends SGIs, %lx", vcpu->thread.name, rt != 31 ? value : 0);
    if (gic_is_v3) {
        return trapped(SYNDROME(0x18) | 3UL << 20 | 5UL << 17 | 12UL << 10 | rt << 5 | 11UL << 1,
                       TRAP_REGISTER);
    }
    here->ipa = MODEL_SGIR;
    here->far = here->ipa;
    return trapped(SYNDROME(0x24) | 1UL << 24 | 2UL << 22 | (uint64_t)rt << 16 | 1UL << 6,
                   TRAP_ABORT);
}

static enum trap touch_fp(struct vcpu *vcpu)
{
    if (here->traps_fp) {
        return trapped(SYNDROME(0x07), TRAP_SYNC);
    }
    here->fp = now * 3 + choose(1000);
    ghost_of(&vcpu->thread)->fp = here->fp;
    return TRAP_NONE;
}

static void set_timer(struct vcpu *vcpu)
{
    here->cntv_cval = now - here->cntvoff + choose(200);
    here->cntv_ctl = once_in(4) ? choose(4) : 1;
    trace("%s: timer %lx, control %lx", vcpu->thread.name, here->cntv_cval + here->cntvoff,
          here->cntv_ctl);
    gic_update();
}

static void lower_device(uint32_t intid)
{
    if (intid == 27) {
        if (!once_in(6)) {
            here->cntv_ctl = once_in(2) ? 0 : 3;
        }
    } else if (intid >= MODEL_SPI && intid < MODEL_SPI + MODEL_IRQS && !once_in(6)) {
        gic_lower(intid);
    }
    gic_update();
}

static void take_interrupt(struct vcpu *vcpu)
{
    uint32_t intid = gic_guest_acknowledge();

    if (intid != GIC_NONE) {
        trace("%s: takes interrupt %u", vcpu->thread.name, intid);
        ghost_of(&vcpu->thread)->taken[gic_guest_running()] = intid;
        sgis_taken(vcpu, intid, gic_guest_source());
        lower_device(intid);
    }
}

static void end_interrupt(struct vcpu *vcpu)
{
    uint32_t priority = gic_guest_running();

    if (priority != GIC_NONE) {
        uint32_t intid = ghost_of(&vcpu->thread)->taken[priority];

        trace("%s: ends interrupt %u", vcpu->thread.name, intid);
        gic_guest_end(intid);
    }
}

static void set_interface(void)
{
    bool enable = !once_in(8);

    gic_guest_control(enable, once_in(4) ? choose(32) : 31);
}

static void change_registers(struct vcpu *vcpu)
{
    here->live.x[choose(31)] = now;
    here->tpidr_el0 = now + 1;
    here->el1 = now + 2;
    here->sctlr = once_in(2) ? here->sctlr : now + 3;
    (void)vcpu;
}

/* What does not trap. */
static void work(struct vcpu *vcpu)
{
    switch (choose(8)) {
    case 0:
        set_timer(vcpu);
        break;
    case 1:
    case 2:
        take_interrupt(vcpu);
        break;
    case 3:
    case 4:
        end_interrupt(vcpu);
        break;
    case 5:
        if (!gic_guest_is_enabled() || once_in(8)) {
            set_interface();
        }
        break;
    case 6:
        change_registers(vcpu);
        break;
    default:
        break;
    }
}

static enum trap act(struct vcpu *vcpu)
{
    switch (choose(25)) {
    case 24:
        return send_sgi(vcpu);
    case 0:
    case 1:
        return wait_for_interrupt(vcpu);
    case 2:
        return hypercall(vcpu);
    case 3:
        return touch_memory(vcpu);
    case 4:
        return touch_fp(vcpu);
    case 5: /* SMC, a system register, or what has no class of its own */
        return trapped(SYNDROME(once_in(2) ? 0x17 : once_in(2) ? 0x18 : 0x00), TRAP_SYNC);
    case 6:
        return once_in(40) ? trapped(SYNDROME(0x2f), TRAP_SERROR) : TRAP_NONE;
    default:
        work(vcpu);
        return TRAP_NONE;
    }
}

enum trap guest_step(struct vcpu *vcpu)
{
    enum trap trap = act(vcpu);

    if (trap == TRAP_NONE && !here->waits_for_interrupt) {
        here->live.pc += 4;
    }
    if (trap == TRAP_NONE) {
        ghost_note();
    }
    return trap;
}
