/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM shares a region and a channel with the console multiplexer, of which the description tells
 * it in two symbols: <map mr="…" setvar_vaddr="console_vaddr"/> and, in the channel,
 * <end pd="…" setvar_id="console_channel"/>. What the region holds: components/serial/console.h.
 */
#include "tool/vmconf/multiplexer.h"

#include <string.h>

#include "components/serial/console.h"

static const char vaddr_symbol[] = "console_vaddr";
static const char channel_symbol[] = "console_channel";

static bool is_symbol(const char *setvar, const char *symbol)
{
    return setvar != NULL && strcmp(setvar, symbol) == 0;
}

static void find_map(struct guest *guest)
{
    for (size_t i = 0; i < guest->pd->map_count; i++) {
        if (is_symbol(guest->pd->maps[i].setvar_vaddr, vaddr_symbol)) {
            guest->console_map = &guest->pd->maps[i];
        }
    }
}

static void find_end(struct guest *guest)
{
    const struct sdf *sdf = guest->sdf;

    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (size_t k = 0; k < 2; k++) {
            const struct sdf_end *end = &sdf->channels[i].ends[k];
            if (&sdf->pds[end->pd] == guest->pd && is_symbol(end->setvar_id, channel_symbol)) {
                guest->console_end = end;
                guest->console_peer = &sdf->channels[i].ends[1 - k];
            }
        }
    }
}

static void check_pair(struct guest *guest)
{
    if (guest->console_map != NULL && guest->console_end == NULL) {
        sdf_error(guest->messages, &guest->console_map->pos,
                  "setvar_vaddr=\"%s\" needs setvar_id=\"%s\" at the end of protection domain "
                  "'%s' in its channel with the console multiplexer",
                  vaddr_symbol, channel_symbol, guest->pd->name);
    }
    if (guest->console_map == NULL && guest->console_end != NULL) {
        sdf_error(guest->messages, &guest->console_end->pos,
                  "setvar_id=\"%s\" needs setvar_vaddr=\"%s\" at a map of protection domain '%s': "
                  "that of the region shared with the console multiplexer",
                  channel_symbol, vaddr_symbol, guest->pd->name);
    }
}

static void check_map(struct guest *guest, const struct sdf_map *map)
{
    const unsigned int needed = SDF_READ | SDF_WRITE;

    if ((map->perms & needed) != needed) {
        sdf_error(guest->messages, &map->pos,
                  "the VMM and the console multiplexer both write to region '%s': perms=\"rw\"",
                  guest->sdf->regions[map->region].name);
    }
    if (!map->cached) {
        sdf_error(guest->messages, &map->pos,
                  "region '%s' is memory that the VMM and the console multiplexer share: "
                  "cached=\"true\"",
                  guest->sdf->regions[map->region].name);
    }
}

static void check_region(struct guest *guest)
{
    const struct sdf_region *region = &guest->sdf->regions[guest->console_map->region];

    if (region->size < sizeof(struct console_region)) {
        sdf_error(guest->messages, &region->pos,
                  "region '%s' is too small for the console multiplexer's rings: size=\"0x%x\"",
                  region->name, CONSOLE_REGION_SIZE);
    }
    if (region->map_count > 2) {
        sdf_error(guest->messages, &guest->console_map->pos,
                  "region '%s' is mapped %zu times: the console multiplexer shares one with each "
                  "of its clients alone",
                  region->name, region->map_count);
    }
}

static void check_peer(struct guest *guest)
{
    const struct sdf_pd *peer = multiplexer_pd(guest);

    for (size_t i = 0; i < peer->map_count; i++) {
        if (peer->maps[i].region == guest->console_map->region) {
            check_map(guest, &peer->maps[i]);
            return;
        }
    }
    sdf_error(guest->messages, &guest->console_map->pos,
              "region '%s' is not mapped into protection domain '%s', which is at the other end of "
              "the channel %s",
              guest->sdf->regions[guest->console_map->region].name, peer->name, channel_symbol);
}

static void check_signals(struct guest *guest, const struct sdf_end *end)
{
    if (!end->notify) {
        sdf_error(guest->messages, &end->pos,
                  "the VMM and the console multiplexer signal each other: notify=\"true\"");
    }
}

/* Keys that restart a guest reach the multiplexer only if it runs before that guest. */
static void check_priority(struct guest *guest)
{
    const struct sdf_vm *vm = guest->pd->vm;
    const struct sdf_pd *peer = multiplexer_pd(guest);

    for (size_t i = 0; i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].cpu == peer->cpu && vm->priority > peer->priority) {
            sdf_warning(
                guest->messages, &peer->pos,
                "the console multiplexer '%s' has a lower priority (%u) than the guest '%s' "
                "(%u): while that is busy, nobody's console answers",
                peer->name, peer->priority, vm->name, vm->priority);
            return;
        }
    }
}

void multiplexer_find(struct guest *guest)
{
    find_map(guest);
    find_end(guest);
    check_pair(guest);
    if (guest->console_map != NULL) {
        check_map(guest, guest->console_map);
        check_region(guest);
    }
    if (guest->console_end != NULL) {
        check_signals(guest, guest->console_end);
        check_signals(guest, guest->console_peer);
    }
    if (guest->console_map != NULL && guest->console_end != NULL) {
        check_peer(guest);
        check_priority(guest);
    }
}

bool multiplexer_is_there(const struct guest *guest)
{
    return guest->console_map != NULL || guest->console_end != NULL;
}

const struct sdf_pd *multiplexer_pd(const struct guest *guest)
{
    return &guest->sdf->pds[guest->console_peer->pd];
}
