/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers of a vCPU. They are fewer than what can be pending: those of the highest priority
 * have one, the others wait, and the maintenance interrupt says when one may be free. A pending
 * interrupt of lower priority makes room; so does an active one when nothing pending is there
 * (park.c), so that what the guest takes next always has a list register.
 */
#include <stddef.h>

#include "kernel/vcpu/list.h"
#include "kernel/vcpu/sgi.h"

static void wait(struct vcpu *vcpu, struct virq *virq)
{
    struct list_node *position = vcpu->waiting.next;

    while (position != &vcpu->waiting &&
           list_entry(position, struct virq, link)->priority <= virq->priority) {
        position = position->next;
    }
    list_insert_before(position, &virq->link);
}

/* That of the least important interrupt that is active, or NO_LIST. */
static unsigned int find_active(const struct vcpu *vcpu)
{
    unsigned int last = NO_LIST;
    uint8_t lowest = 0;

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint64_t value = list_get(vcpu, i);

        if (gic->list_is_active(value) && gic->list_priority(value) >= lowest) {
            lowest = gic->list_priority(value);
            last = i;
        }
    }
    return last;
}

/* A list register for an interrupt of this priority: a free one, or that of the least important
 * pending one of lower priority; if none is pending, that of an active one. NO_LIST: there is none.
 */
static unsigned int find_room(const struct vcpu *vcpu, uint8_t priority)
{
    unsigned int room = NO_LIST;
    uint8_t lowest = priority;
    bool has_pending = false;
    uint32_t used = find_used(vcpu);

    if (used != ALL_LISTS) {
        return (unsigned int)__builtin_ctz(~used);
    }
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint64_t value = list_get(vcpu, i);

        if (!gic->list_is_pending(value) || gic->list_is_active(value)) {
            continue;
        }
        has_pending = true;
        if (vcpu->owners[i]->priority > lowest) {
            lowest = vcpu->owners[i]->priority;
            room = i;
        }
    }
    return has_pending ? room : find_active(vcpu);
}

/* One that is active as well is not in the state that the notice is about. */
static bool has_pending_list(const struct vcpu *vcpu)
{
    for (uint32_t used = find_used(vcpu); used != 0; used &= used - 1) {
        uint64_t value = list_get(vcpu, (unsigned int)__builtin_ctz(used));

        if (gic->list_is_pending(value) && !gic->list_is_active(value)) {
            return true;
        }
    }
    return false;
}

/* Whether one is there of whose end its VMM is told, or an SGI that the kernel is to hear of. */
static bool has_reported_list(const struct vcpu *vcpu)
{
    for (uint32_t used = find_used(vcpu); used != 0; used &= used - 1) {
        const struct virq *virq = vcpu->owners[__builtin_ctz(used)];

        if (is_slot(vcpu, virq) || virq->is_reported) {
            return true;
        }
    }
    return false;
}

/* Whether another slot's interrupt of the same number is offered, or taken: it waits for that. */
static bool has_twin(const struct vcpu *vcpu, const struct virq *virq)
{
    uint64_t used = is_slot(vcpu, virq) ? vcpu->used_slots : 0;

    for (; used != 0; used &= used - 1) {
        const struct virq *other = &vcpu->slots[__builtin_ctzl(used)];

        if (other != virq && other->intid == virq->intid &&
            (other->is_parked || find_open(vcpu, other) != NO_LIST)) {
            return true;
        }
    }
    return false;
}

/* The first of those that wait which can have a list register, or NULL. */
static struct virq *next_waiting(const struct vcpu *vcpu)
{
    for (struct list_node *node = vcpu->waiting.next; node != &vcpu->waiting; node = node->next) {
        struct virq *virq = list_entry(node, struct virq, link);

        if (!has_twin(vcpu, virq)) {
            return virq;
        }
    }
    return NULL;
}

/* More is asked for only while someone waits for room, in a way that the state just now does not
 * answer: or the maintenance interrupt would never be silent. */
