/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report, for people: what lies where, and of each program who it is, what it may do and what
 * it sees. Two lines are for scripts: "RAM needed: …" and "machine-ram-end: 0x…".
 */
#include <stdio.h>
#include <stdlib.h>

#include "tool/microkit/report.h"

#define MAX_ENTRIES_PER_PD (2 * PROGRAM_MAX_SEGMENTS + 2)

struct entries {
    struct report_range *list;
    size_t count;
    const char *kind; /* of those that are added */
};

static void add(struct entries *entries, uint64_t start, uint64_t size, const char *owner,
                const char *what)
{
    if (size != 0) {
        entries->list[entries->count++] =
            (struct report_range){start, size, entries->kind, owner, what};
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
    const struct report_range *first = a;
    const struct report_range *second = b;

    return first->start < second->start ? -1 : first->start > second->start;
}

size_t report_memory(struct build *build, struct report_range **list)
{
    const struct sdf *sdf = build->sdf;
    uint64_t base = build->base;
    size_t limit = 3 + sdf->pd_count * MAX_ENTRIES_PER_PD + 2 * sdf->region_count;
    struct entries entries = {.list = arena_array(build->arena, limit, sizeof(struct report_range)),
                              .kind = "kernel"};

    add(&entries, base, build->header - base, "(kernel)", "text and data");
    add(&entries, build->header, page_up(tables_header_size(build)), "(kernel)", "image header");
    add(&entries, build->tables, build->tables_size, "(kernel)", "page tables");
    entries.kind = "protection_domain";
    for (size_t i = 0; i < sdf->pd_count; i++) {
        add_pd(&entries, build, i);
    }
    entries.kind = "memory_region";
    for (size_t i = 0; i < sdf->region_count; i++) {
        add_region(&entries, build, i);
    }
    qsort(entries.list, entries.count, sizeof(entries.list[0]), by_start);
    *list = entries.list;
    return entries.count;
}

static void print_memory(FILE *out, struct build *build)
{
    struct report_range *list;
    size_t count = report_memory(build, &list);
    char size[REPORT_SIZE_TEXT];

    fprintf(out, "# Memory\n\n  %-28s %10s  %-24s %s\n", "physical address", "size", "of", "what");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "  0x%010lx..0x%010lx   %10s  %-24s %s\n", (unsigned long)list[i].start,
                (unsigned long)(list[i].start + list[i].size), report_size(list[i].size, size),
                list[i].owner, list[i].what);
    }
    fprintf(out, "\n");
}

static void print_map(FILE *out, const char *who, const struct sdf_map *maps, size_t count,
                      size_t region)
{
    for (size_t i = 0; i < count; i++) {
        if (maps[i].region == region) {
            fprintf(out, "    %-24s %c%c%c at 0x%lx%s\n", who,
                    (maps[i].perms & SDF_READ) != 0 ? 'r' : '-',
                    (maps[i].perms & SDF_WRITE) != 0 ? 'w' : '-',
                    (maps[i].perms & SDF_EXECUTE) != 0 ? 'x' : '-', (unsigned long)maps[i].vaddr,
                    maps[i].cached ? "" : ", not cached");
        }
    }
}

/* Each region with all who see it: what is shared, and with whom. */
static void print_region(FILE *out, const struct build *build, size_t index)
{
    const struct sdf *sdf = build->sdf;
    const struct sdf_region *region = &sdf->regions[index];
    char size[REPORT_SIZE_TEXT];

    fprintf(out, "  %s: %s at 0x%lx%s%s%s\n", region->name, report_size(region->size, size),
            (unsigned long)build->regions[index].paddr,
            region->has_phys_addr ? ", as described" : ", chosen",
            region->prefill_path != NULL ? ", filled from " : "",
            region->prefill_path != NULL ? region->prefill_path : "");
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        print_map(out, pd->name, pd->maps, pd->map_count, index);
        if (pd->vm != NULL) {
            print_map(out, pd->vm->name, pd->vm->maps, pd->vm->map_count, index);
        }
        for (size_t j = 0; j < pd->setvar_count; j++) {
            if (pd->setvars[j].region == index) {
                fprintf(out, "    %-24s knows its address (%s)\n", pd->name, pd->setvars[j].symbol);
            }
        }
    }
}

