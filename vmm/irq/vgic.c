/* SPDX-License-Identifier: BSD-2-Clause */
/* See vgic.h. Owns struct vgic; one thread. How it begins is vgic_setup.c. */
#include "vmm/irq/vgic.h"

#include <stddef.h>

#include "vmm/irq/lists.h"

/* A function of its own, so that its caller does not save registers for it. */
#define APART __attribute__((noinline))

static bool goes_before(const struct virq *a, const struct virq *b)
{
    return a->priority != b->priority ? a->priority < b->priority : a->intid < b->intid;
}

static void unlink(struct virq **link)
{
    struct virq *virq = *link;

    *link = virq->next;
    virq->next = NULL;
    virq->queued = false;
}

static void dequeue(struct vgic *vgic, struct virq *virq)
{
    struct virq **link = &vgic->cpus[virq->cpu].queue;

    if (!virq->queued) {
        return;
    }
    while (*link != virq) {
        link = &(*link)->next;
    }
    unlink(link);
}

/* Not counting what is in a list register. */
static bool is_pending(const struct virq *virq)
{
    return virq->pending || (virq->is_up && !virq->edge);
}

static void enqueue_if_due(struct vgic *vgic, struct virq *virq)
{
    struct virq **link = &vgic->cpus[virq->cpu].queue;

    if (virq->queued || virq->in_flight || virq->active || !is_pending(virq) || !virq->enabled) {
        return;
    }
    while (*link != NULL && goes_before(*link, virq)) {
        link = &(*link)->next;
    }
    virq->next = *link;
    *link = virq;
    virq->queued = true;
}

static bool is_forwarded(const struct vgic *vgic, const struct virq *virq)
{
    return (vgic->control & (virq->group == 0 ? VGIC_ENABLE_GROUP0 : VGIC_ENABLE_GROUP1)) != 0;
}

/* Where the first of the queue stands that goes to the guest now, or NULL at its end. */
static struct virq **first_forwarded(const struct vgic *vgic, struct vgic_cpu *cpu)
{
    struct virq **link = &cpu->queue;

    while (*link != NULL && !is_forwarded(vgic, *link)) {
        link = &(*link)->next;
    }
    return link;
}

/* `list_count`: there is none. */
static unsigned int find_list_register(const struct vgic *vgic, const struct vgic_cpu *cpu)
{
    unsigned int index = 0;

    while (index < vgic->list_count && cpu->lists[index] != NULL) {
        index++;
    }
    return index;
}

/* An SGI goes once for each CPU that sent it, the lowest number first. */
static void take_source(struct virq *virq)
{
    virq->source = virq->sources != 0 ? (uint8_t)__builtin_ctz(virq->sources) : 0;
    virq->sources &= (uint8_t) ~(1u << virq->source);
    virq->pending = virq->sources != 0;
}

static void inject(struct vgic_cpu *cpu, struct virq *virq, unsigned int index)
{
    struct lists_irq irq = {.intid = virq->intid,
                            .priority = (uint8_t)(virq->priority >> VGIC_PRIORITY_SHIFT),
                            .group = virq->group};

    virq->was_pending = virq->pending;
    take_source(virq);
    irq.source = virq->source;
    virq->in_flight = true;
    virq->list = (uint8_t)index;
    cpu->lists[index] = virq;
    cpu->in_flight_count++;
    lists_inject(cpu->id, index, &irq);
}

static void free_list_register(struct vgic_cpu *cpu, unsigned int index)
{
    cpu->lists[index]->in_flight = false;
    cpu->lists[index] = NULL;
    cpu->in_flight_count--;
}

/* Out of its list register and as before, if the guest has not taken it. */
static bool take_back_from(struct vgic_cpu *cpu, unsigned int index)
{
    struct virq *virq = cpu->lists[index];

    if (!lists_take_back(cpu->id, index)) {
        return false;
    }
    free_list_register(cpu, index);
    virq->pending |= virq->was_pending;
    if (virq->intid < VGIC_SGI_COUNT) {
        virq->sources |= (uint8_t)(1u << virq->source);
    }
    return true;
}

/* The same for one that may be in flight; it is not queued. */
static void take_back(struct vgic *vgic, const struct virq *virq)
{
    if (virq->in_flight) {
        (void)take_back_from(&vgic->cpus[virq->cpu], virq->list);
    }
}

