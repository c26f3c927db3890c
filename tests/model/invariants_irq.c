/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold of interrupts whenever the lock is given back: a virtual one is in one place, a
 * physical one is active just as long as somebody has it, and no vCPU sleeps through one.
 */
#include "tests/model/gic.h"
#include "tests/model/invariants.h"

#include "kernel/arch/host/host.h"
#include "kernel/irq/route.h"
#include "kernel/vcpu/sgi_box.h"
#include "tests/model/machine.h"
#include "tests/model/sgis.h"

#define USED(lr) (((lr)&LR_STATE) != 0 || ((lr) & (LR_HW | LR_EOI)) == LR_EOI)

static bool is_resident(const struct vcpu *vcpu)
{
    return cpus[vcpu->thread.cpu].vcpu == vcpu;
}

/* What the kernel keeps of a list register, as the model has it. */
static uint32_t list_from(uint64_t value)
{
    return gic_is_v3 ? host_list_of_v2(value) : (uint32_t)value;
}

static uint32_t list_of(const struct vcpu *vcpu, unsigned int index)
{
    return is_resident(vcpu) ? gic_list(vcpu->thread.cpu, index) : list_from(vcpu->gic.list[index]);
}

/* ---- Where a virtual interrupt is ---- */

static unsigned int in_lists(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        count += USED(list_of(vcpu, i)) && vcpu->owners[i] == virq;
    }
    return count;
}

static unsigned int in_waiting(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int count = 0;

    for (const struct list_node *node = vcpu->waiting.next; node != &vcpu->waiting;
         node = node->next) {
        count += list_entry(node, struct virq, link) == virq;
    }
    return count;
}

static unsigned int in_parked(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int count = 0;

    for (const struct list_node *node = vcpu->parked.next; node != &vcpu->parked;
         node = node->next) {
        count += list_entry(node, struct virq, link) == virq;
    }
    return count;
}

static unsigned int places(const struct binding *binding)
{
    unsigned int count = binding->is_held;

    for (unsigned int i = 0; i < vcpu_count; i++) {
        count += in_lists(&vcpus[i], &binding->virq) + in_waiting(&vcpus[i], &binding->virq) +
                 in_parked(&vcpus[i], &binding->virq);
    }
    return count;
}

/* A core has acknowledged it and will deal with it. */
static bool is_on_its_way(uint32_t intid)
{
    for (unsigned int i = 0; i < core_count; i++) {
        if (cpus[i].acknowledged == intid) {
            return true;
        }
    }
    return false;
}

/* ---- One vCPU's virtual interface ---- */

static bool timer_is_active(const struct vcpu *vcpu)
{
    return is_resident(vcpu) ? gic_physical_is_active(vcpu->thread.cpu, MACHINE_VIRTUAL_TIMER)
                             : vcpu->timer_active;
}

static void check_list(const struct vcpu *vcpu, unsigned int index)
{
    uint32_t lr = list_of(vcpu, index);
    const char *name = vcpu->thread.name;

    if (!USED(lr)) {
        return;
    }
    require(vcpu->owners[index] != NULL, "%s: list register %u is nobody's", name, index);
    require(in_lists(vcpu, vcpu->owners[index]) == 1, "%s: %u is in two list registers", name,
            LR_INTID(lr));
    for (unsigned int i = 0; i < index && (lr & LR_STATE) != 0; i++) {
        uint32_t other = list_of(vcpu, i);

        require((other & LR_STATE) == 0 || LR_INTID(other) != LR_INTID(lr),
                "%s: two list registers have interrupt %u", name, LR_INTID(lr));
    }
    require(LR_INTID(lr) < 1019, "%s: interrupt %u in a list register", name, LR_INTID(lr));
    if ((lr & LR_HW) != 0 && (lr & LR_STATE) != 0) {
        require(LR_PHYSICAL(lr) == MACHINE_VIRTUAL_TIMER
                    ? timer_is_active(vcpu)
                    : gic_physical_is_active(0, LR_PHYSICAL(lr)),
                "%s: has interrupt %u, which is not active", name, LR_PHYSICAL(lr));
    }
}