static void print_regions(FILE *out, const struct build *build)
{
    fprintf(out, "# Memory regions, and who maps them\n\n");
    for (size_t i = 0; i < build->sdf->region_count; i++) {
        print_region(out, build, i);
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
    char size[REPORT_SIZE_TEXT];

    for (size_t i = 0; i < count; i++) {
        fprintf(out, "  map      0x%010lx %10s -> 0x%010lx  %c%c%c %s%s\n",
                (unsigned long)list[i].ipa, report_size(list[i].size, size),
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
                fprintf(out, "  channel  id %2u: %s, id %u%s%s%s%s\n", own->id,
                        sdf->pds[other->pd].name, other->id, own->notify ? ", notifies" : "",
                        own->pp ? ", calls" : "", other->notify ? ", is notified" : "",
                        other->pp ? ", is called" : "");
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

static uint64_t program_size(const struct program *program)
{
    uint64_t size = 0;

    for (unsigned int i = 0; i < program->segment_count; i++) {
        size += program->segments[i].memory_size;
    }
    return size;
}

/* One line each for a PD, its VM and its children. */
static void print_tree(FILE *out, const struct build *build, size_t index, unsigned int depth)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];
    const struct program *program = &build->programs[index];
    int width = depth < 12 ? 24 - 2 * (int)depth : 0;
    char stack[REPORT_SIZE_TEXT];
    char size[REPORT_SIZE_TEXT];

    fprintf(out, "  %*s%-*s %8u %8lu/%-8lu %3u  %8s  %10s  %s\n", 2 * (int)depth, "", width,
            pd->name, pd->priority, (unsigned long)pd->budget, (unsigned long)pd->period, pd->cpu,
            report_size(pd->stack_size, stack), report_size(program_size(program), size),
            pd->image_path);
    if (pd->vm != NULL) {
        fprintf(out, "  %*s%-*s %8u %8lu/%-8lu %3u  %8s  %10s  (VM, %zu vCPU%s)\n",
                2 * (int)depth + 2, "", width - 2 > 0 ? width - 2 : 0, pd->vm->name,
                pd->vm->priority, (unsigned long)pd->vm->budget, (unsigned long)pd->vm->period,
                pd->vm->vcpus[0].cpu, "-", "-", pd->vm->vcpu_count,
                pd->vm->vcpu_count == 1 ? "" : "s");
    }
    for (size_t i = index + 1; i < build->sdf->pd_count; i++) {
        if (build->sdf->pds[i].parent == index) {
            print_tree(out, build, i, depth + 1);
        }
    }
}

static void print_programs(FILE *out, const struct build *build)
{
    fprintf(out, "# Programs\n\n  %-24s %8s %17s %3s  %8s  %10s  %s\n", "protection domain",
            "priority", "budget/period us", "cpu", "stack", "memory", "program");
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        if (build->sdf->pds[i].parent == SDF_NONE) {
            print_tree(out, build, i, 0);
        }
    }
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

const char *report_size(uint64_t size, char text[REPORT_SIZE_TEXT])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    unsigned int unit = 0;

    while (unit < 4 && size >> (10 * unit) >= 1024) {
        unit++;
    }
    if (size % (1UL << (10 * unit)) == 0) {
        (void)snprintf(text, REPORT_SIZE_TEXT, "%lu %s", (unsigned long)size >> (10 * unit),
                       units[unit]);
    } else {
        (void)snprintf(text, REPORT_SIZE_TEXT, "%.1f %s",
                       (double)size / (double)(1UL << (10 * unit)), units[unit]);
    }
    return text;
}

static void print_warnings(FILE *out, const struct build *build)
{
    if (build->messages->warning_count != 0 && fflush(build->messages->warnings) == 0) {
        fprintf(out, "# Warnings\n\n%s\n", *build->warnings);
    }
}

void report_text(struct build *build, FILE *out)
{
    print_image(out, build);
    print_warnings(out, build);
    print_programs(out, build);
    print_memory(out, build);
    print_regions(out, build);
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        print_pd(out, build, i);
        if (build->sdf->pds[i].vm != NULL) {
            print_vm(out, build, i);
        }
    }
}
