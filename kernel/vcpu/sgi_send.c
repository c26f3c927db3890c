/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See sgi.h: whom a guest's write sends SGIs to, by the two GICs (IHI 0069H, 12.2.14,
 * ICC_SGI1R_EL1; IHI 0048B, 4.3.15, GICD_SGIR). Owns the boxes, and which CPU of its guest a vCPU
 * is: that changes with all locks only, so a sender may read it of others with its own.
 */
#include <stddef.h>

#include "kernel/vcpu/sgi.h"
#include "kernel/vcpu/sgi_box.h"

#define ESR_CLASS         (0x3fUL << 26)
#define ESR_REGISTER      (0x18UL << 26)
#define ISS_RT(syndrome)  ((syndrome) >> 5 & 0x1f)
#define ISS_SRT(syndrome) ((syndrome) >> 16 & 0x1f)
#define RT_ZERO           31

/* Op0 to CRm, and the direction, of MSR ICC_SGI1R_EL1, Xt: S3_0_C12_C11_5 */
#define ISS_NAME  0x3ffc1fUL
#define ISS_SGI1R (3UL << 20 | 5UL << 17 | 0UL << 14 | 12UL << 10 | 11UL << 1)
/* Valid, a word, written, no cache maintenance, no abort of the walk (Arm ARM D17.2.37) */
#define ISS_STORE      (1UL << 24 | 3UL << 22 | 1UL << 8 | 1UL << 7 | 1UL << 6)
#define ISS_STORE_WORD (1UL << 24 | 2UL << 22 | 1UL << 6)

#define SGI1R_LIST(value)    ((unsigned int)((value)&0xffff))
#define SGI1R_INTID(value)   ((unsigned int)((value) >> 24 & 0xf))
#define SGI1R_TO_ALL(value)  (((value) >> 40 & 1) != 0)
#define SGI1R_RS(value)      ((unsigned int)((value) >> 44 & 0xf))
#define SGI1R_CLUSTER(value) /* Aff3, Aff2, Aff1, as MPIDR_EL1 has them */ \
    (((value) >> 16 & 0xff00000000UL) | ((value) >> 16 & 0xff0000) | ((value) >> 8 & 0xff00))
#define SGI1R_NOT_FIRST  (0xffUL << 48 | 0xfUL << 44 | 0xffUL << 32 | 0xffUL << 16)
#define AFFINITY_CLUSTER 0xff00ffff00UL

#define SGIR_FILTER(value)  ((unsigned int)((value) >> 24 & 3))
#define SGIR_TARGETS(value) ((unsigned int)((value) >> 16 & 0xff))
#define SGIR_INTID(value)   ((unsigned int)((value)&0xf))
#define SGIR_TO_LIST        0
#define SGIR_TO_OTHERS      1
#define SGIR_TO_SELF        2

/* A CPU of a guest, as senders need it. */
struct sgi_cpu {
    struct vcpu *vcpu;
    struct sgi_box *box;
    uint64_t affinity;
};

struct sgi_vm {
    unsigned int present; /* a bit for each number that is somebody's */
    unsigned int bound;   /* a bit for each SGI that all of these have bound */
    bool is_flat;         /* the affinity of each is its number */
    struct sgi_cpu cpus[SGI_SOURCES];
};

struct sgi_box sgi_boxes[ABI_MAX_VCPUS];
uint64_t sgi_posted[ABI_MAX_CPUS];
static struct sgi_vm vms[ABI_MAX_VCPUS]; /* at the index of its first vCPU */

/* Those of one VM have one address space and one VMM. */
void sgi_init_vcpu(struct vcpu *vcpu, uint64_t stage2)
{
    unsigned int first = 0;

    while (&vcpus[first] != vcpu &&
           (vcpus[first].thread.stage2 != stage2 || vcpus[first].desc->pd != vcpu->desc->pd)) {
        first++;
    }
    vcpu->sgi_vm = &vms[first];
    vcpu->sgi_box = &sgi_boxes[vcpu - vcpus];
    vcpu->sgi_box->core = vcpu->desc->cpu;
    vcpu->sgi_box->bit = 1UL << (vcpu - vcpus);
    for (unsigned int i = 0; i < VCPU_SGIS; i++) {
        list_init(&vcpu->sgis[i].virq.link);
        vcpu->sgis[i].virq.intid = i;
        vcpu->sgis[i].virq.is_message = true;
    }
}

void sgi_box_count_bound(struct vcpu *vcpu)
{
    struct sgi_vm *vm = vcpu->sgi_vm;

    vm->bound = (1U << VCPU_SGIS) - 1;
    vm->is_flat = true;
    for (unsigned int left = vm->present; left != 0; left &= left - 1) {
        const struct sgi_cpu *cpu = &vm->cpus[__builtin_ctz(left)];

        vm->bound &= cpu->vcpu->sgis_bound;
        vm->is_flat = vm->is_flat && cpu->affinity == (unsigned int)__builtin_ctz(left);
    }
}

void sgi_box_forget(struct vcpu *vcpu)
{
    if (vcpu->sgi_gate != SGI_NO_GATE) {
        vcpu->sgi_gate = SGI_NO_GATE;
        vcpu->sgi_vm->present &= ~(1U << vcpu->sgi_number);
        sgi_box_count_bound(vcpu);
    }
}

