/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who owns an SMMU: the one protection domain that has its registers. It needs them whole, both of
 * its interrupts, and memory for tables that nobody else can change.
 */
#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/maps.h"
#include "tool/vmconf/select.h"
#include "tool/vmconf/smmu.h"

#define REGISTERS_SYMBOL    "smmu_vaddr"
#define TABLES_SYMBOL       "smmu_tables_vaddr"
#define TABLES_SIZE_SYMBOL  "smmu_tables_size"
#define TABLES_PADDR_SYMBOL "smmu_tables_paddr"

struct search {
    const struct sdf *sdf;
    const struct board *board;
    struct sdf_messages *messages;
    struct smmu_owner *owner;
};

static const char *name_of(const struct search *search)
{
    return search->board->tree->nodes[search->owner->smmu->node].path;
}

static const struct sdf_region *region_of(const struct search *search, const struct sdf_map *map)
{
    return &search->sdf->regions[map->region];
}

static bool is_symbol(const char *symbol, const char *expected)
{
    return symbol != NULL && strcmp(symbol, expected) == 0;
}

static bool has_registers(const struct search *search, const struct sdf_map *map)
{
    const struct sdf_region *region = region_of(search, map);

    return region->has_phys_addr && region->size > 0 &&
           tree_range_overlaps(&search->owner->smmu->registers, region->phys_addr, region->size);
}

static void refuse_vm(const struct search *search, const struct sdf_vm *vm)
{
    for (size_t i = 0; i < vm->map_count; i++) {
        if (has_registers(search, &vm->maps[i])) {
            sdf_error(search->messages, &vm->maps[i].pos,
                      "region '%s' has registers of %s, which confines DMA: no guest may have them",
                      region_of(search, &vm->maps[i])->name, name_of(search));
        }
    }
}

static void find_owner(const struct search *search)
{
    struct smmu_owner *owner = search->owner;

    for (size_t i = 0; i < search->sdf->pd_count; i++) {
        const struct sdf_pd *pd = &search->sdf->pds[i];
        for (size_t k = 0; k < pd->map_count; k++) {
            if (!has_registers(search, &pd->maps[k])) {
                continue;
            }
            if (owner->pd == NULL) {
                owner->pd = pd;
                owner->map = &pd->maps[k];
            } else {
                sdf_error(search->messages, &pd->maps[k].pos,
                          "region '%s' has registers of %s, which are mapped into protection "
                          "domain '%s' already: an SMMU has one owner",
                          region_of(search, &pd->maps[k])->name, name_of(search), owner->pd->name);
            }
        }
        if (pd->vm != NULL) {
            refuse_vm(search, pd->vm);
        }
    }
}

static void check_registers(const struct search *search)
{
    const struct smmu_owner *owner = search->owner;
    const struct sdf_region *region = region_of(search, owner->map);
    const struct tree_range *registers = &owner->smmu->registers;
    const unsigned int needed = SDF_READ | SDF_WRITE;

    if (region->phys_addr != registers->start || region->size < registers->size) {
        sdf_error(search->messages, &region->pos,
                  "region '%s' is not the registers of %s, which are phys_addr=\"0x%" PRIx64
                  "\" size=\"0x%" PRIx64 "\"",
                  region->name, name_of(search), registers->start, registers->size);
    }
    if (owner->map->cached || (owner->map->perms & needed) != needed ||
        !is_symbol(owner->map->setvar_vaddr, REGISTERS_SYMBOL)) {
        sdf_error(search->messages, &owner->map->pos,
                  "region '%s' has the registers of %s: its owner maps it with perms=\"rw\" "
                  "cached=\"false\" setvar_vaddr=\"" REGISTERS_SYMBOL "\"",
                  region->name, name_of(search));
    }
    if (owner->pd->vm != NULL) {
        sdf_error(search->messages, &owner->map->pos,
                  "protection domain '%s' has the registers of %s, and a virtual machine: their "
                  "owner is a program of its own",
                  owner->pd->name, name_of(search));
    }
}

/* The channel of an interrupt; 0 after a message. */
static uint32_t find_irq(const struct search *search, const char *name, const struct tree_irq *irq)
{
    const struct sdf_pd *pd = search->owner->pd;

    if (irq == NULL) {
        sdf_error(search->messages, &search->owner->map->pos,
                  "the board's device tree has no interrupt \"%s\" for %s, by which its owner "
                  "learns of faults",
                  name, name_of(search));
        return 0;
    }
    const struct sdf_irq *found = select_find_irq(pd, irq->intid);
    if (found == NULL || found->edge != irq->edge) {
        sdf_error(search->messages, found == NULL ? &pd->pos : &found->pos,
                  "protection domain '%s' owns %s, and needs <irq irq=\"%" PRIu32
                  "\" trigger=\"%s\" ... /> for its interrupt \"%s\"",
                  pd->name, name_of(search), irq->intid, irq->edge ? "edge" : "level", name);
        return 0;
    }
    return found->id;
}

