/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as a picture, for Graphviz: protection domains with their children and virtual
 * machines inside them, memory regions and who maps them how, channels, interrupts.
 */
#include "tool/microkit/report.h"

#define PD_COLOUR "#2f6db3"
#define VM_COLOUR "#b8741a"

/*
 * A character of a name in a quoted string. Graphviz takes &name; for a character, in identifiers
 * and labels alike, and in labels a backslash for an escape; in identifiers a pair of backslashes
 * stays a pair. Control characters, which SVG must not have, become their pictures (U+2400 on).
 */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '&') {
            fputs("&amp;", out);
        } else if (byte < ' ') {
            fprintf(out, "\xe2\x90%c", 0x80 + byte);
        } else if (byte == '"' || byte == '\\') {
            fprintf(out, "\\%c", byte);
        } else {
            fputc(byte, out);
        }
    }
}

/* A node's identifier, which is its title in the picture. */
static void put_node(FILE *out, const char *prefix, const char *name)
{
    fprintf(out, "\"%s ", prefix);
    put_text(out, name);
    fputc('"', out);
}

static void put_edge(FILE *out, const char *prefix, const char *name, const char *to_prefix,
                     const char *to)
{
    put_node(out, prefix, name);
    fputs(" -> ", out);
    put_node(out, to_prefix, to);
}

static void put_schedule(FILE *out, uint32_t priority, uint64_t budget, uint64_t period)
{
    fprintf(out, "\\npriority %u", priority);
    if (budget != period) {
        fprintf(out, "\\n%lu of %lu µs", (unsigned long)budget, (unsigned long)period);
    }
}

static void put_vm(FILE *out, const struct sdf_vm *vm)
{
    put_node(out, "vm", vm->name);
    fputs(" [shape=box, style=\"rounded,filled\", fillcolor=\"#fde9c9\", label=\"VM ", out);
    put_text(out, vm->name);
    put_schedule(out, vm->priority, vm->budget, vm->period);
    for (size_t i = 0; i < vm->vcpu_count; i++) {
        fprintf(out, "\\nvCPU %u, cpu %u", vm->vcpus[i].id, vm->vcpus[i].cpu);
    }
    fputs("\"];\n", out);
}

static void put_pd_node(FILE *out, const struct sdf_pd *pd)
{
    put_node(out, "pd", pd->name);
    fputs(" [shape=box, style=filled, fillcolor=\"#d7e6f5\", label=\"", out);
    put_text(out, pd->name);
    fputs("\\n", out);
    put_text(out, pd->image_path);
    put_schedule(out, pd->priority, pd->budget, pd->period);
    fprintf(out, "\\ncpu %u%s%s%s", pd->cpu, pd->passive ? ", passive" : "", pd->smc ? ", smc" : "",
            pd->fpu ? "" : ", no fpu");
    if (pd->parent != SDF_NONE) {
        fprintf(out, "\\nchild %u", pd->id);
    }
    fputs("\"];\n", out);
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
        fputs("subgraph ", out);
        put_node(out, "cluster", pd->name);
        fputs(" {\nstyle=\"rounded,dashed\"; labeljust=l; label=\"", out);
        put_text(out, pd->name);
        fputs("\";\n", out);
    }
    put_pd_node(out, pd);
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
    char size[REPORT_SIZE_TEXT];

    put_node(out, "mr", region->name);
    fprintf(out, " [shape=%s, style=filled, fillcolor=\"%s\", label=\"",
            is_ram ? "note" : "component", is_ram ? "#eeeeee" : "#e3f1dc");
    put_text(out, region->name);
    fprintf(out, "\\n%s", report_size(region->size, size));
    if (region->has_phys_addr) {
        fprintf(out, " at 0x%lx", (unsigned long)region->phys_addr);
    }
    if (region->prefill_path != NULL) {
        fputs("\\n", out);
        put_text(out, region->prefill_path);
    }
    fputs("\"];\n", out);
}

