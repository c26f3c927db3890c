/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One virtual machine and all its state. A VMM program has a struct vm, calls vm_create() in its
 * init(), and hands its notified() and fault() on; vm.c has the order in which things happen.
 *
 * Everything runs in the PD's one thread, and the vCPU of a fault waits meanwhile.
 */
#ifndef SLUICE_VMM_VM_H
#define SLUICE_VMM_VM_H

#include <microkit.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/dev/mmio_bus.h"
#include "vmm/exit/report.h"
#include "vmm/guest/vcpu.h"
#include "vmm/irq/vgic.h"
#include "vmm/passthrough/irq.h"
#include "vmm/vm_config.h"

/* What the guest is loaded from, in the VMM's own memory; size 0: none. */
struct vm_image {
    const void *data;
    uint64_t size;
};

struct vm_images {
    struct vm_image kernel;
    struct vm_image initrd;
    struct vm_image dtb;
};

enum vm_state {
    VM_STOPPED,
    VM_DRAINING, /* between two guests: drain.h */
    VM_RUNNING,
};

struct vm {
    const struct vm_config *config;
    struct vm_images images;
    void *ram; /* config->ram[0], as the VMM maps it */
    enum vm_state state;
    unsigned int drain_round; /* how many were started */
    unsigned int vcpu_count;
    struct vcpu vcpus[VM_CONFIG_MAX_VCPUS];
    struct vgic vgic;
    struct mmio_bus bus;
    struct passthrough_irqs irqs;
    struct exit_report report;
};

/* Sets the machine up, loads the guest and starts its first vCPU. When that cannot be, it says why
 * and the guest stays stopped. */
void vm_create(struct vm *vm, const struct vm_config *config, const struct vm_images *images,
               void *ram);
/* Microkit's notified(). True: the channel was one of the machine's. */
bool vm_notified(struct vm *vm, microkit_channel ch);
/* Microkit's fault(): a vCPU's. True: answer with `reply`. */
bool vm_fault(struct vm *vm, microkit_child child, microkit_msginfo info, microkit_msginfo *reply);

/* The guest asked for it, or cannot go on. The vCPUs are stopped when these return, so that the
 * fault that led here is not to be answered. vm_reset() goes on with faults to come. */
void vm_power_off(struct vm *vm);
void vm_reset(struct vm *vm);
void vm_stop(struct vm *vm);

#endif
