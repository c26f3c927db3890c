/* SPDX-License-Identifier: BSD-2-Clause */
/* <memory_region>: size, page size, place, contents. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/sdf/attribute.h"
#include "tool/sdf/read.h"

#define SMALL_PAGE    0x1000UL
#define LARGE_PAGE    0x200000UL
#define ADDRESS_LIMIT (1UL << 40)

static uint64_t file_size(struct reader *reader, struct xml_element *element, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        sdf_error(reader->messages, &element->pos, "cannot read '%s'", path);
        return 0;
    }
    if (status.st_size == 0) {
        sdf_error(reader->messages, &element->pos, "'%s' is empty", path);
    }
    return (uint64_t)status.st_size;
}

static void read_contents(struct reader *reader, struct xml_element *element,
                          struct sdf_region *region)
{
    const char *bootinfo = attribute_text(element, "prefill_bootinfo");

    region->prefill_path = attribute_text(element, "prefill_path");
    if (bootinfo != NULL) {
        sdf_error(reader->messages, &element->pos, "prefill_bootinfo '%s' is not supported here",
                  bootinfo);
    }
    if (region->prefill_path == NULL) {
        return;
    }
    if (*region->prefill_path == '\0') {
        sdf_error(reader->messages, &element->pos, "empty attribute 'prefill_path'");
        return;
    }
    region->prefill_file = sdf_find_file(reader->sdf, reader->options, region->prefill_path);
    if (region->prefill_file != NULL) {
        region->prefill_size = file_size(reader, element, region->prefill_file);
    } else if (!reader->options->prefill_may_be_missing) {
        sdf_error(reader->messages, &element->pos, "cannot find '%s' on the search paths",
                  region->prefill_path);
    }
}

static void read_size(struct reader *reader, struct xml_element *element, struct sdf_region *region)
{
    uint64_t page = attribute_number(reader->messages, element, "page_size", 0);
    size_t errors;

    if (attribute_text(element, "page_size") != NULL && page != SMALL_PAGE && page != LARGE_PAGE) {
        sdf_error(reader->messages, &element->pos, "page_size must be 0x1000 or 0x200000");
        page = SMALL_PAGE;
    }
    errors = reader->messages->error_count;
    region->page_size = page; /* 0: chosen when all maps are known */
    if (page == 0) {
        page = SMALL_PAGE;
    }
    region->has_size = attribute_text(element, "size") != NULL;
    if (!region->has_size && region->prefill_path != NULL) {
        region->size = (region->prefill_size + page - 1) & ~(page - 1);
        if (region->size == 0) {
            region->size = page; /* contents that do not exist yet */
        }
        return;
    }
    region->size = attribute_required_number(reader->messages, element, "size");
    if (!read_is_fine_since(reader, errors)) {
        region->size = page;
    } else if (region->size == 0) {
        sdf_error(reader->messages, &element->pos, "size must not be zero");
        region->size = page;
    } else if (region->size % page != 0) {
        sdf_error(reader->messages, &element->pos, "size is not a multiple of the page size");
        region->size = page;
    } else if (region->size > ADDRESS_LIMIT) {
        sdf_error(reader->messages, &element->pos, "size is larger than the address space");
        region->size = page;
    }
    if (region->prefill_size > region->size) {
        sdf_error(reader->messages, &element->pos, "'%s' (%lu bytes) does not fit",
                  region->prefill_path, (unsigned long)region->prefill_size);
    }
}

static void read_place(struct reader *reader, struct xml_element *element,
                       struct sdf_region *region)
{
    uint64_t page = region->page_size != 0 ? region->page_size : SMALL_PAGE;
    size_t errors = reader->messages->error_count;

    region->has_phys_addr = attribute_text(element, "phys_addr") != NULL;
    region->phys_addr = attribute_number(reader->messages, element, "phys_addr", 0);
    if (region->phys_addr % page != 0) {
        sdf_error(reader->messages, &element->pos, "phys_addr is not aligned to the page size");
    } else if (region->has_phys_addr && region->phys_addr > ADDRESS_LIMIT - region->size) {
        sdf_error(reader->messages, &element->pos, "phys_addr is beyond the address space");
    }
    if (!read_is_fine_since(reader, errors)) {
        region->has_phys_addr = false;
    }
}

void read_regions(struct reader *reader, struct xml_element *system)
{
    static const struct read_child no_children[] = {{NULL, NULL}};
    struct sdf *sdf = reader->sdf;

    sdf->regions =
        arena_array(reader->arena, read_count(system, "memory_region") + 1, sizeof(*sdf->regions));
    for (struct xml_element *element = system->children; element != NULL; element = element->next) {
        struct sdf_region *region = &sdf->regions[sdf->region_count];

        if (strcmp(element->pos.tag, "memory_region") != 0) {
            continue;
        }
        region->pos = element->pos;
        region->name = attribute_required(reader->messages, element, "name");
        read_contents(reader, element, region);
        read_size(reader, element, region);
        read_place(reader, element, region);
        attribute_finish(reader->messages, element);
        read_children(reader, element, no_children, NULL);
        sdf->region_count++;
    }
}
