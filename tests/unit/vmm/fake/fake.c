/* SPDX-License-Identifier: BSD-2-Clause */
/* See fake.h. */
#include "tests/unit/vmm/fake/fake.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/irq/drain.h"
#include "vmm/load/cache.h"

#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

struct fake fake;
char microkit_name[64] = "vmm";

/* Instead of drain_code.S: tests play what that does. */
const uint8_t drain_code[] = "drain";
const uint64_t drain_code_size = sizeof(drain_code);

void fake_reset(void)
{
    memset(&fake, 0, sizeof(fake));
}

seL4_Bool microkit_random(seL4_Word number[4])
{
    if (fake.has_no_seed) {
        return seL4_False;
    }
    fake.random_count++;
    for (unsigned int i = 0; i < 4; i++) {
        number[i] = FAKE_RANDOM(fake.random_count, i);
    }
    return seL4_True;
}

int fake_take(unsigned int vcpu)
{
    struct fake_list *lists = fake.vcpus[vcpu].lists;
    int best = -1;

    for (int i = 0; i < FAKE_LISTS_MAX; i++) {
        if (lists[i].state == FAKE_LIST_PENDING &&
            (best < 0 || lists[i].priority < lists[best].priority)) {
            best = i;
        }
    }
    if (best >= 0) {
        lists[best].state = FAKE_LIST_ACTIVE;
    }
    return best;
}

void fake_end(unsigned int vcpu, unsigned int index)
{
    assert(fake.vcpus[vcpu].lists[index].state == FAKE_LIST_ACTIVE);
    fake.vcpus[vcpu].lists[index] = (struct fake_list){0};
}

int fake_find(unsigned int vcpu, unsigned int intid)
{
    for (int i = 0; i < FAKE_LISTS_MAX; i++) {
        const struct fake_list *list = &fake.vcpus[vcpu].lists[i];

        if (list->state != FAKE_LIST_EMPTY && list->intid == intid) {
            return i;
        }
    }
    return -1;
}

static struct fake_vcpu *vcpu_of(seL4_CPtr tcb)
{
    assert(tcb >= BASE_VM_TCB_CAP && tcb < BASE_VM_TCB_CAP + FAKE_CHILDREN);
    return &fake.vcpus[tcb - BASE_VM_TCB_CAP];
}

/* As on a real kernel, the message registers carry the values and are lost. */
seL4_Error seL4_TCB_ReadRegisters(seL4_CPtr tcb, seL4_Bool suspend, seL4_Uint8 flags,
                                  seL4_Word count, seL4_UserContext *context)
{
    (void)suspend;
    (void)flags;
    assert(count == 1 || count == CONTEXT_WORDS);
    memcpy(fake.mr, &vcpu_of(tcb)->context, count * sizeof(seL4_Word));
    memcpy(context, fake.mr, count * sizeof(seL4_Word));
    return seL4_NoError;
}

seL4_Error seL4_TCB_WriteRegisters(seL4_CPtr tcb, seL4_Bool resume, seL4_Uint8 flags,
                                   seL4_Word count, seL4_UserContext *context)
{
    struct fake_vcpu *vcpu = vcpu_of(tcb);

    (void)flags;
    assert(count == 1 || count == CONTEXT_WORDS);
    memcpy(fake.mr, context, count * sizeof(seL4_Word));
    memcpy(&vcpu->context, fake.mr, count * sizeof(seL4_Word));
#ifndef MICROKIT_HAS_VCPU_AARCH32
    if (count > 1) {
        vcpu->context.spsr &= ~0x10UL; /* never AArch32 */
    }
#endif
    if (resume) {
        vcpu->is_running = true;
    }
    return seL4_NoError;
}

void microkit_internal_crash(seL4_Error error)
{
    (void)error;
    abort();
}

void microkit_dbg_puts(const char *s)
{
    size_t length = strlen(fake.console);

    assert(strchr(s, '\n') == s + strlen(s) - 1);
    strncat(fake.console, s, sizeof(fake.console) - 1 - length);
}

void microkit_irq_ack(microkit_channel ch)
{
    assert(ch < FAKE_CHANNELS);
    fake.ack_count[ch]++;
}

void microkit_notify(microkit_channel ch)
{
    assert(ch < FAKE_CHANNELS);
    fake.notify_count[ch]++;
}

microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo info)
{
    assert(ch < FAKE_CHANNELS);
    return fake.answer == NULL ? microkit_msginfo_new(0, 0) : fake.answer(ch, info);
}

microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count)
{
    return (microkit_msginfo){{label << 12 | count}};
}

seL4_Word microkit_msginfo_get_label(microkit_msginfo info)
{
    return info.words[0] >> 12;
}

seL4_Word microkit_msginfo_get_count(microkit_msginfo info)
{
    return info.words[0] & 0x7f;
}

void microkit_mr_set(seL4_Uint8 mr, seL4_Word value)
{
    assert(mr < 120);
    fake.mr[mr] = value;
}

seL4_Word microkit_mr_get(seL4_Uint8 mr)
{
    assert(mr < 120);
    return fake.mr[mr];
}

void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry)
{
    assert(vcpu < FAKE_CHILDREN);
    fake.vcpus[vcpu].context.pc = entry;
    fake.vcpus[vcpu].is_running = true;
    fake.vcpus[vcpu].restart_count++;
}

void microkit_vcpu_stop(microkit_child vcpu)
{
    assert(vcpu < FAKE_CHILDREN);
    fake.vcpus[vcpu].is_running = false;
    fake.vcpus[vcpu].stop_count++;
}