static enum gic_notice wanted_notice(const struct vcpu *vcpu)
{
    if (!list_is_empty(&vcpu->waiting) && find_used(vcpu) == ALL_LISTS && has_pending_list(vcpu)) {
        return GIC_NOTICE_NO_PENDING;
    }
    if (!list_is_empty(&vcpu->parked)) {
        return GIC_NOTICE_UNLISTED;
    }
    return vcpu->is_direct && !has_reported_list(vcpu) ? GIC_NOTICE_NOTHING : GIC_NOTICE_ENDED;
}

static void change_notice(struct vcpu *vcpu)
{
    enum gic_notice notice = wanted_notice(vcpu);

    if (notice == vcpu->gic.notice) {
        return;
    }
    vcpu->gic.notice = notice;
    if (is_resident(vcpu)) {
        gic->set_notice(notice);
    }
}

/* The usual case needs no look at the list registers. */
static inline void ask_for_notice(struct vcpu *vcpu)
{
    if (vcpu->is_direct || vcpu->gic.notice != GIC_NOTICE_ENDED || !list_is_empty(&vcpu->waiting) ||
        !list_is_empty(&vcpu->parked)) {
        change_notice(vcpu);
    }
}

static inline void give(struct vcpu *vcpu, struct virq *virq, unsigned int index)
{
    vcpu->owners[index] = virq;
    list_set(vcpu, index, virq->value);
}

void list_init_vcpu(struct vcpu *vcpu)
{
    list_init(&vcpu->waiting);
    list_init(&vcpu->parked);
    list_init(&vcpu->timer.virq.link);
    for (unsigned int i = 0; i < ABI_VCPU_SLOTS; i++) {
        list_init(&vcpu->slots[i].link);
    }
}

/* What has this list register goes where it then belongs. */
static void make_room(struct vcpu *vcpu, unsigned int index)
{
    uint64_t value = list_get(vcpu, index);

    if (gic->list_is_active(value)) {
        park(vcpu, vcpu->owners[index], value);
    } else if (gic->list_is_used(value)) {
        wait(vcpu, vcpu->owners[index]);
    }
}

/* Those that are parked, as long as list registers are free. */
static void unpark(struct vcpu *vcpu)
{
    uint32_t used = find_used(vcpu);

    for (; !list_is_empty(&vcpu->parked) && used != ALL_LISTS; used |= used + 1) {
        unsigned int index = (unsigned int)__builtin_ctz(~used);

        vcpu->owners[index] = park_take(vcpu);
        list_set(vcpu, index, vcpu->owners[index]->taken);
    }
}

static void refill(struct vcpu *vcpu)
{
    struct virq *virq;

    while ((virq = next_waiting(vcpu)) != NULL) {
        unsigned int room = find_room(vcpu, virq->priority);

        if (room == NO_LIST) {
            break;
        }
        list_remove(&virq->link);
        make_room(vcpu, room);
        give(vcpu, virq, room);
    }
    unpark(vcpu);
    ask_for_notice(vcpu);
}

void list_refill(struct vcpu *vcpu)
{
    if (list_is_empty(&vcpu->waiting) && list_is_empty(&vcpu->parked)) {
        ask_for_notice(vcpu);
    } else {
        refill(vcpu);
    }
}

bool list_end(struct vcpu *vcpu, unsigned int index)
{
    struct virq *virq = vcpu->owners[index];

    if (!is_slot(vcpu, virq)) {
        return false;
    }
    free_slot(vcpu, virq);
    vcpu->due |= slot_bit(vcpu, virq);
    return true;
}

/* As its EOI does where it is in a list register. */
static void end_parked(struct vcpu *vcpu, struct virq *virq)
{
    if (is_slot(vcpu, virq)) {
        free_slot(vcpu, virq);
        vcpu->due |= slot_bit(vcpu, virq);
        inject_wake(vcpu); /* before its guest goes on its VMM is told */
    } else if (gic->list_is_direct(virq->taken)) {
        gic->deactivate(virq->intid);
    } else if (gic->list_is_pending(virq->taken)) {
        wait(vcpu, virq);
    } else if (virq->is_reported) {
        sgi_end(vcpu, virq);
    }
}

