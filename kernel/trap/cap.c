/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability numbers (abi/syscall.h) to kernel objects: a range check and a look-up in the PD's
 * image record. What the tool did not grant is not there. (A cspace slot is what is left of a word
 * after a shift, within its table by construction.)
 */
#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/vcpu.h"

static struct vcpu *vcpu_of(const struct pd *pd, uint64_t id)
{
    uint64_t index;

    if (id >= ABI_MAX_CHANNELS) {
        return NULL;
    }
    index = pd->desc->vcpus[arch_bound(id, ABI_MAX_CHANNELS)];
    return index != IMAGE_NONE ? &vcpus[index] : NULL;
}

static struct pd *child_of(const struct pd *pd, uint64_t id)
{
    uint64_t index;

    if (id >= ABI_MAX_CHANNELS) {
        return NULL;
    }
    index = pd->desc->children[arch_bound(id, ABI_MAX_CHANNELS)];
    return index != IMAGE_NONE ? &pds[index] : NULL;
}

static struct thread *cspace_thread(const struct pd *pd, uint64_t cap)
{
    const struct image_cap *entry = &pd->desc->cspace[cap >> ABI_CSPACE_SHIFT];

    if ((cap & ((1UL << ABI_CSPACE_SHIFT) - 1)) != 0 || entry->kind != IMAGE_CAP_TCB) {
        return NULL;
    }
    return &pds[entry->pd].thread;
}

struct thread *cap_thread(const struct pd *pd, uint64_t cap)
{
    struct pd *child;
    struct vcpu *vcpu;

    if (cap >> ABI_CSPACE_SHIFT != 0) {
        return cspace_thread(pd, cap);
    }
    if (cap == ABI_CAP_TCB) {
        return (struct thread *)&pd->thread;
    }
    child = child_of(pd, cap - ABI_CAP_CHILD_TCB);
    if (child != NULL) {
        return &child->thread;
    }
    vcpu = vcpu_of(pd, cap - ABI_CAP_VM_TCB);
    return vcpu != NULL ? &vcpu->thread : NULL;
}

struct vcpu *cap_vcpu(const struct pd *pd, uint64_t cap)
{
    return vcpu_of(pd, cap - ABI_CAP_VCPU);
}

const struct image_channel *cap_channel(const struct pd *pd, uint64_t cap, uint64_t base,
                                        enum image_channel_kind kind)
{
    const struct image_channel *channel;
    uint64_t id = cap - base;

    if (id >= ABI_MAX_CHANNELS) {
        return NULL;
    }
    channel = &pd->channels[arch_bound(id, ABI_MAX_CHANNELS)];
    return channel->kind == kind ? channel : NULL;
}
