/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for programs: docs/system-description.md says what its members mean. */
#include <stdlib.h>
#include <string.h>

#include "tool/microkit/json.h"
#include "tool/microkit/report.h"

static void put_image(struct json *json, const struct build *build)
{
    const struct board *board = build->board;

    json_string(json, "board", build->options->board);
    json_string(json, "config", build->options->config);
    json_open(json, "image", '{');
    json_number(json, "address", build->base);
    json_number(json, "size", build->image_end - build->base);
    json_number(json, "page_tables", build->tables_size);
    json_close(json, '{');
    json_open(json, "ram", '{');
    json_number(json, "start", board->ram_start);
    json_number(json, "needed_end", build->ram_end);
    json_close(json, '{');
}

static void put_memory(struct json *json, struct build *build)
{
    struct report_range *list;
    size_t count = report_memory(build, &list);

    json_open(json, "memory", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "address", list[i].start);
        json_number(json, "size", list[i].size);
        json_string(json, "kind", list[i].kind);
        json_string(json, "of", list[i].owner);
        json_string(json, "what", list[i].what);
        json_close(json, '{');
    }
    json_close(json, '[');
}

static void put_regions(struct json *json, const struct build *build)
{
    json_open(json, "memory_regions", '[');
    for (size_t i = 0; i < build->sdf->region_count; i++) {
        const struct sdf_region *region = &build->sdf->regions[i];

        json_open(json, NULL, '{');
        json_string(json, "name", region->name);
        json_number(json, "size", region->size);
        json_number(json, "page_size", region->page_size);
        json_number(json, "address", build->regions[i].paddr);
        json_bool(json, "fixed", region->has_phys_addr);
        json_bool(json, "device", !layout_is_ram(build, build->regions[i].paddr));
        json_string(json, "prefill", region->prefill_path);
        json_number(json, "prefill_size", region->prefill_size);
        json_close(json, '{');
    }
    json_close(json, '[');
}

static void put_maps(struct json *json, const struct build *build, const struct sdf_map *maps,
                     size_t count)
{
    json_open(json, "maps", '[');
    for (size_t i = 0; i < count; i++) {
        const struct sdf_map *map = &maps[i];
        char perms[4] = {0};
        unsigned int used = 0;

        if ((map->perms & SDF_READ) != 0) {
            perms[used++] = 'r';
        }
        if ((map->perms & SDF_WRITE) != 0) {
            perms[used++] = 'w';
        }
        if ((map->perms & SDF_EXECUTE) != 0) {
            perms[used++] = 'x';
        }
        json_open(json, NULL, '{');
        json_string(json, "memory_region", build->sdf->regions[map->region].name);
        json_number(json, "vaddr", map->vaddr);
        json_number(json, "size", build->sdf->regions[map->region].size);
        json_number(json, "address", build->regions[map->region].paddr);
        json_string(json, "perms", perms);
        json_bool(json, "cached", map->cached);
        json_close(json, '{');
    }
    json_close(json, '[');
}

static void put_schedule(struct json *json, uint32_t priority, uint64_t budget, uint64_t period)
{
    json_number(json, "priority", priority);
    json_number(json, "budget", budget);
    json_number(json, "period", period);
}

static void put_vm(struct json *json, const struct build *build, const struct sdf_vm *vm)
{
    if (vm == NULL) {
        json_string(json, "virtual_machine", NULL);
        return;
    }
    json_open(json, "virtual_machine", '{');
    json_string(json, "name", vm->name);
    put_schedule(json, vm->priority, vm->budget, vm->period);
    json_open(json, "vcpus", '[');
    for (size_t i = 0; i < vm->vcpu_count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "id", vm->vcpus[i].id);
        json_number(json, "cpu", vm->vcpus[i].cpu);
        json_close(json, '{');
    }
    json_close(json, '[');
    put_maps(json, build, vm->maps, vm->map_count);
    json_close(json, '{');
}