void list_take_counted(struct vcpu *vcpu)
{
    uint32_t count = is_resident(vcpu) ? gic->take_unlisted() : 0;

    for (; count != 0; count--) {
        struct virq *virq = park_take_ended(vcpu);

        if (virq != NULL) {
            end_parked(vcpu, virq);
        }
    }
    list_refill(vcpu);
}

void list_offer(struct vcpu *vcpu, struct virq *virq)
{
    unsigned int index;

    if (virq->is_parked && virq->is_message) {
        virq->taken = gic->list_repeat(virq->taken);
    }
    if (!list_is_empty(&virq->link)) {
        return;
    }
    index = find(vcpu, virq, find_used(vcpu));
    if (index == NO_LIST) {
        wait(vcpu, virq);
        refill(vcpu);
    } else if (virq->is_message) {
        list_set(vcpu, index, gic->list_repeat(list_get(vcpu, index)));
    }
}

bool list_withdraw(struct vcpu *vcpu, struct virq *virq)
{
    unsigned int index;
    uint64_t value;

    if (virq->is_parked) {
        bool was_pending = gic->list_is_pending(virq->taken);

        virq->taken = gic->list_activate(virq->taken);
        return was_pending;
    }
    if (is_waiting(virq)) {
        list_remove(&virq->link);
        free_slot(vcpu, virq);
        ask_for_notice(vcpu);
        return true;
    }
    index = find(vcpu, virq, find_used(vcpu));
    if (index == NO_LIST) {
        return false;
    }
    value = list_get(vcpu, index);
    if (!gic->list_is_pending(value) || (gic->list_is_active(value) && !virq->is_message)) {
        return false;
    }
    list_set(vcpu, index, gic->list_is_active(value) ? gic->list_activate(value) : 0);
    free_slot(vcpu, virq);
    list_refill(vcpu);
    return true;
}

static inline void describe(struct virq *slot, struct gic_virq how)
{
    slot->value = gic->list_encode(how);
    slot->intid = how.intid;
    slot->priority = how.priority;
}

void list_give_first(struct vcpu *vcpu, unsigned int index, struct gic_virq how)
{
    struct virq *slot = &vcpu->slots[index];

    vcpu->used_slots = 1UL << index;
    describe(slot, how);
    vcpu->owners[0] = slot;
    gic->list_write(0, slot->value);
}

void list_renew(struct vcpu *vcpu, struct virq *slot, struct gic_virq how)
{
    uint32_t used = find_used(vcpu);
    bool is_new = list_is_empty(&slot->link) && find(vcpu, slot, used) == NO_LIST;

    if (!is_new && !list_withdraw(vcpu, slot)) {
        return;
    }
    vcpu->used_slots |= slot_bit(vcpu, slot);
    describe(slot, how);
    if (is_new && used != ALL_LISTS && list_is_empty(&vcpu->waiting)) {
        give(vcpu, slot, (unsigned int)__builtin_ctz(~used));
        ask_for_notice(vcpu);
    } else {
        list_offer(vcpu, slot);
    }
}

void list_queue(struct vcpu *vcpu, struct virq *slot, struct gic_virq how)
{
    if (!list_withdraw(vcpu, slot) && list_holds(vcpu, slot)) {
        return;
    }
    vcpu->used_slots |= slot_bit(vcpu, slot);
    describe(slot, how);
    list_offer(vcpu, slot);
}

void list_adopt(struct vcpu *vcpu, struct virq *from, struct virq *to)
{
    uint64_t value = gic->list_activate(to->value);

    free_slot(vcpu, from);
    if (from->is_parked) {
        park_forget(from);
        park(vcpu, to, value);
    } else {
        unsigned int index = find_open(vcpu, from);

        vcpu->owners[index] = to;
        list_set(vcpu, index, value);
    }
    ask_for_notice(vcpu);
}
