/* SPDX-License-Identifier: BSD-2-Clause */
/* <virtual_machine> and its vCPUs and maps; <channel> and its ends. */
#include <string.h>

#include "tool/sdf/attribute.h"
#include "tool/sdf/read.h"

static const struct read_child no_children[] = {{NULL, NULL}};

struct vm_context {
    struct sdf_vm *vm;
    const struct sdf_pd *pd;
};

static void read_vcpu(struct reader *reader, struct xml_element *element, void *context)
{
    struct vm_context *vm_context = context;
    struct sdf_vcpu *vcpu = &vm_context->vm->vcpus[vm_context->vm->vcpu_count];
    size_t errors = reader->messages->error_count;

    vcpu->pos = element->pos;
    vcpu->id = attribute_id(reader->messages, element, "id", 0, SDF_MAX_ID);
    vcpu->cpu = read_cpu(reader, element, vm_context->pd->cpu);
    vcpu->setvar_id = attribute_text(element, "setvar_id");
    attribute_finish(reader->messages, element);
    read_children(reader, element, no_children, NULL);
    vm_context->vm->vcpu_count += read_is_fine_since(reader, errors);
}

static void read_vm_map(struct reader *reader, struct xml_element *element, void *context)
{
    struct sdf_vm *vm = ((struct vm_context *)context)->vm;
    size_t errors = reader->messages->error_count;

    read_map(reader, element, &vm->maps[vm->map_count], true);
    vm->map_count += read_is_fine_since(reader, errors);
}

void read_vm(struct reader *reader, struct xml_element *element, struct sdf_pd *pd)
{
    static const struct read_child vm_children[] = {
        {"vcpu", read_vcpu},
        {"map", read_vm_map},
        {NULL, NULL},
    };
    struct sdf_vm *vm = arena_alloc(reader->arena, sizeof(*vm));
    struct vm_context context = {.vm = vm, .pd = pd};

    if (pd->vm != NULL) {
        sdf_error(reader->messages, &element->pos, "more than one virtual_machine");
        return;
    }
    pd->vm = vm;
    vm->pos = element->pos;
    vm->name = attribute_required(reader->messages, element, "name");
    read_schedule(reader, element, &vm->priority, &vm->budget, &vm->period);
    attribute_finish(reader->messages, element);
    vm->vcpus = arena_array(reader->arena, read_count(element, "vcpu") + 1, sizeof(*vm->vcpus));
    vm->maps = arena_array(reader->arena, read_count(element, "map") + 1, sizeof(*vm->maps));
    read_children(reader, element, vm_children, &context);
    if (read_count(element, "vcpu") == 0) {
        sdf_error(reader->messages, &element->pos, "missing vcpu");
    }
}

static void read_end(struct reader *reader, struct xml_element *element, struct sdf_end *end)
{
    end->pos = element->pos;
    end->pd = read_find_pd(reader, element, "pd");
    end->id = attribute_id(reader->messages, element, "id", 0, SDF_MAX_ID);
    end->pp = attribute_bool(reader->messages, element, "pp", false);
    end->notify = attribute_bool(reader->messages, element, "notify", true);
    end->setvar_id = attribute_text(element, "setvar_id");
    attribute_finish(reader->messages, element);
    read_children(reader, element, no_children, NULL);
}

static bool read_channel(struct reader *reader, struct xml_element *element,
                         struct sdf_channel *channel)
{
    static const struct read_child ends[] = {{"end", NULL}, {NULL, NULL}};
    size_t errors = reader->messages->error_count;
    size_t count = 0;

    channel->pos = element->pos;
    attribute_finish(reader->messages, element);
    read_children(reader, element, ends, NULL);
    for (struct xml_element *child = element->children; child != NULL; child = child->next) {
        if (strcmp(child->pos.tag, "end") == 0 && count++ < 2) {
            read_end(reader, child, &channel->ends[count - 1]);
        }
    }
    if (count != 2) {
        sdf_error(reader->messages, &element->pos, "a channel has exactly two ends, not %zu",
                  count);
    }
    return read_is_fine_since(reader, errors);
}

void read_channels(struct reader *reader, struct xml_element *system)
{
    struct sdf *sdf = reader->sdf;

    sdf->channels =
        arena_array(reader->arena, read_count(system, "channel") + 1, sizeof(*sdf->channels));
    for (struct xml_element *element = system->children; element != NULL; element = element->next) {
        if (strcmp(element->pos.tag, "channel") == 0 &&
            read_channel(reader, element, &sdf->channels[sdf->channel_count])) {
            sdf->channel_count++;
        }
    }
}
