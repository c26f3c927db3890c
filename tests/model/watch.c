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

/* The flags that other cores have to do with are as they are. */
static struct cpu image_of(const struct cpu *from)
{
    struct cpu image;

    memcpy(&image, from, sizeof(image));
    image.evict_request = false;
    return image;
}

static void look(void)
{
    memcpy(&before, thread, size);
    cpu_before = image_of(cpu);
}

void watch_begin(void)
{
    uint32_t index = choose(pd_count + vcpu_count);

    thread = index < pd_count ? &pds[index].thread : &vcpus[index - pd_count].thread;
    size = index < pd_count ? sizeof(struct pd) : sizeof(struct vcpu);
    cpu = &cpus[choose(core_count)];
    look();
}

void watch_check(void)
{
    struct cpu after = image_of(cpu);

    if (!cpu_local()->has_all) {
        require(before.thread.cpu == here->index || memcmp(&before, thread, size) == 0,
                "core %u has changed %s, which is on core %u", here->index, thread->name,
                before.thread.cpu);
        require(cpu->index == here->index || memcmp(&cpu_before, &after, sizeof(after)) == 0,
                "core %u has changed what is core %u's", here->index, cpu->index);
    }
    look();
}
