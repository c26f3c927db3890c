/* SPDX-License-Identifier: BSD-2-Clause */
/* The report, for people, and one line for scripts: "machine-ram-end: 0x…". */
#include <stdio.h>
#include <stdlib.h>

#include "tool/microkit/build.h"

static void print_memory(FILE *out, const struct build *build)
{
    const struct sdf *sdf = build->sdf;
    uint64_t base = build->board->load_address;

    fprintf(out, "# Memory\n\n");
    fprintf(out, "image:        0x%010lx..0x%010lx  %lu KiB stored\n", (unsigned long)base,
            (unsigned long)build->image_end, (unsigned long)(build->image_end - base) / 1024);
    fprintf(out, "page tables:  0x%010lx..0x%010lx\n", (unsigned long)build->tables,
            (unsigned long)(build->tables + build->tables_size));
    fprintf(out, "machine-ram-end: 0x%lx\n\n", (unsigned long)build->ram_end);
    for (size_t i = 0; i < sdf->region_count; i++) {
        const struct sdf_region *region = &sdf->regions[i];
        uint64_t start = build->regions[i].paddr;

        fprintf(out, "region %-20s 0x%010lx..0x%010lx  pages 0x%lx%s%s%s\n", region->name,
                (unsigned long)start, (unsigned long)(start + region->size),
                (unsigned long)region->page_size, layout_is_ram(build, start) ? "" : "  device",
                region->prefill_path != NULL ? "  contents " : "",
                region->prefill_path != NULL ? region->prefill_path : "");
    }
    fprintf(out, "\n");
}

static void print_mappings(FILE *out, struct build *build, size_t pd, bool vm)
{
    size_t limit = tables_mapping_limit(build, pd, vm);
    struct image_mapping *list = arena_array(build->arena, limit + 1, sizeof(*list));
    size_t count = tables_mappings(build, pd, vm, list);

    for (size_t i = 0; i < count; i++) {
        fprintf(out, "  map      0x%010lx..0x%010lx -> 0x%010lx  %c%c%c%s\n",
                (unsigned long)list[i].ipa, (unsigned long)(list[i].ipa + list[i].size),
                (unsigned long)list[i].paddr, (list[i].flags & IMAGE_MAP_READ) != 0 ? 'r' : '-',
                (list[i].flags & IMAGE_MAP_WRITE) != 0 ? 'w' : '-',
                (list[i].flags & IMAGE_MAP_EXECUTE) != 0 ? 'x' : '-',
                (list[i].flags & IMAGE_MAP_DEVICE) != 0 ? "  device" : "");
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

static void print_pd(FILE *out, struct build *build, size_t index)
{
    const struct sdf_pd *pd = &build->sdf->pds[index];

    fprintf(out, "# Protection domain %s\n\n", pd->name);
    fprintf(out, "  program  %s, entry 0x%lx\n", build->programs[index].path,
            (unsigned long)build->programs[index].entry);
    fprintf(out, "  priority %u, budget %lu us of %lu us, cpu %u%s%s%s\n", pd->priority,
            (unsigned long)pd->budget, (unsigned long)pd->period, pd->cpu,
            pd->passive ? ", passive" : "", pd->smc ? ", smc" : "", pd->fpu ? "" : ", no fpu");
    if (pd->parent != SDF_NONE) {
        fprintf(out, "  parent   %s, child id %u\n", build->sdf->pds[pd->parent].name, pd->id);
    }
    print_channels(out, build, index);
    print_mappings(out, build, index, false);
    fprintf(out, "\n");
    if (pd->vm == NULL) {
        return;
    }
    fprintf(out, "# Virtual machine %s of %s\n\n", pd->vm->name, pd->name);
    fprintf(out, "  priority %u, budget %lu us of %lu us\n", pd->vm->priority,
            (unsigned long)pd->vm->budget, (unsigned long)pd->vm->period);
    for (size_t i = 0; i < pd->vm->vcpu_count; i++) {
        fprintf(out, "  vcpu     id %u, cpu %u\n", pd->vm->vcpus[i].id, pd->vm->vcpus[i].cpu);
    }
    print_mappings(out, build, index, true);
    fprintf(out, "\n");
}

const char *report_text(struct build *build)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const char *kept;

    if (out == NULL) {
        return NULL;
    }
    print_memory(out, build);
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        print_pd(out, build, i);
    }
    kept = fclose(out) == 0 ? arena_printf(build->arena, "%s", text) : NULL;
    free(text);
    return kept;
}
