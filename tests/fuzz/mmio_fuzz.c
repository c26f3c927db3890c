/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for all that a guest can make its VMM do: any access, trapped instruction,
 * SMC and HVC with any registers, in any mode, between interrupts, through restarts. The VMM must
 * survive it, answer every fault whose vCPU is to go on, and restart a machine as good as new. The
 * fake of the contract checks each call that the VMM makes.
 *
 * Input: ten bytes a step: what, mode, eight of syndrome, address or register.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "tests/unit/vmm/fake/machine.h"
#include "vmm/irq/gicd.h"

#define STEP_SIZE 10

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t modes[] = {0x3c5, 0x3c4, 0x000, 0x010, 0x600003c5, 0x80000030};

/* Mostly the distributor. */
static uint64_t pick_address(uint64_t word)
{
    switch (word >> 60) {
    case 0:
        return word & 0xffffffffff;
    case 1:
        return MACHINE_GICD - 8 + (word & 0xf);
    case 2:
        return MACHINE_GICD + GICD_FRAME_SIZE - 8 + (word & 0xf);
    default:
        return MACHINE_GICD + (word & 0xfff);
    }
}

/* A data abort with a syndrome that has a register, or any. */
static void access_memory(uint64_t word)
{
    uint64_t esr =
        0x24UL << 26 | (word >> 12 & 0x1ffffff) | ((word & 1UL << 59) != 0 ? 0 : 1UL << 24);
    uint64_t pc = machine_vcpu()->context.pc;

    assert(machine_data_abort(pick_address(word), esr));
    assert(machine_vcpu()->context.pc != pc || machine_vcpu()->regs[seL4_VCPUReg_ELR_EL1] == pc);
}

static void start_over(void)
{
    for (unsigned int i = 0; machine.vm.state == VM_DRAINING; i++) {
        assert(i < 2);
        machine_drain();
    }
    if (!machine_vcpu()->is_running) {
        machine_prepare();
        machine_create();
        assert(machine.vm.state == VM_RUNNING);
    }
}

static void call(uint8_t what, uint64_t word)
{
    uint64_t id = (word & 0x1f) | (word & 0x60) << 25 | 0x84000000;

    if ((what & 0x10) != 0) {
        id = word;
    }
    if ((what & 0x20) != 0) {
        machine_smc(id, word >> 8 & 0xff, word >> 16 & 0xffff, word >> 32);
    } else {
        machine_hvc(id, word >> 8 & 0xff, word >> 16 & 0xffff, word >> 32);
    }
}

static void step(uint8_t what, uint64_t word)
{
    switch (what & 0xf) {
    case 0:
    case 1:
    case 2:
    case 3:
        access_memory(word);
        break;
    case 4:
        assert(machine_instruction_abort(pick_address(word), word));
        break;
    case 5:
        machine_trap(word & 0xffffffff);
        break;
    case 6:
        machine_trap(0x62000000 | (word & 0x1ffffff));
        break;
    case 7:
        call(what, word);
        break;
    case 8:
        vm_notified(&machine.vm, (microkit_channel)(word % 64));
        break;
    case 9:
        machine_timer();
        break;
    case 10:
        fake_take(MACHINE_VCPU);
        break;
    case 11:
        for (unsigned int i = 0; i < FAKE_LISTS; i++) {
            if (machine_vcpu()->lists[i].state == FAKE_LIST_ACTIVE) {
                fake_end(MACHINE_VCPU, i);
                assert(machine_maintenance(i));
            }
        }
        break;
    case 12:
        machine_maintenance(4 + (unsigned int)word % 100); /* none of ours */
        break;
    default:
        machine_vcpu()->context.x5 = word;
        machine_vcpu()->regs[seL4_VCPUReg_VBAR] = word;
        machine_vcpu()->regs[seL4_VCPUReg_CNTV_CTL] = word & 7;
        break;
    }
    fake.console[0] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    machine_prepare();
    machine_create();
    for (size_t at = 0; at + STEP_SIZE <= size; at += STEP_SIZE) {
        uint64_t word;

        memcpy(&word, &data[at + 2], sizeof(word));
        machine_vcpu()->context.spsr = modes[data[at + 1] % (sizeof(modes) / sizeof(modes[0]))];
        step(data[at], word);
        if (machine.vm.vcpus[0].state != VCPU_WAITING) {
            start_over();
        }
    }
    return 0;
}
