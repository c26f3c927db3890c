/* SPDX-License-Identifier: BSD-2-Clause */
/* See machine.h. */
#include "tests/unit/vmm/fake/machine.h"

#include <assert.h>
#include <string.h>

#include "vmm/exit/syndrome.h"
#include "vmm/irq/drain.h"

#define EC_HIGH(ec) ((uint64_t)(ec) << ESR_EC_SHIFT)

static const uint8_t kernel_image[0x1000] = {[56] = 'A', 'R', 'M', 0x64, [64] = 0x11, [0xfff] = 9};
static const uint8_t initrd_image[100] = {0x1f, 0x8b};
static const uint8_t dtb_image[64] = {0xd0, 0x0d, 0xfe, 0xed};

struct vm_config machine_config;
struct vm_setup machine_setup;
uint8_t machine_ram[MACHINE_RAM_SIZE] __attribute__((aligned(4096)));
uint32_t machine_registers[1024];
struct vm machine;

static void fill_config(void)
{
    machine_config = (struct vm_config){
        .magic = VM_CONFIG_MAGIC,
        .version = VM_CONFIG_VERSION,
        .size = sizeof(machine_config),
        .name = "linux",
        .gic_version = 2,
        .virtual_timer_intid = 27,
        .gicd_ipa = MACHINE_GICD,
        .gicd_size = 0x10000,
        .gicc_ipa = MACHINE_GICC,
        .vcpu_count = 1,
        .ram_count = 1,
        .irq_count = 2,
        .load = {.kernel_ipa = MACHINE_KERNEL,
                 .kernel_span = 0x2000,
                 .initrd_ipa = MACHINE_INITRD,
                 .initrd_size = sizeof(initrd_image),
                 .dtb_ipa = MACHINE_DTB,
                 .dtb_size = 0x1000},
        .vcpus = {{.id = MACHINE_VCPU}, {.id = MACHINE_VCPU + 1, .mpidr = MACHINE_SECOND_ON}},
        .ram = {{.ipa = MACHINE_RAM, .size = MACHINE_RAM_SIZE, .vaddr = (uintptr_t)machine_ram}},
        .irqs = {{.intid = MACHINE_LEVEL, .channel = MACHINE_LEVEL_CH},
                 {.intid = MACHINE_EDGE, .channel = MACHINE_EDGE_CH, .flags = VM_CONFIG_IRQ_EDGE}},
    };
}

void machine_reset(void)
{
    fake_reset();
    fill_config();
    machine_setup = (struct vm_setup){
        .images = {.kernel = {kernel_image, sizeof(kernel_image)},
                   .initrd = {initrd_image, sizeof(initrd_image)},
                   .dtb = {dtb_image, sizeof(dtb_image)}},
        .ram = machine_ram,
    };
    memset(machine_ram, 0, sizeof(machine_ram));
    memset(machine_registers, 0, sizeof(machine_registers));
}

void machine_create(void)
{
    memset(&machine, 0, sizeof(machine));
    vm_create(&machine, &machine_config, &machine_setup);
}

seL4_UserContext *machine_context(void)
{
    return &fake.vcpus[MACHINE_VCPU].context;
}

seL4_Word *machine_system_registers(void)
{
    return fake.vcpus[MACHINE_VCPU].regs;
}

static bool fault_of(unsigned int id, seL4_Word label, const seL4_Word *words, unsigned int count)
{
    microkit_msginfo reply = microkit_msginfo_new(1, 0); /* what is not set does not resume */
    bool is_answered;

    memset(fake.mr, 0xa5, sizeof(fake.mr));
    memcpy(fake.mr, words, count * sizeof(*words));
    is_answered = vm_fault(&machine, id, microkit_msginfo_new(label, (seL4_Uint16)count), &reply);
    if (is_answered && label == seL4_Fault_UnknownSyscall) {
        seL4_UserContext *context = &fake.vcpus[id].context;

        assert(microkit_msginfo_get_label(reply) == 0);
        if (microkit_msginfo_get_count(reply) == 0) {
            return true; /* its registers are as they were written */
        }
        assert(microkit_msginfo_get_count(reply) == 9);
        memcpy(&context->x0, fake.mr, 8 * sizeof(seL4_Word));
        context->pc = fake.mr[seL4_UnknownSyscall_FaultIP];
    }
    return is_answered;
}

