/* SPDX-License-Identifier: BSD-2-Clause */
/* <protection_domain> and what stands in it, but for <virtual_machine>. */
#include <string.h>

#include "tool/sdf/attribute.h"
#include "tool/sdf/read.h"

#define STACK_MIN 0x1000UL
#define STACK_MAX 0x1000000UL
#define MAX_SLOT  63

static const struct read_child no_children[] = {{NULL, NULL}};

static void finish(struct reader *reader, struct xml_element *element)
{
    attribute_finish(reader->messages, element);
    read_children(reader, element, no_children, NULL);
}

static size_t count_pds(const struct xml_element *element)
{
    size_t count = 0;

    for (const struct xml_element *child = element->children; child != NULL; child = child->next) {
        if (strcmp(child->pos.tag, "protection_domain") == 0) {
            count += 1 + count_pds(child);
        }
    }
    return count;
}

/* Depth first, parents before their children. The nesting is bounded by xml.c. */
static void collect(struct reader *reader, struct xml_element *element, size_t parent)
{
    for (struct xml_element *child = element->children; child != NULL; child = child->next) {
        size_t index = reader->sdf->pd_count;
        struct sdf_pd *pd = &reader->sdf->pds[index];

        if (strcmp(child->pos.tag, "protection_domain") != 0) {
            continue;
        }
        pd->pos = child->pos;
        pd->name = attribute_required(reader->messages, child, "name");
        pd->parent = parent;
        reader->pd_elements[index] = child;
        reader->sdf->pd_count++;
        collect(reader, child, index);
    }
}

void read_collect_pds(struct reader *reader, struct xml_element *system)
{
    size_t count = count_pds(system);

    reader->sdf->pds = arena_array(reader->arena, count + 1, sizeof(*reader->sdf->pds));
    reader->pd_elements = arena_array(reader->arena, count + 1, sizeof(*reader->pd_elements));
    reader->pd_is_wrong = arena_array(reader->arena, count + 1, sizeof(*reader->pd_is_wrong));
    collect(reader, system, SDF_NONE);
}

static void read_image(struct reader *reader, struct xml_element *element, void *context)
{
    struct sdf_pd *pd = context;

    if (pd->image_path != NULL) {
        sdf_error(reader->messages, &element->pos, "more than one program_image");
    }
    pd->image_pos = element->pos;
    pd->image_path = attribute_required(reader->messages, element, "path");
    pd->image_path_for_symbols = attribute_text(element, "path_for_symbols");
    finish(reader, element);
}

static unsigned int parse_perms(struct reader *reader, struct xml_element *element)
{
    const char *text = attribute_text(element, "perms");
    unsigned int perms = 0;

    for (const char *at = text == NULL ? "rw" : text; *at != '\0'; at++) {
        unsigned int perm = *at == 'r'   ? SDF_READ
                            : *at == 'w' ? SDF_WRITE
                            : *at == 'x' ? SDF_EXECUTE
                                         : 0;

        if (perm == 0 || (perms & perm) != 0) {
            sdf_error(reader->messages, &element->pos,
                      "perms must be some of 'r', 'w', 'x', not '%s'", text);
            return SDF_READ;
        }
        perms |= perm;
    }
    if (perms == 0) {
        sdf_error(reader->messages, &element->pos, "perms must not be empty");
    } else if (perms == SDF_WRITE) {
        sdf_error(reader->messages, &element->pos, "perms must not be write-only");
    }
    return perms;
}

/* A guest has no program in which symbols could be set. */
static void refuse_setvars(struct reader *reader, struct xml_element *element)
{
    static const char *const names[] = {"setvar_vaddr", "setvar_size", "setvar_prefill_size"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (attribute_text(element, names[i]) != NULL) {
            sdf_error(reader->messages, &element->pos,
                      "attribute '%s' is for maps of protection domains", names[i]);
        }
    }
}

