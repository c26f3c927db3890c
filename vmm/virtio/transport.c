/* SPDX-License-Identifier: BSD-2-Clause */
/* See transport.h. */
#include "vmm/virtio/transport.h"

#include <stddef.h>

#include "vmm/vm.h"

/* The function of this kind, or function_count: there is none. */
static unsigned int find_function(const struct vm_config_pci *config, enum vm_config_pci_kind kind)
{
    unsigned int index = 0;

    while (index < config->function_count && config->functions[index].kind != kind) {
        index++;
    }
    return index;
}

/* Of a BAR; 0: the function has none of that number. */
static uint64_t find_bar(const struct vm_config_pci *config, unsigned int function,
                         unsigned int bar)
{
    for (unsigned int i = 0; i < config->piece_count; i++) {
        if (config->pieces[i].function == function && config->pieces[i].bar == bar) {
            return config->pieces[i].ipa;
        }
    }
    return 0;
}

static bool add_bar(struct vm *vm, const char *name, uint64_t ipa, const struct mmio_ops *ops,
                    struct virtio_pci *pci)
{
    const struct mmio_device device = {
        .name = name, .ipa = ipa, .size = VIRTIO_PCI_BAR_SIZE, .ops = ops, .context = pci};

    return mmio_bus_add(&vm->bus, &device);
}

static bool connect_pci(struct virtio_pci *pci, struct virtio_device *device,
                        const struct virtio_place *place, unsigned int function, struct vm *vm)
{
    const struct vm_config_pci *config = &vm->config->pci;
    const struct virtio_pci_setup setup = {.registers_ipa = find_bar(config, function, 0),
                                           .msix_ipa = find_bar(config, function, 1),
                                           .frame = &vm->config->msi,
                                           .intid = place->intid};

    return virtio_pci_init(pci, device, &setup) &&
           add_bar(vm, place->name, setup.registers_ipa, &virtio_pci_register_ops, pci) &&
           (setup.msix_ipa == 0 ||
            add_bar(vm, place->name, setup.msix_ipa, &virtio_pci_msix_ops, pci)) &&
           pci_bridge_add(&vm->pci.bridge, config->functions[function].virtual, &pci->space);
}

static bool connect_mmio(struct virtio_mmio *mmio, struct virtio_device *device,
                         const struct virtio_place *place, struct vm *vm)
{
    const struct mmio_device registers = {.name = place->name,
                                          .ipa = place->ipa,
                                          .size = place->size,
                                          .ops = &virtio_mmio_ops,
                                          .context = mmio};

    return virtio_mmio_init(mmio, device, place->intid) && mmio_bus_add(&vm->bus, &registers);
}

bool virtio_transport_connect(struct virtio_transport *transport, struct virtio_device *device,
                              const struct virtio_place *place, struct vm *vm)
{
    unsigned int function = find_function(&vm->config->pci, place->kind);

    transport->is_pci = function < vm->config->pci.function_count;
    return transport->is_pci ? connect_pci(&transport->pci, device, place, function, vm)
                             : connect_mmio(&transport->mmio, device, place, vm);
}

void virtio_transport_reset(struct virtio_transport *transport)
{
    if (transport->is_pci) {
        virtio_pci_reset(&transport->pci);
    } else {
        virtio_device_reset(transport->mmio.device);
    }
}
