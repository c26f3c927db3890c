/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From XML elements to the model. Each read_ function takes the elements of its kind, complains
 * about every wrong value and unknown child, and fills in what it could read; references by name
 * are resolved as they are read, since regions and PDs are collected first.
 */
#ifndef SLUICE_TOOL_SDF_READ_H
#define SLUICE_TOOL_SDF_READ_H

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"
#include "tool/sdf/xml.h"

#define SDF_MAX_ID       61
#define SDF_MAX_PRIORITY 254
#define SDF_MIN_INTID    16 /* below are the cores' own, software-generated */
#define SDF_MAX_INTID    (SDF_INTID_COUNT - 1)

struct reader {
    struct sdf *sdf;
    struct arena *arena;
    const struct sdf_options *options;
    struct sdf_messages *messages;
    struct xml_element *root;         /* <system> */
    struct xml_element **pd_elements; /* of sdf->pds */
    bool *pd_is_wrong;                /* of sdf->pds: some attribute of it could not be read */
};

typedef void (*read_child_t)(struct reader *reader, struct xml_element *element, void *context);

struct read_child {
    const char *tag;
    read_child_t read; /* NULL: allowed here, and read elsewhere */
};

/* Hands every child to the entry of its tag; the table ends with a NULL tag. */
void read_children(struct reader *reader, struct xml_element *element,
                   const struct read_child *table, void *context);
size_t read_count(const struct xml_element *element, const char *tag);

/* Whether no error was reported since there were `errors`. What could not be read is left out of
 * the model, so that the checks do not complain of what stands in its place. */
bool read_is_fine_since(const struct reader *reader, size_t errors);

size_t read_find_region(struct reader *reader, struct xml_element *element, const char *attribute);
/* SDF_NONE after a message, for the two. */
size_t read_find_pd(struct reader *reader, struct xml_element *element, const char *attribute);

void read_regions(struct reader *reader, struct xml_element *system);
/* Names and nesting of all PDs, then what is in them. */
void read_collect_pds(struct reader *reader, struct xml_element *system);
void read_pd(struct reader *reader, size_t index);
void read_map(struct reader *reader, struct xml_element *element, struct sdf_map *map, bool in_vm);
void read_vm(struct reader *reader, struct xml_element *element, struct sdf_pd *pd);
/* priority, budget and period of a PD or VM. */
void read_schedule(struct reader *reader, struct xml_element *element, uint32_t *priority,
                   uint64_t *budget, uint64_t *period);
uint32_t read_cpu(struct reader *reader, struct xml_element *element, uint32_t cpu_if_absent);
void read_channels(struct reader *reader, struct xml_element *system);

/* check.c: rules that concern more than one element. */
void check_system(struct reader *reader);

#endif