void read_map(struct reader *reader, struct xml_element *element, struct sdf_map *map, bool in_vm)
{
    map->pos = element->pos;
    map->region = read_find_region(reader, element, "mr");
    map->vaddr = attribute_required_number(reader->messages, element, "vaddr");
    map->perms = parse_perms(reader, element);
    map->cached = attribute_bool(reader->messages, element, "cached", true);
    if (in_vm) {
        refuse_setvars(reader, element);
    } else {
        map->setvar_vaddr = attribute_text(element, "setvar_vaddr");
        map->setvar_size = attribute_text(element, "setvar_size");
        map->setvar_prefill_size = attribute_text(element, "setvar_prefill_size");
    }
    finish(reader, element);
    if (map->region != SDF_NONE) {
        reader->sdf->regions[map->region].map_count++;
        if (map->setvar_prefill_size != NULL &&
            reader->sdf->regions[map->region].prefill_path == NULL) {
            sdf_error(reader->messages, &element->pos,
                      "setvar_prefill_size of a region without prefill_path");
        }
    }
}

static void read_pd_map(struct reader *reader, struct xml_element *element, void *context)
{
    struct sdf_pd *pd = context;
    size_t errors = reader->messages->error_count;

    read_map(reader, element, &pd->maps[pd->map_count], false);
    pd->map_count += read_is_fine_since(reader, errors);
}

static bool parse_trigger(struct reader *reader, struct xml_element *element)
{
    const char *text = attribute_text(element, "trigger");

    if (text != NULL && strcmp(text, "edge") != 0 && strcmp(text, "level") != 0) {
        sdf_error(reader->messages, &element->pos, "trigger must be 'level' or 'edge', not '%s'",
                  text);
    }
    return text != NULL && strcmp(text, "edge") == 0;
}

static bool is_x86_irq(struct xml_element *element)
{
    static const char *const names[] = {"ioapic", "pin",    "level",  "polarity",
                                        "vector", "pcidev", "handle", "pci_bus"};
    bool found = false;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        found |= attribute_text(element, names[i]) != NULL;
    }
    return found;
}

static void read_irq(struct reader *reader, struct xml_element *element, void *context)
{
    struct sdf_pd *pd = context;
    struct sdf_irq *irq = &pd->irqs[pd->irq_count];
    size_t errors = reader->messages->error_count;

    if (is_x86_irq(element)) {
        sdf_error(reader->messages, &element->pos,
                  "attributes of x86 only: here it is irq=\"INTID\"");
        return;
    }
    irq->pos = element->pos;
    irq->intid = attribute_id(reader->messages, element, "irq", SDF_MIN_INTID, SDF_MAX_INTID);
    irq->id = attribute_id(reader->messages, element, "id", 0, SDF_MAX_ID);
    irq->edge = parse_trigger(reader, element);
    irq->setvar_id = attribute_text(element, "setvar_id");
    finish(reader, element);
    pd->irq_count += read_is_fine_since(reader, errors);
}

static void read_setvar(struct reader *reader, struct xml_element *element, void *context)
{
    struct sdf_pd *pd = context;
    struct sdf_setvar *setvar = &pd->setvars[pd->setvar_count];
    size_t errors = reader->messages->error_count;

    setvar->pos = element->pos;
    setvar->symbol = attribute_required(reader->messages, element, "symbol");
    setvar->region = read_find_region(reader, element, "region_paddr");
    finish(reader, element);
    pd->setvar_count += read_is_fine_since(reader, errors);
}

static void add_cap(struct reader *reader, struct xml_element *element, struct sdf_pd *pd,
                    enum sdf_cap_kind kind)
{
    struct sdf_cap *cap = &pd->caps[pd->cap_count];
    size_t errors = reader->messages->error_count;

    cap->pos = element->pos;
    cap->kind = kind;
    cap->slot = attribute_id(reader->messages, element, "slot", 1, MAX_SLOT);
    cap->pd = read_find_pd(reader, element, "pd");
    finish(reader, element);
    pd->cap_count += read_is_fine_since(reader, errors);
}

static void read_cap_tcb(struct reader *reader, struct xml_element *element, void *context)
{
    add_cap(reader, element, context, SDF_CAP_TCB);
}

static void read_cap_sc(struct reader *reader, struct xml_element *element, void *context)
{
    add_cap(reader, element, context, SDF_CAP_SC);
}

static void read_cap_vspace(struct reader *reader, struct xml_element *element, void *context)
{
    add_cap(reader, element, context, SDF_CAP_VSPACE);
}

