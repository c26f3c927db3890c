/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What cores leave for each other of SGIs: all of it is read and written by atomic operations, and
 * no lock protects it. sgi_send.c fills boxes, sgi.c empties them.
 *
 * Who posts sets a bit in the box, and then looks whether its SGI is wanted; who wants says so, and
 * then looks into the box. One of them sees the other (sequential consistency: Arm ARM B2.3.7, as
 * in smp/lock.c), so a bit that is there and wanted has an interrupt on its way.
 */
#ifndef SLUICE_KERNEL_VCPU_SGI_BOX_H
#define SLUICE_KERNEL_VCPU_SGI_BOX_H

#include <stddef.h>

#include "kernel/vcpu/vcpu.h"

#define SGI_SOURCES   8 /* CPUs of a guest that can send */
#define SGI_BOX_WORDS (VCPU_SGIS * SGI_SOURCES / 64)

struct sgi_box {
    uint64_t posted[SGI_BOX_WORDS]; /* for each SGI a byte: from whom */
    uint64_t bit;                   /* the vCPU's in what is posted to its core … */
    uint32_t core;                  /* … which is this: the two do not change */
    uint32_t wanted;                /* SGIs that interrupt the core: a bit for each */
} __attribute__((aligned(64)));     /* senders to one do not slow down those to another */

/* Of each vCPU; and of each core, for which of the vCPUs something has been posted. */
extern struct sgi_box sgi_boxes[ABI_MAX_VCPUS];
extern uint64_t sgi_posted[ABI_MAX_CPUS];

static inline uint64_t sgi_box_take(const struct vcpu *vcpu, unsigned int word)
{
    uint64_t *posted = &vcpu->sgi_box->posted[word];

    if (__atomic_load_n(posted, __ATOMIC_SEQ_CST) == 0) {
        return 0;
    }
    return __atomic_exchange_n(posted, 0, __ATOMIC_SEQ_CST);
}

/* Of the vCPU's own core, or with all. */
static inline void sgi_box_want(const struct vcpu *vcpu, uint32_t sgis)
{
    __atomic_store_n(&vcpu->sgi_box->wanted, sgis, __ATOMIC_SEQ_CST);
}

static inline uint32_t sgi_box_wanted(const struct vcpu *vcpu)
{
    return __atomic_load_n(&vcpu->sgi_box->wanted, __ATOMIC_SEQ_CST);
}

static inline uint64_t sgi_box_take_posted(unsigned int core)
{
    return __atomic_exchange_n(&sgi_posted[core], 0, __ATOMIC_SEQ_CST);
}

/* True: there was nothing for another vCPU of the core, and is nothing any more. */
static inline bool sgi_box_take_posted_alone(const struct vcpu *vcpu)
{
    uint64_t own = vcpu->sgi_box->bit;

    return __atomic_compare_exchange_n(&sgi_posted[vcpu->sgi_box->core], &own, 0, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* sgi_send.c: what is bound to it has changed. */
void sgi_box_count_bound(struct vcpu *vcpu);
/* Nobody sends to it, or as it, any more. */
void sgi_box_forget(struct vcpu *vcpu);

#endif