/* Dashed: not cached. */
static void put_maps(FILE *out, const struct sdf *sdf, const char *prefix, const char *name,
                     const char *colour, const struct sdf_map *maps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sdf_map *map = &maps[i];

        put_edge(out, prefix, name, "mr", sdf->regions[map->region].name);
        fprintf(out, " [dir=none, color=\"%s\", fontcolor=\"%s\"%s, label=\"%s%s%s%s\\n0x%lx\"];\n",
                colour, colour, map->cached ? "" : ", style=dashed",
                (map->perms & SDF_READ) != 0 ? "r" : "", (map->perms & SDF_WRITE) != 0 ? "w" : "",
                (map->perms & SDF_EXECUTE) != 0 ? "x" : "", map->cached ? "" : " uncached",
                (unsigned long)map->vaddr);
    }
}

static void put_irqs(FILE *out, const struct sdf_pd *pd)
{
    for (size_t i = 0; i < pd->irq_count; i++) {
        const struct sdf_irq *irq = &pd->irqs[i];

        fprintf(out, "\"irq %u\" [shape=cds, label=\"INTID %u\\n%s\"];\n\"irq %u\" -> ", irq->intid,
                irq->intid, irq->edge ? "edge" : "level", irq->intid);
        put_node(out, "pd", pd->name);
        fprintf(out, " [label=\"%u\"];\n", irq->id);
    }
}

/* What a program knows or may do besides: addresses of regions, capabilities. */
static void put_others(FILE *out, const struct sdf *sdf, const struct sdf_pd *pd)
{
    static const char *const names[] = {
        [SDF_CAP_TCB] = "tcb", [SDF_CAP_SC] = "sc", [SDF_CAP_VSPACE] = "vspace"};

    for (size_t i = 0; i < pd->setvar_count; i++) {
        put_edge(out, "pd", pd->name, "mr", sdf->regions[pd->setvars[i].region].name);
        fputs(" [style=dotted, dir=none, label=\"knows\\nits address\"];\n", out);
    }
    for (size_t i = 0; i < pd->cap_count; i++) {
        put_edge(out, "pd", pd->name, "pd", sdf->pds[pd->caps[i].pd].name);
        fprintf(out, " [style=dotted, label=\"%s, slot %u\"];\n", names[pd->caps[i].kind],
                pd->caps[i].slot);
    }
}

/* An open arrow points to who can be signalled, a filled one to who can be called. The ids are at
 * the ends. */
static void put_channel(FILE *out, const struct sdf *sdf, const struct sdf_channel *channel)
{
    const struct sdf_end *from = &channel->ends[channel->ends[1].pp ? 1 : 0];
    const struct sdf_end *to = &channel->ends[channel->ends[1].pp ? 0 : 1];

    put_edge(out, "pd", sdf->pds[from->pd].name, "pd", sdf->pds[to->pd].name);
    fprintf(out,
            " [dir=both, arrowtail=%s, arrowhead=%s%s, labeldistance=1.5, minlen=2, "
            "taillabel=\"%u\", headlabel=\"%u\"%s];\n",
            to->notify ? "vee" : "none", from->pp ? "normal" : "",
            from->notify ? "vee"
            : from->pp   ? ""
                         : "none",
            from->id, to->id, from->pp ? ", penwidth=2, label=\"calls\"" : "");
}

static void put_edges_of(FILE *out, const struct sdf *sdf, const struct sdf_pd *pd)
{
    const struct sdf_vm *vm = pd->vm;

    put_maps(out, sdf, "pd", pd->name, PD_COLOUR, pd->maps, pd->map_count);
    if (vm != NULL) {
        put_maps(out, sdf, "vm", vm->name, VM_COLOUR, vm->maps, vm->map_count);
    }
    put_irqs(out, pd);
    put_others(out, sdf, pd);
}

void report_dot(struct build *build, FILE *out)
{
    const struct sdf *sdf = build->sdf;

    fputs("digraph system {\nrankdir=LR; ranksep=0.7; fontname=\"sans-serif\"; fontsize=9;\n"
          "node [fontname=\"sans-serif\", fontsize=11];\n"
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
        put_edges_of(out, sdf, &sdf->pds[i]);
    }
    for (size_t i = 0; i < sdf->channel_count; i++) {
        put_channel(out, sdf, &sdf->channels[i]);
    }
    fputs("}\n", out);
}