static size_t count_all(const struct xml_element *element)
{
    size_t count = 0;

    for (const struct xml_element *child = element->children; child != NULL; child = child->next) {
        count++;
    }
    return count;
}

static void read_cspace(struct reader *reader, struct xml_element *element, void *context)
{
    static const struct read_child caps[] = {
        {"cap_tcb", read_cap_tcb},
        {"cap_sc", read_cap_sc},
        {"cap_vspace", read_cap_vspace},
        {NULL, NULL},
    };
    struct sdf_pd *pd = context;

    if (pd->caps != NULL) {
        sdf_error(reader->messages, &element->pos, "more than one cspace");
        return;
    }
    pd->caps = arena_array(reader->arena, count_all(element) + 1, sizeof(*pd->caps));
    attribute_finish(reader->messages, element);
    read_children(reader, element, caps, pd);
}

static void read_pd_vm(struct reader *reader, struct xml_element *element, void *context)
{
    read_vm(reader, element, context);
}

static void refuse_x86(struct reader *reader, struct xml_element *element, void *context)
{
    (void)context;
    sdf_error(reader->messages, &element->pos, "x86 only, and so refused here");
}

static const struct read_child pd_children[] = {
    {"program_image", read_image},
    {"map", read_pd_map},
    {"irq", read_irq},
    {"setvar", read_setvar},
    {"cspace", read_cspace},
    {"virtual_machine", read_pd_vm},
    {"protection_domain", NULL},
    {"ioport", refuse_x86},
    {"io_address_space", refuse_x86},
    {NULL, NULL},
};

static void read_identity(struct reader *reader, struct xml_element *element, struct sdf_pd *pd)
{
    if (pd->parent == SDF_NONE) {
        if (attribute_text(element, "id") != NULL) {
            sdf_error(reader->messages, &element->pos, "a root protection domain has no id");
        }
        if (attribute_text(element, "setvar_id") != NULL) {
            sdf_error(reader->messages, &element->pos, "a root protection domain has no setvar_id");
        }
        return;
    }
    pd->id = attribute_id(reader->messages, element, "id", 0, SDF_MAX_ID);
    pd->setvar_id = attribute_text(element, "setvar_id");
}

static void read_stack(struct reader *reader, struct xml_element *element, struct sdf_pd *pd)
{
    pd->stack_size = attribute_number(reader->messages, element, "stack_size", 0x2000);
    if (pd->stack_size < STACK_MIN || pd->stack_size > STACK_MAX ||
        pd->stack_size % STACK_MIN != 0) {
        sdf_error(reader->messages, &element->pos,
                  "stack_size must be a multiple of 0x1000 between 0x1000 and 0x1000000");
        pd->stack_size = STACK_MIN;
    }
}

void read_pd(struct reader *reader, size_t index)
{
    struct xml_element *element = reader->pd_elements[index];
    struct sdf_pd *pd = &reader->sdf->pds[index];
    size_t errors = reader->messages->error_count;

    read_identity(reader, element, pd);
    read_schedule(reader, element, &pd->priority, &pd->budget, &pd->period);
    pd->passive = attribute_bool(reader->messages, element, "passive", false);
    pd->smc = attribute_bool(reader->messages, element, "smc", false);
    pd->fpu = attribute_bool(reader->messages, element, "fpu", true);
    pd->cpu = read_cpu(reader, element, 0);
    read_stack(reader, element, pd);
    if (attribute_text(element, "domain") != NULL) {
        sdf_error(reader->messages, &element->pos, "scheduling domains are not supported");
    }
    attribute_finish(reader->messages, element);
    reader->pd_is_wrong[index] = !read_is_fine_since(reader, errors);

    pd->maps = arena_array(reader->arena, read_count(element, "map") + 1, sizeof(*pd->maps));
    pd->irqs = arena_array(reader->arena, read_count(element, "irq") + 1, sizeof(*pd->irqs));
    pd->setvars =
        arena_array(reader->arena, read_count(element, "setvar") + 1, sizeof(*pd->setvars));
    read_children(reader, element, pd_children, pd);
    if (pd->image_path == NULL) {
        sdf_error(reader->messages, &element->pos, "missing program_image");
    }
}