/* All that wait have the number of another one, which the guest has not ended. */
static bool waits_for_twin(const struct vcpu *vcpu)
{
    for (const struct list_node *node = vcpu->waiting.next; node != &vcpu->waiting;
         node = node->next) {
        const struct virq *virq = list_entry(node, struct virq, link);
        bool has_twin = false;

        for (unsigned int i = 0; i < ABI_VCPU_SLOTS; i++) {
            const struct virq *slot = &vcpu->slots[i];

            has_twin |= slot != virq && slot->intid == virq->intid &&
                        (in_lists(vcpu, slot) != 0 || slot->is_parked);
        }
        if (!has_twin) {
            return false;
        }
    }
    return true;
}

static void check_waiting(const struct vcpu *vcpu)
{
    unsigned int core = vcpu->thread.cpu;
    uint8_t last = 0;
    uint32_t used = 0;
    uint32_t pending = 0;

    for (const struct list_node *node = vcpu->waiting.next; node != &vcpu->waiting;
         node = node->next) {
        const struct virq *virq = list_entry(node, struct virq, link);

        require(virq->priority >= last, "%s: interrupts wait out of order", vcpu->thread.name);
        require(in_lists(vcpu, virq) == 0, "%s: an interrupt waits and is in a list register",
                vcpu->thread.name);
        last = virq->priority;
    }
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint32_t lr = list_of(vcpu, i);

        used |=
            is_resident(vcpu) ? lr & LR_STATE : USED(lr); /* a free one is noticed when loaded */
        pending |= lr & LR_PENDING;
    }
    if ((used != 0 && (pending != 0 || !is_resident(vcpu) || waits_for_twin(vcpu))) ||
        vcpu->waiting.next == &vcpu->waiting) {
        return;
    }
    require(is_resident(vcpu) && gic_maintenance_is_up(core) &&
                gic_physical_is_enabled(core, MACHINE_MAINTENANCE),
            "%s: interrupts wait, though nothing stands before them", vcpu->thread.name);
}

/* What is parked is active, in the order in which the guest will end it, and nowhere else; its EOI
 * is heard of. */
static void check_parked(const struct vcpu *vcpu)
{
    uint32_t last = 0;

    for (const struct list_node *node = vcpu->parked.next; node != &vcpu->parked;
         node = node->next) {
        const struct virq *virq = list_entry(node, struct virq, link);
        uint32_t lr = list_from(virq->taken);

        require(virq->is_parked && (lr & LR_ACTIVE) != 0 &&
                    (virq->is_message || (lr & LR_PENDING) == 0),
                "%s: %u is parked, and not active", vcpu->thread.name, virq->intid);
        require(LR_PRIORITY(lr) >= last, "%s: parked out of order", vcpu->thread.name);
        require(in_lists(vcpu, virq) == 0, "%s: %u is parked and in a list register",
                vcpu->thread.name, virq->intid);
        require(vcpu->gic.notice >= GIC_NOTICE_UNLISTED, "%s: nobody hears of the end of %u",
                vcpu->thread.name, virq->intid);
        last = LR_PRIORITY(lr);
    }
}

/* Whether a guest that waits would be interrupted by one of this priority and group. */
static bool can_signal(const struct vcpu *vcpu, uint32_t priority, bool is_group1)
{
    uint32_t vmcr = (uint32_t)vcpu->gic.vmcr;

    return (vmcr & (is_group1 ? 2 : 1)) != 0 && priority < VMCR_MASK(vmcr) &&
           vcpu->gic.active[0] == 0;
}

