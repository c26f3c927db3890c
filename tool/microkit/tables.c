/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel reads: the header behind it and its tables (abi/image.h). Address spaces are
 * the PDs', in their order, then the VMs'.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/microkit/build.h"

#define LARGE_PAGE ABI_LARGE_PAGE_SIZE
#define GIB        (1UL << 30)

static const size_t entry_sizes[IMAGE_TABLE_COUNT] = {
    [IMAGE_TABLE_ASPACES] = sizeof(struct image_aspace),
    [IMAGE_TABLE_MAPPINGS] = sizeof(struct image_mapping),
    [IMAGE_TABLE_PDS] = sizeof(struct image_pd),
    [IMAGE_TABLE_VCPUS] = sizeof(struct image_vcpu),
    [IMAGE_TABLE_IRQS] = sizeof(struct image_irq),
    [IMAGE_TABLE_ZERO] = sizeof(struct image_range),
    [IMAGE_TABLE_COPY] = sizeof(struct image_copy),
    [IMAGE_TABLE_SENDERS] = sizeof(struct image_sender),
    [IMAGE_TABLE_FIRMWARE] = sizeof(struct image_firmware_call),
    [IMAGE_TABLE_SYMBOLS] = sizeof(struct image_symbol),
    [IMAGE_TABLE_NAMES] = 1,
};

struct counts {
    size_t of[IMAGE_TABLE_COUNT];
};

size_t tables_mapping_limit(const struct build *build, size_t pd, bool vm)
{
    const struct sdf_pd *desc = &build->sdf->pds[pd];

    if (vm) {
        return desc->vm == NULL ? 0 : desc->vm->map_count;
    }
    return 2 * build->programs[pd].segment_count + 2 + desc->map_count;
}

static struct counts count_limits(const struct build *build)
{
    const struct sdf *sdf = build->sdf;
    struct counts counts = {{0}};

    counts.of[IMAGE_TABLE_PDS] = sdf->pd_count;
    counts.of[IMAGE_TABLE_COPY] = sdf->region_count;
    counts.of[IMAGE_TABLE_ZERO] = sdf->region_count + SENDERS_RANGES;
    counts.of[IMAGE_TABLE_SENDERS] = build->sender_count;
    counts.of[IMAGE_TABLE_FIRMWARE] = build->board->firmware_call_count;
    counts.of[IMAGE_TABLE_SYMBOLS] = build->symbol_count;
    counts.of[IMAGE_TABLE_NAMES] = build->names_size;
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        counts.of[IMAGE_TABLE_ASPACES] += pd->vm == NULL ? 1 : 2;
        counts.of[IMAGE_TABLE_MAPPINGS] +=
            tables_mapping_limit(build, i, false) + tables_mapping_limit(build, i, true);
        counts.of[IMAGE_TABLE_VCPUS] += pd->vm == NULL ? 0 : pd->vm->vcpu_count;
        counts.of[IMAGE_TABLE_IRQS] += pd->irq_count;
        counts.of[IMAGE_TABLE_ZERO] += build->programs[i].segment_count + 2;
    }
    return counts;
}

uint64_t tables_header_size(const struct build *build)
{
    struct counts counts = count_limits(build);
    uint64_t size = sizeof(struct image_header);

    for (unsigned int i = 0; i < IMAGE_TABLE_COUNT; i++) {
        size += counts.of[i] * entry_sizes[i];
    }
    return size;
}

static uint32_t segment_flags(uint32_t flags)
{
    return IMAGE_MAP_READ | ((flags & PF_W) != 0 ? IMAGE_MAP_WRITE : 0) |
           ((flags & PF_X) != 0 ? IMAGE_MAP_EXECUTE : 0);
}

static uint32_t map_flags(const struct sdf_map *map)
{
    return ((map->perms & SDF_READ) != 0 ? IMAGE_MAP_READ : 0) |
           ((map->perms & SDF_WRITE) != 0 ? IMAGE_MAP_WRITE : 0) |
           ((map->perms & SDF_EXECUTE) != 0 ? IMAGE_MAP_EXECUTE : 0) |
           (map->cached ? 0 : IMAGE_MAP_DEVICE);
}

