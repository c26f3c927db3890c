/* SPDX-License-Identifier: BSD-2-Clause */
/* See vm.h: the life of a virtual machine, and what its parts are told in which order. */
#include "vmm/vm.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "vmm/dev/flash.h"
#include "vmm/dev/rom.h"
#include "vmm/exit/exit.h"
#include "vmm/irq/drain.h"
#include "vmm/irq/gicd.h"
#include "vmm/irq/gicv3.h"
#include "vmm/load/load.h"
#include "vmm/log.h"
#include "vmm/passthrough/direct.h"
#include "vmm/passthrough/reset.h"
#include "vmm/random.h"

#define PSCI_SYSTEM_OFF 0x84000008UL

static const char *config_problem(const struct vm_config *config)
{
    if (config->magic != VM_CONFIG_MAGIC || config->size != sizeof(*config)) {
        return "there is no configuration: section " VM_CONFIG_SECTION " was not filled by vmconf";
    }
    if (config->version != VM_CONFIG_VERSION) {
        return "the configuration is of another version of vmconf";
    }
    if (config->gic_version != 2 && config->gic_version != 3) {
        return "only GICv2 and GICv3 are emulated";
    }
    if (config->vcpu_count == 0 || config->vcpu_count > VM_CONFIG_MAX_VCPUS ||
        config->ram_count == 0 || config->ram_count > VM_CONFIG_MAX_RAM ||
        (config->gic_version == 2 ? config->gicc_ipa : config->gicr_ipa) == 0 ||
        config->irq_count > VM_CONFIG_MAX_IRQS || config->device_count > VM_CONFIG_MAX_DEVICES ||
        config->flash.size > VM_CONFIG_FLASH_MAX || !pci_config_is_sound(config)) {
        return "the configuration is damaged";
    }
    return NULL;
}

static unsigned int max_intid(const struct vm_config *config)
{
    unsigned int max = pci_max_intid(config);

    for (unsigned int i = 0; i < config->irq_count; i++) {
        max = config->irqs[i].intid > max ? config->irqs[i].intid : max;
    }
    if (config->console.kind != VM_CONFIG_CONSOLE_NONE && config->console.intid > max) {
        max = config->console.intid;
    }
    return max;
}

/* The guest ended its virtual timer's interrupt; if the timer is still due, it fires again. */
static void timer_ended(void *context, struct virq *virq)
{
    const struct vcpu *vcpu = context;

    microkit_vcpu_arm_ack_vppi(vcpu->id, virq->intid);
}

/* The guest changed how it has its timer's interrupt, which goes to it directly. */
static void timer_changed(void *context, const struct virq *virq, bool is_forwarded)
{
    const struct vcpu *vcpu = context;

    direct_bind_timer(vcpu->id, virq, is_forwarded);
}

static void connect_timers(struct vm *vm)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        struct virq *timer = vgic_find(&vm->vgic, i, vm->config->virtual_timer_intid);

        if (timer != NULL && direct_is_offered()) {
            vgic_set_direct(&vm->vgic, timer, timer_changed, &vm->vcpus[i]);
        } else if (timer != NULL) {
            vgic_set_source(timer, timer_ended, &vm->vcpus[i]);
        }
    }
}

/* The guest changed how it has an SGI, which its CPUs send each other directly. */
static void sgi_changed(void *context, const struct virq *virq, bool is_forwarded)
{
    const struct vcpu *vcpu = context;
    const struct lists_irq irq = {.intid = virq->intid,
                                  .priority = (uint8_t)(virq->priority >> VGIC_PRIORITY_SHIFT),
                                  .group = virq->group};

    lists_bind_sgi(vcpu->id, &irq, is_forwarded);
}

static void connect_sgis(struct vm *vm)
{
    uint64_t sgir = vm->vgic.is_v3 ? 0 : vm->config->gicd_ipa + GICD_SGIR;

    if (vm->vcpu_count == 1 || !lists_have_sgis()) {
        return; /* one that interrupts itself alone has no hurry */
    }
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        lists_route_sgis(vm->vcpus[i].id, i, vm->vcpus[i].mpidr, sgir);
        for (unsigned int intid = 0; intid < VGIC_SGI_COUNT; intid++) {
            vgic_set_direct(&vm->vgic, vgic_find(&vm->vgic, i, intid), sgi_changed, &vm->vcpus[i]);
        }
    }
}

