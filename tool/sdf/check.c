/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that concern more than one element (contract.md, section 3): names, ids, interrupts,
 * channels, regions. check_maps.c has those of address spaces.
 */
#include <string.h>

#include "tool/sdf/check_board.h"
#include "tool/sdf/check_maps.h"
#include "tool/sdf/check_sense.h"
#include "tool/sdf/read.h"

#define MAX_PDS  63
#define MAX_NAME 63
#define ID_COUNT (SDF_MAX_ID + 1)

static bool has_control_characters(const char *name)
{
    for (; *name != '\0'; name++) {
        if ((unsigned char)*name < ' ' || *name == 0x7f) {
            return true;
        }
    }
    return false;
}

static void check_name(struct reader *reader, const struct sdf_pos *pos, const char *name)
{
    if (has_control_characters(name)) {
        sdf_error(reader->messages, pos, "a name must not contain control characters");
    }
    if (strlen(name) > MAX_NAME) {
        sdf_error(reader->messages, pos, "name is longer than %d bytes", MAX_NAME);
    }
    if (strcmp(name, "monitor") == 0) {
        sdf_error(reader->messages, pos, "the name 'monitor' is reserved");
    }
    if (strchr(name, '/') != NULL) {
        sdf_error(reader->messages, pos, "a name must not contain '/'");
    }
}