static void add(struct image_mapping *list, size_t *count, uint64_t ipa, uint64_t paddr,
                uint64_t size, uint32_t flags)
{
    if (size != 0) {
        list[(*count)++] =
            (struct image_mapping){.ipa = ipa, .paddr = paddr, .size = size, .flags = flags};
    }
}

static void add_maps(const struct build *build, const struct sdf_map *maps, size_t map_count,
                     struct image_mapping *list, size_t *count)
{
    for (size_t i = 0; i < map_count; i++) {
        add(list, count, maps[i].vaddr, build->regions[maps[i].region].paddr,
            build->sdf->regions[maps[i].region].size, map_flags(&maps[i]));
    }
}

static void add_program(const struct build *build, size_t pd, struct image_mapping *list,
                        size_t *count)
{
    const struct program *program = &build->programs[pd];
    const struct pd_place *place = &build->pds[pd];
    uint64_t stack_size = build->sdf->pds[pd].stack_size;

    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment_place *at = &place->segments[i];
        uint64_t start = program->segments[i].vaddr & ~(PAGE_SIZE - 1);
        uint32_t flags = segment_flags(program->segments[i].flags);

        add(list, count, start, at->stored, at->stored_size, flags);
        add(list, count, start + at->stored_size, at->tail, at->tail_size, flags);
    }
    add(list, count, ABI_PD_STACK_TOP - stack_size, place->stack, stack_size,
        IMAGE_MAP_READ | IMAGE_MAP_WRITE);
    add(list, count, ABI_PD_IPC_BUFFER, place->ipc_buffer, PAGE_SIZE,
        IMAGE_MAP_READ | IMAGE_MAP_WRITE);
}

static int by_ipa(const void *a, const void *b)
{
    const struct image_mapping *first = a;
    const struct image_mapping *second = b;

    return first->ipa < second->ipa ? -1 : first->ipa > second->ipa;
}

size_t tables_mappings(const struct build *build, size_t pd, bool vm, struct image_mapping *list)
{
    const struct sdf_pd *desc = &build->sdf->pds[pd];
    size_t count = 0;

    if (vm) {
        add_maps(build, desc->vm->maps, desc->vm->map_count, list, &count);
    } else {
        add_program(build, pd, list, &count);
        add_maps(build, desc->maps, desc->map_count, list, &count);
    }
    qsort(list, count, sizeof(*list), by_ipa);
    return count;
}

/* Pages that one mapping may need below level 1. The kernel may do with fewer: tables are shared
 * between neighbours, and a whole GiB needs none. */
static uint64_t mapping_pages(const struct image_mapping *mapping)
{
    uint64_t end = mapping->ipa + mapping->size;
    uint64_t pages = (end - 1) / GIB - mapping->ipa / GIB + 1;
    uint64_t slots = (end - 1) / LARGE_PAGE - mapping->ipa / LARGE_PAGE + 1;

    if ((mapping->ipa - mapping->paddr) % LARGE_PAGE == 0) {
        slots = slots < 2 ? slots : 2; /* only the ends are not blocks */
    }
    return pages + slots;
}

static uint64_t aspace_pages(const struct build *build, size_t pd, bool vm)
{
    struct image_mapping *list =
        arena_array(build->arena, tables_mapping_limit(build, pd, vm) + 1, sizeof(*list));
    size_t count = tables_mappings(build, pd, vm, list);
    uint64_t pages = 4; /* the root: two pages, aligned to their size */

    for (size_t i = 0; i < count; i++) {
        pages += mapping_pages(&list[i]);
    }
    return pages;
}

uint64_t tables_pool_size(const struct build *build)
{
    uint64_t pages = 0;

    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        pages += aspace_pages(build, i, false);
        pages += build->sdf->pds[i].vm != NULL ? aspace_pages(build, i, true) : 0;
    }
    return pages * PAGE_SIZE;
}

/* ---- Records ---- */

struct writer {
    struct build *build;
    struct image_header *header;
    uint8_t *end;        /* where the next table goes */
    uint16_t *vm_aspace; /* of each PD's VM */
    uint16_t *first_vcpu;
    uint16_t *first_irq;
};

