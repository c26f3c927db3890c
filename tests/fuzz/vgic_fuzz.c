/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for interrupts: a guest of two CPUs writes to its distributor as it likes,
 * takes and ends interrupts, and devices raise theirs, or levels rise and fall. Input: steps of
 * seven bytes; if one or five are over, list registers cannot be taken back, nor what is in them
 * be made inactive; if two or six, the guest takes what is asked back just before; if three or
 * more, the GIC is a GICv3, with redistributors and SGIs by register. There are fewer list
 * registers than the SDK has. One interrupt goes to the guest directly. After each step what must
 * hold does: nothing is lost, nothing is in two places, nothing waits that could go, nothing that
 * the guest does not want stays where it was not taken yet. The fake contract checks what goes into
 * list registers.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"
#include "vmm/irq/gicv3.h"
#include "vmm/passthrough/irq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CPU_COUNT 2
#define IRQ_COUNT 8
#define FIRST_IRQ 36 /* devices have INTIDs from here on, channels from 0 on */
#define LEVELS    4  /* emulated devices have those from 32 on */
#define DIRECT    (FIRST_IRQ + IRQ_COUNT)
#define LISTS     4

struct step {
    uint8_t kind;
    uint16_t offset;
    uint32_t value;
} __attribute__((packed));

static struct vm_config config = {.irq_count = IRQ_COUNT};
static struct vgic vgic;
static struct passthrough_irqs irqs;
static unsigned int fired_count[IRQ_COUNT];
static bool direct_is_forwarded;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static void access_registers(const struct mmio_ops *ops, const struct step *step, unsigned int cpu,
                             uint64_t offset)
{
    struct mmio_access access = {.cpu = cpu,
                                 .offset = offset,
                                 .size = 1u << (step->kind >> 4 & 3),
                                 .is_write = true,
                                 .value = step->value};

    require(ops->access(&vgic, &access));
    access.is_write = false;
    access.offset = offset;
    require(ops->access(&vgic, &access));
    require(access.size >= 8 || access.value >> (access.size * 8) == 0);
}

static void access_gicv3(const struct step *step, unsigned int cpu)
{
    switch (step->kind >> 2 & 3) {
    case 0: /* affinities and targets in the low half, the number and IRM in the high one */
        gicv3_send_sgi(&vgic, cpu, step->offset % 3,
                       (step->value & 0xffffUL) | (uint64_t)(step->value >> 16 & 0xf) << 24 |
                           (uint64_t)(step->value >> 31) << 40);
        break;
    case 1:
        access_registers(&gicv3_distributor_ops, step, cpu, step->offset);
        break;
    default: /* either frame of either CPU */
        access_registers(&gicv3_redistributor_ops, step, cpu,
                         step->offset + (step->kind >> 2 & 1) * 0x10000UL +
                             (step->kind >> 6 & 1) * (uint64_t)GICV3_REDISTRIBUTOR_SIZE);
        break;
    }
}

static void access_distributor(const struct step *step, unsigned int cpu)
{
    if (vgic.is_v3) {
        access_gicv3(step, cpu);
    } else {
        access_registers(&gicd_v2_ops, step, cpu, step->offset & 0xfff);
    }
}

static void end_one(unsigned int cpu, unsigned int list)
{
    if (fake.vcpus[cpu].lists[list].state == FAKE_LIST_ACTIVE) {
        fake_end(cpu, list);
        require(vgic_end(&vgic, cpu, list));
    }
}

/* A device's interrupt fires only when the one before was acked. */
static void fire(unsigned int number)
{
    if (fake.ack_count[number] == fired_count[number]) {
        fired_count[number]++;
        require(passthrough_irq_notified(&irqs, number));
    }
}

static void perform(const struct step *step)
{
    unsigned int cpu = step->kind >> 7;

    switch (step->kind % 4) {
    case 0:
        access_distributor(step, cpu);
        break;
    case 1:
        (void)fake_take(cpu);
        break;
    case 2:
        end_one(cpu, step->offset % LISTS);
        break;
    default:
        if ((step->offset & 0x100) != 0) {
            vgic_set_level(&vgic, vgic_find(&vgic, 0, 32 + step->offset % LEVELS),
                           (step->value & 1) != 0);
        } else {
            fire(step->offset % IRQ_COUNT);
        }
        break;
    }
}

static bool is_in_queue(const struct virq *virq)
{
    for (const struct virq *at = vgic.cpus[virq->cpu].queue; at != NULL; at = at->next) {
        if (at == virq) {
            return true;
        }
    }
    return false;
}

static bool is_forwarded(const struct virq *virq)
{
    return (vgic.control & (virq->group == 0 ? VGIC_ENABLE_GROUP0 : VGIC_ENABLE_GROUP1)) != 0;
}

static void check_virq(const struct virq *virq)
{
    bool is_pending = virq->pending || (virq->is_up && !virq->edge);
    bool is_due = is_pending && virq->enabled && !virq->in_flight && !virq->active;
    unsigned int holders = 0;

    for (unsigned int i = 0; i < CPU_COUNT; i++) {
        for (unsigned int list = 0; list < LISTS_MAX; list++) {
            if (vgic.cpus[i].lists[list] == virq) {
                require(list == virq->list && list < LISTS && !virq->active);
                require(fake.vcpus[i].lists[list].state != FAKE_LIST_EMPTY);
                require(fake.vcpus[i].lists[list].intid == virq->intid);
                holders++;
            }
        }
    }
    require(holders == (virq->in_flight ? 1 : 0));
    require(virq->queued == is_due && is_in_queue(virq) == is_due);
    /* It waits for a list register and nothing else. */
    require(!is_due || !is_forwarded(virq) || vgic.cpus[virq->cpu].in_flight_count == LISTS);
}

