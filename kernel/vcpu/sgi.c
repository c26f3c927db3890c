/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See sgi.h: what becomes of SGIs at their target. A GICv2's come once for each CPU that sent one,
 * and say which; the hardware has room for one of each number, so the others wait for its end.
 */
#include "kernel/vcpu/sgi.h"

#include <stddef.h>

#include "abi/syscall.h"
#include "kernel/lib/log.h"
#include "kernel/vcpu/list.h"
#include "kernel/vcpu/sgi_box.h"

static bool is_pending(const struct vcpu *vcpu, const struct sgi *sgi)
{
    return (list_state(vcpu, &sgi->virq) & ABI_IRQ_PENDING) != 0;
}

static struct gic_virq description(const struct vcpu *vcpu, const struct sgi *sgi)
{
    return (struct gic_virq){.intid = (uint32_t)(sgi - vcpu->sgis),
                             .priority = sgi->priority,
                             .group = sgi->group,
                             .source = sgi->source};
}

/* Whether the virq is, as it stands, what comes from its source. */
static void look_whether_plain(struct sgi *sgi)
{
    sgi->is_plain = sgi->is_open && !sgi->is_stale && !sgi->virq.is_reported;
}

/* What a list register gets. */
static void describe(const struct vcpu *vcpu, struct sgi *sgi)
{
    sgi->is_stale = false;
    sgi->virq.priority = sgi->priority;
    sgi->virq.value = gic->list_encode_message(description(vcpu, sgi));
    sgi->virq.is_reported = false;
    look_whether_plain(sgi);
}

static void report_end(struct vcpu *vcpu, struct sgi *sgi)
{
    sgi->is_plain = false;
    list_report_end(vcpu, &sgi->virq);
}

/* The virq is nowhere: it becomes the first source's. Usually it is what it was the last time. */
static inline void offer_first(struct vcpu *vcpu, struct sgi *sgi, uint32_t used)
{
    unsigned int source = (unsigned int)__builtin_ctz(sgi->sources);

    sgi->sources &= (uint8_t)(sgi->sources - 1);
    if (source != sgi->source || !sgi->is_plain) {
        sgi->source = (uint8_t)source;
        describe(vcpu, sgi);
    }
    if (sgi->sources == 0 && used != ALL_LISTS && list_is_empty(&vcpu->waiting)) {
        unsigned int index = (unsigned int)__builtin_ctz(~used);

        vcpu->owners[index] = &sgi->virq; /* and the notice stays as it is */
        list_set(vcpu, index, sgi->virq.value);
        return;
    }
    if (sgi->sources != 0) {
        report_end(vcpu, sgi);
    }
    list_offer(vcpu, &sgi->virq);
}

/* A function of its own, so that its caller does not save registers for it. */
#define APART __attribute__((noinline))

/* The guest has it: from the same source it is pending once more there. From another, and the
 * same described otherwise since, when the guest has ended that. */
APART static void offer_again(struct vcpu *vcpu, struct sgi *sgi)
{
    uint8_t same = (uint8_t)(1U << sgi->source);

    if ((sgi->sources & same) != 0 && !sgi->is_stale && list_state(vcpu, &sgi->virq) != 0) {
        sgi->sources &= (uint8_t)~same;
        list_offer(vcpu, &sgi->virq);
    }
    if (sgi->sources != 0) {
        report_end(vcpu, sgi);
    }
}

/* What is pending goes to the guest as far as it can. */
static inline void settle(struct vcpu *vcpu, struct sgi *sgi)
{
    uint32_t used;

    if (sgi->sources == 0 || !sgi->is_open) {
        return;
    }
    used = find_used(vcpu);
    if (list_is_empty(&sgi->virq.link) && find(vcpu, &sgi->virq, used) == NO_LIST) {
        offer_first(vcpu, sgi, used);
    } else {
        offer_again(vcpu, sgi);
    }
}

