/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs: a thread that runs a guest at EL1 and EL0. Its EL1 registers, list registers and
 * virtual timer state stay on the core until another vCPU needs them (struct cpu.vcpu, "resident"),
 * so that an exit to its VMM and back moves little.
 */
#ifndef SLUICE_KERNEL_VCPU_VCPU_H
#define SLUICE_KERNEL_VCPU_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/image.h"
#include "kernel/dev/gic.h"
#include "kernel/irq/route.h"
#include "kernel/pd/thread.h"
#include "kernel/smp/cpu.h"

#define VCPU_SGIS 16

/* An SGI that goes from vCPU to vCPU (sgi.h). */
struct sgi {
    struct virq virq; /* first */
    uint8_t sources;  /* CPUs of its guest from which it is pending, but for … */
    uint8_t source;   /* … the one whose `virq` is, where that is pending or active */
    uint8_t priority; /* as the guest has it now: `virq` may still have … */
    uint8_t group;
    bool is_stale;              /* … what it was before */
    bool is_open;               /* it goes to the guest */
    bool is_plain;              /* … and, from `source`, with what `virq` has already */
} __attribute__((aligned(64))); /* a shift away */

struct sgi_vm;
struct sgi_box;

struct vcpu {
    struct thread thread; /* first */
    const struct image_vcpu *desc;
    struct arch_vcpu arch;                   /* EL1 registers, while not resident */
    struct gic_vcpu gic;                     /* list registers, while not resident */
    struct virq slots[ABI_VCPU_SLOTS];       /* what the VMM injected, by its index */
    uint64_t used_slots;                     /* those of them that may hold something */
    struct virq *owners[GIC_LIST_REGISTERS]; /* whose each used list register is */
    struct list_node waiting;                /* virqs without a list register, by priority */
    struct list_node parked; /* virqs that the guest has taken, without one, by priority */
    uint32_t dropped;        /* active priorities whose interrupt is inactive: a bit for each */
    uint64_t due;            /* VCPU_DUE_*, before it runs again */
    struct binding timer;    /* the virtual timer's interrupt */
    struct sgi sgis[VCPU_SGIS];
    uint16_t sgis_bound;     /* of them those that are its VMM's no more: a bit for each */
    uint16_t sgis_open;      /* … and that go to the guest */
    uint8_t sgi_number;      /* which CPU of its guest it is, if it is there, … */
    uint64_t sgi_gate;       /* … how its guest sends (sgi.h), … */
    struct sgi_vm *sgi_vm;   /* … among whom */
    struct sgi_box *sgi_box; /* what others leave for it */
    struct vcpu *first;      /* of those of its VM that share its core; may be itself */
    struct vcpu *newest;     /* of `first`: who of them was on the core last, or NULL */
    bool is_direct;          /* since the last reset, an interrupt was bound to it */
    bool timer_active; /* it is active at the GIC; if bound: was, when the vCPU left the core */
};

#define VCPU_DUE_ENDED                                                         \
    ((1UL << ABI_VCPU_SLOTS) - 1)  /* slots of whose EOI the VMM is to be told \
                                    */
#define VCPU_DUE_SLEEP (1UL << 63) /* its VMM asked it to sleep */
#define VCPU_DUE_SGIS  (1UL << 62) /* SGIs have come while it did not run */

extern struct vcpu vcpus[ABI_MAX_VCPUS];
extern unsigned int vcpu_count;

void vcpu_init(unsigned int index, const struct image_vcpu *desc, uint64_t stage2);

static inline struct vcpu *vcpu_from_thread(struct thread *thread)
{
    return (struct vcpu *)thread;
}

/* switch.c */

/* The core goes from `cpu->current` to `next` (NULL: idle). */
void switch_to(struct cpu *cpu, struct thread *next);
/* The same to nobody, if `cpu->current` does not run any more: a timer of its own that is due is
 * silent from then on. */
void switch_from_stopped(struct cpu *cpu);
/* From now on all is the core's (smp_take_all()); another core may have stopped who ran. */
void switch_take_all(struct cpu *cpu);
/* The same from one program to another. */
void switch_program(struct cpu *cpu, struct thread *next);
/* The same from the guest that runs to a program, and from one to the guest of `cpu->vcpu`. */
void switch_to_program(struct cpu *cpu, struct thread *next);
void switch_to_guest(struct cpu *cpu);
/* Before each return to the guest: WFI traps iff another thread could use the core. */
void switch_refresh_wfi(struct cpu *cpu);
/* Takes the vCPU's registers off the core into the struct. It must not be current. */
void switch_evict(struct vcpu *vcpu);
/* The same for a vCPU of another core, on which it may run; nothing if it is this one's. */
void switch_evict_remote(struct vcpu *vcpu);
/* The core's part of smp_evict_core(): all that it holds of threads goes to memory. */
void switch_evict_all(struct cpu *cpu);
/* The current thread used FP registers, and may. */
void switch_fp(struct cpu *cpu, struct thread *thread);

