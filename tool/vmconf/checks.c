/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The refusals, as tables of checks: first of the description, then of the tree that came out
 * (after the overlay, which may have added to it what the guest does not have).
 */
#include "tool/vmconf/checks.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/check_dma.h"
#include "tool/vmconf/check_pages.h"
#include "tool/vmconf/devices.h"
#include "tool/vmconf/emulate.h"
#include "tool/vmconf/maps.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/refs.h"
#include "tool/vmconf/select.h"

/* Names become files, and columns of vms.txt. */
static bool is_file_name(const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr("._+-", *at) == NULL) {
            return false;
        }
    }
    return name[0] != '\0' && name[0] != '.' && name[0] != '-';
}

static void check_name(struct guest *guest)
{
    if (!is_file_name(guest->vm->name) || strlen(guest->vm->name) >= sizeof(guest->config.name)) {
        sdf_error(guest->messages, &guest->vm->pos,
                  "virtual machine '%s' gives files their names: use letters, digits and ._+-",
                  guest->vm->name);
    }
    if (!is_file_name(guest->pd->name)) {
        sdf_error(guest->messages, &guest->pd->pos,
                  "protection domain '%s' has a virtual machine: in its name use letters, digits "
                  "and ._+-",
                  guest->pd->name);
    }
}

static void check_vcpus(struct guest *guest)
{
    const struct sdf_vm *vm = guest->vm;

    if (vm->vcpu_count > VM_CONFIG_MAX_VCPUS) {
        sdf_error(guest->messages, &vm->pos, "%zu vcpus, but the VMM has room for %d",
                  vm->vcpu_count, VM_CONFIG_MAX_VCPUS);
    }
    for (size_t i = 0; i < vm->vcpu_count; i++) {
        if (vm->vcpus[i].cpu >= guest->board->cpu_count) {
            sdf_error(guest->messages, &vm->vcpus[i].pos,
                      "core %" PRIu32 " is not in the board's device tree, which has %zu",
                      vm->vcpus[i].cpu, guest->board->cpu_count);
        }
    }
}

static void check_tree_registers(struct guest *guest)
{
    const struct tree *tree = guest->tree;

    for (size_t i = 0; i < tree->node_count; i++) {
        const struct tree_node *node = &tree->nodes[i];
        if (tree_is_memory(tree, i) || tree_is_below(tree, i, tree->gic) || !node->enabled ||
            emulate_find(guest, i) != NULL) {
            continue;
        }
        for (size_t k = 0; k < node->reg_count; k++) {
            if (!maps_cover(guest, &node->regs[k])) {
                vmconf_error(guest->messages,
                             "%s: %s: nothing is mapped into the guest at 0x%" PRIx64 "..0x%" PRIx64
                             " (its reg); map it, or set status = \"disabled\"",
                             tree->file, node->path, node->regs[k].start,
                             node->regs[k].start + node->regs[k].size);
            }
        }
    }
}

static void check_tree_interrupts(struct guest *guest)
{
    const struct tree *tree = guest->tree;

    for (size_t i = 0; i < tree->node_count; i++) {
        const struct tree_node *node = &tree->nodes[i];
        if (!node->enabled || i == tree->gic || strcmp(node->path, "/timer") == 0 ||
            emulate_find(guest, i) != NULL) {
            continue;
        }
        for (size_t k = 0; k < node->irq_count; k++) {
            if (select_find_irq(guest->pd, node->irqs[k].intid) == NULL) {
                vmconf_error(guest->messages,
                             "%s: %s: interrupt %" PRIu32 " never arrives: protection domain '%s' "
                             "has no <irq> for it",
                             tree->file, node->path, node->irqs[k].intid, guest->pd->name);
            }
        }
    }
}

static bool is_as_emulated(const struct tree_node *node, const struct emulated_device *device)
{
    uint64_t size = 0;

    for (size_t i = 0; i < node->reg_count; i++) {
        if (node->regs[i].start != device->range.start + size) {
            return false;
        }
        size += node->regs[i].size;
    }
    if (device->intid == VM_CONFIG_NO_INTID) {
        return size == device->range.size && node->irq_count == 0;
    }
    return size == device->range.size && node->irq_count == 1 &&
           node->irqs[0].intid == device->intid && !node->irqs[0].edge;
}

static void check_tree_emulated(struct guest *guest)
{
    const struct tree *tree = guest->tree;

    for (size_t i = 0; i < tree->node_count; i++) {
        const struct emulated_device *device = emulate_find(guest, i);
        if (device != NULL && !is_as_emulated(&tree->nodes[i], device)) {
            vmconf_error(guest->messages,
                         "%s: %s: the overlay changes registers or interrupt of a device that the "
                         "VMM emulates; their place is vmconf's choice",
                         tree->file, device->path);
        }
    }
}

static bool is_ram(const struct guest *guest, const struct tree_range *range)
{
    for (size_t i = 0; i < guest->range_count; i++) {
        if (guest->ranges[i].ipa == range->start && guest->ranges[i].size == range->size) {
            return true;
        }
    }
    return false;
}

static void check_tree_memory(struct guest *guest)
{
    const struct tree *tree = guest->tree;
    size_t found = 0;
    bool all_known = true;

    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; tree_is_memory(tree, i) && k < tree->nodes[i].reg_count; k++) {
            all_known = all_known && is_ram(guest, &tree->nodes[i].regs[k]);
            found++;
        }
    }
    if (!all_known || found != guest->range_count) {
        vmconf_error(guest->messages,
                     "%s: the overlay changes the guest's memory, which is what the description "
                     "maps",
                     tree->file);
    }
}

