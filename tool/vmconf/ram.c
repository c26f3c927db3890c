/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's RAM may be of any number of pieces, each a map of a region of its own. What is side by
 * side for the guest, and for its VMM, is one range for both, wherever it is in the machine.
 */
#include "tool/vmconf/ram.h"

#include <inttypes.h>
#include <stdlib.h>

static bool is_loaded(const struct guest *guest, const struct guest_map *map)
{
    return guest->ram_map != NULL && map->map->region == guest->ram_map->region;
}

static int compare(const void *a, const void *b)
{
    const struct guest_map *const *left = a;
    const struct guest_map *const *right = b;

    return ((*left)->ipa > (*right)->ipa) - ((*left)->ipa < (*right)->ipa);
}

void ram_sort(const struct guest_map **maps, size_t count)
{
    if (count > 1) {
        qsort(maps, count, sizeof(*maps), compare);
    }
}

/* RAM that the VMM loads into comes first, or else what the description has first; the rest is in
 * the order of addresses. */
static void list_ram(struct guest *guest)
{
    guest->ram = arena_array(guest->arena, guest->map_count, sizeof(*guest->ram));
    for (size_t i = 0; i < guest->map_count; i++) {
        if (guest->maps[i].kind == MAP_RAM) {
            guest->ram[guest->ram_count++] = &guest->maps[i];
        }
    }
    for (size_t i = 1; i < guest->ram_count && !is_loaded(guest, guest->ram[0]); i++) {
        if (is_loaded(guest, guest->ram[i])) {
            const struct guest_map *loaded = guest->ram[i];
            guest->ram[i] = guest->ram[0];
            guest->ram[0] = loaded;
        }
    }
    if (guest->ram_count > 1) {
        ram_sort(&guest->ram[1], guest->ram_count - 1);
    }
}

/* One of its maps may have been meant as RAM, and has been reported. */
static bool has_bad_map(const struct guest *guest)
{
    for (size_t i = 0; i < guest->map_count; i++) {
        if (guest->maps[i].kind == MAP_BAD) {
            return true;
        }
    }
    return false;
}

static void check_ram(struct guest *guest)
{
    if (guest->ram_count == 0 && has_bad_map(guest)) {
        return;
    }
    if (guest->ram_count == 0) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "the guest has no RAM: map a region of memory into it with perms=\"rwx\"");
        return;
    }
    if (guest->ram_map == NULL) {
        return;
    }
    if (guest->ram[0]->map->region != guest->ram_map->region) {
        sdf_error(guest->messages, &guest->ram_map->pos,
                  "guest_ram_vaddr names region '%s', which the guest does not have as RAM "
                  "(a map with perms=\"rwx\")",
                  guest->sdf->regions[guest->ram_map->region].name);
    }
    if ((guest->ram_map->perms & SDF_WRITE) == 0) {
        sdf_error(guest->messages, &guest->ram_map->pos,
                  "the VMM loads the guest into this memory and needs perms=\"rw\"");
    }
}

static void check_aliases(struct guest *guest)
{
    const struct guest_map **found =
        arena_array(guest->arena, guest->sdf->region_count, sizeof(*found));

    for (size_t i = 0; i < guest->ram_count; i++) {
        const struct guest_map *map = guest->ram[i];
        if (found[map->map->region] != NULL) {
            sdf_error(guest->messages, &map->map->pos,
                      "region '%s' is the guest's RAM at 0x%" PRIx64 " already", map->region->name,
                      found[map->map->region]->ipa);
            continue;
        }
        found[map->map->region] = map;
    }
}

static uint64_t find_vaddr(const struct guest *guest, const struct guest_map *ram)
{
    for (size_t i = 0; i < guest->pd->map_count; i++) {
        if (guest->pd->maps[i].region == ram->map->region) {
            return guest->pd->maps[i].vaddr;
        }
    }
    return 0;
}

static bool is_behind(const struct vm_config_ram *range, const struct vm_config_ram *piece)
{
    return range->ipa + range->size == piece->ipa &&
           (range->vaddr == 0 ? piece->vaddr == 0 : range->vaddr + range->size == piece->vaddr);
}

/* The range that the piece makes longer, one that begins with it, or NULL: there is no room. The
 * first range begins with what the VMM loads into, and others are in order. */
static struct vm_config_ram *range_of(struct guest *guest, const struct vm_config_ram *piece)
{
    struct vm_config_ram *first = &guest->ranges[0];
    struct vm_config_ram *last = &guest->ranges[guest->range_count];

    if (guest->range_count > 0 && is_behind(first, piece)) {
        return first;
    }
    if (guest->range_count > 1 && is_behind(last - 1, piece)) {
        return last - 1;
    }
    if (guest->range_count == VM_CONFIG_MAX_RAM) {
        return NULL;
    }
    *last = (struct vm_config_ram){.ipa = piece->ipa, .vaddr = piece->vaddr};
    guest->range_count++;
    return last;
}

static void join(struct guest *guest)
{
    for (size_t i = 0; i < guest->ram_count; i++) {
        const struct guest_map *map = guest->ram[i];
        struct vm_config_ram piece = {map->ipa, map->size, find_vaddr(guest, map)};
        if (i == 0 && guest->ram_map != NULL) {
            piece.vaddr = guest->ram_map->vaddr;
        }
        struct vm_config_ram *range = range_of(guest, &piece);
        if (range == NULL) {
            sdf_error(guest->messages, &map->map->pos,
                      "the guest's RAM is in more than %d ranges: what is side by side in the "
                      "guest, and in its VMM, is one",
                      VM_CONFIG_MAX_RAM);
            return;
        }
        range->size += piece.size;
    }
}

void ram_read(struct guest *guest)
{
    list_ram(guest);
    check_ram(guest);
    check_aliases(guest);
    join(guest);
}