/* All list registers are in use: frees that of the least important interrupt of lower priority,
 * of those that the guest has not taken. Its index, or `list_count`: there is none. */
APART static unsigned int make_room(struct vgic *vgic, struct vgic_cpu *cpu, uint8_t priority)
{
    uint64_t left = (1UL << vgic->list_count) - 1;

    while (left != 0) {
        unsigned int last = (unsigned int)__builtin_ctzl(left);
        struct virq *virq;

        for (unsigned int i = last + 1; i < vgic->list_count; i++) {
            if ((left & 1UL << i) != 0 && cpu->lists[i]->priority > cpu->lists[last]->priority) {
                last = i;
            }
        }
        virq = cpu->lists[last];
        if (virq->priority <= priority) {
            break;
        }
        if (take_back_from(cpu, last)) {
            enqueue_if_due(vgic, virq);
            return last;
        }
        left &= ~(1UL << last);
    }
    return vgic->list_count;
}

/* The first that is due, into a list register: true, if there is one for it. */
APART static bool move_first(struct vgic *vgic, struct vgic_cpu *cpu)
{
    struct virq **link = first_forwarded(vgic, cpu);
    struct virq *virq = *link;
    unsigned int index = find_list_register(vgic, cpu);

    if (virq != NULL && index == vgic->list_count) {
        index = make_room(vgic, cpu, virq->priority);
    }
    if (virq == NULL || index == vgic->list_count) {
        return false;
    }
    unlink(link); /* nothing was queued before it meanwhile: it has the higher priority */
    inject(cpu, virq, index);
    return true;
}

/* Moves what is due into list registers, as long as there are some. */
static inline void fill_list_registers(struct vgic *vgic, struct vgic_cpu *cpu)
{
    while (cpu->queue != NULL && move_first(vgic, cpu)) {
    }
}

static void update(struct vgic *vgic, struct virq *virq)
{
    enqueue_if_due(vgic, virq);
    fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
}

/* An SPI goes to the first of its targets; with none, to where it went before, and while its end
 * there is still to be told. */
static void retarget(struct virq *virq)
{
    if (virq->targets != 0 && !virq->in_flight) {
        virq->cpu = (uint8_t)__builtin_ctz(virq->targets);
    }
}

static void tell_source(struct virq *virq)
{
    if (virq->ended != NULL) {
        virq->ended(virq->context, virq);
    }
}

/* Whether its source may bring it to the guest. */
static bool goes_out(const struct vgic *vgic, const struct virq *virq)
{
    return virq->enabled && !virq->active && is_forwarded(vgic, virq);
}

/* Most changes are made while the interrupt is disabled, and do not matter yet. */
static void tell_changed(const struct vgic *vgic, struct virq *virq)
{
    bool forwards = goes_out(vgic, virq);

    if (virq->changed != NULL && (forwards || virq->was_forwarded)) {
        virq->was_forwarded = forwards;
        virq->changed(virq->context, virq, forwards);
    }
}

void vgic_set_direct(struct vgic *vgic, struct virq *virq, virq_changed_t changed, void *context)
{
    virq->changed = changed;
    virq->context = context;
    virq->was_forwarded = goes_out(vgic, virq);
    changed(context, virq, virq->was_forwarded);
}

/* It is in a list register and the guest has not taken it: being raised again it is the same. */
static bool is_offered(const struct vgic *vgic, const struct virq *virq)
{
    return virq->in_flight && lists_in_flight(vgic->cpus[virq->cpu].id, virq->intid).is_pending;
}

void vgic_raise(struct vgic *vgic, struct virq *virq)
{
    if (is_offered(vgic, virq)) {
        virq->was_pending = true;
    } else {
        virq->pending = true;
        update(vgic, virq);
    }
}

/* It may be pending no longer. */
static void drop_if_over(struct vgic *vgic, struct virq *virq)
{
    take_back(vgic, virq);
    if (!is_pending(virq)) {
        dequeue(vgic, virq);
    }
    update(vgic, virq);
}

/* What is in flight already is looked at again at its end, and does not come a second time: the
 * guest would find nothing to do then. */
