/* SPDX-License-Identifier: BSD-2-Clause */
/* See system.h. */
#include "tests/unit/kernel/support/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/dev/pl011.h"
#include "kernel/ipc/report.h"
#include "kernel/irq/route.h"
#include "kernel/lib/log.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"

const struct gic_ops *gic;
struct gic_intids gic_intids;
struct fake_gic fake_gic;
struct fake_uart fake_uart;

static uint64_t ipc_buffers[3][512];
static struct image_pd pd_descs[3];
static struct image_vcpu vcpu_desc;

static uint32_t acknowledge(void)
{
    uint32_t intid = fake_gic.pending;

    fake_gic.pending = GIC_SPURIOUS;
    return intid;
}

static void drop(uint32_t intid)
{
    fake_gic.dropped = intid;
}

static void deactivate(uint32_t intid)
{
    fake_gic.deactivated = intid;
}

static void send_ipi(unsigned int cpu, uint32_t intid)
{
    (void)cpu;
    (void)intid;
    fake_gic.ipis++;
}

static void set_enabled(uint32_t intid, bool enabled)
{
    (void)intid;
    (void)enabled;
}

static void set_active(uint32_t intid, bool active)
{
    (void)intid;
    fake_gic.timer_ppi_active = active;
}

static void set_notice(enum gic_notice notice)
{
    (void)notice;
}

static void vcpu_save(struct gic_vcpu *vcpu)
{
    memcpy(vcpu->list, fake_gic.list, sizeof(fake_gic.list));
}

static void vcpu_load(const struct gic_vcpu *vcpu)
{
    memcpy(fake_gic.list, vcpu->list, sizeof(fake_gic.list));
}

#define LIST_PENDING 0x10000UL

static uint64_t list_encode(struct gic_virq virq)
{
    return LIST_PENDING | virq.intid;
}

static void list_write(unsigned int index, uint64_t value)
{
    fake_gic.list[index] = value;
}

static bool list_has_pending(uint64_t value)
{
    return (value & LIST_PENDING) != 0;
}

static bool list_is_active(uint64_t value)
{
    (void)value;
    return false;
}

static uint64_t list_read(unsigned int index)
{
    return fake_gic.list[index];
}

static uint32_t lists_used(void)
{
    uint32_t used = 0;

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        used |= list_has_pending(fake_gic.list[i]) ? 1U << i : 0;
    }
    return used;
}

static uint8_t list_priority(uint64_t value)
{
    (void)value;
    return 0;
}

static uint32_t take_unlisted(void)
{
    return 0;
}

static uint32_t take_ended(void)
{
    uint32_t ended = fake_gic.ended;

    fake_gic.ended = 0;
    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        if ((ended & 1U << i) != 0) {
            fake_gic.list[i] = 0;
        }
    }
    return ended;
}

static bool list_is_direct(uint64_t value)
{
    (void)value;
    return false;
}

static uint32_t list_intid(uint64_t value)
{
    return (uint32_t)value & 0x3ff;
}

/* As if nothing were masked. */
static bool is_signalling(const struct gic_vcpu *vcpu)
{
    const uint64_t *list = vcpu != NULL ? vcpu->list : fake_gic.list;

    for (unsigned int i = 0; i < GIC_LIST_REGISTERS; i++) {
        if (list_has_pending(list[i])) {
            return true;
        }
    }
    return false;
}

static const struct gic_ops fake_gic_ops = {
    .name = "fake",
    .acknowledge = acknowledge,
    .drop = drop,
    .deactivate = deactivate,
    .send_ipi = send_ipi,
    .set_enabled = set_enabled,
    .set_active = set_active,
    .set_notice = set_notice,
    .vcpu_save = vcpu_save,
    .vcpu_load = vcpu_load,
    .list_encode = list_encode,
    .list_write = list_write,
    .list_is_pending = list_has_pending,
    .list_is_active = list_is_active,
    .list_is_direct = list_is_direct,
    .list_intid = list_intid,
    .is_signalling = is_signalling,
    .list_is_used = list_has_pending,
    .list_read = list_read,
    .lists_used = lists_used,
    .list_priority = list_priority,
    .take_ended = take_ended,
    .take_unlisted = take_unlisted,
};