#ifdef MICROKIT_HAS_VCPU_ACTIVE
#define LIST_COUNT FAKE_LISTS_MAX
#else
#define LIST_COUNT FAKE_LISTS
#endif

/* seL4 refuses to overwrite an active interrupt, and the wrapper then stops the program; one INTID
 * in two list registers is unpredictable. */
void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 priority,
                                  seL4_Uint8 group, seL4_Uint8 index)
{
    int holder;

    assert(vcpu < FAKE_CHILDREN && irq < 1019 && priority < 32 && group < 2 && index < LIST_COUNT);
    assert(fake.vcpus[vcpu].lists[index].state != FAKE_LIST_ACTIVE);
    holder = fake_find(vcpu, irq);
    assert(holder < 0 || holder == index);
    fake.vcpus[vcpu].lists[index] = (struct fake_list){FAKE_LIST_PENDING, irq, priority, group, 0};
    fake.inject_count++;
}

#ifdef MICROKIT_HAS_VCPU_LIST
void microkit_vcpu_arm_inject_sgi(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 source,
                                  seL4_Uint8 priority, seL4_Uint8 group, seL4_Uint8 index)
{
    assert(source < 8 && (irq < 16 || source == 0));
    microkit_vcpu_arm_inject_irq(vcpu, irq, priority, group, index);
    fake.vcpus[vcpu].lists[index].source = source;
}

seL4_Bool microkit_vcpu_arm_withdraw_irq(microkit_child vcpu, seL4_Uint8 index)
{
    struct fake_list *list = &fake.vcpus[vcpu].lists[index];

    assert(vcpu < FAKE_CHILDREN && index < LIST_COUNT);
    if (fake.gives_nothing_back || list->state != FAKE_LIST_PENDING) {
        return seL4_False;
    }
    if (fake.guest_is_faster) {
        list->state = FAKE_LIST_ACTIVE;
        return seL4_False;
    }
    *list = (struct fake_list){0};
    return seL4_True;
}

seL4_Word microkit_vcpu_arm_irq_state(microkit_child vcpu, seL4_Word irq)
{
    int list = fake_find(vcpu, (unsigned int)irq);

    if (list < 0) {
        return 0;
    }
    if (fake.gives_nothing_back || fake.vcpus[vcpu].lists[list].state == FAKE_LIST_ACTIVE) {
        return MICROKIT_IRQ_ACTIVE;
    }
    return MICROKIT_IRQ_PENDING;
}
#endif

#ifdef MICROKIT_HAS_VCPU_ACTIVE
seL4_Bool microkit_vcpu_arm_clear_irq(microkit_child vcpu, seL4_Word irq, seL4_Word state)
{
    int list = fake_find(vcpu, (unsigned int)irq);

    assert(state == MICROKIT_IRQ_PENDING || state == MICROKIT_IRQ_ACTIVE);
    fake.clear_count[state]++;
    if (fake.gives_nothing_back || state == MICROKIT_IRQ_PENDING || list < 0 ||
        fake.vcpus[vcpu].lists[list].state != FAKE_LIST_ACTIVE) {
        return seL4_False;
    }
    fake.vcpus[vcpu].lists[list] = (struct fake_list){0};
    return seL4_True;
}
#endif

#ifdef MICROKIT_HAS_VCPU_SGI
void microkit_vcpu_arm_route_sgis(microkit_child vcpu, seL4_Uint8 number, seL4_Word affinity,
                                  seL4_Word sgir)
{
    assert(vcpu < FAKE_CHILDREN && number < 8);
    fake.vcpus[vcpu].number = number;
    fake.vcpus[vcpu].affinity = affinity;
    fake.vcpus[vcpu].sgir = sgir;
}

void microkit_vcpu_arm_bind_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Bool enabled,
                                seL4_Uint8 priority, seL4_Uint8 group)
{
    assert(vcpu < FAKE_CHILDREN && sgi < 16 && priority < 32 && group < 2);
    fake.vcpus[vcpu].sgis[sgi].is_enabled = enabled;
    fake.vcpus[vcpu].sgis[sgi].priority = priority;
    fake.vcpus[vcpu].sgis[sgi].group = group;
}

seL4_Uint8 microkit_vcpu_arm_change_sgi(microkit_child vcpu, seL4_Word sgi, seL4_Uint8 clear,
                                        seL4_Uint8 set)
{
    struct fake_sgi *it = &fake.vcpus[vcpu].sgis[sgi];

    assert(vcpu < FAKE_CHILDREN && sgi < 16);
    it->sources = (seL4_Uint8)((it->sources & ~clear) | set);
    return it->sources;
}
#endif

void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq)
{
    assert(vcpu < FAKE_CHILDREN && irq == 27);
    fake.vcpus[vcpu].vppi_ack_count++;
}

seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg)
{
    assert(vcpu < FAKE_CHILDREN && reg < FAKE_VCPU_REGS);
    return fake.vcpus[vcpu].regs[reg];
}

void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value)
{
    assert(vcpu < FAKE_CHILDREN && reg < FAKE_VCPU_REGS);
    fake.vcpus[vcpu].regs[reg] = value;
}

void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response)
{
    fake.smc_count++;
    fake.smc = *args;
    *response = (seL4_ARM_SMCContext){.x0 = (seL4_Word)-1};
}

void cache_clean(const void *start, uint64_t size)
{
    (void)start;
    fake.cleaned_count++;
    fake.cleaned_bytes += size;
}

void cache_publish(const void *start, uint64_t size)
{
    (void)start;
    fake.published_count++;
    fake.published_bytes += size;
}