/* With the extension, what is offered is what the guest wants, as it wants it, and nothing of
 * higher priority waits meanwhile. */
static void check_offer(const struct vgic_cpu *cpu, const struct fake_list *list,
                        const struct virq *virq)
{
    if (list->state != FAKE_LIST_PENDING) {
        return;
    }
    require(virq->enabled && is_forwarded(virq));
    require(virq->was_pending || virq->pending || (virq->is_up && !virq->edge));
    require(list->priority == virq->priority >> VGIC_PRIORITY_SHIFT);
    require(list->group == virq->group);
    for (const struct virq *at = cpu->queue; at != NULL; at = at->next) {
        require(!is_forwarded(at) || at->priority >= virq->priority);
    }
}

static void check_cpu(const struct vgic_cpu *cpu)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < LISTS; i++) {
        count += cpu->lists[i] != NULL;
        if (cpu->lists[i] != NULL && !fake.gives_nothing_back) {
            check_offer(cpu, &fake.vcpus[cpu->id].lists[i], cpu->lists[i]);
        }
    }
    require(count == cpu->in_flight_count);
    for (const struct virq *at = cpu->queue; at != NULL && at->next != NULL; at = at->next) {
        require(at->priority <= at->next->priority);
    }
    for (unsigned int i = 0; i < VGIC_PRIVATE_COUNT; i++) {
        check_virq(&cpu->private_irqs[i]);
    }
}

/* One that fired is on its way to the guest, or acked and may fire again. */
static void check_device(unsigned int number)
{
    const struct virq *virq = vgic_find(&vgic, 0, FIRST_IRQ + number);
    bool is_held = fired_count[number] > fake.ack_count[number];

    require(fired_count[number] - fake.ack_count[number] <= 1);
    require(irqs.irqs[number].is_held == is_held);
    require(!is_held || virq->pending || virq->in_flight);
}

static void check_direct(void)
{
    const struct virq *virq = vgic_find(&vgic, 0, DIRECT);

    require(direct_is_forwarded == (virq->enabled && !virq->active && is_forwarded(virq)));
}

static void check(void)
{
    for (unsigned int i = 0; i < CPU_COUNT; i++) {
        check_cpu(&vgic.cpus[i]);
    }
    for (unsigned int i = VGIC_PRIVATE_COUNT; i < vgic.intid_count; i++) {
        check_virq(vgic_find(&vgic, 0, i));
    }
    for (unsigned int i = 0; i < IRQ_COUNT; i++) {
        check_device(i);
    }
    check_direct();
}

/* The guest enables everything, and takes and ends all there is: every device's is acked then. */
static void settle(void)
{
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0 | VGIC_ENABLE_GROUP1);
    for (unsigned int i = 0; i < IRQ_COUNT; i++) {
        vgic_set_enabled(&vgic, vgic_find(&vgic, 0, FIRST_IRQ + i), true);
        vgic_set_active(&vgic, vgic_find(&vgic, 0, FIRST_IRQ + i), false);
    }
    for (unsigned int i = 0; i < LEVELS; i++) {
        vgic_set_level(&vgic, vgic_find(&vgic, 0, 32 + i), false);
    }
    for (unsigned int cpu = 0; cpu < 2 * CPU_COUNT; cpu++) {
        int list;

        for (unsigned int i = 0; i < LISTS; i++) {
            end_one(cpu % CPU_COUNT, i);
        }
        while ((list = fake_take(cpu % CPU_COUNT)) >= 0) {
            end_one(cpu % CPU_COUNT, (unsigned int)list);
        }
    }
    for (unsigned int i = 0; i < IRQ_COUNT; i++) {
        require(fake.ack_count[i] == fired_count[i]);
    }
}

static void changed(void *context, const struct virq *virq, bool is_forwarded)
{
    require(context == &vgic && virq->intid == DIRECT);
    direct_is_forwarded = is_forwarded;
}

static void set_up(void)
{
    fake_reset();
    memset(fired_count, 0, sizeof(fired_count));
    for (unsigned int i = 0; i < CPU_COUNT; i++) {
        config.vcpus[i].id = i;
        config.vcpus[i].mpidr = i;
    }
    for (unsigned int i = 0; i < IRQ_COUNT; i++) {
        config.irqs[i] = (struct vm_config_irq){.intid = FIRST_IRQ + i, .channel = (uint16_t)i};
    }
    vgic_init(&vgic, config.vcpus, CPU_COUNT, DIRECT);
    vgic.list_count = LISTS;
    vgic_set_direct(&vgic, vgic_find(&vgic, 0, DIRECT), changed, &vgic);
    passthrough_irq_init(&irqs, &vgic, &config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    set_up();
    fake.gives_nothing_back = size % sizeof(step) % 4 == 1;
    fake.guest_is_faster = size % sizeof(step) % 4 == 2;
    vgic.is_v3 = size % sizeof(step) >= 3;
    for (; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
        check();
    }
    settle();
    check();
    return 0;
}