void vgic_set_level(struct vgic *vgic, struct virq *virq, bool is_up)
{
    bool rises = is_up && !virq->is_up;

    if (is_up == virq->is_up) {
        return;
    }
    virq->is_up = is_up;
    if (rises && virq->edge) {
        vgic_raise(vgic, virq);
    } else if (rises) {
        update(vgic, virq);
    } else if (!virq->edge) {
        drop_if_over(vgic, virq);
    }
}

void vgic_set_trigger(struct vgic *vgic, struct virq *virq, bool edge)
{
    if (virq->edge != edge) {
        virq->edge = edge;
        drop_if_over(vgic, virq);
    }
}

/* Of an SGI that goes from CPU to CPU past this vgic. */
static uint8_t change_directly(const struct vgic *vgic, const struct virq *virq, uint8_t clear,
                               uint8_t set)
{
    return lists_change_sgi(vgic->cpus[virq->cpu].id, virq->intid, clear, set);
}

void vgic_raise_sgi(struct vgic *vgic, struct virq *virq, uint8_t sources)
{
    if (virq->changed != NULL) {
        (void)change_directly(vgic, virq, 0, sources);
        return;
    }
    if (is_offered(vgic, virq)) {
        sources &= (uint8_t) ~(1u << virq->source);
    }
    if (sources != 0) {
        virq->sources |= sources;
        virq->pending = true;
        update(vgic, virq);
    }
}

/* The guest has ended it, or has made it inactive. */
static void end(struct vgic *vgic, struct vgic_cpu *cpu, struct virq *virq)
{
    free_list_register(cpu, virq->list);
    retarget(virq);
    enqueue_if_due(vgic, virq);
    if (&vgic->cpus[virq->cpu] != cpu) {
        fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
    }
    fill_list_registers(vgic, cpu);
    if (!is_pending(virq) && !virq->in_flight) {
        tell_source(virq);
    }
}

bool vgic_end(struct vgic *vgic, unsigned int cpu_number, unsigned int index)
{
    struct vgic_cpu *cpu = &vgic->cpus[cpu_number];

    if (index >= vgic->list_count || cpu->lists[index] == NULL) {
        return false;
    }
    end(vgic, cpu, cpu->lists[index]);
    return true;
}

bool vgic_has_pending(struct vgic *vgic, unsigned int cpu)
{
    return vgic->cpus[cpu].in_flight_count > 0 || *first_forwarded(vgic, &vgic->cpus[cpu]) != NULL;
}

bool vgic_is_pending(const struct vgic *vgic, const struct virq *virq)
{
    uint32_t vcpu = vgic->cpus[virq->cpu].id;

    return is_pending(virq) || is_offered(vgic, virq) ||
           (virq->changed != NULL && lists_direct(vcpu, virq->intid).is_pending);
}

/* The guest has it active: its EOI makes it inactive. */
static bool is_taken(const struct vgic *vgic, const struct virq *virq)
{
    uint32_t vcpu = vgic->cpus[virq->cpu].id;

    return (virq->in_flight && lists_in_flight(vcpu, virq->intid).is_active) ||
           (virq->changed != NULL && lists_direct(vcpu, virq->intid).is_active);
}

bool vgic_is_active(const struct vgic *vgic, const struct virq *virq)
{
    return virq->active || is_taken(vgic, virq);
}

/* What went out while the distributor forwarded it, and does not now. */
static void take_back_unforwarded(struct vgic *vgic, struct vgic_cpu *cpu)
{
    for (unsigned int i = 0; i < vgic->list_count; i++) {
        struct virq *virq = cpu->lists[i];

        if (virq != NULL && !is_forwarded(vgic, virq)) {
            (void)take_back_from(cpu, i);
            enqueue_if_due(vgic, virq);
        }
    }
}

void vgic_set_control(struct vgic *vgic, uint32_t control)
{
    vgic->control = control & (VGIC_ENABLE_GROUP0 | VGIC_ENABLE_GROUP1);
    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        take_back_unforwarded(vgic, &vgic->cpus[i]);
        fill_list_registers(vgic, &vgic->cpus[i]);
        for (unsigned int intid = 0; intid < VGIC_PRIVATE_COUNT; intid++) {
            tell_changed(vgic, &vgic->cpus[i].private_irqs[intid]);
        }
    }
    for (unsigned int i = 0; i < vgic->intid_count - VGIC_PRIVATE_COUNT; i++) {
        tell_changed(vgic, &vgic->spis[i]);
    }
}

