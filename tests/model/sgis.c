/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which SGIs should be pending at which vCPU, and from whom: those that were sent, or set, and
 * neither taken nor cleared since. None gets lost, and none comes twice.
 */
#include "tests/model/sgis.h"

#include <string.h>

#include "abi/syscall.h"
#include "kernel/vcpu/sgi.h"
#include "kernel/vcpu/sgi_box.h"
#include "tests/model/gic.h"

#define NOBODY 0xff

struct expected {
    uint8_t pending[VCPU_SGIS]; /* from these CPUs */
    uint16_t bound;
    uint8_t number;   /* which CPU it is, or NOBODY */
    uint8_t affinity; /* below 16 */
};

static struct expected expected[MODEL_VCPUS];

static struct expected *of(const struct vcpu *vcpu)
{
    return &expected[vcpu - vcpus];
}

void sgis_reset(void)
{
    memset(expected, 0, sizeof(expected));
    for (unsigned int i = 0; i < MODEL_VCPUS; i++) {
        expected[i].number = NOBODY;
    }
}

static bool are_one_machine(const struct vcpu *a, const struct vcpu *b)
{
    return a->thread.stage2 == b->thread.stage2 && a->desc->pd == b->desc->pd;
}

void sgis_routed(struct vcpu *vcpu, uint64_t number, uint64_t affinity)
{
    for (unsigned int i = 0; i < vcpu_count; i++) {
        if (are_one_machine(&vcpus[i], vcpu) && expected[i].number == number) {
            expected[i].number = NOBODY;
        }
    }
    of(vcpu)->number = (uint8_t)number;
    of(vcpu)->affinity = (uint8_t)affinity;
}

void sgis_bound(struct vcpu *vcpu, uint64_t intid)
{
    of(vcpu)->bound |= (uint16_t)(1U << intid);
}

void sgis_unbound(struct vcpu *vcpu)
{
    *of(vcpu) = (struct expected){.number = NOBODY};
}

bool sgis_has(const struct vcpu *vcpu, uint64_t intid)
{
    return intid < VCPU_SGIS && (of(vcpu)->bound >> intid & 1) != 0;
}

void sgis_change(struct vcpu *vcpu, uint64_t intid, uint64_t clear, uint64_t set)
{
    set = gic_is_v3 ? set != 0 : set; /* one sender, whoever it is */
    of(vcpu)->pending[intid] = (uint8_t)((of(vcpu)->pending[intid] & ~clear) | set);
}

uint8_t sgis_pending(const struct vcpu *vcpu, uint64_t intid)
{
    return of(vcpu)->pending[intid];
}

void sgis_taken(struct vcpu *vcpu, uint32_t intid, uint32_t source)
{
    if (!sgis_has(vcpu, intid)) {
        return;
    }
    require((sgis_pending(vcpu, intid) >> source & 1) != 0,
            "%s takes SGI %u, which %u did not send", vcpu->thread.name, intid, source);
    if ((sgi_boxes[vcpu - vcpus].posted[intid / 8] >> (intid % 8 * 8 + source) & 1) == 0) {
        sgis_change(vcpu, intid, 1U << source, 0);
    } /* or one is on its way that was sent since, and has not arrived */
}

/* Whom `value` names, of those that there are. */
static bool is_addressed(const struct vcpu *from, const struct vcpu *to, uint64_t value)
{
    unsigned int number = of(to)->number;
    unsigned int filter = (unsigned int)(value >> 24 & 3);

    if (gic_is_v3) {
        return (value >> 40 & 1) != 0
                   ? to != from
                   : (value >> 44 & 0xf) == 0 && (value >> of(to)->affinity & 1) != 0;
    }
    return filter == 0   ? (value >> 16 >> number & 1) != 0
           : filter == 1 ? to != from
                         : filter == 2 && to == from;
}

/* Before the kernel does it: the target may be faster. Whether it does. */
static bool send(struct vcpu *from, uint64_t value)
{
    uint64_t intid = gic_is_v3 ? value >> 24 & 0xf : value & 0xf;
    bool is_sent = of(from)->number != NOBODY;

    for (unsigned int i = 0; i < vcpu_count; i++) {
        is_sent = is_sent && (!are_one_machine(&vcpus[i], from) || expected[i].number == NOBODY ||
                              sgis_has(&vcpus[i], intid));
    }
    for (unsigned int i = 0; i < vcpu_count && is_sent; i++) {
        if (are_one_machine(&vcpus[i], from) && expected[i].number != NOBODY &&
            is_addressed(from, &vcpus[i], value)) {
            sgis_change(&vcpus[i], intid, 0, gic_is_v3 ? 1 : 1U << of(from)->number);
        }
    }
    return is_sent;
}

static uint64_t value_in(const struct vcpu *vcpu, uint64_t rt)
{
    return rt != 31 ? ghost_of(&vcpu->thread)->frame.x[rt] : 0;
}

static bool is_sending(uint64_t syndrome)
{
    return gic_is_v3 ? (syndrome >> 10 & 0xf) == 12 && syndrome >> 26 == 0x18
                     : (syndrome >> 24 & 1) != 0 && syndrome >> 26 == 0x24;
}

bool __real_sgi_send_by_register(const struct vcpu *vcpu, uint64_t syndrome);
bool __wrap_sgi_send_by_register(const struct vcpu *vcpu, uint64_t syndrome);
bool __wrap_sgi_send_by_register(const struct vcpu *vcpu, uint64_t syndrome)
{
    bool should =
        is_sending(syndrome) && send(&vcpus[vcpu - vcpus], value_in(vcpu, syndrome >> 5 & 0x1f));
    bool is_sent = __real_sgi_send_by_register(vcpu, syndrome);

    require(is_sent == should, "%s: SGIs are %ssent", vcpu->thread.name, is_sent ? "" : "not ");
    return is_sent;
}

bool __real_sgi_send_by_store(const struct vcpu *vcpu, uint64_t syndrome, uint64_t ipa);
bool __wrap_sgi_send_by_store(const struct vcpu *vcpu, uint64_t syndrome, uint64_t ipa);
bool __wrap_sgi_send_by_store(const struct vcpu *vcpu, uint64_t syndrome, uint64_t ipa)
{
    bool should = ipa == MODEL_SGIR && is_sending(syndrome) &&
                  send(&vcpus[vcpu - vcpus], value_in(vcpu, syndrome >> 16 & 0x1f));
    bool is_sent = __real_sgi_send_by_store(vcpu, syndrome, ipa);

    require(is_sent == should, "%s: SGIs are %ssent", vcpu->thread.name, is_sent ? "" : "not ");
    return is_sent;
}

/* One that is bound becomes pending where that is. */
void __real_inject_irq(struct vcpu *vcpu, struct gic_virq virq, unsigned int index);
void __wrap_inject_irq(struct vcpu *vcpu, struct gic_virq virq, unsigned int index);
void __wrap_inject_irq(struct vcpu *vcpu, struct gic_virq virq, unsigned int index)
{
    if (sgis_has(vcpu, virq.intid)) {
        sgis_change(vcpu, virq.intid, 0, 1U << virq.source);
    }
    __real_inject_irq(vcpu, virq, index);
}