bool pl011_has_room(void)
{
    return fake_uart.room > 0;
}

void pl011_send(char character)
{
    assert(fake_uart.room > 0);
    fake_uart.room--;
    if (fake_uart.size < sizeof(fake_uart.text) - 1) {
        fake_uart.text[fake_uart.size++] = character;
    }
}

static void write(const char *text, unsigned int size)
{
    (void)fwrite(text, 1, size, stderr);
}

static void halt(void)
{
    abort();
}

static void describe_pd(unsigned int index, uint8_t priority, uint16_t parent)
{
    struct image_pd *desc = &pd_descs[index];

    memset(desc, 0, sizeof(*desc));
    memset(desc->children, 0xff, sizeof(desc->children));
    memset(desc->vcpus, 0xff, sizeof(desc->vcpus));
    (void)snprintf(desc->name, sizeof(desc->name), "pd%u", index);
    desc->ipc_buffer = (uint64_t)(uintptr_t)ipc_buffers[index];
    desc->budget = 1000;
    desc->period = 1000;
    desc->priority = priority;
    desc->parent = parent;
    desc->id = 3;
    desc->flags = IMAGE_PD_FPU;
}

int system_setup(void **state)
{
    (void)state;
    host_reset();
    memset(&fake_gic, 0, sizeof(fake_gic));
    fake_gic.pending = GIC_SPURIOUS;
    memset(&fake_uart, 0, sizeof(fake_uart));
    fake_uart.room = UINT32_MAX;
    report_flush(); /* of the test before */
    fake_uart.size = 0;
    memset(fake_uart.text, 0, sizeof(fake_uart.text));
    memset(pds, 0, sizeof(pds));
    memset(vcpus, 0, sizeof(vcpus));
    memset(cpus, 0, sizeof(cpus));
    memset(ipc_buffers, 0, sizeof(ipc_buffers));
    log_init(write, halt);
    gic = &fake_gic_ops;
    gic_intids = (struct gic_intids){.maintenance = 25, .hyp_timer = 26, .virtual_timer = 27};
    cpu_init(0);
    cpu_start(0);
    smp_init(1, NULL);

    describe_pd(0, 10, 1);
    describe_pd(1, 20, IMAGE_NONE);
    describe_pd(2, 20, IMAGE_NONE);
    pd_descs[1].children[3] = 0;
    pd_descs[1].vcpus[7] = 0;
    pd_count = 3;
    vcpu_desc = (struct image_vcpu){
        .name = "vm", .budget = 1000, .period = 1000, .pd = 1, .id = 7, .priority = 5};
    vcpu_count = 1;
    for (unsigned int i = 0; i < pd_count; i++) {
        pd_init(i, &pd_descs[i], 0);
    }
    vcpu_init(0, &vcpu_desc, 0);
    for (unsigned int i = 0; i < pd_count; i++) {
        sched_add(&pds[i].thread);
    }
    return 0;
}

void system_give_irqs(const struct image_irq *irqs, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        pd_descs[irqs[i].pd].channels[irqs[i].channel] =
            (struct image_channel){.kind = IMAGE_CHANNEL_IRQ, .target = (uint16_t)i};
    }
    route_init(irqs, count);
}

struct thread *system_run_next(void)
{
    struct cpu *cpu = cpu_local();
    struct thread *next;

    sched_charge(cpu);
    do {
        next = sched_choose(cpu);
    } while (next != NULL && !sched_has_time(cpu, next));
    if (next != NULL) {
        (void)sched_begin(cpu, next);
    }
    if (next != cpu->current) {
        switch_to(cpu, next);
    }
    return next;
}