static void create_vcpus(struct vm *vm)
{
    vm->vcpu_count = vm->config->vcpu_count;
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        vm->vcpus[i] = (struct vcpu){
            .id = vm->config->vcpus[i].id, .mpidr = vm->config->vcpus[i].mpidr, .state = VCPU_OFF};
    }
}

static void create_interrupts(struct vm *vm)
{
    const struct vm_config *config = vm->config;

    vgic_init(&vm->vgic, config->vcpus, config->vcpu_count, max_intid(config));
    vm->vgic.is_v3 = config->gic_version == 3;
    connect_timers(vm);
    connect_sgis(vm);
    passthrough_irq_init(&vm->irqs, &vm->vgic, config);
}

static bool create_firmware(struct vm *vm)
{
    const struct mmio_device rom = {.name = "firmware",
                                    .ipa = vm->config->firmware.ipa,
                                    .size = vm->config->firmware.size,
                                    .ops = &rom_ops};

    return rom.size == 0 || mmio_bus_add(&vm->bus, &rom);
}

static bool create_clock(struct vm *vm, const volatile uint32_t *rtc)
{
    const struct mmio_device clock = {.name = "clock",
                                      .ipa = vm->config->rtc_ipa,
                                      .size = PL031_SIZE,
                                      .ops = &pl031_ops,
                                      .context = &vm->rtc};

    pl031_init(&vm->rtc, rtc);
    return clock.ipa == 0 || rtc == NULL || mmio_bus_add(&vm->bus, &clock);
}

static bool create_flash(struct vm *vm, const struct vm_flash *flash)
{
    const struct mmio_device device = {.name = "flash",
                                       .ipa = vm->config->flash.ipa,
                                       .size = vm->config->flash.size,
                                       .ops = &flash_ops,
                                       .context = &vm->flash};

    if (device.size == 0 || flash->memory == NULL) {
        return device.size == 0;
    }
    flash_init(&vm->flash, flash->memory, device.size, flash->prefilled);
    return mmio_bus_add(&vm->bus, &device);
}

static bool create_gic(struct vm *vm)
{
    bool is_v3 = vm->vgic.is_v3;
    const struct mmio_device gicd = {.name = "distributor",
                                     .ipa = vm->config->gicd_ipa,
                                     .size = is_v3 ? GICV3_DISTRIBUTOR_SIZE : GICD_FRAME_SIZE,
                                     .ops = is_v3 ? &gicv3_distributor_ops : &gicd_v2_ops,
                                     .context = &vm->vgic};
    const struct mmio_device gicr = {.name = "redistributors",
                                     .ipa = vm->config->gicr_ipa,
                                     .size = vm->vcpu_count * GICV3_REDISTRIBUTOR_SIZE,
                                     .ops = &gicv3_redistributor_ops,
                                     .context = &vm->vgic};

    return mmio_bus_add(&vm->bus, &gicd) && (!is_v3 || mmio_bus_add(&vm->bus, &gicr));
}

/* False: devices overlap. */
static bool create_devices(struct vm *vm, const struct vm_setup *setup)
{
    vm->virtio =
        (struct virtio_machine){.name = vm->config->name,
                                .vgic = &vm->vgic,
                                .ram = {.ranges = vm->config->ram, .count = vm->config->ram_count}};
    return create_gic(vm) && create_firmware(vm) && create_flash(vm, &setup->flash) &&
           create_clock(vm, setup->rtc) && pci_create(&vm->pci, vm->config, &vm->vgic, &vm->bus) &&
           vm_console_create_devices(vm);
}

static void set_state(struct vm *vm, enum vm_state state)
{
    vm->state = state;
    vm_console_tell_state(vm);
}

