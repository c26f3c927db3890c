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

/* What <cspace> put there. */
static enum image_cap_kind cspace_kind(const struct pd *pd, uint64_t cap)
{
    if (cap >> ABI_CSPACE_SHIFT == 0 || (cap & ((1UL << ABI_CSPACE_SHIFT) - 1)) != 0) {
        return IMAGE_CAP_NONE;
    }
    return pd->desc->cspace[cap >> ABI_CSPACE_SHIFT].kind;
}

static struct thread *cspace_thread(const struct pd *pd, uint64_t cap, enum image_cap_kind kind)
{
    if (cspace_kind(pd, cap) != kind) {
        return NULL;
    }
    return &pds[pd->desc->cspace[cap >> ABI_CSPACE_SHIFT].pd].thread;
}

struct thread *cap_thread(const struct pd *pd, uint64_t cap)
{
    struct pd *child;
    struct vcpu *vcpu;

    if (cap >> ABI_CSPACE_SHIFT != 0) {
        return cspace_thread(pd, cap, IMAGE_CAP_TCB);
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

const struct thread *cap_vspace(const struct pd *pd, uint64_t cap)
{
    return cap == ABI_CAP_VSPACE ? &pd->thread : cspace_thread(pd, cap, IMAGE_CAP_VSPACE);
}

struct thread *cap_sched_context(const struct pd *pd, uint64_t cap)
{
    return cspace_thread(pd, cap, IMAGE_CAP_SC);
}

/* seL4's tags of capabilities, on AArch64 */
#define TAG_ENDPOINT      4
#define TAG_NOTIFICATION  6
#define TAG_REPLY         8
#define TAG_VSPACE        9
#define TAG_THREAD        12
#define TAG_VCPU          15
#define TAG_IRQ_HANDLER   16
#define TAG_SCHED_CONTEXT 22
#define TAG_SMC           25

static bool has_right(const struct pd *pd, uint64_t cap, uint64_t base, uint8_t right)
{
    const struct image_channel *channel = cap_channel(pd, cap, base, IMAGE_CHANNEL_PD);

    return channel != NULL && (channel->rights & right) != 0;
}

static uint64_t identify_fixed(const struct pd *pd, uint64_t cap)
{
    switch (cap) {
    case ABI_CAP_INPUT:
    case ABI_CAP_MONITOR:
        return TAG_ENDPOINT;
    case ABI_CAP_REPLY:
        return TAG_REPLY;
    case ABI_CAP_ARM_SMC:
        return (pd->desc->flags & IMAGE_PD_SMC) != 0 ? TAG_SMC : 0;
    default:
        return 0;
    }
}

uint64_t cap_identify(const struct pd *pd, uint64_t cap)
{
    if (cap_thread(pd, cap) != NULL) {
        return TAG_THREAD;
    }
    if (cap_vcpu(pd, cap) != NULL) {
        return TAG_VCPU;
    }
    if (cap_vspace(pd, cap) != NULL) {
        return TAG_VSPACE;
    }
    if (cspace_kind(pd, cap) == IMAGE_CAP_SC) {
        return TAG_SCHED_CONTEXT;
    }
    if (has_right(pd, cap, ABI_CAP_NOTIFICATION, IMAGE_CHANNEL_NOTIFY)) {
        return TAG_NOTIFICATION;
    }
    if (has_right(pd, cap, ABI_CAP_ENDPOINT, IMAGE_CHANNEL_CALL)) {
        return TAG_ENDPOINT;
    }
    if (cap_channel(pd, cap, ABI_CAP_IRQ, IMAGE_CHANNEL_IRQ) != NULL) {
        return TAG_IRQ_HANDLER;
    }
    return identify_fixed(pd, cap);
}
