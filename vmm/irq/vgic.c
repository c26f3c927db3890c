/* SPDX-License-Identifier: BSD-2-Clause */
/* See vgic.h. Owns struct vgic; one thread. */
#include "vmm/irq/vgic.h"

#include <stddef.h>
#include <string.h>

#include "vmm/irq/lists.h"

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

static void enqueue_if_due(struct vgic *vgic, struct virq *virq)
{
    struct virq **link = &vgic->cpus[virq->cpu].queue;

    if (virq->queued || virq->in_flight || !virq->pending || !virq->enabled) {
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

static unsigned int find_list_register(const struct vgic_cpu *cpu)
{
    unsigned int index = 0;

    while (index < VGIC_LIST_REGISTERS && cpu->lists[index] != NULL) {
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

    take_source(virq);
    irq.source = virq->source;
    virq->in_flight = true;
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

/* Out of its list register and pending again, if the guest has not taken it. */
static bool take_back_from(struct vgic_cpu *cpu, unsigned int index)
{
    struct virq *virq = cpu->lists[index];

    if (!lists_take_back(cpu->id, index)) {
        return false;
    }
    free_list_register(cpu, index);
    virq->pending = true;
    if (virq->intid < VGIC_SGI_COUNT) {
        virq->sources |= (uint8_t)(1u << virq->source);
    }
    return true;
}

/* The same for one that may be in flight; it is not queued. */
static void take_back(struct vgic *vgic, const struct virq *virq)
{
    struct vgic_cpu *cpu = &vgic->cpus[virq->cpu];

    for (unsigned int i = 0; virq->in_flight && i < VGIC_LIST_REGISTERS; i++) {
        if (cpu->lists[i] == virq) {
            (void)take_back_from(cpu, i);
            return;
        }
    }
}

/* All list registers are in use: frees that of the least important interrupt of lower priority,
 * of those that the guest has not taken. Its index, or VGIC_LIST_REGISTERS: there is none. */
static unsigned int make_room(struct vgic *vgic, struct vgic_cpu *cpu, uint8_t priority)
{
    uint32_t left = (1u << VGIC_LIST_REGISTERS) - 1;

    while (left != 0) {
        unsigned int last = (unsigned int)__builtin_ctz(left);
        struct virq *virq;

        for (unsigned int i = last + 1; i < VGIC_LIST_REGISTERS; i++) {
            if ((left & 1u << i) != 0 && cpu->lists[i]->priority > cpu->lists[last]->priority) {
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
        left &= ~(1u << last);
    }
    return VGIC_LIST_REGISTERS;
}

/* Moves what is due into list registers, as long as there are some. */
static void fill_list_registers(struct vgic *vgic, struct vgic_cpu *cpu)
{
    while (cpu->queue != NULL) {
        struct virq **link = first_forwarded(vgic, cpu);
        struct virq *virq = *link;
        unsigned int index = find_list_register(cpu);

        if (virq == NULL) {
            return;
        }
        if (index == VGIC_LIST_REGISTERS) {
            index = make_room(vgic, cpu, virq->priority);
        }
        if (index == VGIC_LIST_REGISTERS) {
            return;
        }
        unlink(link); /* nothing was queued before it meanwhile: it has the higher priority */
        inject(cpu, virq, index);
    }
}

static void update(struct vgic *vgic, struct virq *virq)
{
    enqueue_if_due(vgic, virq);
    fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
}

/* An SPI goes to the first of its targets; with none, to where it went before. */
static void retarget(struct virq *virq)
{
    if (virq->targets != 0) {
        virq->cpu = (uint8_t)__builtin_ctz(virq->targets);
    }
}

static void tell_source(struct virq *virq)
{
    if (virq->ended != NULL) {
        virq->ended(virq->context, virq);
    }
}

/* Most changes are made while the interrupt is disabled, and do not matter yet. */
static void tell_changed(const struct vgic *vgic, struct virq *virq)
{
    bool forwards = virq->enabled && is_forwarded(vgic, virq);

    if (virq->changed != NULL && (forwards || virq->was_forwarded)) {
        virq->was_forwarded = forwards;
        virq->changed(virq->context, virq, forwards);
    }
}

static void reset_virq(struct virq *virq, unsigned int intid, unsigned int cpu)
{
    virq_ended_t ended = virq->ended;
    virq_changed_t changed = virq->changed;
    void *context = virq->context;

    *virq = (struct virq){
        .intid = (uint16_t)intid,
        .cpu = (uint8_t)cpu,
        .enabled = intid < VGIC_SGI_COUNT,
        .edge = intid < VGIC_SGI_COUNT,
        .ended = ended,
        .changed = changed,
        .context = context,
    };
}

static void reset_cpu(struct vgic_cpu *cpu, unsigned int number)
{
    for (unsigned int i = 0; i < VGIC_PRIVATE_COUNT; i++) {
        reset_virq(&cpu->private_irqs[i], i, number);
    }
    memset(cpu->lists, 0, sizeof(cpu->lists));
    cpu->queue = NULL;
    cpu->in_flight_count = 0;
}

void vgic_reset(struct vgic *vgic)
{
    vgic->control = 0;
    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        reset_cpu(&vgic->cpus[i], i);
    }
    for (unsigned int i = VGIC_PRIVATE_COUNT; i < vgic->intid_count; i++) {
        reset_virq(&vgic->spis[i - VGIC_PRIVATE_COUNT], i, 0);
    }
}

void vgic_init(struct vgic *vgic, const struct vm_config_vcpu *vcpus, unsigned int cpu_count,
               unsigned int max_intid)
{
    memset(vgic, 0, sizeof(*vgic));
    vgic->cpu_count = cpu_count;
    vgic->intid_count = max_intid / 32 * 32 + 32;
    if (vgic->intid_count < 2 * VGIC_PRIVATE_COUNT) {
        vgic->intid_count = 2 * VGIC_PRIVATE_COUNT;
    }
    if (vgic->intid_count > VGIC_INTID_COUNT) {
        vgic->intid_count = VGIC_INTID_COUNT;
    }
    for (unsigned int i = 0; i < cpu_count; i++) {
        vgic->cpus[i].id = vcpus[i].id;
        vgic->cpus[i].mpidr = vcpus[i].mpidr;
    }
    vgic_reset(vgic);
}

struct virq *vgic_find(struct vgic *vgic, unsigned int cpu, unsigned int intid)
{
    if (intid >= vgic->intid_count || cpu >= vgic->cpu_count) {
        return NULL;
    }
    if (intid < VGIC_PRIVATE_COUNT) {
        return &vgic->cpus[cpu].private_irqs[intid];
    }
    return &vgic->spis[intid - VGIC_PRIVATE_COUNT];
}

void vgic_set_source(struct virq *virq, virq_ended_t ended, void *context)
{
    virq->ended = ended;
    virq->context = context;
}

void vgic_set_direct(struct vgic *vgic, struct virq *virq, virq_changed_t changed, void *context)
{
    virq->changed = changed;
    virq->context = context;
    virq->was_forwarded = virq->enabled && is_forwarded(vgic, virq);
    changed(context, virq, virq->was_forwarded);
}

/* It is in a list register and the guest has not taken it: being raised again it is the same. */
static bool is_offered(const struct vgic *vgic, const struct virq *virq)
{
    return virq->in_flight && lists_in_flight(vgic->cpus[virq->cpu].id, virq->intid).is_pending;
}

void vgic_raise(struct vgic *vgic, struct virq *virq)
{
    if (!is_offered(vgic, virq)) {
        virq->pending = true;
        update(vgic, virq);
    }
}

void vgic_raise_sgi(struct vgic *vgic, struct virq *virq, uint8_t sources)
{
    if (is_offered(vgic, virq)) {
        sources &= (uint8_t) ~(1u << virq->source);
    }
    if (sources != 0) {
        virq->sources |= sources;
        virq->pending = true;
        update(vgic, virq);
    }
}

bool vgic_end(struct vgic *vgic, unsigned int cpu_number, unsigned int index)
{
    struct vgic_cpu *cpu = &vgic->cpus[cpu_number];
    struct virq *virq;

    if (index >= VGIC_LIST_REGISTERS || cpu->lists[index] == NULL) {
        return false;
    }
    virq = cpu->lists[index];
    free_list_register(cpu, index);
    retarget(virq);
    enqueue_if_due(vgic, virq);
    if (virq->cpu != cpu_number) {
        fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
    }
    fill_list_registers(vgic, cpu);
    if (!virq->pending && !virq->in_flight) {
        tell_source(virq);
    }
    return true;
}

unsigned int vgic_list_in_flight(const struct vgic *vgic, unsigned int cpu,
                                 uint16_t intids[VGIC_LIST_REGISTERS])
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < VGIC_LIST_REGISTERS; i++) {
        if (vgic->cpus[cpu].lists[i] != NULL) {
            intids[count++] = vgic->cpus[cpu].lists[i]->intid;
        }
    }
    return count;
}

bool vgic_has_pending(struct vgic *vgic, unsigned int cpu)
{
    return vgic->cpus[cpu].in_flight_count > 0 || *first_forwarded(vgic, &vgic->cpus[cpu]) != NULL;
}

bool vgic_is_pending(const struct vgic *vgic, const struct virq *virq)
{
    uint32_t vcpu = vgic->cpus[virq->cpu].id;

    return virq->pending || is_offered(vgic, virq) ||
           (virq->changed != NULL && lists_direct(vcpu, virq->intid).is_pending);
}

bool vgic_is_active(const struct vgic *vgic, const struct virq *virq)
{
    uint32_t vcpu = vgic->cpus[virq->cpu].id;

    return (virq->in_flight && lists_in_flight(vcpu, virq->intid).is_active) ||
           (virq->changed != NULL && lists_direct(vcpu, virq->intid).is_active);
}

/* What went out while the distributor forwarded it, and does not now. */
static void take_back_unforwarded(struct vgic *vgic, struct vgic_cpu *cpu)
{
    for (unsigned int i = 0; i < VGIC_LIST_REGISTERS; i++) {
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
    take_back(vgic, virq);
    if (!virq->pending) {
        return;
    }
    dequeue(vgic, virq);
    virq->pending = false;
    virq->sources = 0;
    if (!virq->in_flight) {
        tell_source(virq);
    }
    fill_list_registers(vgic, &vgic->cpus[virq->cpu]);
}

void vgic_clear_sgi(struct vgic *vgic, struct virq *virq, uint8_t sources)
{
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

void vgic_set_route(struct vgic *vgic, struct virq *virq, uint64_t route)
{
    uint8_t targets = 0;

    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        if (vgic->cpus[i].mpidr == route) {
            targets = (uint8_t)(1u << i);
        }
    }
    virq->route = route;
    vgic_set_targets(vgic, virq, targets);
}

void vgic_send_sgi(struct vgic *vgic, unsigned int source, unsigned int targets, unsigned int intid)
{
    for (unsigned int i = 0; i < vgic->cpu_count; i++) {
        if ((targets & 1u << i) != 0) {
            vgic_raise_sgi(vgic, &vgic->cpus[i].private_irqs[intid], (uint8_t)(1u << source));
        }
    }
}
