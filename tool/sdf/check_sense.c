/* SPDX-License-Identifier: BSD-2-Clause */
/* See check_sense.h. */
#include "tool/sdf/check_sense.h"

/* Microseconds. */
#define SHORT_BUDGET 100
#define LONG_PERIOD  10000000

/* A budget that is used up and comes back takes the core from a thread and gives it back: 770
 * instructions together, which 125 million a second are 6 microseconds (docs/performance.md). */
#define SWITCH_COST 6

/* Whoever has a time of its own: a PD, or each vCPU of a VM. */
struct schedule {
    const struct sdf_pos *pos;
    const char *name;
    uint32_t priority;
    uint64_t budget;
    uint64_t period;
};

static bool is_on(const struct sdf_vm *vm, uint32_t cpu)
{
    for (size_t i = 0; vm != NULL && i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].cpu == cpu) {
            return true;
        }
    }
    return false;
}

/* How many there are on a core that take turns. */
static size_t count_equals(const struct sdf *sdf, uint32_t cpu, uint32_t priority)
{
    size_t count = 0;

    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        count += pd->cpu == cpu && pd->priority == priority;
        for (size_t j = 0; pd->vm != NULL && j < pd->vm->vcpu_count; j++) {
            count += pd->vm->vcpus[j].cpu == cpu && pd->vm->priority == priority;
        }
    }
    return count;
}

static void warn_of_times(struct reader *reader, const struct schedule *schedule, bool has_equals)
{
    uint64_t of_budget = SWITCH_COST * 100 / schedule->budget;
    uint64_t of_core = SWITCH_COST * 100 / schedule->period;

    if (schedule->budget < SHORT_BUDGET && schedule->budget < schedule->period) {
        sdf_warning(reader->messages, schedule->pos,
                    "a budget of %lu us is short: that '%s' uses it up and gets it back costs %d "
                    "us of switching (770 instructions), which is %lu %% of the budget and, each "
                    "%lu us, %s%lu %% of the core",
                    (unsigned long)schedule->budget, schedule->name, SWITCH_COST,
                    (unsigned long)of_budget, (unsigned long)schedule->period,
                    of_core == 0 ? "less than " : "",
                    (unsigned long)(of_core == 0    ? 1
                                    : of_core > 100 ? 100
                                                    : of_core));
    } else if (schedule->budget < SHORT_BUDGET && has_equals) {
        sdf_warning(reader->messages, schedule->pos,
                    "a budget of %lu us is short: the end of a turn costs %d us of switching (385 "
                    "instructions), which is %lu %% of it",
                    (unsigned long)schedule->budget, SWITCH_COST / 2, (unsigned long)of_budget / 2);
    }
    if (schedule->period >= LONG_PERIOD) {
        sdf_warning(reader->messages, schedule->pos,
                    "a period of %lu us is long, %lu s: until it ends '%s', or who waits for it, "
                    "may get nothing",
                    (unsigned long)schedule->period, (unsigned long)schedule->period / 1000000,
                    schedule->name);
    }
}

static void warn_of_pd(struct reader *reader, const struct sdf_pd *pd)
{
    const struct schedule schedule = {&pd->pos, pd->name, pd->priority, pd->budget, pd->period};

    if (pd->passive) {
        if (pd->budget != pd->period) {
            sdf_warning(reader->messages, &pd->pos,
                        "'%s' is passive: after init() it runs on its callers' budgets, and has no "
                        "use for its own",
                        pd->name);
        }
        return;
    }
    warn_of_times(reader, &schedule, count_equals(reader->sdf, pd->cpu, pd->priority) > 1);
}

static void warn_of_vm(struct reader *reader, const struct sdf_pd *pd)
{
    const struct sdf_vm *vm = pd->vm;
    const struct schedule schedule = {&vm->pos, vm->name, vm->priority, vm->budget, vm->period};
    bool has_equals = false;

    for (size_t i = 0; i < vm->vcpu_count; i++) {
        has_equals |= count_equals(reader->sdf, vm->vcpus[i].cpu, vm->priority) > 1;
    }
    warn_of_times(reader, &schedule, has_equals);
    if (vm->priority > pd->priority && is_on(vm, pd->cpu)) {
        sdf_warning(reader->messages, &vm->pos,
                    "'%s' has a higher priority (%u) than its VMM '%s' (%u): while it is busy, no "
                    "interrupt of its reaches it",
                    vm->name, vm->priority, pd->name, pd->priority);
    }
}

static void warn_of_channel(struct reader *reader, const struct sdf_channel *channel)
{
    const struct sdf_end *ends = channel->ends;

    if (!ends[0].notify && !ends[1].notify && !ends[0].pp && !ends[1].pp) {
        sdf_warning(reader->messages, &channel->pos,
                    "nothing can pass through this channel: neither end may signal or call");
    }
}

void warn_of_nonsense(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    for (size_t i = 0; i < sdf->pd_count; i++) {
        warn_of_pd(reader, &sdf->pds[i]);
        if (sdf->pds[i].vm != NULL) {
            warn_of_vm(reader, &sdf->pds[i]);
        }
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        warn_of_channel(reader, &sdf->channels[i]);
    }
}