static void tell_boot(const struct vm *vm, const char *what)
{
    const struct vm_config_load *load = &vm->config->load;

    if (vm->config->firmware.size > 0) {
        log_line(vm->config->name, "%s: firmware 0x%" PRIx64 ", device tree 0x%" PRIx64, what,
                 vm->config->firmware.ipa, load->dtb_ipa);
        return;
    }
    log_line(vm->config->name,
             "%s: kernel 0x%" PRIx64 ", initrd 0x%" PRIx64 ", device tree 0x%" PRIx64, what,
             load->kernel_ipa, load->initrd_ipa, load->dtb_ipa);
}

/* Loads the guest and starts its first vCPU; everything else is as after a power-on. */
static void boot(struct vm *vm, const char *what)
{
    const struct vm_config_load *load = &vm->config->load;

    set_state(vm, VM_LOADING);
    if (!pci_prepare(&vm->pci) || !load_guest(vm)) {
        log_line(vm->config->name, "not started");
        set_state(vm, VM_FAILED);
        return;
    }
    tell_boot(vm, what);
    vm->has_run = true;
    vm->needs_drain = true;
    set_state(vm, VM_RUNNING);
    vcpu_start(&vm->vcpus[0],
               vm->config->firmware.size > 0 ? vm->config->firmware.ipa : load->kernel_ipa,
               load->dtb_ipa);
}

/* Once, for who wonders why the guest's random numbers take so long. */
static void tell_random(const struct vm *vm)
{
    uint64_t number[RANDOM_WORDS];

    if (!random_draw(number)) {
        log_line(vm->config->name, "no seed from the machine: the guest has no random numbers of "
                                   "it, and no KASLR");
    }
}

void vm_create(struct vm *vm, const struct vm_config *config, const struct vm_setup *setup)
{
    const char *problem = config_problem(config);

    if (problem == NULL && setup->ram == NULL) {
        problem = "the description does not fill guest_ram_vaddr";
    }
    if (problem != NULL) {
        log_line(microkit_name, "%s", problem);
        return;
    }
    vm->config = config;
    vm->images = setup->images;
    vm->ram = setup->ram;
    vm_console_connect(vm, setup->console, setup->console_channel);
    tell_random(vm);
    create_vcpus(vm);
    create_interrupts(vm);
    if (!create_devices(vm, setup)) {
        log_line(config->name, "emulated devices overlap, or an interrupt of theirs cannot be");
        set_state(vm, VM_FAILED);
        return;
    }
    vm->is_complete = true;
    if ((config->flags & VM_CONFIG_NO_AUTOSTART) != 0) {
        if (!pci_prepare(&vm->pci)) {
            set_state(vm, VM_FAILED);
            return;
        }
        log_line(config->name, "to be started by command");
        set_state(vm, VM_STOPPED);
        return;
    }
    boot(vm, "started");
}

/* After this nothing of the guest runs, and no device writes to its RAM or interrupts. */
static void halt(struct vm *vm, enum vm_state state)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        vcpu_stop(&vm->vcpus[i]);
    }
    passthrough_reset_devices(vm->config);
    pci_halt(&vm->pci);
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        direct_reset(vm->vcpus[i].id);
    }
    set_state(vm, state);
}

void vm_fail(struct vm *vm)
{
    halt(vm, VM_FAILED);
}

void vm_power_off(struct vm *vm)
{
    halt(vm, VM_OFF);
    if ((vm->config->flags & VM_CONFIG_POWEROFF_MACHINE) != 0) {
        seL4_ARM_SMCContext args = {.x0 = PSCI_SYSTEM_OFF};
        seL4_ARM_SMCContext response = {0};

        log_line(vm->config->name, "powered off, and the machine with it");
        microkit_arm_smc_call(&args, &response);
        log_line(vm->config->name, "the firmware does not power off: 0x%lx", response.x0);
        return;
    }
    log_line(vm->config->name, "powered off");
}

/* A timer that fired and was not ended yet would never fire again. They are off by now. */
static void ack_timers(struct vm *vm)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        microkit_vcpu_arm_ack_vppi(vm->vcpus[i].id, vm->config->virtual_timer_intid);
    }
}