/* `posted` of word `word` was in the box. Returns which SGIs these are: a bit for each. */
APART static uint32_t take_all(struct vcpu *vcpu, unsigned int word, uint64_t posted)
{
    uint32_t all = 0;

    while (posted != 0) {
        unsigned int byte = (unsigned int)__builtin_ctzl(posted) / 8;
        struct sgi *sgi = &vcpu->sgis[word * 8 + byte];

        sgi->sources |= (uint8_t)(posted >> byte * 8);
        posted &= ~(0xffUL << byte * 8);
        all |= 1U << (word * 8 + byte);
        settle(vcpu, sgi);
    }
    return all;
}

/* The usual case, for a guest whose list registers are the core's, and free: one SGI, from where
 * the last one of the number came. False: nothing was done. (What waits though all are free waits
 * for the notice of that.) */
static inline bool take_one(struct vcpu *vcpu, unsigned int word, uint64_t posted)
{
    unsigned int place = word * 64 + (unsigned int)__builtin_ctzl(posted);
    struct sgi *sgi = &vcpu->sgis[place / SGI_SOURCES];

    if ((posted & (posted - 1)) != 0 || !sgi->is_plain || place % SGI_SOURCES != sgi->source ||
        !list_is_empty(&sgi->virq.link) || !gic->list_write_first(sgi->virq.value)) {
        return false;
    }
    vcpu->owners[0] = &sgi->virq; /* and the notice stays as it is */
    return true;
}

static inline void take_quickly(struct vcpu *vcpu, unsigned int word)
{
    uint64_t posted = sgi_box_take(vcpu, word);

    if (posted != 0 && !take_one(vcpu, word, posted)) {
        (void)take_all(vcpu, word, posted);
    }
}

/* What is in the box. */
static uint32_t collect(struct vcpu *vcpu)
{
    uint32_t all = 0;

    for (unsigned int i = 0; i < SGI_BOX_WORDS; i++) {
        all |= take_all(vcpu, i, sgi_box_take(vcpu, i));
    }
    return all;
}

static void wake_if_signalled(struct vcpu *vcpu)
{
    if (vcpu->thread.state == THREAD_IDLE && list_is_signalling(vcpu)) {
        inject_wake(vcpu);
    }
}

/* From now on its core is interrupted for all that is open; what has come before that is there. */
static void listen(struct vcpu *vcpu)
{
    sgi_box_want(vcpu, vcpu->sgis_open);
    (void)collect(vcpu);
}

void sgi_resume(struct vcpu *vcpu)
{
    vcpu->due &= ~VCPU_DUE_SGIS;
    list_take_unlisted(vcpu);
    listen(vcpu);
}

/* It does not run: what has come is pending until it does. */
static void stop_listening(struct vcpu *vcpu, uint32_t sgis)
{
    sgi_box_want(vcpu, sgi_box_wanted(vcpu) & ~sgis);
    vcpu->due |= VCPU_DUE_SGIS;
}

static void receive(struct cpu *cpu, struct vcpu *vcpu)
{
    uint32_t sgis;

    list_take_unlisted(vcpu);
    sgis = collect(vcpu);
    if (cpu->current != &vcpu->thread) {
        stop_listening(vcpu, sgis);
    }
    wake_if_signalled(vcpu);
}

void sgi_receive(struct cpu *cpu)
{
    for (uint64_t who = sgi_box_take_posted(cpu->index); who != 0; who &= who - 1) {
        receive(cpu, &vcpus[__builtin_ctzl(who)]);
    }
}

bool sgi_receive_quickly(struct vcpu *vcpu)
{
    if (vcpu->gic.notice >= GIC_NOTICE_UNLISTED || vcpu->dropped != 0 ||
        !sgi_box_take_posted_alone(vcpu)) {
        return false;
    }
    take_quickly(vcpu, 0);
    take_quickly(vcpu, 1);
    return true;
}

/* It has ended. What it had asks for reports. */
static void forget_report(struct sgi *sgi)
{
    sgi->virq.is_reported = false;
    sgi->is_stale = true;
}

