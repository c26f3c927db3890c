/* SPDX-License-Identifier: BSD-2-Clause */
/* From the finished guest to struct vm_config. checks.c has seen to it that everything fits. */
#include "tool/vmconf/config.h"

#include <inttypes.h>
#include <string.h>

#include "tool/vmconf/devices.h"
#include "tool/vmconf/maps.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/seeds.h"
#include "tool/vmconf/sluice.h"

/* Written as it lies in memory here. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vm_config is little-endian");

static void fill_head(struct guest *guest, struct vm_config *config, bool is_only)
{
    const struct tree_range *gicd = board_gic_frame(guest->board, GIC_FRAME_DISTRIBUTOR);

    config->magic = VM_CONFIG_MAGIC;
    config->version = VM_CONFIG_VERSION;
    config->size = sizeof(*config);
    memcpy(config->name, guest->vm->name, strlen(guest->vm->name)); /* check_name(): it fits */
    config->gic_version = guest->board->tree->gic_version;
    config->virtual_timer_intid = guest->board->virtual_timer_intid;
    config->gicd_ipa = gicd->start;
    config->gicd_size = gicd->size;
    if (config->gic_version == 3) {
        config->gicr_ipa = board_gic_frame(guest->board, GIC_FRAME_REDISTRIBUTORS)->start;
    } else {
        config->gicc_ipa = guest->gic_cpu->ipa;
    }
    config->load = guest->load;
    config->firmware = guest->firmware_place;
    config->rtc_ipa = guest->rtc_ipa;
    config->flash = guest->flash;
    config->kaslr_seed = seeds_take(guest->fdt, SEEDS_KASLR, VM_CONFIG_KASLR_SEED);
    config->rng_seed = seeds_take(guest->fdt, SEEDS_RNG, VM_CONFIG_RNG_SEED);
    config->flags |= guest->pd->smc && is_only ? VM_CONFIG_POWEROFF_MACHINE : 0;
    config->flags |= guest->sluice.never_restarts ? VM_CONFIG_NO_RESTART : 0;
    config->flags |= guest->sluice.waits ? VM_CONFIG_NO_AUTOSTART : 0;
    config->console = guest->console;
    config->watchdog = guest->watchdog;
    config->msi = guest->pci.msi;
    config->pci = guest->pci.config;
}

static void fill_vcpus(struct guest *guest, struct vm_config *config)
{
    for (size_t i = 0; i < guest->vm->vcpu_count; i++) {
        config->vcpus[config->vcpu_count++] = (struct vm_config_vcpu){
            .id = guest->vm->vcpus[i].id, .mpidr = i, /* the reg of its cpu node: guest_tree.c */
        };
    }
}

static void fill_ram(struct guest *guest, struct vm_config *config)
{
    config->ram_count = (uint32_t)guest->range_count;
    memcpy(config->ram, guest->ranges, sizeof(config->ram));
}

static bool is_of_a_device(const struct guest *guest, uint32_t intid)
{
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        for (size_t k = 0; k < guest->tree->nodes[i].irq_count && i != guest->tree->gic; k++) {
            if (guest->tree->nodes[i].irqs[k].intid == intid) {
                return true;
            }
        }
    }
    return false;
}

/* At most 62: sdf's ids are 0..61, each once. */
static void fill_irqs(struct guest *guest, struct vm_config *config)
{
    for (size_t i = 0; i < guest->pd->irq_count; i++) {
        const struct sdf_irq *irq = &guest->pd->irqs[i];
        if (is_of_a_device(guest, irq->intid) || pci_has_irq(guest, irq->intid)) {
            config->irqs[config->irq_count++] = (struct vm_config_irq){
                .intid = irq->intid,
                .channel = (uint16_t)irq->id,
                .flags = irq->edge ? VM_CONFIG_IRQ_EDGE : 0,
            };
        }
    }
}

static void warn_unresettable(struct guest *guest, size_t index,
                              const struct vm_config_device *device)
{
    const struct tree_node *node = &guest->tree->nodes[index];
    const struct guest_map *map = maps_at(guest, device->ipa);

    if (!sluice_may_restart(guest) || map == NULL || !guest->is_stock) {
        return;
    }
    if (device->kind == VM_CONFIG_DEVICE_OTHER && devices_masters_dma(guest, index)) {
        sdf_warning(guest->messages, &map->map->pos,
                    "%s masters DMA, and is of no kind that the VMM can reset: what it is at when "
                    "the guest restarts goes on in the RAM of the next one",
                    node->path);
        return;
    }
    if (device->vaddr != 0 || device->kind == VM_CONFIG_DEVICE_OTHER) {
        return;
    }
    sdf_warning(guest->messages, &map->map->pos,
                "%s cannot be reset when the guest restarts%s: map region '%s' into protection "
                "domain '%s', too, with perms=\"rw\" cached=\"false\"",
                node->path,
                device->kind == VM_CONFIG_DEVICE_PCI_HOST ? ", which its VMM refuses then" : "",
                map->region->name, guest->pd->name);
}

static void fill_devices(struct guest *guest, struct vm_config *config)
{
    for (size_t i = 0; i < guest->tree->node_count; i++) {
        const struct tree_node *node = &guest->tree->nodes[i];
        if (!devices_has(guest, i)) {
            continue;
        }
        struct vm_config_device *device = &config->devices[config->device_count++];
        *device = (struct vm_config_device){
            .kind = (uint16_t)devices_kind(guest, i),
            .intid = node->irq_count > 0 ? node->irqs[0].intid : VM_CONFIG_NO_INTID,
            .ipa = node->regs[0].start,
            .size = node->regs[0].size,
            .vaddr = maps_vmm_vaddr(guest, &node->regs[0]),
        };
        if (pci_whole_is(guest, node->path, &device->first_bus)) {
            device->kind = VM_CONFIG_DEVICE_PCI_HOST;
        }
        warn_unresettable(guest, i, device);
    }
}

void config_fill(struct guest *guest, bool is_only)
{
    struct vm_config *config = &guest->config;

    memset(config, 0, sizeof(*config));
    fill_head(guest, config, is_only);
    fill_vcpus(guest, config);
    fill_ram(guest, config);
    fill_irqs(guest, config);
    fill_devices(guest, config);
}