bool machine_fault(seL4_Word label, const seL4_Word *words, unsigned int count)
{
    return fault_of(MACHINE_VCPU, label, words, count);
}

bool machine_data_abort(uint64_t ipa, uint64_t esr)
{
    const seL4_Word words[] = {machine_context()->pc, ipa, 0, esr};

    return machine_fault(seL4_Fault_VMFault, words, 4);
}

bool machine_timer(void)
{
    const seL4_Word intid = 27;

    return machine_fault(seL4_Fault_VPPIEvent, &intid, 1);
}

bool machine_trap(uint64_t esr)
{
    return machine_fault(seL4_Fault_VCPUFault, &esr, 1);
}

bool machine_hvc(const seL4_Word x[8])
{
    seL4_Word words[seL4_UnknownSyscall_Length] = {0};

    memcpy(words, x, 8 * sizeof(*words));
    words[seL4_UnknownSyscall_FaultIP] = machine_context()->pc;
    words[12] = x[7];
    return machine_fault(seL4_Fault_UnknownSyscall, words, seL4_UnknownSyscall_Length);
}

bool machine_smc(seL4_Word x0, seL4_Word x1, seL4_Word x2, seL4_Word x3)
{
    seL4_UserContext *context = machine_context();

    context->x0 = x0;
    context->x1 = x1;
    context->x2 = x2;
    context->x3 = x3;
    return machine_trap(EC_HIGH(ESR_EC_SMC64) | ESR_IL);
}

void machine_write_gicd(unsigned int offset, uint32_t value)
{
    machine_context()->x5 = value;
    if (!machine_data_abort(MACHINE_GICD + offset, machine_access(true, 2, 5))) {
        assert(false);
    }
}

uint32_t machine_read_gicd(unsigned int offset)
{
    if (!machine_data_abort(MACHINE_GICD + offset, machine_access(false, 2, 5))) {
        assert(false);
    }
    return (uint32_t)machine_context()->x5;
}

uint64_t machine_access(bool is_write, unsigned int log2_size, unsigned int reg)
{
    return EC_HIGH(0x24) | ESR_IL | 1UL << 24 | (uint64_t)log2_size << 22 | (uint64_t)reg << 16 |
           (log2_size == 3 ? 1UL << 15 : 0) | (is_write ? 1UL << 6 : 0) | 0x6;
}

static void end(unsigned int number, unsigned int list)
{
    const seL4_Word index = list;

    fake_end(machine_config.vcpus[number].id, list);
    if (!fault_of(machine_config.vcpus[number].id, seL4_Fault_VGICMaintenance, &index, 1)) {
        assert(false);
    }
}

int machine_handle_irq(void)
{
    int list = fake_take(MACHINE_VCPU);
    int intid;

    if (list < 0) {
        return -1;
    }
    intid = fake.vcpus[MACHINE_VCPU].lists[list].intid;
    end(0, (unsigned int)list);
    return intid;
}

void machine_drain(unsigned int number)
{
    unsigned int id = machine_config.vcpus[number].id;
    const seL4_UserContext *context = &fake.vcpus[id].context;
    const seL4_Word smc = EC_HIGH(ESR_EC_SMC64) | ESR_IL;
    struct drain_work work;
    int list;

    assert(fake.vcpus[id].is_running &&
           context->pc == (machine_config.firmware.size > 0 ? MACHINE_RAM : MACHINE_KERNEL));
    assert(memcmp(machine_ram + (context->pc - MACHINE_RAM), drain_code, drain_code_size) == 0);
    memcpy(&work, machine_ram + (context->x0 - MACHINE_RAM), sizeof(work));
    assert(work.gicc == MACHINE_GICC);
    while ((list = fake_take(id)) >= 0) {
        end(number, (unsigned int)list);
    }
    for (unsigned int i = 0; i < FAKE_LISTS && work.active[i] != DRAIN_NONE; i++) {
        list = fake_find(id, work.active[i]);
        assert(list >= 0);
        end(number, (unsigned int)list);
    }
    if (fault_of(id, seL4_Fault_VCPUFault, &smc, 1)) {
        assert(false);
    }
}