void sgi_end(struct vcpu *vcpu, struct virq *virq)
{
    forget_report(list_entry(virq, struct sgi, virq));
    settle(vcpu, list_entry(virq, struct sgi, virq));
}

/* Out of its list register, if the guest has not taken it. */
static void take_back(struct vcpu *vcpu, struct sgi *sgi)
{
    if (list_withdraw(vcpu, &sgi->virq)) {
        sgi->sources |= (uint8_t)(1U << sgi->source);
    }
}

/* Its VMM has changed something. */
static void finish(struct vcpu *vcpu)
{
    listen(vcpu);
    wake_if_signalled(vcpu);
}

bool sgi_bind(struct vcpu *vcpu, struct gic_virq virq, bool enabled)
{
    struct sgi *sgi = &vcpu->sgis[virq.intid];
    uint32_t bit = 1U << virq.intid;

    switch_evict(vcpu);
    if (!sgi_is_bound(vcpu, virq.intid) && list_find_slot(vcpu, virq.intid, NULL) != NULL) {
        return false;
    }
    (void)collect(vcpu);
    take_back(vcpu, sgi);
    sgi->is_stale |= sgi->priority != virq.priority || sgi->group != virq.group;
    sgi->priority = virq.priority;
    sgi->group = virq.group;
    sgi->is_open = enabled;
    sgi->is_stale |= !sgi_is_bound(vcpu, virq.intid);
    look_whether_plain(sgi);
    vcpu->is_direct = true;
    vcpu->sgis_bound |= (uint16_t)bit;
    sgi_box_count_bound(vcpu);
    vcpu->sgis_open = (uint16_t)(enabled ? vcpu->sgis_open | bit : vcpu->sgis_open & ~bit);
    settle(vcpu, sgi);
    list_refill(vcpu);
    finish(vcpu);
    return true;
}

uint8_t sgi_change(struct vcpu *vcpu, uint32_t intid, uint8_t clear, uint8_t set)
{
    struct sgi *sgi = &vcpu->sgis[intid];

    if (gic->has_registers) { /* one sender, whoever it is */
        set = set != 0;
    }
    (void)collect(vcpu);
    if ((clear & 1U << sgi->source) != 0) {
        take_back(vcpu, sgi);
    }
    sgi->sources = (uint8_t)((sgi->sources & ~clear) | set);
    settle(vcpu, sgi);
    finish(vcpu);
    return (uint8_t)(sgi->sources | (is_pending(vcpu, sgi) ? 1U << sgi->source : 0));
}

uint64_t sgi_state(struct vcpu *vcpu, uint32_t intid)
{
    struct sgi *sgi = &vcpu->sgis[intid];

    (void)collect(vcpu);
    return list_state(vcpu, &sgi->virq) | (sgi->sources != 0 ? ABI_IRQ_PENDING : 0);
}

bool sgi_deactivate(struct vcpu *vcpu, uint32_t intid)
{
    struct sgi *sgi = &vcpu->sgis[intid];

    if (!list_is_taken(vcpu, &sgi->virq)) {
        return false;
    }
    take_back(vcpu, sgi); /* pending once more where it is active */
    list_drop(vcpu, &sgi->virq);
    forget_report(sgi);
    settle(vcpu, sgi);
    finish(vcpu);
    return true;
}

void sgi_reset(struct vcpu *vcpu)
{
    sgi_box_want(vcpu, 0);
    for (unsigned int i = 0; i < SGI_BOX_WORDS; i++) {
        (void)sgi_box_take(vcpu, i);
    }
    sgi_box_forget(vcpu);
    for (unsigned int i = 0; i < VCPU_SGIS; i++) {
        struct sgi *sgi = &vcpu->sgis[i];

        sgi->sources = 0;
        sgi->is_open = false;
        sgi->is_stale = true;
        sgi->is_plain = false;
        sgi->virq.is_reported = false;
    }
    vcpu->sgis_bound = 0;
    vcpu->sgis_open = 0;
}
