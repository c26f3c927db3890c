/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for everything that a guest can ask of its VMM: accesses, trapped instructions,
 * calls, at any processor state, with interrupts in between, and restarts. Input: steps of 26
 * bytes. The fake contract aborts where a real kernel would answer with an error, which stops a
 * VMM; beyond that a guest is either answered, waiting for an interrupt, or off.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/vmm/fake/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
    uint8_t kind;
    uint8_t reg;
    uint64_t a;
    uint64_t b;
    uint64_t c;
} __attribute__((packed));

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* Most addresses are the distributor's: nothing is at others. */
static uint64_t address(const struct step *step)
{
    return (step->reg & 0x80) != 0 ? step->a : MACHINE_GICD + (step->a & 0xfff);
}

static void data_abort(const struct step *step)
{
    (void)machine_data_abort(address(step), step->b);
}

static void store(const struct step *step)
{
    (void)machine_data_abort(address(step), machine_access(true, step->b & 3, step->reg & 31));
}

static void load(const struct step *step)
{
    (void)machine_data_abort(address(step), machine_access(false, step->b & 3, step->reg & 31));
}

static void fetch(const struct step *step)
{
    const seL4_Word words[] = {step->a, step->b, 1, step->c};

    (void)machine_fault(seL4_Fault_VMFault, words, 4);
}

static void trap(const struct step *step)
{
    (void)machine_trap(step->a);
}

/* PSCI and TRNG: the numbers of their functions are small. */
static uint64_t function(const struct step *step)
{
    return (step->reg & 0x80) != 0 ? step->a : 0x80000000 | (step->a & 0x4400005f);
}

static void call(const struct step *step)
{
    (void)machine_smc(function(step), step->b, step->c, step->a);
}

static void call_by_hvc(const struct step *step)
{
    const seL4_Word x[8] = {function(step), step->b, step->c};

    (void)machine_hvc(x);
}

/* The guest takes the next interrupt, or ends one that it took. */
static void interrupt(const struct step *step)
{
    const seL4_Word list = step->a % FAKE_LISTS;

    if (fake.vcpus[MACHINE_VCPU].lists[list].state == FAKE_LIST_ACTIVE) {
        fake_end(MACHINE_VCPU, (unsigned int)list);
        require(machine_fault(seL4_Fault_VGICMaintenance, &list, 1));
    } else {
        (void)fake_take(MACHINE_VCPU);
    }
}

static void timer(const struct step *step)
{
    const seL4_Word intid = (step->a & 0xff) == 0 ? step->b : 27;

    /* Only 27 can be acked. */
    if (intid == 27 || intid >= VGIC_PRIVATE_COUNT) {
        require(machine_fault(seL4_Fault_VPPIEvent, &intid, 1));
    }
}

static void state(const struct step *step)
{
    machine_context()->pc = step->a;
    machine_context()->spsr = step->b;
    machine_system_registers()[seL4_VCPUReg_CNTV_CTL] = step->c & 7;
    machine_system_registers()[seL4_VCPUReg_VBAR] = step->c;
}

static void value(const struct step *step)
{
    seL4_Word *reg = vcpu_context_register(machine_context(), step->reg & 31);

    if (reg != NULL) {
        *reg = step->a;
    }
}

static void (*const kinds[])(const struct step *step) = {
    data_abort, store, load, fetch, trap, call, call_by_hvc, interrupt, timer, state, value,
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static void notify(const struct step *step)
{
    require(vm_notified(&machine, step->a % 2 == 0 ? MACHINE_LEVEL_CH : MACHINE_EDGE_CH));
}

/* A restart is through after a few rounds; RAM is where the kernel was put. */
static void finish_draining(void)
{
    for (unsigned int i = 0; i < 3 && machine.state == VM_DRAINING; i++) {
        machine_drain(0);
    }
    require(machine.state == VM_RUNNING);
    require(machine_context()->pc == MACHINE_KERNEL);
    for (unsigned int i = 0; i < FAKE_LISTS; i++) {
        require(fake.vcpus[MACHINE_VCPU].lists[i].state == FAKE_LIST_EMPTY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    machine_reset();
    machine_create();
    for (; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        if (step.kind % (KIND_COUNT + 1) == KIND_COUNT) {
            notify(&step);
        } else if (machine.vcpus[0].state == VCPU_ON) {
            kinds[step.kind % (KIND_COUNT + 1)](&step);
        }
        if (machine.state == VM_DRAINING) {
            finish_draining();
        }
        require((machine.vcpus[0].state == VCPU_OFF) != fake.vcpus[MACHINE_VCPU].is_running);
    }
    return 0;
}