static void check_tree_cpus(struct guest *guest)
{
    const struct tree *tree = guest->tree;
    size_t found = 0;

    for (size_t i = 0; i < tree->node_count; i++) {
        const char *type = tree_string(tree, i, "device_type");
        found += type != NULL && strcmp(type, "cpu") == 0;
    }
    if (found != guest->vm->vcpu_count) {
        vmconf_error(guest->messages, "%s: %zu cpu nodes for %zu vcpus", tree->file, found,
                     guest->vm->vcpu_count);
    }
}

struct reference_check {
    struct guest *guest;
    size_t node;
};

static void check_reference(void *context, const struct ref *ref)
{
    const struct reference_check *check = context;
    const struct tree *tree = check->guest->tree;

    if (ref->target == TREE_NONE) {
        vmconf_error(check->guest->messages,
                     "%s: %s: property '%s' refers to phandle 0x%" PRIx32 ", which no node has",
                     tree->file, tree->nodes[check->node].path, ref->property, ref->phandle);
    }
}

static void check_tree_references(struct guest *guest)
{
    struct reference_check check = {.guest = guest};

    for (check.node = 0; check.node < guest->tree->node_count; check.node++) {
        refs_visit(guest->tree, check.node, guest->messages, check_reference, &check);
    }
}

static size_t find_irq_node(const struct tree *tree, uint32_t intid, bool *edge)
{
    for (size_t i = 0; i < tree->node_count; i++) {
        for (size_t k = 0; k < tree->nodes[i].irq_count; k++) {
            if (tree->nodes[i].irqs[k].intid == intid && i != tree->gic) {
                *edge = tree->nodes[i].irqs[k].edge;
                return i;
            }
        }
    }
    return TREE_NONE;
}

/* An <irq> whose id goes into a symbol is the program's own, and so may be any of a VMM that is
 * not the stock one. */
static void refuse_unused(struct guest *guest, const struct sdf_irq *irq)
{
    const struct tree *board = guest->board->tree;
    bool edge;
    size_t node = find_irq_node(board, irq->intid, &edge);
    const char *hint = pci_irq_hint(guest, irq);

    if (irq->setvar_id != NULL || !guest->is_stock) {
        return;
    }
    if (node != TREE_NONE) {
        const char *why = guest->choices[node].why;
        hint = arena_printf(guest->arena, " (it is %s's, but %s)", board->nodes[node].path,
                            why != NULL ? why : "its registers are not mapped into the guest");
    }
    sdf_error(guest->messages, &irq->pos,
              "interrupt %" PRIu32 " belongs to no device of the guest%s", irq->intid, hint);
}

static void check_irqs(struct guest *guest)
{
    for (size_t i = 0; i < guest->pd->irq_count; i++) {
        const struct sdf_irq *irq = &guest->pd->irqs[i];
        bool edge;
        size_t node = find_irq_node(guest->tree, irq->intid, &edge);
        if (node == TREE_NONE && (pci_has_irq(guest, irq->intid) || pci_has_idle_irq(guest, irq))) {
            continue; /* pci_irqs.c */
        }
        if (node == TREE_NONE) {
            refuse_unused(guest, irq);
        } else if (edge != irq->edge) {
            sdf_error(guest->messages, &irq->pos,
                      "interrupt %" PRIu32 " of %s needs trigger=\"%s\"", irq->intid,
                      guest->tree->nodes[node].path, edge ? "edge" : "level");
        }
    }
}

/* Allowed: Linux maintains the caches then, or does not cache what it shares with the device. */
static void warn_of_incoherent(struct guest *guest)
{
    pci_warn_of_incoherent(guest);
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        const struct tree_node *node = &guest->tree->nodes[i];
        const struct guest_map *map =
            devices_has(guest, i) ? maps_at(guest, node->regs[0].start) : NULL;

        if (map == NULL || !devices_masters_dma(guest, i) || tree_is_coherent(guest->tree, i)) {
            continue;
        }
        sdf_warning(guest->messages, &map->map->pos,
                    "%s masters DMA, and the board's device tree has no dma-coherent for it: it "
                    "does not see what is in caches, which the guest has to write back",
                    node->path);
    }
}

static void check_room(struct guest *guest)
{
    size_t device_count = 0;

    for (size_t i = 0; i < guest->tree->node_count; i++) {
        device_count += devices_has(guest, i);
    }
    if (device_count > VM_CONFIG_MAX_DEVICES) {
        sdf_error(guest->messages, &guest->vm->pos, "%zu devices, but the VMM has room for %d",
                  device_count, VM_CONFIG_MAX_DEVICES);
    }
}

typedef void check_function(struct guest *guest);

static check_function *const vm_checks[] = {check_name, check_vcpus};

static check_function *const guest_checks[] = {
    check_tree_registers,
    check_tree_interrupts,
    check_tree_emulated,
    check_tree_memory,
    check_tree_cpus,
    check_tree_references,
    check_device_pages,
    check_irqs,
    check_dma,
    warn_of_incoherent,
    check_room,
};

void checks_vm(struct guest *guest)
{
    for (size_t i = 0; i < sizeof(vm_checks) / sizeof(vm_checks[0]); i++) {
        vm_checks[i](guest);
    }
}

void checks_guest(struct guest *guest)
{
    for (size_t i = 0; i < sizeof(guest_checks) / sizeof(guest_checks[0]); i++) {
        guest_checks[i](guest);
    }
}