/* Whether an earlier PD, or the VM of an earlier one, has this name. A missing one was reported. */
static bool is_taken(const struct sdf *sdf, size_t index, bool is_vm, const char *name)
{
    if (*name == '\0') {
        return false;
    }
    for (size_t i = 0; i <= index; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        if ((i < index || is_vm) && strcmp(pd->name, name) == 0) {
            return true;
        }
        if (i < index && pd->vm != NULL && strcmp(pd->vm->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_names(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        check_name(reader, &pd->pos, pd->name);
        if (is_taken(sdf, i, false, pd->name)) {
            sdf_error(reader->messages, &pd->pos, "the name '%s' is used already", pd->name);
        }
        if (pd->vm == NULL) {
            continue;
        }
        check_name(reader, &pd->vm->pos, pd->vm->name);
        if (is_taken(sdf, i, true, pd->vm->name)) {
            sdf_error(reader->messages, &pd->vm->pos, "the name '%s' is used already",
                      pd->vm->name);
        }
    }
}

static void take_id(struct reader *reader, bool *taken, const struct sdf_pos *pos, uint32_t id)
{
    if (taken[id]) {
        sdf_error(reader->messages, pos, "id %u is used already", id);
    }
    taken[id] = true;
}

/* Interrupts and channel ends of a PD share one space of ids, its children and vCPUs another. */
static void check_ids(struct reader *reader, size_t index)
{
    const struct sdf *sdf = reader->sdf;
    const struct sdf_pd *pd = &sdf->pds[index];
    bool channels[ID_COUNT] = {false};
    bool children[ID_COUNT] = {false};

    for (size_t i = 0; i < pd->irq_count; i++) {
        take_id(reader, channels, &pd->irqs[i].pos, pd->irqs[i].id);
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (unsigned int end = 0; end < 2; end++) {
            if (sdf->channels[i].ends[end].pd == index) {
                take_id(reader, channels, &sdf->channels[i].ends[end].pos,
                        sdf->channels[i].ends[end].id);
            }
        }
    }
    for (size_t i = 0; pd->vm != NULL && i < pd->vm->vcpu_count; i++) {
        take_id(reader, children, &pd->vm->vcpus[i].pos, pd->vm->vcpus[i].id);
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].parent == index && !reader->pd_is_wrong[i]) {
            take_id(reader, children, &sdf->pds[i].pos, sdf->pds[i].id);
        }
    }
}

static void check_interrupts(struct reader *reader)
{
    bool taken[SDF_MAX_INTID + 1] = {false};

    for (size_t i = 0; i < reader->sdf->pd_count; i++) {
        const struct sdf_pd *pd = &reader->sdf->pds[i];

        for (size_t j = 0; j < pd->irq_count; j++) {
            if (taken[pd->irqs[j].intid]) {
                sdf_error(reader->messages, &pd->irqs[j].pos, "interrupt %u is used already",
                          pd->irqs[j].intid);
            }
            taken[pd->irqs[j].intid] = true;
        }
    }
}

static void check_channel(struct reader *reader, const struct sdf_channel *channel)
{
    const struct sdf_pd *pds = reader->sdf->pds;

    if (channel->ends[0].pd == channel->ends[1].pd) {
        sdf_error(reader->messages, &channel->pos, "a channel from '%s' to itself",
                  pds[channel->ends[0].pd].name);
        return;
    }
    if (channel->ends[0].pp && channel->ends[1].pp) {
        sdf_error(reader->messages, &channel->pos, "protected calls (pp) in both directions");
        return;
    }
    for (unsigned int i = 0; i < 2; i++) {
        const struct sdf_pd *caller = &pds[channel->ends[i].pd];
        const struct sdf_pd *server = &pds[channel->ends[1 - i].pd];

        if (channel->ends[i].pp && server->priority <= caller->priority &&
            !reader->pd_is_wrong[channel->ends[0].pd] &&
            !reader->pd_is_wrong[channel->ends[1].pd]) {
            sdf_error(reader->messages, &channel->ends[i].pos,
                      "'%s' makes protected calls to '%s', whose priority must be higher (%u, "
                      "not %u)",
                      caller->name, server->name, caller->priority + 1, server->priority);
        }
    }
}

static void check_cspace(struct reader *reader, const struct sdf_pd *pd)
{
    bool taken[64] = {false};

    for (size_t i = 0; i < pd->cap_count; i++) {
        if (taken[pd->caps[i].slot]) {
            sdf_error(reader->messages, &pd->caps[i].pos, "slot %u is used already",
                      pd->caps[i].slot);
        }
        taken[pd->caps[i].slot] = true;
    }
}

static bool regions_overlap(const struct sdf_region *a, const struct sdf_region *b)
{
    return a->phys_addr < b->phys_addr + b->size && b->phys_addr < a->phys_addr + a->size;
}

static void check_regions(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    for (size_t i = 0; i < sdf->region_count; i++) {
        const struct sdf_region *region = &sdf->regions[i];

        for (size_t j = 0; j < i; j++) {
            if (*region->name != '\0' && strcmp(sdf->regions[j].name, region->name) == 0) {
                sdf_error(reader->messages, &region->pos, "the name '%s' is used already",
                          region->name);
            }
            if (!reader->options->regions_may_overlap && region->has_phys_addr &&
                sdf->regions[j].has_phys_addr && regions_overlap(region, &sdf->regions[j])) {
                sdf_error(reader->messages, &region->pos,
                          "memory region '%s' overlaps '%s' (0x%lx..0x%lx)", region->name,
                          sdf->regions[j].name, (unsigned long)sdf->regions[j].phys_addr,
                          (unsigned long)(sdf->regions[j].phys_addr + sdf->regions[j].size));
            }
        }
    }
}

static bool is_named_by_setvar(const struct sdf *sdf, size_t region)
{
    for (size_t i = 0; i < sdf->pd_count; i++) {
        for (size_t j = 0; j < sdf->pds[i].setvar_count; j++) {
            if (sdf->pds[i].setvars[j].region == region) {
                return true;
            }
        }
    }
    return false;
}

static void warn_of_unused_regions(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    for (size_t i = 0; i < sdf->region_count; i++) {
        if (sdf->regions[i].map_count == 0 && !is_named_by_setvar(sdf, i)) {
            sdf_warning(reader->messages, &sdf->regions[i].pos, "memory region '%s' is not mapped",
                        sdf->regions[i].name);
        }
    }
}

void check_system(struct reader *reader)
{
    const struct sdf *sdf = reader->sdf;

    if (sdf->pd_count == 0 || sdf->pd_count > MAX_PDS) {
        sdf_error(reader->messages, &reader->root->pos,
                  "a system has 1 to %d protection domains, not %zu", MAX_PDS, sdf->pd_count);
        return;
    }
    check_names(reader);
    check_regions(reader);
    check_interrupts(reader);
    for (size_t i = 0; i < sdf->pd_count; i++) {
        check_ids(reader, i);
        check_cspace(reader, &sdf->pds[i]);
        check_setvars(reader, i);
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        check_channel(reader, &sdf->channels[i]);
    }
    check_maps(reader);
    check_board(reader);
    if (reader->messages->error_count == 0) { /* else it may be a map that could not be read */
        warn_of_unused_regions(reader);
        warn_of_board(reader);
        warn_of_nonsense(reader);
    }
}
