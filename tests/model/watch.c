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
} before, after;
static size_t size;
static unsigned int home; /* its core, if it serves nobody */

static struct budget own_before;

static struct cpu *cpu;
static struct cpu cpu_before;

/* What other cores ask of this one is as it is. */
static void copy_cpu(struct cpu *to)
{
    memcpy(to, cpu, sizeof(*to));
    to->evict_request = false;
}

/* All but its budget, on which a passive server may still run where it was called from. */
static void copy_thread(void *to)
{
    memcpy(to, thread, size);
    memset(&((struct thread *)to)->own, 0, sizeof(thread->own));
}

/* Padding and all. */
static bool are_equal(const void *one, const void *other, size_t bytes)
{
    return memcmp(one, other, bytes) == 0;
}

static void look(void)
{
    copy_thread(&before);
    memcpy(&own_before, &thread->own, sizeof(own_before)); /* padding, too */
    copy_cpu(&cpu_before);
}

void watch_begin(void)
{
    uint32_t index = choose(pd_count + vcpu_count);

    thread = index < pd_count ? &pds[index].thread : &vcpus[index - pd_count].thread;
    home = index < pd_count ? pds[index].desc->cpu : thread->cpu;
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
    struct cpu cpu_after;

    copy_cpu(&cpu_after);
    copy_thread(&after);
    if (another_has_all()) {
        check_alone();
    }
    if (!cpu_local()->has_all) {
        require(before.thread.cpu == here->index || are_equal(&before, &after, size),
                "core %u has changed %s, which is on core %u", here->index, thread->name,
                before.thread.cpu);
        require(home == here->index || are_equal(&own_before, &thread->own, sizeof(own_before)),
                "core %u has changed the budget of %s, whose core is %u", here->index, thread->name,
                home);
        require(cpu->index == here->index || are_equal(&cpu_before, &cpu_after, sizeof(cpu_after)),
                "core %u has changed what is core %u's", here->index, cpu->index);
    }
    look();
}
