/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorting a virtual machine's maps into RAM, registers and the GIC. A region with a physical
 * address outside of the board's memory, or over a device, holds registers; all else is memory.
 */
#include "tool/vmconf/maps.h"

#include <inttypes.h>
#include <string.h>

static bool is_within(const struct tree_range *range, uint64_t start, uint64_t size)
{
    return start >= range->start && start - range->start < range->size &&
           size <= range->size - (start - range->start);
}

static enum map_kind check_ram(struct guest *guest, const struct sdf_map *map,
                               const struct sdf_region *region)
{
    if ((map->perms & SDF_EXECUTE) == 0) {
        return MAP_NORMAL;
    }
    if (map->perms == (SDF_READ | SDF_EXECUTE) && map->cached && region->prefill_path != NULL) {
        return MAP_CODE;
    }
    if ((map->perms & SDF_WRITE) == 0 || (map->perms & SDF_READ) == 0) {
        sdf_error(guest->messages, &map->pos,
                  "memory mapped executable is the guest's RAM and needs perms=\"rwx\"");
        return MAP_BAD;
    }
    if (!map->cached) {
        sdf_error(guest->messages, &map->pos, "the guest's RAM is mapped with cached=\"false\"");
        return MAP_BAD;
    }
    return MAP_RAM;
}

/* One description is for boards with either GIC: of a GICv3 the CPU interface is no memory, and a
 * region of this name is for nothing. */
static bool is_needless_gicv(const struct guest *guest, const struct sdf_region *region)
{
    return guest->board->tree->gic_version == 3 && strcmp(region->name, SDF_GICV) == 0 &&
           board_is_empty(guest->board, region->phys_addr, region->size);
}

static enum map_kind classify_device(const struct guest *guest, const struct sdf_region *region)
{
    if (is_needless_gicv(guest, region)) {
        return MAP_NOTHING;
    }
    return guest->board->tree->gic_version == 2 &&
                   is_within(board_gic_frame(guest->board, GIC_FRAME_VIRTUAL_CPU),
                             region->phys_addr, region->size)
               ? MAP_GIC_CPU
               : MAP_DEVICE;
}

static enum map_kind classify(struct guest *guest, const struct sdf_map *map,
                              const struct sdf_region *region)
{
    if (region->size == 0) {
        return MAP_BAD; /* only a prefilled region whose file is missing: reported elsewhere */
    }
    if (!region->has_phys_addr) {
        return check_ram(guest, map, region);
    }
    switch (board_place(guest->board, region->phys_addr, region->size)) {
    case BOARD_PLACE_RAM:
        return check_ram(guest, map, region);
    case BOARD_PLACE_DEVICE:
        return classify_device(guest, region);
    case BOARD_PLACE_BOTH:
    default:
        sdf_error(guest->messages, &region->pos,
                  "region '%s' at 0x%" PRIx64 "..0x%" PRIx64
                  " is partly outside of the board's RAM",
                  region->name, region->phys_addr, region->phys_addr + region->size);
        return MAP_BAD;
    }
}

/* The frame begins with its control register, so the map that holds the frame's first page says
 * where the guest's GICC is. */
static void find_gic_cpu(struct guest *guest)
{
    const struct tree_range *gicv;

    if (guest->board->tree->gic_version == 3) {
        return;
    }
    gicv = board_gic_frame(guest->board, GIC_FRAME_VIRTUAL_CPU);
    for (size_t i = 0; i < guest->map_count; i++) {
        struct guest_map *map = &guest->maps[i];
        if (map->kind == MAP_GIC_CPU && map->region->phys_addr == gicv->start) {
            guest->gic_cpu = map;
            return;
        }
    }
    sdf_error(guest->messages, &guest->vm->pos,
              "the guest has no GIC CPU interface: map the board's virtual one (a region with "
              "phys_addr=\"0x%" PRIx64 "\") into it, usually at 0x%" PRIx64,
              gicv->start, board_gic_frame(guest->board, GIC_FRAME_CPU)->start);
}

static void check_frame(struct guest *guest, const struct guest_map *map, const char *what,
                        const struct tree_range *frame)
{
    if (map->kind != MAP_BAD && tree_range_overlaps(frame, map->ipa, map->size)) {
        sdf_error(guest->messages, &map->map->pos,
                  "the map lies over the guest's GIC %s, which the VMM emulates at "
                  "0x%" PRIx64 "..0x%" PRIx64,
                  what, frame->start, frame->start + frame->size);
    }
}