/* It is on no core, then. */
static void check_asleep(const struct vcpu *vcpu)
{
    const struct thread *thread = &vcpu->thread;
    const uint64_t *reg = vcpu->arch.reg;
    bool is_bound = vcpu->timer.vcpu != NULL;
    bool is_in_flight = is_bound ? places(&vcpu->timer) != 0 : vcpu->timer_active;
    bool is_heard = !is_bound || (vcpu->timer.open != NULL &&
                                  can_signal(vcpu, vcpu->timer.virq.priority,
                                             (list_from(vcpu->timer.virq.value) & LR_GROUP1) != 0));

    if (thread->state != THREAD_IDLE || is_resident(vcpu)) {
        return;
    }
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint32_t lr = list_from(vcpu->gic.list[i]);

        require((lr & LR_STATE) != LR_PENDING ||
                    !can_signal(vcpu, LR_PRIORITY(lr), (lr & LR_GROUP1) != 0),
                "%s sleeps, and has interrupt %u", thread->name, LR_INTID(lr));
    }
    if (is_heard && !is_in_flight && (reg[ABI_VCPU_CNTV_CTL] & 3) == 1) {
        uint64_t due = reg[ABI_VCPU_CNTV_CVAL] + reg[ABI_VCPU_CNTVOFF];

        require(thread->wake.link.next != &thread->wake.link && thread->wake.deadline <= due,
                "%s sleeps through its timer", thread->name);
    }
}

static void check_timer(const struct vcpu *vcpu)
{
    unsigned int count = places(&vcpu->timer);
    const char *name = vcpu->thread.name;

    if (is_on_its_way(MACHINE_VIRTUAL_TIMER)) {
        return;
    }
    require(count <= 1, "%s: its timer's interrupt is in %u places", name, count);
    if (vcpu->timer.vcpu != NULL) {
        require(timer_is_active(vcpu) == (count == 1),
                "%s: its timer's interrupt is %sactive, and in %u places", name,
                timer_is_active(vcpu) ? "" : "not ", count);
        require(!is_resident(vcpu) ||
                    gic_physical_is_enabled(vcpu->thread.cpu, MACHINE_VIRTUAL_TIMER) ==
                        (vcpu->timer.open != NULL),
                "%s: its timer's interrupt is enabled as its guest does not have it", name);
    } else if (is_resident(vcpu)) {
        require(gic_physical_is_enabled(vcpu->thread.cpu, MACHINE_VIRTUAL_TIMER),
                "%s: its timer's interrupt is not enabled", name);
        require(timer_is_active(vcpu) == vcpu->timer_active,
                "%s: its timer's interrupt is %sactive, and should %sbe", name,
                timer_is_active(vcpu) ? "" : "not ", vcpu->timer_active ? "" : "not ");
    }
}

/* What is pending of an SGI that the guest has enabled is in its virq, or waits for the end of
 * that; and there is one of it. What was sent and is wanted is on its way. */
static void check_sgi(const struct vcpu *vcpu, unsigned int intid)
{
    const struct sgi *sgi = &vcpu->sgis[intid];
    unsigned int count =
        in_lists(vcpu, &sgi->virq) + in_waiting(vcpu, &sgi->virq) + in_parked(vcpu, &sgi->virq);
    const char *name = vcpu->thread.name;

    require(count <= 1, "%s: SGI %u is in %u places", name, intid, count);
    require(sgi->sources == 0 || !sgi->is_open || count == 1, "%s: SGI %u is pending, and nowhere",
            name, intid);
    require(sgi->sources == 0 || !sgi->is_open || sgi->virq.is_reported,
            "%s: nobody hears of the end of SGI %u", name, intid);
    require(sgi->is_open == ((vcpu->sgis_open >> intid & 1) != 0), "%s: SGI %u is open or not",
            name, intid);
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        require(!sgi->virq.is_reported || vcpu->owners[i] != &sgi->virq ||
                    (list_of(vcpu, i) & LR_STATE) == 0 || (list_of(vcpu, i) & LR_EOI) != 0,
                "%s: SGI %u is in a list register that does not tell of its end", name, intid);
    }
}

/* From which CPUs it is pending, wherever that is. */
static uint8_t sgi_pending(const struct vcpu *vcpu, unsigned int intid)
{
    const struct sgi *sgi = &vcpu->sgis[intid];
    uint8_t pending = (uint8_t)(sgi_boxes[vcpu - vcpus].posted[intid / 8] >> intid % 8 * 8);
    bool is_offered = in_waiting(vcpu, &sgi->virq) != 0 ||
                      (sgi->virq.is_parked && (list_from(sgi->virq.taken) & LR_PENDING) != 0);

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        is_offered |= vcpu->owners[i] == &sgi->virq && (list_of(vcpu, i) & LR_PENDING) != 0;
    }
    return (uint8_t)(pending | sgi->sources | (is_offered ? 1U << sgi->source : 0));
}