void vgic_set_enabled(struct vgic *vgic, struct virq *virq, bool enabled)
{
    virq->enabled = enabled;
    if (!enabled) {
        take_back(vgic, virq);
        dequeue(vgic, virq);
    }
    update(vgic, virq);
    tell_changed(vgic, virq);
}

/* A source that still has its line up raises it again when it is told. */
void vgic_clear_pending(struct vgic *vgic, struct virq *virq)
{
    bool was_pending;

    take_back(vgic, virq);
    was_pending = virq->pending;
    virq->pending = false;
    virq->sources = 0;
    if (!is_pending(virq)) {
        dequeue(vgic, virq);
    }
    if (was_pending && !virq->in_flight && !is_pending(virq)) {
        tell_source(virq);
    }
    update(vgic, virq);
    if (virq->changed != NULL) {
        lists_clear_direct(vgic->cpus[virq->cpu].id, virq->intid);
    }
}

/* What goes to the guest directly waits meanwhile as if it were disabled. Another of its CPUs,
 * which runs, may take the interrupt before it is out of reach: then it is active as any that was
 * taken. */
static void activate(struct vgic *vgic, struct virq *virq)
{
    if (vgic_is_active(vgic, virq)) {
        return;
    }
    take_back(vgic, virq);
    dequeue(vgic, virq);
    virq->active = true;
    tell_changed(vgic, virq);
    if (is_taken(vgic, virq)) {
        virq->active = false;
        enqueue_if_due(vgic, virq);
        tell_changed(vgic, virq);
    }
    fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
}

static void deactivate(struct vgic *vgic, struct virq *virq)
{
    struct vgic_cpu *cpu = &vgic->cpus[virq->cpu];

    if (virq->active) {
        virq->active = false;
        retarget(virq);
        update(vgic, virq);
        tell_changed(vgic, virq);
    } else if ((virq->in_flight || virq->changed != NULL) &&
               lists_deactivate(cpu->id, virq->intid) && virq->in_flight) {
        end(vgic, cpu, virq);
    }
}

void vgic_set_active(struct vgic *vgic, struct virq *virq, bool active)
{
    if (active) {
        activate(vgic, virq);
    } else {
        deactivate(vgic, virq);
    }
}

void vgic_clear_sgi(struct vgic *vgic, struct virq *virq, uint8_t sources)
{
    if (virq->changed != NULL) {
        (void)change_directly(vgic, virq, sources, 0);
        return;
    }
    take_back(vgic, virq);
    virq->sources &= (uint8_t)~sources;
    if (virq->sources == 0) {
        vgic_clear_pending(vgic, virq);
    } else {
        update(vgic, virq);
    }
}

uint8_t vgic_sgi_sources(const struct vgic *vgic, const struct virq *virq)
{
    uint8_t sources = virq->sources;

    if (virq->changed != NULL) {
        return change_directly(vgic, virq, 0, 0);
    }
    if (is_offered(vgic, virq)) {
        sources |= (uint8_t)(1u << virq->source);
    }
    return sources;
}

void vgic_set_priority(struct vgic *vgic, struct virq *virq, uint8_t priority)
{
    take_back(vgic, virq);
    dequeue(vgic, virq);
    virq->priority = priority & VGIC_PRIORITY_MASK;
    update(vgic, virq);
    tell_changed(vgic, virq);
}

void vgic_set_group(struct vgic *vgic, struct virq *virq, uint8_t group)
{
    take_back(vgic, virq);
    virq->group = group & 1;
    update(vgic, virq);
    tell_changed(vgic, virq);
}

void vgic_set_targets(struct vgic *vgic, struct virq *virq, uint8_t targets)
{
    virq->targets = (uint8_t)(targets & ((1u << vgic->cpu_count) - 1));
    take_back(vgic, virq);
    if (virq->in_flight) {
        return; /* counts from its end on: vgic_end() */
    }
    dequeue(vgic, virq);
    fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
    retarget(virq);
    update(vgic, virq);
    tell_changed(vgic, virq);
}