/* exit.c: a synchronous exception of the guest. */
void exit_sync(struct cpu *cpu, struct vcpu *vcpu, uint64_t syndrome);
/* The vCPU, chosen on this core, sleeps if its VMM asked for that and nothing is signalled to it:
 * true. */
bool exit_sleep_as_asked(struct cpu *cpu, struct vcpu *vcpu);

/* sysreg.c: an access to a register that trapped. False: it is the VMM's affair, nothing was done.
 */
bool sysreg_emulate(struct arch_frame *frame, uint64_t syndrome);
/* feature.c: S3_0_C0_C<crm>_<op2>, crm 1 to 7, as a guest reads it. */
uint64_t feature_register(unsigned int crm, unsigned int op2);
/* skip.c: the guest goes on behind the instruction that trapped. False: it was none, since its
 * condition had failed. */
bool skip_instruction(struct arch_frame *frame, uint64_t syndrome);

/* list.c: list registers, on the core or saved, and who waits for one. The vCPU is resident on the
 * calling core, or on none; all that it has EOI'd was asked for: list_take_unlisted(). */

void list_init_vcpu(struct vcpu *vcpu);
/* Into a list register if there is one for it; it waits otherwise. Nothing if it is there already,
 * but that an LPI which the guest has taken becomes pending once more. */
void list_offer(struct vcpu *vcpu, struct virq *virq);
/* The same for one of its VMM's with another interrupt, instead of what the guest has not taken of
 * the old one. Nothing while the guest has taken that and not ended it. */
void list_renew(struct vcpu *vcpu, struct virq *slot, struct gic_virq how);
/* The same, for one whose number another slot has in a list register: when the guest has ended
 * that. */
void list_queue(struct vcpu *vcpu, struct virq *slot, struct gic_virq how);
/* Out again, if the guest has not taken it, or not once more: true. */
bool list_withdraw(struct vcpu *vcpu, struct virq *virq);
/* The guest has taken it: as if it had ended it, but for the running priority, and nobody is told.
 */
void list_drop(struct vcpu *vcpu, struct virq *virq);
/* It may have EOI'd what is in no list register. */
void list_take_counted(struct vcpu *vcpu);

static inline void list_take_unlisted(struct vcpu *vcpu)
{
    if (vcpu->gic.notice >= GIC_NOTICE_UNLISTED || vcpu->dropped != 0) {
        list_take_counted(vcpu);
    }
}

/* The usual state by the contract alone: no list register holds anything, nothing waits for one or
 * is parked, and nothing is bound. What the VMM has injected is in used_slots until its end. */
static inline bool list_is_bare(const struct vcpu *vcpu)
{
    return vcpu->used_slots == 0 && !vcpu->is_direct && vcpu->dropped == 0 &&
           vcpu->gic.notice == GIC_NOTICE_ENDED;
}

/* list_renew() for one that is resident on this core and list_is_bare(). */
void list_give_first(struct vcpu *vcpu, unsigned int index, struct gic_virq how);
/* The kernel is to hear of the end of one that is its own, an SGI: sgi_end(). */
void list_report_end(struct vcpu *vcpu, struct virq *virq);
/* The guest has ended what was in this list register, its VMM is to be told: true. False: it is not
 * its VMM's. */
bool list_end(struct vcpu *vcpu, unsigned int index);
/* Those that wait get what has become free. */
void list_refill(struct vcpu *vcpu);
/* Whether the guest would be interrupted by what it has, but for PSTATE: pending, enabled, and not
 * masked by a priority. Nothing else ends its sleep. */
bool list_is_signalling(const struct vcpu *vcpu);
/* The vCPU's own injection of this number which the guest has not ended, other than `but`; NULL:
 * there is none. No number is in two list registers (IHI 0048B, 5.3.10: UNPREDICTABLE). */
struct virq *list_find_slot(struct vcpu *vcpu, uint32_t intid, const struct virq *but);
/* The guest has taken it, and not ended it. */
bool list_is_taken(const struct vcpu *vcpu, const struct virq *virq);
/* `from`, active in a list register, is from now on the direct `to`'s, and active there. */
void list_adopt(struct vcpu *vcpu, struct virq *from, struct virq *to);
/* ABI_IRQ_* of a virq: pending while it waits; 0: the guest has ended it. */
uint64_t list_state(const struct vcpu *vcpu, const struct virq *virq);
/* Whether a virq is in a list register, or was, and is parked: the guest has not ended it. */
bool list_holds(const struct vcpu *vcpu, const struct virq *virq);
/* The vCPU is on no core: its virtual interface is as after a reset. */
void list_reset(struct vcpu *vcpu);

