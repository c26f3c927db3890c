/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A random system, within what the tool would accept: programs with priorities, budgets, parents
 * and channels, passive servers, virtual machines, interrupts. And its boot, as kernel/main.c and
 * kernel/boot have it.
 */
#include "tests/model/gic.h"

#include <stdio.h>
#include <string.h>

#include "kernel/arch/host/host.h"
#include "kernel/sched/account.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/lock.h"
#include "tests/model/machine.h"

static struct image_pd pd_descs[MODEL_PDS];
static struct image_vcpu vcpu_descs[MODEL_VCPUS];
struct image_irq model_irqs[MODEL_IRQS];
unsigned int model_irq_count;
uint64_t ipc_buffers[MODEL_PDS][512];

static struct image_machine machine = {.gicd = MACHINE_GICD,
                                       .gicc = MACHINE_GICC,
                                       .gich = MACHINE_GICH,
                                       .gicr = MACHINE_GICR,
                                       .gicr_size = MODEL_CORES * MACHINE_GICR_SIZE,
                                       .intid_count = MACHINE_INTIDS,
                                       .maintenance_intid = MACHINE_MAINTENANCE,
                                       .hyp_timer_intid = MACHINE_HYP_TIMER,
                                       .virtual_timer_intid = MACHINE_VIRTUAL_TIMER};

/* A third of all have less than the whole core. */
static void choose_budget(uint64_t *budget, uint64_t *period)
{
    *period = 100 + choose(900);
    *budget = once_in(3) ? 20 + choose(60) : *period;
}

static void describe_pd(unsigned int index)
{
    struct image_pd *desc = &pd_descs[index];

    memset(desc, 0, sizeof(*desc));
    memset(desc->children, 0xff, sizeof(desc->children));
    memset(desc->vcpus, 0xff, sizeof(desc->vcpus));
    (void)snprintf(desc->name, sizeof(desc->name), "pd%u", index);
    desc->ipc_buffer = (uint64_t)(uintptr_t)ipc_buffers[index];
    choose_budget(&desc->budget, &desc->period);
    desc->entry = 0x100000UL * (index + 1);
    desc->priority = (uint8_t)(once_in(8) ? choose(255) : 100 + choose(5));
    desc->cpu = (uint8_t)choose(core_count);
    desc->parent = IMAGE_NONE;
    if (index > 0 && once_in(2)) {
        desc->parent = (uint16_t)choose(index);
        desc->id = (uint8_t)index;
        pd_descs[desc->parent].children[index] = (uint16_t)index;
    }
    desc->flags = (uint8_t)((once_in(4) ? IMAGE_PD_PASSIVE : 0) | (once_in(2) ? IMAGE_PD_FPU : 0) |
                            (once_in(4) ? IMAGE_PD_SMC : 0) | (once_in(4) ? IMAGE_PD_CONSOLE : 0));
}

/* <cspace> */
static void give_cap(unsigned int index)
{
    unsigned int other = choose(pd_count);

    if (once_in(4)) {
        pd_descs[index].cspace[1 + choose(MODEL_PDS)] = (struct image_cap){
            .kind = once_in(2) ? IMAGE_CAP_TCB : IMAGE_CAP_SC, .pd = (uint16_t)other};
    }
}

/* A call goes to a higher priority only: nobody waits in a circle. */
static void connect(unsigned int first, unsigned int second)
{
    struct image_pd *ends[] = {&pd_descs[first], &pd_descs[second]};
    unsigned int index[] = {first, second};

    for (unsigned int i = 0; i < 2; i++) {
        uint8_t rights = once_in(4) ? 0 : IMAGE_CHANNEL_NOTIFY;

        if (ends[i]->priority < ends[1 - i]->priority && !once_in(3)) {
            rights |= IMAGE_CHANNEL_CALL;
        }
        ends[i]->channels[index[1 - i]] = (struct image_channel){.kind = IMAGE_CHANNEL_PD,
                                                                 .rights = rights,
                                                                 .peer_id = (uint8_t)index[i],
                                                                 .target = (uint16_t)index[1 - i]};
    }
}

static void describe_vcpu(unsigned int index)
{
    struct image_vcpu *desc = &vcpu_descs[index];

    memset(desc, 0, sizeof(*desc));
    (void)snprintf(desc->name, sizeof(desc->name), "vcpu%u", index);
    choose_budget(&desc->budget, &desc->period);
    desc->pd = (uint16_t)(index > 0 && once_in(2) ? vcpu_descs[index - 1].pd : choose(pd_count));
    desc->id = (uint8_t)(MODEL_PDS + index);
    desc->priority = (uint8_t)(once_in(3) ? 98 + choose(8) : 98);
    desc->cpu = once_in(2) ? pd_descs[desc->pd].cpu : (uint8_t)choose(core_count);
    pd_descs[desc->pd].vcpus[desc->id] = (uint16_t)index;
}

