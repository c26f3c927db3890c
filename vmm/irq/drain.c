/* SPDX-License-Identifier: BSD-2-Clause */
/* See drain.h. */
#include "vmm/irq/drain.h"

#include <string.h>

#include "vmm/load/cache.h"
#include "vmm/log.h"

/* Behind the code, in the guest's RAM. */
#define WORK_OFFSET 0x800

/* The numbers of what is in flight, into `intids`. Returns how many there are. */
static unsigned int list_in_flight(const struct vgic *vgic, unsigned int cpu,
                                   uint16_t intids[LISTS_MAX])
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < vgic->list_count; i++) {
        if (vgic->cpus[cpu].lists[i] != NULL) {
            intids[count++] = vgic->cpus[cpu].lists[i]->intid;
        }
    }
    return count;
}

static void fill_work(const struct vm *vm, unsigned int cpu, struct drain_work *work)
{
    uint16_t intids[LISTS_MAX];
    unsigned int count = 0;

    if (vm->drain_round > 0) {
        count = list_in_flight(&vm->vgic, cpu, intids);
    }
    work->gicc = vm->vgic.is_v3 ? 0 : vm->config->gicc_ipa;
    for (unsigned int i = 0; i < LISTS_OF_CONTRACT; i++) {
        work->active[i] = i < count ? intids[i] : DRAIN_NONE;
    }
}

/* Where the next guest's kernel comes to lie, which load_guest() found to be RAM; firmware lies in
 * none, and has its device tree at the start of RAM. */
static uint64_t code_ipa(const struct vm *vm)
{
    return vm->config->firmware.size > 0 ? vm->config->ram[0].ipa : vm->config->load.kernel_ipa;
}

static void start_round(struct vm *vm)
{
    uint64_t ipa = code_ipa(vm);
    uint8_t *code = (uint8_t *)vm->ram + (ipa - vm->config->ram[0].ipa);
    struct drain_work *works = (struct drain_work *)(void *)(code + WORK_OFFSET);

    memcpy(code, drain_code, drain_code_size);
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        fill_work(vm, i, &works[i]);
    }
    cache_publish(code, WORK_OFFSET + vm->vcpu_count * sizeof(*works));
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        vcpu_start(&vm->vcpus[i], ipa, ipa + WORK_OFFSET + i * sizeof(*works));
    }
    vm->drain_round++;
}

void drain_start(struct vm *vm)
{
    vgic_set_control(&vm->vgic, 0); /* nothing new gets into a list register */
    vm->drain_round = 0;
    start_round(vm);
}

static bool all_are_off(const struct vm *vm)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].state != VCPU_OFF) {
            return false;
        }
    }
    return true;
}

static bool nothing_is_in_flight(const struct vm *vm)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        if (vm->vgic.cpus[i].in_flight_count > 0) {
            return false;
        }
    }
    return true;
}

bool drain_fault(struct vm *vm, struct vcpu *vcpu, microkit_msginfo info)
{
    switch (microkit_msginfo_get_label(info)) {
    case seL4_Fault_VGICMaintenance:
        vgic_end(&vm->vgic, (unsigned int)(vcpu - vm->vcpus),
                 (unsigned int)microkit_mr_get(seL4_VGICMaintenance_IDX));
        return true;
    case seL4_Fault_VPPIEvent: /* from before its timer was switched off */
        return true;
    default: /* the SMC; should it be anything else, there is no more that could be done */
        vcpu_stop(vcpu);
        break;
    }
    if (!all_are_off(vm) || nothing_is_in_flight(vm)) {
        return false;
    }
    if (vm->drain_round < DRAIN_MAX_ROUNDS) {
        start_round(vm);
    } else {
        log_line(vm->config->name, "an interrupt of the old guest could not be ended");
    }
    return false;
}

bool drain_is_done(const struct vm *vm)
{
    return all_are_off(vm);
}