static void put_irqs(struct json *json, const struct sdf_pd *pd)
{
    json_open(json, "irqs", '[');
    for (size_t i = 0; i < pd->irq_count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "id", pd->irqs[i].id);
        json_number(json, "intid", pd->irqs[i].intid);
        json_string(json, "trigger", pd->irqs[i].edge ? "edge" : "level");
        json_close(json, '{');
    }
    json_close(json, '[');
}

static void put_rights(struct json *json, const struct sdf *sdf, const struct sdf_pd *pd)
{
    static const char *const kinds[] = {
        [SDF_CAP_TCB] = "tcb", [SDF_CAP_SC] = "sc", [SDF_CAP_VSPACE] = "vspace"};

    json_open(json, "capabilities", '[');
    for (size_t i = 0; i < pd->cap_count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "slot", pd->caps[i].slot);
        json_string(json, "kind", kinds[pd->caps[i].kind]);
        json_string(json, "pd", sdf->pds[pd->caps[i].pd].name);
        json_close(json, '{');
    }
    json_close(json, '[');
    json_open(json, "setvars", '[');
    for (size_t i = 0; i < pd->setvar_count; i++) {
        json_open(json, NULL, '{');
        json_string(json, "symbol", pd->setvars[i].symbol);
        json_string(json, "memory_region", sdf->regions[pd->setvars[i].region].name);
        json_close(json, '{');
    }
    json_close(json, '[');
}

static void put_pd(struct json *json, const struct build *build, size_t index)
{
    const struct sdf_pd *pds = build->sdf->pds;
    const struct sdf_pd *pd = &pds[index];

    json_open(json, NULL, '{');
    json_string(json, "name", pd->name);
    json_string(json, "program", pd->image_path);
    json_string(json, "file", build->programs[index].path);
    json_number(json, "entry", build->programs[index].entry);
    put_schedule(json, pd->priority, pd->budget, pd->period);
    json_bool(json, "passive", pd->passive);
    json_bool(json, "smc", pd->smc);
    json_bool(json, "fpu", pd->fpu);
    json_number(json, "cpu", pd->cpu);
    json_number(json, "stack_size", pd->stack_size);
    json_string(json, "parent", pd->parent != SDF_NONE ? pds[pd->parent].name : NULL);
    if (pd->parent != SDF_NONE) {
        json_number(json, "id", pd->id);
    }
    put_irqs(json, pd);
    put_maps(json, build, pd->maps, pd->map_count);
    put_rights(json, build->sdf, pd);
    put_vm(json, build, pd->vm);
    json_close(json, '{');
}

static void put_channels(struct json *json, const struct sdf *sdf)
{
    json_open(json, "channels", '[');
    for (size_t i = 0; i < sdf->channel_count; i++) {
        json_open(json, NULL, '[');
        for (unsigned int end = 0; end < 2; end++) {
            const struct sdf_end *one = &sdf->channels[i].ends[end];

            json_open(json, NULL, '{');
            json_string(json, "pd", sdf->pds[one->pd].name);
            json_number(json, "id", one->id);
            json_bool(json, "notify", one->notify);
            json_bool(json, "pp", one->pp);
            json_close(json, '{');
        }
        json_close(json, '[');
    }
    json_close(json, '[');
}

/* A line each, as they were printed. */
static void put_warnings(struct json *json, const struct build *build)
{
    char *text = NULL;
    char *line;

    if (build->messages->warning_count != 0 && fflush(build->messages->warnings) == 0) {
        text = arena_printf(build->arena, "%s", *build->warnings);
    }
    json_open(json, "warnings", '[');
    while ((line = strsep(&text, "\n")) != NULL) {
        if (*line != '\0') {
            json_string(json, NULL, line);
        }
    }
    json_close(json, '[');
}

void report_json(struct build *build, FILE *out)
{
    struct json json = {.out = out};

    json_open(&json, NULL, '{');
    put_image(&json, build);
    put_memory(&json, build);
    put_regions(&json, build);
    json_open(&json, "protection_domains", '[');
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        put_pd(&json, build, i);
    }
    json_close(&json, '[');
    put_channels(&json, build->sdf);
    put_warnings(&json, build);
    json_close(&json, '{');
}