/* vCPUs of one program that follow each other are one VM's: they share an address space. */
static uint64_t stage2_of(unsigned int index)
{
    while (index > 0 && vcpu_descs[index - 1].pd == vcpu_descs[index].pd) {
        index--;
    }
    return MODEL_STAGE2 * (index + 1);
}

static void describe_irq(unsigned int index)
{
    unsigned int channel = MODEL_CHANNELS + index;
    unsigned int pd = choose(pd_count);

    if (vcpu_count > 0 && once_in(2)) {
        pd = vcpu_descs[choose(vcpu_count)].pd; /* something to bind */
    }
    model_irqs[index] = (struct image_irq){.intid = MODEL_SPI + index,
                                           .pd = (uint16_t)pd,
                                           .channel = (uint8_t)channel,
                                           .edge = once_in(2)};
    if (index == MODEL_TIMER_IRQ && once_in(2) && (pd_descs[pd].flags & IMAGE_PD_PASSIVE) == 0) {
        model_irqs[index].intid = MACHINE_PHYSICAL_TIMER;
        model_irqs[index].edge = 0;
    }
    pd_descs[pd].channels[channel] =
        (struct image_channel){.kind = IMAGE_CHANNEL_IRQ, .target = (uint16_t)index};
}

static void describe(void)
{
    pd_count = 2 + choose(MODEL_PDS - 1);
    vcpu_count = once_in(4) ? 0 : 1 + choose(MODEL_VCPUS);
    model_irq_count = 2 + choose(MODEL_IRQS - 1);
    memset(ipc_buffers, 0, sizeof(ipc_buffers));
    for (unsigned int i = 0; i < pd_count; i++) {
        describe_pd(i);
        give_cap(i);
    }
    for (unsigned int i = 0; i < pd_count; i++) {
        for (unsigned int j = 0; j < i; j++) {
            if (!once_in(3)) {
                connect(i, j);
            }
        }
    }
    for (unsigned int i = 0; i < vcpu_count; i++) {
        describe_vcpu(i);
    }
    for (unsigned int i = 0; i < model_irq_count; i++) {
        describe_irq(i);
    }
}

static void tell(void)
{
    for (unsigned int i = 0; i < pd_count; i++) {
        const struct image_pd *desc = &pd_descs[i];

        trace("%s: priority %u, core %u, budget %lu of %lu, parent %d, flags %x", desc->name,
              desc->priority, desc->cpu, desc->budget, desc->period,
              desc->parent == IMAGE_NONE ? -1 : desc->parent, desc->flags);
    }
    for (unsigned int i = 0; i < vcpu_count; i++) {
        const struct image_vcpu *desc = &vcpu_descs[i];

        trace("%s of pd%u: priority %u, core %u, budget %lu of %lu", desc->name, desc->pd,
              desc->priority, desc->cpu, desc->budget, desc->period);
    }
    for (unsigned int i = 0; i < model_irq_count; i++) {
        trace("interrupt %u: pd%u, %s", model_irqs[i].intid, model_irqs[i].pd,
              model_irqs[i].edge != 0 ? "edge" : "level");
    }
}

static void start_gic(void)
{
    host.gicd = MACHINE_GICD;
    host.gicc = MACHINE_GICC;
    host.gich = MACHINE_GICH;
    host.gic_type = 4UL << 26 | 3; /* ICH_VTR_EL2: five bits of priority, four list registers */
    machine.gic_version = gic_is_v3 ? 3 : 2;
    gic_init(&machine);
}

/* As kernel_main() and, on the other cores, secondary_main(). */
static void boot(void)
{
    account_is_on = once_in(16);
    for (unsigned int i = 0; i < core_count; i++) {
        cpu_init(i);
    }
    for (unsigned int i = 0; i < pd_count; i++) {
        pd_init(i, &pd_descs[i], 0x1000UL * (i + 1));
    }
    for (unsigned int i = 0; i < pd_count * ABI_MAX_CSPACE; i++) { /* as setup_meters() */
        const struct image_cap *cap = &pd_descs[i / ABI_MAX_CSPACE].cspace[i % ABI_MAX_CSPACE];

        if (cap->kind == IMAGE_CAP_SC) {
            budget_meter(&pds[cap->pd].thread.own);
        }
    }
    for (unsigned int i = 0; i < vcpu_count; i++) {
        vcpu_init(i, &vcpu_descs[i], stage2_of(i));
    }
    for (unsigned int i = 0; i < core_count; i++) {
        here = &cores[i];
        cpu_start(i);
        if (i == 0) {
            start_gic();
            route_init(model_irqs, model_irq_count);
        }
        gic_init_cpu(i);
        route_enable(i);
    }
    here = &cores[0];
    smp_init(core_count, switch_evict_all);
}

void system_make(void)
{
    describe();
    tell();
    boot();
}

void system_start(void)
{
    for (unsigned int i = 0; i < pd_count; i++) {
        sched_add(&pds[i].thread);
    }
}