/* park.c: what the guest has taken when there are more of these than list registers. */

/* Into `parked`, out of a list register that has `value`. */
void park(struct vcpu *vcpu, struct virq *virq, uint64_t value);
/* The guest will EOI this one first of all that are parked: out of there again. There is one. */
struct virq *park_take(struct vcpu *vcpu);
/* One that the guest has taken, and whose list register had `value`, was made inactive. */
void park_drop(struct vcpu *vcpu, uint64_t value);
/* The guest has EOI'd what is in no list register: whose it was, out of `parked`; NULL: it was not
 * active any more. */
struct virq *park_take_ended(struct vcpu *vcpu);
/* Out of `parked`, and forgotten. */
void park_forget(struct virq *virq);

/* inject.c: where virtual interrupts come from: its VMM, and interrupts bound to it. */

void inject_irq(struct vcpu *vcpu, struct gic_virq virq, unsigned int index);
/* Out of the slot again. False: the guest has taken it, or the VMM is yet to be told of its end. */
bool inject_withdraw(struct vcpu *vcpu, unsigned int index);
/* ABI_IRQ_* of this number, injected or bound. */
uint64_t inject_state(struct vcpu *vcpu, uint32_t intid);
/* Of this number, injected or bound: is active no more, and nobody is told. False: it was not. */
bool inject_deactivate(struct vcpu *vcpu, uint32_t intid);
/* What is bound, of this number: is pending no more, unless a level is up. False: it was not. */
bool inject_clear(struct vcpu *vcpu, uint32_t intid);
/* sgi_change() */
uint8_t inject_change_sgi(struct vcpu *vcpu, uint32_t intid, uint8_t clear, uint8_t set);
/* A vCPU that sleeps goes on: what it waits for may have changed. */
void inject_wake(struct vcpu *vcpu);
/* A bound interrupt has fired: it is active at the GIC. */
void inject_bound(struct binding *binding);
/* Maintenance interrupt on this core: the resident vCPU has ended interrupts. */
void inject_maintenance(struct cpu *cpu);
/* The virtual timer fired on this core. */
void inject_timer(struct cpu *cpu);
void inject_ack_timer(struct vcpu *vcpu);

/* Tells the VMM of one ended interrupt, if there is one: true, and the vCPU is blocked. */
bool inject_report_ended(struct vcpu *vcpu);
/* Just which it is: the slot. There is one. */
unsigned int inject_take_ended(struct vcpu *vcpu);

/* bind.c: interrupts that go to a guest directly. */

/* As the guest has it now. `virq.intid` is irq_virtual_intid(). */
void bind_irq(struct vcpu *vcpu, struct irq *irq, struct gic_virq virq, bool enabled);
/* One whose `next` is set has fired. False: that has it from now on. True: not yet. */
bool bind_is_kept(struct binding *binding);
void bind_timer(struct vcpu *vcpu, struct gic_virq virq, bool enabled);
/* Nothing is bound to the vCPU any more, and nothing is left of it in the GIC. */
void bind_reset(struct vcpu *vcpu);
/* `intid` is bound to the vCPU: it fires as if its device, or the timer, had done it. False: it is
 * not bound. */
bool bind_pend(struct vcpu *vcpu, uint32_t intid);
/* ABI_IRQ_* of it, at the GIC, at the timer or in a list register; 0 if it is not bound. */
uint64_t bind_state(struct vcpu *vcpu, uint32_t intid);
/* `intid` is bound to the vCPU: what the guest has taken, or has not, is inactive at the GIC and
 * nowhere else; a level that is up fires again. False: it is not bound, or was not so. For the
 * first the vCPU is on no core. */
bool bind_deactivate(struct vcpu *vcpu, uint32_t intid);
bool bind_clear(struct vcpu *vcpu, uint32_t intid);

/* registers.c: what a VMM reads and writes; `reg` is below ABI_VCPU_REG_COUNT. */
uint64_t vcpu_read_register(struct vcpu *vcpu, unsigned int reg);
void vcpu_write_register(struct vcpu *vcpu, unsigned int reg, uint64_t value);
/* When the virtual timer of a vCPU that is on no core interrupts, or did. False: it is off, or
 * masked by itself. */
bool vcpu_timer_deadline(const struct vcpu *vcpu, uint64_t *deadline);

#endif