void sgi_route(struct vcpu *vcpu, unsigned int number, uint64_t affinity, uint64_t sgir)
{
    struct sgi_vm *vm = vcpu->sgi_vm;

    sgi_box_forget(vcpu);
    if ((vm->present >> number & 1) != 0) {
        sgi_box_forget(vm->cpus[number].vcpu);
    }
    vcpu->sgi_number = (uint8_t)number;
    vm->present |= 1U << number;
    vm->cpus[number] = (struct sgi_cpu){.vcpu = vcpu, .box = vcpu->sgi_box, .affinity = affinity};
    vcpu->sgi_gate = sgir != 0 ? sgir : SGI_REGISTER_GATE;
    sgi_box_count_bound(vcpu);
}

/* A function of its own, so that its caller does not save registers for it. */
#define APART __attribute__((noinline))

static inline void post(const struct sgi_cpu *cpu, unsigned int intid, unsigned int place)
{
    uint64_t bit = 1UL << place % 64;

    (void)__atomic_fetch_or(&cpu->box->posted[place / 64], bit, __ATOMIC_SEQ_CST);
    if ((__atomic_load_n(&cpu->box->wanted, __ATOMIC_SEQ_CST) >> intid & 1) != 0) {
        unsigned int core = cpu->box->core;

        (void)__atomic_fetch_or(&sgi_posted[core], cpu->box->bit, __ATOMIC_SEQ_CST);
        gic->send_ipi(core, GIC_POST);
    }
}

APART static void post_to_all(const struct sgi_vm *vm, unsigned int intid, unsigned int place,
                              unsigned int targets)
{
    for (; targets != 0; targets &= targets - 1) {
        post(&vm->cpus[__builtin_ctz(targets)], intid, place);
    }
}

/* To those of `targets` that there are. False: one of all has this SGI from its VMM. */
static inline bool send(const struct vcpu *from, unsigned int intid, unsigned int targets,
                        unsigned int source)
{
    const struct sgi_vm *vm = from->sgi_vm;

    if ((vm->bound >> intid & 1) == 0) {
        return false;
    }
    targets &= vm->present;
    if (targets != 0 && (targets & (targets - 1)) == 0) {
        post(&vm->cpus[__builtin_ctz(targets)], intid, intid * SGI_SOURCES + source);
    } else {
        post_to_all(vm, intid, intid * SGI_SOURCES + source, targets);
    }
    return true;
}

/* Whose affinity the list names. */
APART static unsigned int find_addressed(const struct sgi_vm *vm, uint64_t value)
{
    uint64_t cluster = SGI1R_CLUSTER(value);
    unsigned int targets = 0;

    for (unsigned int left = vm->present; left != 0; left &= left - 1) {
        unsigned int number = (unsigned int)__builtin_ctz(left);
        uint64_t affinity = vm->cpus[number].affinity;

        if ((affinity & AFFINITY_CLUSTER) == cluster && (affinity >> 4 & 0xf) == SGI1R_RS(value) &&
            (SGI1R_LIST(value) >> (affinity & 0xf) & 1) != 0) {
            targets |= 1U << number;
        }
    }
    return targets;
}

static inline unsigned int addressed(const struct sgi_vm *vm, uint64_t value)
{
    if (__builtin_expect(vm->is_flat && (value & SGI1R_NOT_FIRST) == 0, 1)) {
        return SGI1R_LIST(value);
    }
    return find_addressed(vm, value);
}

static uint64_t read_register(const struct vcpu *vcpu, uint64_t rt)
{
    return rt != RT_ZERO ? vcpu->thread.frame.x[rt] : 0;
}

/* Who sent it a GICv3 does not tell: it is pending or not. */
bool sgi_send_by_register(const struct vcpu *vcpu, uint64_t syndrome)
{
    uint64_t value;

    if (vcpu->sgi_gate != SGI_REGISTER_GATE ||
        (syndrome & (ESR_CLASS | ISS_NAME)) != (ESR_REGISTER | ISS_SGI1R)) {
        return false;
    }
    value = read_register(vcpu, ISS_RT(syndrome));
    return send(vcpu, SGI1R_INTID(value),
                SGI1R_TO_ALL(value) ? ~(1U << vcpu->sgi_number) : addressed(vcpu->sgi_vm, value),
                0);
}

static unsigned int filtered(const struct vcpu *vcpu, uint64_t value)
{
    unsigned int self = 1U << vcpu->sgi_number;
    unsigned int filter = SGIR_FILTER(value);

    if (__builtin_expect(filter == SGIR_TO_LIST, 1)) {
        return SGIR_TARGETS(value);
    }
    return filter == SGIR_TO_OTHERS ? ~self : filter == SGIR_TO_SELF ? self : 0;
}

bool sgi_send_by_store(const struct vcpu *vcpu, uint64_t syndrome, uint64_t ipa)
{
    uint64_t value;

    if (ipa != vcpu->sgi_gate || (syndrome & ISS_STORE) != ISS_STORE_WORD) {
        return false;
    }
    value = read_register(vcpu, ISS_SRT(syndrome));
    return send(vcpu, SGIR_INTID(value), filtered(vcpu, value), vcpu->sgi_number);
}