static void check_sgis(const struct vcpu *vcpu)
{
    const struct sgi_box *box = &sgi_boxes[vcpu - vcpus];
    unsigned int core = vcpu->thread.cpu;
    bool is_coming = (sgi_posted[core] >> (vcpu - vcpus) & 1) != 0 &&
                     (gic_has_post(core) || cpus[core].acknowledged == GIC_POST);

    for (unsigned int i = 0; i < VCPU_SGIS; i++) {
        bool is_posted = (box->posted[i / 8] >> i % 8 * 8 & 0xff) != 0;

        check_sgi(vcpu, i);
        require(!sgis_has(vcpu, i) || sgi_pending(vcpu, i) == sgis_pending(vcpu, i),
                "%s: SGI %u is pending from %x, and should be from %x", vcpu->thread.name, i,
                sgi_pending(vcpu, i), sgis_pending(vcpu, i));
        require(!is_posted || (box->wanted >> i & 1) == 0 || is_coming,
                "%s: SGI %u was sent, and nobody says so", vcpu->thread.name, i);
    }
    require(box->wanted == vcpu->sgis_open || (vcpu->due & VCPU_DUE_SGIS) != 0,
            "%s: wants SGIs %x of %x", vcpu->thread.name, box->wanted, vcpu->sgis_open);
}

static void check_vcpu(const struct vcpu *vcpu)
{
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        check_list(vcpu, i);
    }
    require(cpus[vcpu->thread.cpu].current != &vcpu->thread || vcpu->due == 0 ||
                cpus[vcpu->thread.cpu].in_kernel || !cpus[vcpu->thread.cpu].has_peers,
            "%s runs, and its VMM is still to be told", vcpu->thread.name);
    check_waiting(vcpu);
    check_parked(vcpu);
    check_timer(vcpu);
    check_sgis(vcpu);
    check_asleep(vcpu);
}

/* ---- Physical interrupts ---- */

static void check_irq(const struct irq *irq)
{
    const struct binding *binding = &irq->binding;
    uint32_t intid = irq->desc->intid;
    unsigned int count = places(binding) + irq->active;
    unsigned int core = pds[irq->desc->pd].desc->cpu;
    bool is_active = gic_physical_is_active(core, intid);

    if (is_on_its_way(intid)) {
        return;
    }
    require(count <= 1, "interrupt %u is in %u places", intid, count);
    require(is_active == (count == 1), "interrupt %u is %sactive, and %s", intid,
            is_active ? "" : "not ", count == 0 ? "nobody has it" : "somebody has it");
    require(gic_physical_is_enabled(core, intid) ==
                (binding->vcpu == NULL || binding->open != NULL),
            "interrupt %u is %senabled", intid, gic_physical_is_enabled(core, intid) ? "" : "not ");
}

static void check_core(unsigned int core)
{
    require(cpus[core].vcpu == NULL || cpus[core].vcpu->thread.cpu == core,
            "core %u has another's vCPU", core);
    for (uint32_t intid = 0; intid < MACHINE_VIRTUAL_TIMER; intid++) {
        require(!gic_physical_is_active(core, intid) || is_on_its_way(intid),
                "core %u: interrupt %u stays active", core, intid);
    }
    require(cpus[core].vcpu != NULL || !gic_physical_is_active(core, MACHINE_VIRTUAL_TIMER) ||
                is_on_its_way(MACHINE_VIRTUAL_TIMER),
            "core %u: the timer's interrupt is active, and nobody's", core);
}

void invariants_check_interrupts(void)
{
    for (unsigned int i = 0; i < vcpu_count; i++) {
        check_vcpu(&vcpus[i]);
    }
    for (unsigned int i = 0; i < model_irq_count; i++) {
        check_irq(route_irq(i));
    }
    for (unsigned int i = 0; i < core_count; i++) {
        check_core(i);
    }
}
