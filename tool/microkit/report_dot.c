/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as a picture, for Graphviz: protection domains with their children and virtual
 * machines inside them, memory regions and who maps them how, channels, interrupts.
 */
#include "tool/microkit/build.h"

/* A node's identifier. In those, unlike in labels, a backslash escapes nothing but a quote. */
static void put_quoted(FILE *out, const char *prefix, const char *name)
{
    fprintf(out, "\"%s", prefix);
    for (; *name != '\0'; name++) {
        if (*name == '"') {
            fputc('\\', out);
        }
        fputc((unsigned char)*name < ' ' || *name == '\\' ? '?' : *name, out);
    }
    fputc('"', out);
}

static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', out);
        }
        fputc((unsigned char)*text < ' ' ? '?' : *text, out);
    }
}

static void put_size(FILE *out, uint64_t size)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
    unsigned int unit = 0;

    while (unit < 3 && size >= 1024 && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    fprintf(out, "%lu %s", (unsigned long)size, units[unit]);
}

static void put_vm(FILE *out, const struct sdf_vm *vm)
{
    put_quoted(out, "vm ", vm->name);
    fprintf(out, " [shape=box, style=\"rounded,filled\", fillcolor=\"#fde9c9\", label=\"VM ");
    put_text(out, vm->name);
    fprintf(out, "\\npriority %u, %zu vCPU%s\"];\n", vm->priority, vm->vcpu_count,
            vm->vcpu_count == 1 ? "" : "s");
}

/* A PD, and what belongs to it, in a frame if there is something. */
static void put_pd(FILE *out, const struct sdf *sdf, size_t index)
{
    const struct sdf_pd *pd = &sdf->pds[index];
    bool has_frame = pd->vm != NULL;

    for (size_t i = 0; i < sdf->pd_count; i++) {
        has_frame = has_frame || sdf->pds[i].parent == index;
    }
    if (has_frame) {
        fprintf(out, "subgraph cluster_%zu {\nstyle=\"rounded,dashed\";\n", index);
    }
    put_quoted(out, "pd ", pd->name);
    fprintf(out, " [shape=box, style=filled, fillcolor=\"#d7e6f5\", label=\"");
    put_text(out, pd->name);
    fprintf(out, "\\npriority %u%s%s\"];\n", pd->priority, pd->passive ? ", passive" : "",
            pd->smc ? ", smc" : "");
    if (pd->vm != NULL) {
        put_vm(out, pd->vm);
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].parent == index) {
            put_pd(out, sdf, i);
        }
    }
    fputs(has_frame ? "}\n" : "", out);
}

static void put_region(FILE *out, const struct build *build, size_t index)
{
    const struct sdf_region *region = &build->sdf->regions[index];
    bool is_ram = layout_is_ram(build, build->regions[index].paddr);

    put_quoted(out, "mr ", region->name);
    fprintf(out, " [shape=%s, style=filled, fillcolor=\"%s\", label=\"",
            is_ram ? "note" : "component", is_ram ? "#eeeeee" : "#e3f1dc");
    put_text(out, region->name);
    fputs("\\n", out);
    put_size(out, region->size);
    if (region->has_phys_addr) {
        fprintf(out, " at 0x%lx", (unsigned long)region->phys_addr);
    }
    if (region->prefill_path != NULL) {
        fputs("\\n", out);
        put_text(out, region->prefill_path);
    }
    fputs("\"];\n", out);
}

static void put_maps(FILE *out, const struct sdf *sdf, const char *prefix, const char *name,
                     const struct sdf_map *maps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sdf_map *map = &maps[i];

        put_quoted(out, prefix, name);
        fputs(" -> ", out);
        put_quoted(out, "mr ", sdf->regions[map->region].name);
        fprintf(out, " [dir=none, style=dotted, label=\"%s%s%s%s\"];\n",
                (map->perms & SDF_READ) != 0 ? "r" : "", (map->perms & SDF_WRITE) != 0 ? "w" : "",
                (map->perms & SDF_EXECUTE) != 0 ? "x" : "", map->cached ? "" : ", device");
    }
}

static void put_irqs(FILE *out, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->irq_count; i++) {
        fprintf(out, "\"irq %u\" [shape=cds, label=\"INTID %u\\n%s\"];\n\"irq %u\" -> ",
                pd->irqs[i].intid, pd->irqs[i].intid, pd->irqs[i].edge ? "edge" : "level",
                pd->irqs[i].intid);
        put_quoted(out, "pd ", pd->name);
        fprintf(out, " [label=\"%u\"];\n", pd->irqs[i].id);
    }
}

/* Signals are arrows; a filled one is for who makes protected calls. */
static void put_channel(FILE *out, const struct sdf *sdf, const struct sdf_channel *channel)
{
    const struct sdf_end *from = &channel->ends[channel->ends[1].pp ? 1 : 0];
    const struct sdf_end *to = &channel->ends[channel->ends[1].pp ? 0 : 1];

    put_quoted(out, "pd ", sdf->pds[from->pd].name);
    fputs(" -> ", out);
    put_quoted(out, "pd ", sdf->pds[to->pd].name);
    fprintf(out, " [dir=both, arrowtail=%s, arrowhead=%s, taillabel=\"%u\", headlabel=\"%u\"%s];\n",
            to->notify ? "vee" : "none",
            from->pp       ? "normal"
            : from->notify ? "vee"
                           : "none",
            from->id, to->id, from->pp ? ", style=bold, label=\"calls\"" : "");
}

void report_dot(struct build *build, FILE *out)
{
    const struct sdf *sdf = build->sdf;

    fputs("digraph system {\nrankdir=LR;\nnode [fontname=\"sans-serif\", fontsize=11];\n"
          "edge [fontname=\"sans-serif\", fontsize=9];\n",
          out);
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].parent == SDF_NONE) {
            put_pd(out, sdf, i);
        }
    }
    for (size_t i = 0; i < sdf->region_count; i++) {
        put_region(out, build, i);
    }
    for (size_t i = 0; i < sdf->pd_count; i++) {
        const struct sdf_pd *pd = &sdf->pds[i];

        put_maps(out, sdf, "pd ", pd->name, pd->maps, pd->map_count);
        if (pd->vm != NULL) {
            put_maps(out, sdf, "vm ", pd->vm->name, pd->vm->maps, pd->vm->map_count);
        }
        put_irqs(out, pd);
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        put_channel(out, sdf, &sdf->channels[i]);
    }
    fputs("}\n", out);
}
