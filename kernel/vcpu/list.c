/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers of a vCPU. They are fewer than what can be pending: those of the highest priority
 * have one, the others wait, and the maintenance interrupt says when one may be free. A pending
 * interrupt of lower priority makes room; an active one stays.
 */
#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/vcpu/vcpu.h"

#define NO_LIST   GIC_LIST_REGISTERS
#define ALL_LISTS ((1U << GIC_LIST_REGISTERS) - 1)

static inline bool is_resident(const struct vcpu *vcpu)
{
    return cpus[vcpu->thread.cpu].vcpu == vcpu;
}

static uint64_t list_get(const struct vcpu *vcpu, unsigned int index)
{
    return is_resident(vcpu) ? gic->list_read(index) : vcpu->gic.list[index];
}

static inline void list_set(struct vcpu *vcpu, unsigned int index, uint64_t value)
{
    if (is_resident(vcpu)) {
        gic->list_write(index, value);
    } else {
        vcpu->gic.list[index] = value;
    }
}

static void wait(struct vcpu *vcpu, struct virq *virq)
{
    struct list_node *position = vcpu->waiting.next;

    while (position != &vcpu->waiting &&
           list_entry(position, struct virq, link)->priority <= virq->priority) {
        position = position->next;
    }
    list_insert_before(position, &virq->link);
}

__attribute__((noinline)) static uint32_t find_used_in_memory(const struct vcpu *vcpu)
{
    uint32_t used = 0;

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        used |= gic->list_is_used(vcpu->gic.list[i]) ? 1U << i : 0;
    }
    return used;
}

/* Which list registers hold something: a bit for each. */
static inline uint32_t find_used(const struct vcpu *vcpu)
{
    return is_resident(vcpu) ? gic->lists_used() : find_used_in_memory(vcpu);
}

/* The list register of those used that holds a virq, or NO_LIST. */
static inline unsigned int find(const struct vcpu *vcpu, const struct virq *virq, uint32_t used)
{
    for (; used != 0; used &= used - 1) {
        unsigned int index = (unsigned int)__builtin_ctz(used);

        if (vcpu->owners[index] == virq) {
            return index;
        }
    }
    return NO_LIST;
}

/* A list register for an interrupt of this priority: a free one, or that of the least important
 * pending one of lower priority; NO_LIST: there is none. */
static unsigned int find_room(const struct vcpu *vcpu, uint8_t priority)
{
    unsigned int room = NO_LIST;
    uint8_t lowest = priority;
    uint32_t used = find_used(vcpu);

    if (used != ALL_LISTS) {
        return (unsigned int)__builtin_ctz(~used);
    }
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        uint64_t value = list_get(vcpu, i);

        if (gic->list_is_pending(value) && !gic->list_is_active(value) &&
            vcpu->owners[i]->priority > lowest) {
            lowest = vcpu->owners[i]->priority;
            room = i;
        }
    }
    return room;
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

static bool is_slot(const struct vcpu *vcpu, const struct virq *virq)
{
    return virq >= vcpu->slots && virq < &vcpu->slots[ABI_LIST_REGISTERS];
}

/* Whether one of the VMM's own is there, of whose end it is told. */
static bool has_slot_list(const struct vcpu *vcpu)
{
    for (uint32_t used = find_used(vcpu); used != 0; used &= used - 1) {
        if (is_slot(vcpu, vcpu->owners[__builtin_ctz(used)])) {
            return true;
        }
    }
    return false;
}

/* The list register in which a virq is, not ended yet, or NO_LIST. */
static unsigned int find_open(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int index = find(vcpu, virq, find_used(vcpu));
    uint64_t value = index != NO_LIST ? list_get(vcpu, index) : 0;

    return gic->list_is_pending(value) || gic->list_is_active(value) ? index : NO_LIST;
}