static void put_table(struct writer *writer, enum image_table_id id, const void *entries,
                      size_t count)
{
    writer->header->tables[id] = (struct image_table){
        .offset = (uint32_t)(writer->end - (uint8_t *)writer->header),
        .count = (uint32_t)count,
    };
    if (count > 0) {
        memcpy(writer->end, entries, count * entry_sizes[id]);
    }
    writer->end += count * entry_sizes[id];
}

static void write_aspaces(struct writer *writer, size_t mapping_limit)
{
    struct build *build = writer->build;
    size_t pd_count = build->sdf->pd_count;
    struct image_aspace *aspaces = arena_array(build->arena, 2 * pd_count, sizeof(*aspaces));
    struct image_mapping *mappings =
        arena_array(build->arena, mapping_limit + 1, sizeof(*mappings));
    size_t aspace_count = 0;
    size_t mapping_count = 0;

    for (unsigned int vm = 0; vm < 2; vm++) {
        for (size_t i = 0; i < pd_count; i++) {
            size_t count;

            if (vm == 1 && build->sdf->pds[i].vm == NULL) {
                continue;
            }
            count = tables_mappings(build, i, vm == 1, mappings + mapping_count);
            aspaces[aspace_count] = (struct image_aspace){.first_mapping = (uint32_t)mapping_count,
                                                          .mapping_count = (uint32_t)count};
            if (vm == 1) {
                writer->vm_aspace[i] = (uint16_t)aspace_count;
            }
            mapping_count += count;
            aspace_count++;
        }
    }
    put_table(writer, IMAGE_TABLE_ASPACES, aspaces, aspace_count);
    put_table(writer, IMAGE_TABLE_MAPPINGS, mappings, mapping_count);
}

static void write_vcpus(struct writer *writer, size_t limit)
{
    struct build *build = writer->build;
    struct image_vcpu *vcpus = arena_array(build->arena, limit + 1, sizeof(*vcpus));
    size_t count = 0;

    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        const struct sdf_vm *vm = build->sdf->pds[i].vm;

        writer->first_vcpu[i] = (uint16_t)count;
        for (size_t j = 0; vm != NULL && j < vm->vcpu_count; j++) {
            struct image_vcpu *vcpu = &vcpus[count++];

            (void)snprintf(vcpu->name, sizeof(vcpu->name), "%s", vm->name);
            vcpu->budget = vm->budget;
            vcpu->period = vm->period;
            vcpu->aspace = writer->vm_aspace[i];
            vcpu->pd = (uint16_t)i;
            vcpu->id = (uint8_t)vm->vcpus[j].id;
            vcpu->priority = (uint8_t)vm->priority;
            vcpu->cpu = (uint8_t)vm->vcpus[j].cpu;
        }
    }
    put_table(writer, IMAGE_TABLE_VCPUS, vcpus, count);
}

static void write_irqs(struct writer *writer, size_t limit)
{
    struct build *build = writer->build;
    struct image_irq *irqs = arena_array(build->arena, limit + 1, sizeof(*irqs));
    size_t count = 0;

    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        const struct sdf_pd *pd = &build->sdf->pds[i];

        writer->first_irq[i] = (uint16_t)count;
        for (size_t j = 0; j < pd->irq_count; j++) {
            irqs[count++] = (struct image_irq){.intid = senders_intid(build, &pd->irqs[j]),
                                               .pd = (uint16_t)i,
                                               .channel = (uint8_t)pd->irqs[j].id,
                                               .edge = pd->irqs[j].edge};
        }
    }
    put_table(writer, IMAGE_TABLE_IRQS, irqs, count);
}

/* Who writes to the UART gets the kernel's text, too: kernel/ipc/debuglog.h. */
static bool has_uart(const struct build *build, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->map_count; i++) {
        uint64_t paddr = build->regions[pd->maps[i].region].paddr;
        uint64_t size = build->sdf->regions[pd->maps[i].region].size;

        if ((pd->maps[i].perms & SDF_WRITE) != 0 && build->board->machine.uart - paddr < size) {
            return true;
        }
    }
    return false;
}

