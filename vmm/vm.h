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

#include "vmm/console.h"
#include "vmm/dev/flash.h"
#include "vmm/dev/mmio_bus.h"
#include "vmm/dev/pl031.h"
#include "vmm/exit/report.h"
#include "vmm/guest/vcpu.h"
#include "vmm/irq/vgic.h"
#include "vmm/passthrough/irq.h"
#include "vmm/pci/pci.h"
#include "vmm/random.h"
#include "vmm/vm_config.h"

/* What the guest is loaded from, in the VMM's own memory; size 0: none. */
struct vm_image {
    const void *data;
    uint64_t size;
};

struct vm_images {
    struct vm_image kernel;
    struct vm_image firmware;
    struct vm_image initrd;
    struct vm_image dtb;
};

/* What the guest's flash consists of, as the VMM maps it: config->flash has its size. */
struct vm_flash {
    void *memory;       /* NULL: there is none */
    uint64_t prefilled; /* bytes that have contents already; what is behind them is erased */
};

/* What a machine consists of, beside its configuration. */
struct vm_setup {
    struct vm_images images;
    void *ram; /* config->ram[0], as the VMM maps it */
    struct vm_flash flash;
    const volatile uint32_t *rtc;     /* the machine's PL031; NULL: none is emulated */
    void *console;                    /* shared with the console multiplexer; NULL: there is none */
    microkit_channel console_channel; /* to it */
};

enum vm_state {
    VM_STOPPED,  /* by whoever runs the system, or because it may not restart */
    VM_OFF,      /* the guest powered itself off */
    VM_FAILED,   /* could not be loaded, or cannot go on */
    VM_DRAINING, /* between two guests: drain.h */
    VM_LOADING,  /* its images are being copied, or are to be next */
    VM_RUNNING,
};

struct vm {
    const struct vm_config *config;
    struct vm_images images;
    void *ram; /* config->ram[0], as the VMM maps it */
    enum vm_state state;
    bool is_complete;         /* all of its devices could be created */
    bool has_run;             /* since the VMM's start */
    bool needs_drain;         /* something of the last guest may be in hardware */
    bool stops_when_drained;  /* somebody stopped it meanwhile */
    unsigned int drain_round; /* how many were started */
    unsigned int vcpu_count;
    struct vcpu vcpus[VM_CONFIG_MAX_VCPUS];
    struct vgic vgic;
    struct mmio_bus bus;
    struct virtio_machine virtio;
    struct passthrough_irqs irqs;
    struct vm_pci pci;
    struct vm_console console;
    struct pl031 rtc;
    struct flash flash;
    struct random_pool random; /* trng.c */
    struct exit_report report;
};

/* Sets the machine up, loads the guest and starts its first vCPU, unless the configuration says
 * that it is started later. When that cannot be, it says why and the guest stays stopped. Once in
 * `vm`, which is zero, as a program's variables are when it starts. */
void vm_create(struct vm *vm, const struct vm_config *config, const struct vm_setup *setup);
/* Microkit's notified(). True: the channel was one of the machine's. */
bool vm_notified(struct vm *vm, microkit_channel ch);
/* Microkit's fault(): a vCPU's. True: answer with `reply`. */
bool vm_fault(struct vm *vm, microkit_child child, microkit_msginfo info, microkit_msginfo *reply);

/* The guest asked for it, or cannot go on. The vCPUs are stopped when these return, so that the
 * fault that led here is not to be answered. vm_reset() goes on with faults to come. */
void vm_power_off(struct vm *vm);
void vm_reset(struct vm *vm);
void vm_fail(struct vm *vm);

/* Whoever runs the system asks for it, in any state. */
void vm_start(struct vm *vm); /* nothing if it runs */
void vm_stop(struct vm *vm);
void vm_restart(struct vm *vm);

#endif
