/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See flash_emulated.h. A region of memory that the VMM maps under the symbol flash_vaddr, to write
 * it, and the guest read-only, where the flash is to be: its writes are what the VMM has to see.
 */
#include "tool/vmconf/flash_emulated.h"

#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/emulate.h"
#include "tool/vmconf/nodes.h"

#define SYMBOL "flash_vaddr"
#define FILLED "flash_size"

#define BANK_WIDTH 4u /* bytes of the bus: two chips of 16 bits */

static const struct sdf_map *find_own_map(const struct guest *guest)
{
    for (size_t i = 0; i < guest->pd->map_count && guest->is_stock; i++) {
        const char *symbol = guest->pd->maps[i].setvar_vaddr;
        if (symbol != NULL && strcmp(symbol, SYMBOL) == 0) {
            return &guest->pd->maps[i];
        }
    }
    return NULL;
}

static void check_own_map(struct guest *guest, const struct sdf_map *map)
{
    const struct sdf_region *region = &guest->sdf->regions[map->region];
    const char *filled = map->setvar_prefill_size;

    if (map->perms != (SDF_READ | SDF_WRITE) || !map->cached) {
        sdf_error(guest->messages, &map->pos,
                  "the VMM writes the guest's flash, region '%s': perms=\"rw\", and cached",
                  region->name);
    }
    if (region->prefill_path != NULL && (filled == NULL || strcmp(filled, FILLED) != 0)) {
        sdf_error(guest->messages, &map->pos,
                  "region '%s' has contents, which are erased unless the VMM knows of them: "
                  "setvar_prefill_size=\"" FILLED "\"",
                  region->name);
    }
}

static bool is_power_of_two(uint64_t size)
{
    return (size & (size - 1)) == 0;
}

/* Of a region that is mapped as it should be. Files that are missing have been reported, and leave
 * no size. */
static void check_size(struct guest *guest, const struct sdf_region *region)
{
    if (region->size > 0 &&
        (region->size < VM_CONFIG_FLASH_BLOCK || region->size > VM_CONFIG_FLASH_MAX ||
         !is_power_of_two(region->size))) {
        sdf_error(guest->messages, &region->pos,
                  "region '%s' is flash, and 0x%" PRIx64 " bytes: flash has a power of two, from "
                  "0x%x to 0x%x",
                  region->name, region->size, VM_CONFIG_FLASH_BLOCK, VM_CONFIG_FLASH_MAX);
    }
}

static void check_map(struct guest *guest, const struct guest_map *map)
{
    if (map->kind == MAP_DEVICE || map->kind == MAP_GIC_CPU) {
        sdf_error(guest->messages, &map->map->pos,
                  "region '%s' is a device of the board's: flash that the VMM emulates "
                  "(setvar_vaddr=\"" SYMBOL "\") is memory",
                  map->region->name);
    } else if (map->kind != MAP_BAD && (map->map->perms != SDF_READ || !map->map->cached)) {
        sdf_error(guest->messages, &map->map->pos,
                  "what the guest writes to its flash, region '%s', is for the VMM to see: "
                  "perms=\"r\", and cached",
                  map->region->name);
    }
}

/* Where the guest has it, or NULL. */
static const struct guest_map *find_map(struct guest *guest, const struct sdf_map *own)
{
    const struct guest_map *found = NULL;

    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        if (map->map->region != own->region) {
            continue;
        }
        check_map(guest, map);
        if (found != NULL) {
            sdf_error(guest->messages, &map->map->pos,
                      "the guest has its flash at 0x%" PRIx64 " already", found->ipa);
        }
        found = found != NULL ? found : map;
    }
    if (found == NULL) {
        sdf_error(guest->messages, &own->pos,
                  "the guest does not have its flash: map region '%s' into it, where its firmware "
                  "looks for it (usually vaddr=\"0x4000000\"), with perms=\"r\"",
                  guest->sdf->regions[own->region].name);
    }
    return found;
}

void flash_emulated_place(struct guest *guest)
{
    const struct sdf_map *own = find_own_map(guest);
    size_t errors = guest->messages->error_count;

    if (own == NULL) {
        return;
    }
    check_own_map(guest, own);
    check_size(guest, &guest->sdf->regions[own->region]);
    const struct guest_map *map = find_map(guest, own);
    if (guest->messages->error_count > errors || map->size == 0) {
        return;
    }
    const struct emulated_device device = {
        .kind = EMULATED_FLASH,
        .path = arena_printf(guest->arena, "/flash@%" PRIx64, map->ipa),
        .range = {.start = map->ipa, .size = map->size},
        .intid = VM_CONFIG_NO_INTID,
    };
    if (emulate_add(guest, &device)) {
        guest->flash = (struct vm_config_flash){.ipa = map->ipa, .size = map->size};
    }
}

void flash_emulated_write(struct guest *guest, struct fdt_writer *writer, const char *name)
{
    const uint64_t reg[2] = {guest->flash.ipa, guest->flash.size};

    nodes_begin(guest, writer, name, "flash");
    fdt_writer_string(writer, "compatible", "cfi-flash");
    fdt_writer_u64s(writer, "reg", reg, 2);
    fdt_writer_cell(writer, "bank-width", BANK_WIDTH);
    fdt_writer_end(writer);
}