static void fill_channels(const struct writer *writer, size_t index, struct image_pd *record)
{
    const struct sdf *sdf = writer->build->sdf;
    const struct sdf_pd *pd = &sdf->pds[index];

    for (size_t i = 0; i < pd->irq_count; i++) {
        record->channels[pd->irqs[i].id] = (struct image_channel){
            .kind = IMAGE_CHANNEL_IRQ, .target = (uint16_t)(writer->first_irq[index] + i)};
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (unsigned int end = 0; end < 2; end++) {
            const struct sdf_end *own = &sdf->channels[i].ends[end];
            const struct sdf_end *other = &sdf->channels[i].ends[1 - end];

            if (own->pd == index) {
                record->channels[own->id] = (struct image_channel){
                    .kind = IMAGE_CHANNEL_PD,
                    .rights = (uint8_t)((own->notify ? IMAGE_CHANNEL_NOTIFY : 0) |
                                        (own->pp ? IMAGE_CHANNEL_CALL : 0)),
                    .peer_id = (uint8_t)other->id,
                    .target = (uint16_t)other->pd};
            }
        }
    }
}

static void fill_children(const struct writer *writer, size_t index, struct image_pd *record)
{
    const struct sdf *sdf = writer->build->sdf;
    const struct sdf_pd *pd = &sdf->pds[index];
    static const uint16_t cap_kinds[] = {[SDF_CAP_TCB] = IMAGE_CAP_TCB,
                                         [SDF_CAP_SC] = IMAGE_CAP_SC,
                                         [SDF_CAP_VSPACE] = IMAGE_CAP_VSPACE};

    memset(record->children, 0xff, sizeof(record->children));
    memset(record->vcpus, 0xff, sizeof(record->vcpus));
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].parent == index) {
            record->children[sdf->pds[i].id] = (uint16_t)i;
        }
    }
    for (size_t i = 0; pd->vm != NULL && i < pd->vm->vcpu_count; i++) {
        record->vcpus[pd->vm->vcpus[i].id] = (uint16_t)(writer->first_vcpu[index] + i);
    }
    for (size_t i = 0; i < pd->cap_count; i++) {
        record->cspace[pd->caps[i].slot] =
            (struct image_cap){.kind = cap_kinds[pd->caps[i].kind], .pd = (uint16_t)pd->caps[i].pd};
    }
}

static void write_pds(struct writer *writer)
{
    struct build *build = writer->build;
    size_t count = build->sdf->pd_count;
    struct image_pd *records = arena_array(build->arena, count, sizeof(*records));

    for (size_t i = 0; i < count; i++) {
        const struct sdf_pd *pd = &build->sdf->pds[i];
        struct image_pd *record = &records[i];

        (void)snprintf(record->name, sizeof(record->name), "%s", pd->name);
        record->entry = build->programs[i].entry;
        record->ipc_buffer = build->pds[i].ipc_buffer;
        record->budget = pd->budget;
        record->period = pd->period;
        record->aspace = (uint16_t)i;
        record->parent = pd->parent == SDF_NONE ? IMAGE_NONE : (uint16_t)pd->parent;
        record->id = (uint8_t)pd->id;
        record->priority = (uint8_t)pd->priority;
        record->cpu = (uint8_t)pd->cpu;
        record->flags =
            (uint8_t)((pd->passive ? IMAGE_PD_PASSIVE : 0) | (pd->smc ? IMAGE_PD_SMC : 0) |
                      (pd->fpu ? IMAGE_PD_FPU : 0) | (has_uart(build, pd) ? IMAGE_PD_CONSOLE : 0));
        record->first_symbol = (uint32_t)build->symbols[i].first;
        record->symbol_count = (uint32_t)build->symbols[i].symbols.count;
        fill_channels(writer, i, record);
        fill_children(writer, i, record);
    }
    put_table(writer, IMAGE_TABLE_PDS, records, count);
}

