/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report, for people: what lies where, and of each program who it is, what it may do and what
 * it sees. Two lines are for scripts: "RAM needed: …" and "machine-ram-end: 0x…".
 */
#include <stdio.h>
#include <stdlib.h>

#include "tool/microkit/build.h"

#define MAX_ENTRIES_PER_PD (2 * PROGRAM_MAX_SEGMENTS + 2)

/* One line of the memory map. */
struct entry {
    uint64_t start;
    uint64_t size;
    const char *owner;
    const char *what;
};

struct entries {
    struct entry *list;
    size_t count;
};

static void add(struct entries *entries, uint64_t start, uint64_t size, const char *owner,
                const char *what)
{
    if (size != 0) {
        entries->list[entries->count++] = (struct entry){start, size, owner, what};
    }
}

static void add_pd(struct entries *entries, const struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    const struct pd_place *place = &build->pds[index];

    for (unsigned int i = 0; i < build->programs[index].segment_count; i++) {
        const struct segment_place *segment = &place->segments[i];

        add(entries, segment->stored, segment->stored_size, pd->name, "program, stored");
        add(entries, segment->tail, segment->tail_size, pd->name, "program, zeroed");
    }
    add(entries, place->stack, pd->stack_size, pd->name, "stack");
    add(entries, place->ipc_buffer, PAGE_SIZE, pd->name, "IPC buffer");
}

static void add_region(struct entries *entries, struct build *build, size_t index)
{
    const struct sdf_region *region = &build->sdf->regions[index];
    const struct region_place *place = &build->regions[index];
    const char *what = !layout_is_ram(build, place->paddr) ? "device" : "region, zeroed";

    if (region->prefill_file != NULL) {
        what = arena_printf(build->arena, "region, %s", region->prefill_path);
    }
    add(entries, place->paddr, region->size, region->name, what);
    if (place->stored != 0 && place->stored != place->paddr) {
        add(entries, place->stored, page_up(region->prefill_size), region->name,
            "contents, copied at boot");
    }
}

static int by_start(const void *a, const void *b)
{
    const struct entry *first = a;
    const struct entry *second = b;

    return first->start < second->start ? -1 : first->start > second->start;
}

static void print_memory(FILE *out, struct build *build)
{
    const struct sdf *sdf = build->sdf;
    uint64_t base = build->base;
    size_t limit = 3 + sdf->pd_count * MAX_ENTRIES_PER_PD + 2 * sdf->region_count;
    struct entries entries = {.list = arena_array(build->arena, limit, sizeof(struct entry))};

    add(&entries, base, build->header - base, "(kernel)", "text and data");
    add(&entries, build->header, page_up(tables_header_size(build)), "(kernel)", "image header");
    add(&entries, build->tables, build->tables_size, "(kernel)", "page tables");
    for (size_t i = 0; i < sdf->pd_count; i++) {
        add_pd(&entries, build, i);
    }
    for (size_t i = 0; i < sdf->region_count; i++) {
        add_region(&entries, build, i);
    }
    qsort(entries.list, entries.count, sizeof(entries.list[0]), by_start);

    fprintf(out, "# Memory\n\n  %-28s %12s  %-24s %s\n", "physical address", "size", "of", "what");
    for (size_t i = 0; i < entries.count; i++) {
        const struct entry *entry = &entries.list[i];

        fprintf(out, "  0x%010lx..0x%010lx   0x%010lx  %-24s %s\n", (unsigned long)entry->start,
                (unsigned long)(entry->start + entry->size), (unsigned long)entry->size,
                entry->owner, entry->what);
    }
    fprintf(out, "\n");
}

static void print_image(FILE *out, const struct build *build)
{
    const struct board *board = build->board;
    uint64_t size = build->image_end - build->base;

    fprintf(out, "# Image for board %s, configuration %s\n\n", build->options->board,
            build->options->config);
    fprintf(out, "image: 0x%lx bytes (%lu KiB) from 0x%lx\n", (unsigned long)size,
            (unsigned long)size / 1024, (unsigned long)build->base);
    if (build->symbol_count != 0) {
        uint64_t symbols = build->symbol_count * sizeof(struct image_symbol) + build->names_size;

        fprintf(out, "symbols in it: 0x%lx bytes (%lu KiB), for reports of faults\n",
                (unsigned long)symbols, (unsigned long)(symbols + 1023) / 1024);
    }
    fprintf(out, "RAM needed: 0x%lx bytes up to 0x%lx\n",
            (unsigned long)(build->ram_end - board->ram_start), (unsigned long)build->ram_end);
    fprintf(out, "machine-ram-end: 0x%lx\n\n", (unsigned long)build->ram_end);
}