/* Whether another slot's interrupt of the same number is in a list register: it waits for that. */
static bool has_twin(const struct vcpu *vcpu, const struct virq *virq)
{
    for (unsigned int i = 0; is_slot(vcpu, virq) && i < ABI_LIST_REGISTERS; i++) {
        const struct virq *other = &vcpu->slots[i];

        if (other != virq && other->intid == virq->intid && find_open(vcpu, other) != NO_LIST) {
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
    if (!list_is_empty(&vcpu->waiting) && find_used(vcpu) == ALL_LISTS) {
        return has_pending_list(vcpu) ? GIC_NOTICE_NO_PENDING : GIC_NOTICE_UNDERFLOW;
    }
    return vcpu->is_direct && !has_slot_list(vcpu) ? GIC_NOTICE_NOTHING : GIC_NOTICE_ENDED;
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
    if (vcpu->is_direct || vcpu->gic.notice != GIC_NOTICE_ENDED || !list_is_empty(&vcpu->waiting)) {
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
    list_init(&vcpu->timer.virq.link);
    for (unsigned int i = 0; i < ABI_LIST_REGISTERS; i++) {
        list_init(&vcpu->slots[i].link);
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
        if (gic->list_is_used(list_get(vcpu, room))) {
            wait(vcpu, vcpu->owners[room]);
        }
        give(vcpu, virq, room);
    }
    ask_for_notice(vcpu);
}

void list_refill(struct vcpu *vcpu)
{
    if (list_is_empty(&vcpu->waiting)) {
        ask_for_notice(vcpu);
    } else {
        refill(vcpu);
    }
}

void list_offer(struct vcpu *vcpu, struct virq *virq)
{
    unsigned int index;

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

    if (!list_is_empty(&virq->link)) {
        list_remove(&virq->link);
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
    list_refill(vcpu);
    return true;
}

static void describe_slot(struct virq *slot, struct gic_virq how)
{
    slot->value = gic->list_encode(how);
    slot->intid = how.intid;
    slot->priority = how.priority;
}

void list_renew(struct vcpu *vcpu, struct virq *slot, struct gic_virq how)
{
    uint32_t used = find_used(vcpu);
    bool is_new = list_is_empty(&slot->link) && find(vcpu, slot, used) == NO_LIST;

    if (!is_new && !list_withdraw(vcpu, slot)) {
        return;
    }
    describe_slot(slot, how);
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
    describe_slot(slot, how);
    list_offer(vcpu, slot);
}

void list_update(struct vcpu *vcpu, struct virq *virq)
{
    if (list_withdraw(vcpu, virq)) {
        list_offer(vcpu, virq);
    }
}

bool list_is_signalling(const struct vcpu *vcpu)
{
    return gic->is_signalling(is_resident(vcpu) ? NULL : &vcpu->gic);
}

struct virq *list_find_slot(struct vcpu *vcpu, uint32_t intid, const struct virq *but)
{
    for (unsigned int i = 0; i < ABI_LIST_REGISTERS; i++) {
        struct virq *slot = &vcpu->slots[i];

        if (slot != but && slot->intid == intid &&
            (!list_is_empty(&slot->link) || find_open(vcpu, slot) != NO_LIST)) {
            return slot;
        }
    }
    return NULL;
}

bool list_is_taken(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int index = find_open(vcpu, virq);

    return index != NO_LIST && gic->list_is_active(list_get(vcpu, index));
}

uint64_t list_state(const struct vcpu *vcpu, const struct virq *virq)
{
    unsigned int index;
    uint64_t value;

    if (!list_is_empty(&virq->link)) {
        return ABI_IRQ_PENDING;
    }
    index = find_open(vcpu, virq);
    value = index != NO_LIST ? list_get(vcpu, index) : 0;
    return (gic->list_is_pending(value) ? ABI_IRQ_PENDING : 0) |
           (gic->list_is_active(value) ? ABI_IRQ_ACTIVE : 0);
}

void list_adopt(struct vcpu *vcpu, const struct virq *from, struct virq *to)
{
    unsigned int index = find_open(vcpu, from);

    vcpu->owners[index] = to;
    list_set(vcpu, index, gic->list_activate(to->value));
    ask_for_notice(vcpu);
}

bool list_holds(const struct vcpu *vcpu, const struct virq *virq)
{
    return find(vcpu, virq, find_used(vcpu)) != NO_LIST;
}

void list_reset(struct vcpu *vcpu)
{
    while (!list_is_empty(&vcpu->waiting)) {
        list_remove(vcpu->waiting.next);
    }
    /* What the guest has not ended would stay active at the GIC, though it may be bound to another
     * vCPU since. The timer's is the core's, and the vCPU is on none. */
    for (uint32_t used = find_used(vcpu); used != 0; used &= used - 1) {
        uint64_t value = vcpu->gic.list[__builtin_ctz(used)];

        if (gic->list_is_direct(value) && gic->list_intid(value) >= GIC_FIRST_SPI) {
            gic->set_active(gic->list_intid(value), false);
        }
    }
    vcpu->gic = (struct gic_vcpu){.notice = GIC_NOTICE_ENDED};
    vcpu->due = 0;
    vcpu->is_direct = false;
}