static void write_memory(struct writer *writer)
{
    struct build *build = writer->build;
    size_t region_count = build->sdf->region_count;
    struct image_copy *copies = arena_array(build->arena, region_count + 1, sizeof(*copies));
    struct image_range *zero = arena_array(build->arena, build->zero.count + 1, sizeof(*zero));
    size_t count = 0;

    for (size_t i = 0; i < region_count; i++) {
        const struct region_place *place = &build->regions[i];

        if (place->stored != 0 && place->stored != place->paddr) {
            copies[count++] = (struct image_copy){.from = place->stored,
                                                  .to = place->paddr,
                                                  .size = build->sdf->regions[i].prefill_size};
        }
    }
    put_table(writer, IMAGE_TABLE_COPY, copies, count);
    for (size_t i = 0; i < build->zero.count; i++) {
        zero[i] = (struct image_range){.start = build->zero.list[i].start,
                                       .size = build->zero.list[i].end - build->zero.list[i].start};
    }
    put_table(writer, IMAGE_TABLE_ZERO, zero, build->zero.count);
}

static void write_senders(struct writer *writer)
{
    struct build *build = writer->build;
    struct image_sender *list = arena_array(build->arena, build->sender_count + 1, sizeof(*list));

    senders_write(build, list);
    put_table(writer, IMAGE_TABLE_SENDERS, list, build->sender_count);
}

static void write_firmware(struct writer *writer)
{
    const struct board *board = writer->build->board;
    struct image_firmware_call calls[ABI_MAX_FIRMWARE_CALLS] = {{0}};

    for (unsigned int i = 0; i < board->firmware_call_count; i++) {
        calls[i].function = board->firmware_calls[i];
    }
    put_table(writer, IMAGE_TABLE_FIRMWARE, calls, board->firmware_call_count);
}

/* The names last: their table has any length. */
static void write_symbols(struct writer *writer)
{
    struct build *build = writer->build;
    struct image_symbol *list = arena_array(build->arena, build->symbol_count + 1, sizeof(*list));
    char *names = arena_alloc(build->arena, build->names_size + 1);

    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        const struct pd_symbols *own = &build->symbols[i];

        if (own->is_shared || own->symbols.count == 0) {
            continue;
        }
        for (size_t j = 0; j < own->symbols.count; j++) {
            list[own->first + j] = own->symbols.list[j];
            list[own->first + j].name += (uint32_t)own->first_name;
        }
        memcpy(names + own->first_name, own->symbols.names, own->symbols.names_size);
    }
    put_table(writer, IMAGE_TABLE_SYMBOLS, list, build->symbol_count);
    put_table(writer, IMAGE_TABLE_NAMES, names, build->names_size);
}

void tables_write(struct build *build)
{
    struct counts limits = count_limits(build);
    size_t pd_count = build->sdf->pd_count;
    struct image_header *header =
        (struct image_header *)(void *)(build->image + (build->header - build->base));
    struct writer writer = {
        .build = build,
        .header = header,
        .end = (uint8_t *)(header + 1),
        .vm_aspace = arena_array(build->arena, pd_count, sizeof(uint16_t)),
        .first_vcpu = arena_array(build->arena, pd_count, sizeof(uint16_t)),
        .first_irq = arena_array(build->arena, pd_count, sizeof(uint16_t)),
    };

    header->magic = IMAGE_MAGIC;
    header->version = IMAGE_VERSION;
    header->flags = (build->board->has_debug_console ? IMAGE_DEBUG_CONSOLE : 0) |
                    (build->board->is_benchmark ? IMAGE_BENCHMARK : 0);
    header->start = build->base;
    header->size = build->image_end - build->base;
    header->tables_start = build->tables;
    header->tables_size = build->tables_size;
    header->machine = build->board->machine;
    header->machine.ram_start = build->board->ram_start;
    header->machine.ram_end = build->ram_end;
    header->machine.its = build->its;
    write_aspaces(&writer, limits.of[IMAGE_TABLE_MAPPINGS]);
    write_vcpus(&writer, limits.of[IMAGE_TABLE_VCPUS]);
    write_irqs(&writer, limits.of[IMAGE_TABLE_IRQS]);
    write_pds(&writer);
    write_memory(&writer);
    write_senders(&writer);
    write_firmware(&writer);
    write_symbols(&writer);
}