static const char *mapping_name(const struct build *build, size_t index, bool vm, uint64_t ipa)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    const struct sdf_map *maps = vm ? pd->vm->maps : pd->maps;
    size_t count = vm ? pd->vm->map_count : pd->map_count;

    for (size_t i = 0; i < count; i++) {
        if (maps[i].vaddr == ipa) {
            return build->sdf->regions[maps[i].region].name;
        }
    }
    if (ipa == ABI_PD_IPC_BUFFER) {
        return "(IPC buffer)";
    }
    return ipa == ABI_PD_STACK_TOP - pd->stack_size ? "(stack)" : "(program)";
}

static void print_mappings(FILE *out, struct build *build, size_t pd, bool vm)
{
    size_t limit = tables_mapping_limit(build, pd, vm);
    struct image_mapping *list = arena_array(build->arena, limit + 1, sizeof(*list));
    size_t count = tables_mappings(build, pd, vm, list);

    for (size_t i = 0; i < count; i++) {
        fprintf(out, "  map      0x%010lx..0x%010lx -> 0x%010lx  %c%c%c %s%s\n",
                (unsigned long)list[i].ipa, (unsigned long)(list[i].ipa + list[i].size),
                (unsigned long)list[i].paddr, (list[i].flags & IMAGE_MAP_READ) != 0 ? 'r' : '-',
                (list[i].flags & IMAGE_MAP_WRITE) != 0 ? 'w' : '-',
                (list[i].flags & IMAGE_MAP_EXECUTE) != 0 ? 'x' : '-',
                mapping_name(build, pd, vm, list[i].ipa),
                (list[i].flags & IMAGE_MAP_DEVICE) != 0 ? ", not cached" : "");
    }
}

static void print_channels(FILE *out, const struct build *build, size_t index)
{
    const struct sdf *sdf = build->sdf;
    const struct sdf_pd *pd = &sdf->pds[index];

    for (size_t i = 0; i < pd->irq_count; i++) {
        fprintf(out, "  irq      id %2u: INTID %u, %s\n", pd->irqs[i].id, pd->irqs[i].intid,
                pd->irqs[i].edge ? "edge" : "level");
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        for (unsigned int end = 0; end < 2; end++) {
            const struct sdf_end *own = &sdf->channels[i].ends[end];
            const struct sdf_end *other = &sdf->channels[i].ends[1 - end];

            if (own->pd == index) {
                fprintf(out, "  channel  id %2u: %s, id %u%s%s\n", own->id,
                        sdf->pds[other->pd].name, other->id, own->notify ? ", notifies" : "",
                        own->pp ? ", calls" : "");
            }
        }
    }
}

static void print_schedule(FILE *out, uint32_t priority, uint64_t budget, uint64_t period)
{
    fprintf(out, "  priority %u, budget %lu us of %lu us", priority, (unsigned long)budget,
            (unsigned long)period);
}

static void print_vm(FILE *out, struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    const struct sdf_vm *vm = pd->vm;

    fprintf(out, "# Virtual machine %s of %s\n\n", vm->name, pd->name);
    print_schedule(out, vm->priority, vm->budget, vm->period);
    fprintf(out, "\n");
    for (size_t i = 0; i < vm->vcpu_count; i++) {
        fprintf(out, "  vcpu     id %u, cpu %u\n", vm->vcpus[i].id, vm->vcpus[i].cpu);
    }
    print_mappings(out, build, index, true);
    fprintf(out, "\n");
}

static void print_pd(FILE *out, struct build *build, size_t index)
{
    static const char *const cap_names[] = {
        [SDF_CAP_TCB] = "tcb", [SDF_CAP_SC] = "sc", [SDF_CAP_VSPACE] = "vspace"};
    const struct sdf_pd *pds = build->sdf->pds;
    const struct sdf_pd *pd = &pds[index];

    fprintf(out, "# Protection domain %s\n\n", pd->name);
    fprintf(out, "  program  %s, entry 0x%lx\n", build->programs[index].path,
            (unsigned long)build->programs[index].entry);
    print_schedule(out, pd->priority, pd->budget, pd->period);
    fprintf(out, ", cpu %u%s%s%s\n", pd->cpu, pd->passive ? ", passive" : "",
            pd->smc ? ", smc" : "", pd->fpu ? "" : ", no fpu");
    if (pd->parent != SDF_NONE) {
        fprintf(out, "  parent   %s, child id %u\n", pds[pd->parent].name, pd->id);
    }
    for (size_t i = 0; i < pd->cap_count; i++) {
        fprintf(out, "  cap      slot %2u: %s of %s\n", pd->caps[i].slot,
                cap_names[pd->caps[i].kind], pds[pd->caps[i].pd].name);
    }
    print_channels(out, build, index);
    print_mappings(out, build, index, false);
    fprintf(out, "\n");
}

void report_text(struct build *build, FILE *out)
{
    print_image(out, build);
    print_memory(out, build);
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        print_pd(out, build, i);
        if (build->sdf->pds[i].vm != NULL) {
            print_vm(out, build, i);
        }
    }
}
