/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the virtual interrupts: a guest that writes anything to its distributor,
 * and sources that raise, in any order. What must hold: a source is told of an end only when its
 * interrupt is neither pending nor in flight; and once the guest enables everything and handles
 * what comes, every interrupt that was raised has arrived and every source is free again. The fake
 * of the contract checks what goes into list registers.
 *
 * Input: the number of vCPUs, then five bytes a step: what, where (two), value (two).
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"

#define MAX_INTID   95
#define INTID_COUNT (MAX_INTID + 1)
#define STEP_SIZE   5
#define CPU_COUNT   2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vm_config_vcpu vcpus[CPU_COUNT] = {{.id = 0}, {.id = 1}};

static struct vgic vgic;
static bool is_held[CPU_COUNT][INTID_COUNT]; /* raised by its source, which was not told yet */
static bool is_due[CPU_COUNT][INTID_COUNT];  /* raised, and not taken by the guest yet */

static void ended(void *context, struct virq *virq)
{
    bool *held = context;

    assert(!virq->pending && !virq->in_flight);
    *held = false;
}

/* Interrupts of all CPUs have one row, CPU 0's. */
static unsigned int row(unsigned int cpu, unsigned int intid)
{
    return intid < VGIC_PRIVATE_COUNT ? cpu : 0;
}

static void setup(unsigned int cpu_count)
{
    fake_reset();
    memset(is_held, 0, sizeof(is_held));
    memset(is_due, 0, sizeof(is_due));
    vgic_init(&vgic, vcpus, cpu_count, MAX_INTID);
    for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
        for (unsigned int i = 0; i < INTID_COUNT; i++) {
            vgic_set_source(vgic_find(&vgic, cpu, i), ended, &is_held[row(cpu, i)][i]);
        }
    }
}

static void raise_by_source(unsigned int cpu, unsigned int intid)
{
    if (!is_held[row(cpu, intid)][intid]) {
        is_held[row(cpu, intid)][intid] = true;
        is_due[row(cpu, intid)][intid] = true;
        vgic_raise(&vgic, vgic_find(&vgic, cpu, intid));
    }
}

static void access_register(unsigned int cpu, uint64_t offset, unsigned int size, bool is_write,
                            uint64_t value)
{
    struct mmio_access access = {
        .cpu = cpu, .offset = offset, .size = size, .is_write = is_write, .value = value};
    bool clears = (offset >= 0x280 && offset < 0x300) || (offset >= 0xf10 && offset < 0xf20);

    assert(gicd_v2_ops.access(&vgic, &access));
    if (!is_write) {
        assert(size == 8 || access.value >> size * 8 == 0);
    } else if (clears) {
        memset(is_due, 0, sizeof(is_due)); /* the guest gave some of them up */
    }
}

static bool take(unsigned int cpu)
{
    int list = fake_take(cpu);

    if (list < 0) {
        return false;
    }
    is_due[row(cpu, fake.vcpus[cpu].lists[list].intid)][fake.vcpus[cpu].lists[list].intid] = false;
    return true;
}

static bool end(unsigned int cpu)
{
    for (unsigned int i = 0; i < FAKE_LISTS; i++) {
        if (fake.vcpus[cpu].lists[i].state == FAKE_LIST_ACTIVE) {
            fake_end(cpu, i);
            assert(vgic_end(&vgic, cpu, i));
            return true;
        }
    }
    return false;
}

static void step(const uint8_t *bytes)
{
    unsigned int cpu = (bytes[0] >> 7) % vgic.cpu_count;
    unsigned int where = bytes[1] | (unsigned int)bytes[2] << 8;
    uint64_t value = bytes[3] | (uint64_t)bytes[4] << 8;

    value |= value << 16;
    switch (bytes[0] & 0x7) {
    case 0:
    case 1:
        access_register(cpu, where % GICD_FRAME_SIZE & ~3u, 4, true, value);
        break;
    case 2:
        access_register(cpu, where % GICD_FRAME_SIZE, 1u << (bytes[3] & 3), (bytes[0] & 8) != 0,
                        value >> (bytes[3] & 7));
        break;
    case 3:
    case 4:
        raise_by_source(cpu, where % INTID_COUNT);
        break;
    case 5:
        take(cpu);
        break;
    case 6:
        end(cpu);
        break;
    default:
        if ((bytes[0] & 0x78) == 0) {
            setup(vgic.cpu_count);
        }
        break;
    }
}

static void handle_everything(void)
{
    bool goes_on = true;

    for (unsigned int cpu = 0; cpu < vgic.cpu_count; cpu++) {
        for (unsigned int i = 0; i < INTID_COUNT / 32; i++) {
            access_register(cpu, 0x100 + 4 * i, 4, true, 0xffffffff);
        }
    }
    access_register(0, 0x000, 4, true, 3);
    while (goes_on) {
        goes_on = false;
        for (unsigned int cpu = 0; cpu < vgic.cpu_count; cpu++) {
            goes_on |= take(cpu);
            goes_on |= end(cpu);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    setup(1 + data[0] % CPU_COUNT);
    for (size_t at = 1; at + STEP_SIZE <= size; at += STEP_SIZE) {
        step(&data[at]);
    }
    handle_everything();
    for (unsigned int cpu = 0; cpu < vgic.cpu_count; cpu++) {
        assert(!vgic_has_pending(&vgic, cpu));
        for (unsigned int i = 0; i < INTID_COUNT; i++) {
            assert(!is_held[cpu][i] && !is_due[cpu][i]);
        }
    }
    return 0;
}