static void check_emulated(struct guest *guest, const struct guest_map *map)
{
    check_frame(guest, map, "distributor", board_gic_frame(guest->board, GIC_FRAME_DISTRIBUTOR));
    if (guest->board->tree->gic_version == 3) {
        check_frame(guest, map, "redistributors",
                    board_gic_frame(guest->board, GIC_FRAME_REDISTRIBUTORS));
    }
}

/* There is one for each vCPU. */
static void check_redistributors(struct guest *guest)
{
    const struct tree_range *gicr = board_gic_frame(guest->board, GIC_FRAME_REDISTRIBUTORS);

    if (guest->board->tree->gic_version == 3 &&
        gicr->size / VMCONF_REDISTRIBUTOR_SIZE < guest->vm->vcpu_count) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "%zu vCPUs have redistributors at 0x%" PRIx64 ", and there is room for %" PRIu64,
                  guest->vm->vcpu_count, gicr->start, gicr->size / VMCONF_REDISTRIBUTOR_SIZE);
    }
}

/* The VMM resets devices through its own maps, which the architecture caches if told so. */
static void check_vmm_maps(struct guest *guest)
{
    for (size_t i = 0; i < guest->pd->map_count; i++) {
        const struct sdf_map *own = &guest->pd->maps[i];
        for (size_t k = 0; k < guest->map_count && own->cached; k++) {
            const struct guest_map *map = &guest->maps[k];
            if (map->kind == MAP_DEVICE && map->map->region == own->region) {
                sdf_error(guest->messages, &own->pos,
                          "region '%s' holds registers: the VMM needs cached=\"false\" for it",
                          map->region->name);
                break;
            }
        }
    }
}

void maps_read(struct guest *guest)
{
    const struct sdf_vm *vm = guest->vm;

    guest->maps = arena_array(guest->arena, vm->map_count, sizeof(*guest->maps));
    guest->map_count = vm->map_count;
    for (size_t i = 0; i < vm->map_count; i++) {
        const struct sdf_region *region = &guest->sdf->regions[vm->maps[i].region];
        guest->maps[i] = (struct guest_map){
            .map = &vm->maps[i],
            .region = region,
            .kind = classify(guest, &vm->maps[i], region),
            .ipa = vm->maps[i].vaddr,
            .size = region->size,
        };
        check_emulated(guest, &guest->maps[i]);
    }
    check_vmm_maps(guest);
    find_gic_cpu(guest);
    check_redistributors(guest);
}

const struct sdf_map *maps_find(const struct sdf_map *maps, size_t count, size_t region)
{
    for (size_t i = 0; i < count; i++) {
        if (maps[i].region == region) {
            return &maps[i];
        }
    }
    return NULL;
}

const struct guest_map *maps_at(const struct guest *guest, uint64_t ipa)
{
    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        if (ipa >= map->ipa && ipa - map->ipa < map->size) {
            return map;
        }
    }
    return NULL;
}

static bool is_identical(const struct guest_map *map)
{
    return map->kind == MAP_DEVICE && map->region->phys_addr == map->ipa;
}

static bool cover(const struct guest *guest, const struct tree_range *range, bool identically)
{
    uint64_t at = range->start;
    uint64_t left = range->size;

    while (left > 0) {
        const struct guest_map *map = maps_at(guest, at);
        if (map == NULL || (identically && !is_identical(map))) {
            return false;
        }
        uint64_t here = map->size - (at - map->ipa);
        if (here >= left) {
            return true;
        }
        at += here;
        left -= here;
    }
    return true;
}

bool maps_cover_identically(const struct guest *guest, const struct tree_range *range)
{
    return cover(guest, range, true);
}

bool maps_cover(const struct guest *guest, const struct tree_range *range)
{
    return cover(guest, range, false);
}

bool maps_touch_device(const struct guest *guest, const struct tree_range *range)
{
    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        if (map->kind == MAP_DEVICE &&
            tree_range_overlaps(range, map->region->phys_addr, map->size)) {
            return true;
        }
    }
    return false;
}

uint64_t maps_vmm_vaddr(const struct guest *guest, const struct tree_range *range)
{
    const struct guest_map *map = maps_at(guest, range->start);

    if (map == NULL || range->size > map->size - (range->start - map->ipa)) {
        return 0;
    }
    for (size_t i = 0; i < guest->pd->map_count; i++) {
        const struct sdf_map *own = &guest->pd->maps[i];
        if (&guest->sdf->regions[own->region] == map->region && (own->perms & SDF_WRITE) != 0) {
            return own->vaddr + (range->start - map->ipa);
        }
    }
    return 0;
}