static bool has_address(const struct search *search)
{
    const struct smmu_owner *owner = search->owner;

    for (size_t i = 0; i < owner->pd->setvar_count; i++) {
        const struct sdf_setvar *setvar = &owner->pd->setvars[i];
        if (is_symbol(setvar->symbol, TABLES_PADDR_SYMBOL)) {
            return setvar->region == owner->tables->region;
        }
    }
    return false;
}

/* Who could write to the tables could reach all memory. */
static void refuse_others(const struct search *search, const struct sdf_map *maps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (maps[i].region == search->owner->tables->region && &maps[i] != search->owner->tables) {
            sdf_error(search->messages, &maps[i].pos,
                      "region '%s' has the tables of %s, which say what DMA reaches: it is mapped "
                      "once, into protection domain '%s'",
                      region_of(search, &maps[i])->name, name_of(search), search->owner->pd->name);
        }
    }
}

static void check_tables(const struct search *search)
{
    const struct sdf_map *map = search->owner->tables;
    const struct sdf_region *region = region_of(search, map);
    const unsigned int needed = SDF_READ | SDF_WRITE;

    if (map->cached || (map->perms & needed) != needed ||
        !is_symbol(map->setvar_size, TABLES_SIZE_SYMBOL)) {
        sdf_error(search->messages, &map->pos,
                  "region '%s' has the tables of %s: its owner maps it with perms=\"rw\" "
                  "cached=\"false\" and setvar_size=\"" TABLES_SIZE_SYMBOL "\"",
                  region->name, name_of(search));
    }
    if (!has_address(search)) {
        sdf_error(search->messages, &search->owner->pd->pos,
                  "protection domain '%s' owns %s, and is not told where its tables are: add "
                  "<setvar symbol=\"" TABLES_PADDR_SYMBOL "\" region_paddr=\"%s\" />",
                  search->owner->pd->name, name_of(search), region->name);
    }
    if (region->has_phys_addr && region->size > 0 &&
        board_place(search->board, region->phys_addr, region->size) != BOARD_PLACE_RAM) {
        sdf_error(search->messages, &region->pos,
                  "region '%s' has the tables of %s, and is not in the board's RAM", region->name,
                  name_of(search));
    }
    for (size_t i = 0; i < search->sdf->pd_count; i++) {
        const struct sdf_pd *pd = &search->sdf->pds[i];
        refuse_others(search, pd->maps, pd->map_count);
        if (pd->vm != NULL) {
            refuse_others(search, pd->vm->maps, pd->vm->map_count);
        }
    }
}

static void find_tables(const struct search *search)
{
    struct smmu_owner *owner = search->owner;

    for (size_t i = 0; i < owner->pd->map_count; i++) {
        if (is_symbol(owner->pd->maps[i].setvar_vaddr, TABLES_SYMBOL)) {
            owner->tables = &owner->pd->maps[i];
            check_tables(search);
            return;
        }
    }
    sdf_error(search->messages, &owner->pd->pos,
              "protection domain '%s' owns %s, and has no memory for its tables: map a region with "
              "perms=\"rw\" cached=\"false\" setvar_vaddr=\"" TABLES_SYMBOL
              "\" setvar_size=\"" TABLES_SIZE_SYMBOL "\"",
              owner->pd->name, name_of(search));
}

static void complete(const struct search *search)
{
    struct smmu_owner *owner = search->owner;

    check_registers(search);
    find_tables(search);
    owner->config = (struct smmu_config){
        .magic = SMMU_CONFIG_MAGIC,
        .version = SMMU_CONFIG_VERSION,
        .event_channel = find_irq(search, "eventq", owner->smmu->event),
        .error_channel = find_irq(search, "gerror", owner->smmu->error),
    };
}

struct smmu_owner *smmu_find_owners(struct arena *arena, const struct sdf *sdf,
                                    const struct board *board, struct sdf_messages *messages)
{
    struct smmu_owner *owners = arena_array(arena, board->smmu_count, sizeof(*owners));

    for (size_t i = 0; i < board->smmu_count; i++) {
        const struct search search = {sdf, board, messages, &owners[i]};
        owners[i] = (struct smmu_owner){.smmu = &board->smmus[i]};
        find_owner(&search);
        if (owners[i].pd != NULL) {
            complete(&search);
        }
    }
    return owners;
}