/* Nothing of the old guest is left in hardware. */
static void boot_again(struct vm *vm)
{
    ack_timers(vm);
    vgic_reset(&vm->vgic);
    connect_timers(vm);
    connect_sgis(vm);
    pci_reset_irqs(&vm->pci);
    passthrough_irq_reset(&vm->irqs);
    vm_console_reset(vm);
    pl031_reset(&vm->rtc);
    flash_reset(&vm->flash);
    memset(&vm->report, 0, sizeof(vm->report));
    boot(vm, "restarted");
}

/* The machine is halted. */
static void begin(struct vm *vm)
{
    if (!vm->is_complete) {
        log_line(vm->config->name, "not started: its devices are not all there");
        set_state(vm, VM_FAILED);
    } else if (!vm->has_run) {
        boot(vm, "started");
    } else if (!pci_can_restart(&vm->pci)) {
        set_state(vm, VM_STOPPED);
    } else if (!vm->needs_drain || direct_is_offered()) {
        boot_again(vm);
    } else {
        vm->stops_when_drained = false;
        set_state(vm, VM_DRAINING);
        drain_start(vm);
    }
}

static void drained(struct vm *vm)
{
    vm->needs_drain = false;
    if (vm->stops_when_drained) {
        set_state(vm, VM_STOPPED);
    } else {
        boot_again(vm);
    }
}

void vm_reset(struct vm *vm)
{
    if ((vm->config->flags & VM_CONFIG_NO_RESTART) != 0) {
        halt(vm, VM_STOPPED);
        log_line(vm->config->name, "asked for a restart, and may not: stopped");
        return;
    }
    halt(vm, VM_LOADING);
    begin(vm);
}

void vm_start(struct vm *vm)
{
    if (vm->state == VM_DRAINING) {
        vm->stops_when_drained = false;
    } else if (vm->state != VM_RUNNING) {
        begin(vm);
    }
}

void vm_stop(struct vm *vm)
{
    if (vm->state == VM_DRAINING) {
        vm->stops_when_drained = true;
    } else if (vm->state == VM_RUNNING) {
        halt(vm, VM_STOPPED);
        log_line(vm->config->name, "stopped");
    }
}

void vm_restart(struct vm *vm)
{
    if (vm->state == VM_RUNNING) {
        halt(vm, VM_LOADING);
    }
    vm_start(vm);
}

static struct vcpu *find_vcpu(struct vm *vm, microkit_child child)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].id == child) {
            return &vm->vcpus[i];
        }
    }
    return NULL;
}

/* Whatever happened, vCPUs that wait for an interrupt may have got one. */
static void wake_vcpus(struct vm *vm)
{
    for (unsigned int i = 0; i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].state == VCPU_WAITING && vgic_has_pending(&vm->vgic, i)) {
            vcpu_wake(&vm->vcpus[i]);
        }
    }
}

bool vm_notified(struct vm *vm, microkit_channel ch)
{
    bool is_ours = passthrough_irq_notified(&vm->irqs, ch);

    if (!is_ours) {
        is_ours = vm_console_notified(vm, ch);
    }
    if (!is_ours && pci_has_channel(&vm->pci, ch)) {
        is_ours = true;
        vm_console_tell_faults(vm);
    }
    wake_vcpus(vm);
    return is_ours;
}

bool vm_fault(struct vm *vm, microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    struct vcpu *vcpu = find_vcpu(vm, child);
    enum exit_result result;

    if (vcpu == NULL) {
        return false;
    }
    *reply = microkit_msginfo_new(0, 0);
    if (vm->state == VM_DRAINING) {
        bool is_answered = drain_fault(vm, vcpu, info);

        if (drain_is_done(vm)) {
            drained(vm);
        }
        return is_answered;
    }
    passthrough_irq_guest_runs(&vm->irqs);
    result = exit_handle(vm, vcpu, info, reply);
    wake_vcpus(vm);
    return result == EXIT_RESUME;
}
