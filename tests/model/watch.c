/* SPDX-License-Identifier: BSD-2-Clause */
/* See watch.h. */
#include "tests/model/watch.h"

#include <string.h>

#include "tests/model/model.h"

static struct thread *thread;
static union {
    struct thread thread; /* of either of them */
    struct pd pd;
    struct vcpu vcpu;
} before;
static size_t size;

static struct cpu *cpu;
static struct cpu cpu_before;

/* What other cores ask of this one is as it is. */
static void copy_cpu(struct cpu *to)
{
    memcpy(to, cpu, sizeof(*to));
    to->evict_request = false;
}

/* Padding and all. */
static bool are_equal(const void *one, const void *other, size_t bytes)
{
    return memcmp(one, other, bytes) == 0;
}

static void look(void)
{
    memcpy(&before, thread, size);
    copy_cpu(&cpu_before);
}

void watch_begin(void)
{
    uint32_t index = choose(pd_count + vcpu_count);

    thread = index < pd_count ? &pds[index].thread : &vcpus[index - pd_count].thread;
    size = index < pd_count ? sizeof(struct pd) : sizeof(struct vcpu);
    cpu = &cpus[choose(core_count)];
    look();
}

static bool another_has_all(void)
{
    for (unsigned int i = 0; i < core_count; i++) {
        if (i != here->index && cpus[i].has_all) {
            return true;
        }
    }
    return false;
}

/* Registers are saved without a lock, and no more than that. */
static void check_alone(void)
{
    require(before.thread.state == thread->state && cpu_before.chosen == cpu->chosen,
            "core %u has changed %s, or what is core %u's, while another core has all", here->index,
            thread->name, cpu->index);
}

void watch_check(void)
{
    struct cpu after;

    copy_cpu(&after);
    if (another_has_all()) {
        check_alone();
    }
    if (!cpu_local()->has_all) {
        require(before.thread.cpu == here->index || are_equal(&before, thread, size),
                "core %u has changed %s, which is on core %u", here->index, thread->name,
                before.thread.cpu);
        require(cpu->index == here->index || are_equal(&cpu_before, &after, sizeof(after)),
                "core %u has changed what is core %u's", here->index, cpu->index);
    }
    look();
}
