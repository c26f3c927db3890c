/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a description: sdf_load(), and what the readers of its elements share. */
#include "tool/sdf/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/sdf/attribute.h"
#include "tool/sdf/nearest.h"

static const struct read_child *find_child(const struct read_child *table, const char *tag)
{
    for (; table->tag != NULL; table++) {
        if (strcmp(table->tag, tag) == 0) {
            return table;
        }
    }
    return NULL;
}

void read_children(struct reader *reader, struct xml_element *element,
                   const struct read_child *table, void *context)
{
    for (struct xml_element *child = element->children; child != NULL; child = child->next) {
        const struct read_child *entry = find_child(table, child->pos.tag);

        if (entry == NULL) {
            struct nearest nearest = {.word = child->pos.tag};

            for (const struct read_child *known = table; known->tag != NULL; known++) {
                nearest_try(&nearest, known->tag);
            }
            sdf_error(reader->messages, &child->pos,
                      "unexpected element inside '%s'" NEAREST_FORMAT, element->pos.tag,
                      NEAREST_ARGUMENTS(nearest));
        } else if (entry->read != NULL) {
            entry->read(reader, child, context);
        }
    }
}

size_t read_count(const struct xml_element *element, const char *tag)
{
    size_t count = 0;

    for (const struct xml_element *child = element->children; child != NULL; child = child->next) {
        count += strcmp(child->pos.tag, tag) == 0;
    }
    return count;
}

bool read_is_fine_since(const struct reader *reader, size_t errors)
{
    return reader->messages->error_count == errors;
}

size_t read_find_region(struct reader *reader, struct xml_element *element, const char *attribute)
{
    const char *name = attribute_required(reader->messages, element, attribute);
    struct nearest nearest = {.word = name};

    for (size_t i = 0; i < reader->sdf->region_count; i++) {
        nearest_try(&nearest, reader->sdf->regions[i].name);
        if (strcmp(reader->sdf->regions[i].name, name) == 0) {
            return i;
        }
    }
    if (*name != '\0') {
        sdf_error(reader->messages, &element->pos, "unknown memory region '%s'" NEAREST_FORMAT,
                  name, NEAREST_ARGUMENTS(nearest));
    }
    return SDF_NONE;
}

size_t read_find_pd(struct reader *reader, struct xml_element *element, const char *attribute)
{
    const char *name = attribute_required(reader->messages, element, attribute);
    struct nearest nearest = {.word = name};

    for (size_t i = 0; i < reader->sdf->pd_count; i++) {
        nearest_try(&nearest, reader->sdf->pds[i].name);
        if (strcmp(reader->sdf->pds[i].name, name) == 0) {
            return i;
        }
    }
    if (*name != '\0') {
        sdf_error(reader->messages, &element->pos, "unknown protection domain '%s'" NEAREST_FORMAT,
                  name, NEAREST_ARGUMENTS(nearest));
    }
    return SDF_NONE;
}

void read_schedule(struct reader *reader, struct xml_element *element, uint32_t *priority,
                   uint64_t *budget, uint64_t *period)
{
    uint64_t value = attribute_number(reader->messages, element, "priority", 0);

    if (value > SDF_MAX_PRIORITY) {
        sdf_error(reader->messages, &element->pos, "priority must be between 0 and %d, not %lu",
                  SDF_MAX_PRIORITY, (unsigned long)value);
        value = 0;
    }
    *priority = (uint32_t)value;
    *budget = attribute_number(reader->messages, element, "budget", 1000);
    *period = attribute_number(reader->messages, element, "period", *budget);
    if (*budget == 0) {
        sdf_error(reader->messages, &element->pos, "budget must not be zero");
    } else if (*period < *budget) {
        sdf_error(reader->messages, &element->pos, "budget (%lu) must not exceed period (%lu)",
                  (unsigned long)*budget, (unsigned long)*period);
    }
}

uint32_t read_cpu(struct reader *reader, struct xml_element *element, uint32_t cpu_if_absent)
{
    uint64_t value = attribute_number(reader->messages, element, "cpu", cpu_if_absent);

    if (value >= reader->options->cpu_count) {
        sdf_error(reader->messages, &element->pos,
                  "cpu must be below %u, the number of cores, not %lu", reader->options->cpu_count,
                  (unsigned long)value);
        return 0;
    }
    return (uint32_t)value;
}

static void refuse_domains(struct reader *reader, struct xml_element *element, void *context)
{
    (void)context;
    sdf_error(reader->messages, &element->pos, "scheduling domains are not supported");
}

static void refuse_x86(struct reader *reader, struct xml_element *element, void *context)
{
    (void)context;
    sdf_error(reader->messages, &element->pos, "x86 only, and so refused here");
}

static const struct read_child system_children[] = {
    {"memory_region", NULL},     {"protection_domain", NULL},      {"channel", NULL},
    {"domains", refuse_domains}, {"io_address_space", refuse_x86}, {NULL, NULL},
};

static void read_system(struct reader *reader, struct xml_element *system)
{
    if (strcmp(system->pos.tag, "system") != 0) {
        sdf_error(reader->messages, &system->pos, "the root element must be 'system'");
        return;
    }
    reader->root = system;
    attribute_finish(reader->messages, system);
    read_children(reader, system, system_children, NULL);
    read_regions(reader, system);
    read_collect_pds(reader, system);
    for (size_t i = 0; i < reader->sdf->pd_count; i++) {
        read_pd(reader, i);
    }
    read_channels(reader, system);
    check_system(reader);
}

struct sdf *sdf_load(const char *path, const struct sdf_options *options,
                     struct sdf_messages *messages)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    struct reader reader = {.arena = arena, .options = options, .messages = messages};
    size_t errors_before = messages->error_count;
    struct xml_element *root;

    if (arena == NULL) {
        fprintf(stderr, "Error: out of memory\n");
        messages->error_count++;
        return NULL;
    }
    messages->path = path;
    reader.sdf = arena_alloc(arena, sizeof(*reader.sdf));
    reader.sdf->path = arena_printf(arena, "%s", path);
    reader.sdf->arena = arena;
    root = xml_parse(path, arena, messages);
    if (root != NULL) {
        read_system(&reader, root);
    }
    if (messages->error_count != errors_before) {
        sdf_free(reader.sdf);
        return NULL;
    }
    return reader.sdf;
}

void sdf_free(struct sdf *sdf)
{
    struct arena *arena;

    if (sdf != NULL) {
        arena = sdf->arena;
        arena_free(arena);
        free(arena);
    }
}

const char *sdf_find_file(struct sdf *sdf, const struct sdf_options *options, const char *name)
{
    if (name[0] == '/') {
        return access(name, R_OK) == 0 ? name : NULL;
    }
    for (size_t i = 0; i <= options->search_path_count; i++) {
        const char *directory = i < options->search_path_count ? options->search_paths[i] : ".";
        const char *path = arena_printf(sdf->arena, "%s/%s", directory, name);

        if (access(path, R_OK) == 0) {
            return path;
        }
    }
    return NULL;
}
