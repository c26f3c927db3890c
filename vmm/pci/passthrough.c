/* SPDX-License-Identifier: BSD-2-Clause */
/* See passthrough.h. */
#include "vmm/pci/passthrough.h"

#include <inttypes.h>
#include <stddef.h>

#include "vmm/pci/bars.h"
#include "vmm/pci/hardware.h"
#include "vmm/pci/msi.h"
#include "vmm/pci/report.h"
#include "vmm/pci/reset.h"
#include "vmm/pci/smmu.h"

static const struct vm_config_pci_function *config_of(const struct pci_passthrough *function)
{
    return &function->config->pci.functions[function->index];
}

static uint32_t read_register(const struct pci_passthrough *function, unsigned int offset)
{
    return (uint32_t)hardware_read(config_of(function)->config_vaddr + offset, 4);
}

/* Status bits are cleared by ones, and stay. */
static void write_command(const struct pci_passthrough *function, uint16_t command)
{
    hardware_write(config_of(function)->config_vaddr + PCI_COMMAND, 2, command);
}

/* The one place that says which function may master DMA: one that is the guest's, whose SMMU, if it
 * is behind one, confines it, and that the guest lets, and is not asleep as the guest has it. */
static bool is_master(const struct pci_passthrough *function)
{
    uint32_t command = pci_space_get(&function->space, PCI_COMMAND);
    unsigned int power = function->found.power;

    return function->is_guests && function->reset_end == 0 && pci_smmu_lets(function) &&
           (command & PCI_COMMAND_BUS_MASTER) != 0 &&
           (power == 0 ||
            (pci_space_get(&function->space, power + POWER_CONTROL) & POWER_STATE) == POWER_D0);
}

/* A function that has no line of the guest's, or uses messages, keeps off its line. */
static bool has_line(const struct pci_passthrough *function)
{
    const struct pci_space *space = &function->space;
    unsigned int msi = function->found.msi;

    return function->is_guests && PCI_PIN(pci_space_get(space, PCI_INTERRUPT)) != 0 &&
           (pci_space_get(space, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE) == 0 &&
           (function->msix.control & MSIX_ENABLE) == 0 &&
           (msi == 0 || (pci_space_get(space, msi) & MSI_ENABLE) == 0);
}

static void update_command(const struct pci_passthrough *function)
{
    pci_space_forward(&function->space, PCI_COMMAND,
                      (is_master(function) ? PCI_COMMAND_BUS_MASTER : 0) |
                          (has_line(function) ? 0 : PCI_COMMAND_INTX_DISABLE));
}

static void written_command(struct pci_passthrough *function, const struct pci_write *write)
{
    (void)write;
    update_command(function);
}

static void written_msi(struct pci_passthrough *function, const struct pci_write *write)
{
    update_command(function);
    pci_msi_write(function, write);
}

static void written_msix(struct pci_passthrough *function, const struct pci_write *write)
{
    function->msix.control =
        pci_space_get(&function->space, write->offset) & (MSIX_ENABLE | MSIX_MASK_ALL);
    update_command(function);
    pci_space_forward(&function->space, write->offset, function->msix.control);
}

static void written_device(struct pci_passthrough *function, const struct pci_write *write)
{
    if ((write->value & PCIE_CONTROL_FLR) != 0 &&
        (pci_space_read(&function->space, function->found.pcie + PCIE_DEVICE) & PCIE_DEVICE_FLR) !=
            0) {
        pci_reset_for_guest(function);
    }
}

/* States that there are not stay what they were (7.5.2.2). */
static void written_power(struct pci_passthrough *function, const struct pci_write *write)
{
    uint32_t before = write->before & POWER_STATE;
    uint32_t now = pci_space_get(&function->space, write->offset) & POWER_STATE;
    bool loses_state = (pci_space_get(&function->space, write->offset) & POWER_NO_SOFT_RESET) == 0;

    if (now != POWER_D0 && now != POWER_D3HOT) {
        pci_space_set(&function->space, write->offset, POWER_STATE, before);
    } else if (before == POWER_D3HOT && now == POWER_D0 && loses_state) {
        pci_reset_for_guest(function);
    } else {
        update_command(function);
    }
}

static void written(void *context, enum pci_effect effect, const struct pci_write *write)
{
    static void (*const effects[])(struct pci_passthrough * function,
                                   const struct pci_write *write) = {
        [PCI_EFFECT_COMMAND] = written_command, [PCI_EFFECT_MSI] = written_msi,
        [PCI_EFFECT_MSIX] = written_msix,       [PCI_EFFECT_DEVICE] = written_device,
        [PCI_EFFECT_POWER] = written_power,
    };

    effects[effect](context, write);
}

static bool is_there(void *context)
{
    struct pci_passthrough *function = context;

    return pci_reset_is_over(function) && function->is_guests;
}

static const struct pci_space_ops space_ops = {.is_there = is_there, .written = written};

static bool is_as_described(const struct pci_passthrough *function)
{
    uint32_t expected = config_of(function)->id;
    uint32_t id = read_register(function, PCI_ID);
    uint32_t header = read_register(function, PCI_HEADER);

    if (id == PCI_NOTHING) {
        pci_report(function->config, function->index, "expected a function, found none");
        return false;
    }
    if (expected != 0 && id != expected) {
        pci_report(function->config, function->index, "expected %04x:%04x, found %04x:%04x",
                   expected & 0xffff, expected >> 16, id & 0xffff, id >> 16);
        return false;
    }
    if (PCI_HEADER_TYPE(header) != 0) {
        pci_report(function->config, function->index,
                   "expected a function with a header of type 0, found type %u",
                   PCI_HEADER_TYPE(header));
        return false;
    }
    return true;
}

/* The table has to be where the guest cannot write. A guest without vectors has no MSI-X. */
static bool find_table(struct pci_passthrough *function)
{
    unsigned int at = function->found.msix;
    uint32_t table;
    uint64_t size;

    function->msix_table = 0;
    function->msix_size = 0;
    if (at == 0 || function->config->msi.count == 0) {
        return true;
    }
    function->msix_size = MSIX_SIZE(read_register(function, at));
    table = read_register(function, at + MSIX_TABLE);
    size = (uint64_t)function->msix_size * MSIX_ENTRY_SIZE;
    function->msix_table = pci_bars_find(function->config, function->index, MSIX_BAR(table),
                                         MSIX_OFFSET(table), size, true);
    if (function->msix_table == 0) {
        pci_report(function->config, function->index,
                   "expected the MSI-X table mapped for the VMM and not for the guest, found it in "
                   "BAR %u at 0x%x, 0x%" PRIx64 " bytes",
                   MSIX_BAR(table), MSIX_OFFSET(table), size);
        return false;
    }
    return true;
}

/* What the guest does not decide, and a reset may have changed. */
static void restore_control(struct pci_passthrough *function)
{
    uint64_t pcie = config_of(function)->config_vaddr + function->found.pcie;
    bool has_second;

    if (function->found.pcie == 0) {
        return;
    }
    has_second = PCIE_VERSION(read_register(function, function->found.pcie)) >= 2;
    if (!function->is_known) {
        function->is_known = true;
        function->control =
            (uint16_t)hardware_read(pcie + PCIE_CONTROL, 2) & (uint16_t)~PCIE_CONTROL_FLR;
        function->control2 = has_second ? (uint16_t)hardware_read(pcie + PCIE_CONTROL2, 2) : 0;
        return;
    }
    hardware_write(pcie + PCIE_CONTROL, 2, function->control);
    if (has_second) {
        hardware_write(pcie + PCIE_CONTROL2, 2, function->control2);
    }
}

static void wake(const struct pci_passthrough *function)
{
    uint64_t power = config_of(function)->config_vaddr + function->found.power + POWER_CONTROL;

    if (function->found.power != 0 && (hardware_read(power, 2) & POWER_STATE) != POWER_D0) {
        hardware_write(power, 2, POWER_D0);
    }
}

static unsigned int vector_limit(const struct vm_config *config)
{
    return config->msi.count < PCI_MSIX_MAX_VECTORS ? config->msi.count : PCI_MSIX_MAX_VECTORS;
}

static void lay(struct pci_passthrough *function)
{
    const struct vm_config *config = function->config;
    struct pci_offer offer = {.pins = config_of(function)->pins,
                              .msi_count = vector_limit(config),
                              .msi_is_high = config->msi.doorbell >> 32 != 0,
                              .resets_by_power = pci_reset_is_quick(function)};
    unsigned int count =
        function->msix_size < offer.msi_count ? function->msix_size : offer.msi_count;

    for (unsigned int i = 0; i < PCI_BAR_COUNT; i++) {
        offer.bars[i] = function->bars[i];
    }
    pci_space_init(&function->space, &space_ops, function, config_of(function)->config_vaddr);
    pci_registers_lay(&function->space, &offer);
    pci_msix_init(&function->msix, &config->msi, count);
}

bool pci_passthrough_prepare(struct pci_passthrough *function)
{
    function->is_guests = false;
    if (!is_as_described(function)) {
        return false;
    }
    write_command(function, PCI_COMMAND_INTX_DISABLE);
    function->found = pci_registers_find(config_of(function)->config_vaddr);
    wake(function);
    restore_control(function);
    if (!pci_bars_assign(function->config, function->index, function->bars) ||
        !find_table(function)) {
        return false;
    }
    write_command(function, PCI_COMMAND_INTX_DISABLE | PCI_COMMAND_MEMORY);
    pci_msi_silence(function);
    function->reset = pci_reset_find(function);
    if (!pci_smmu_attach(function)) {
        return false;
    }
    lay(function);
    function->is_guests = true;
    update_command(function);
    return true;
}

void pci_passthrough_quiet(struct pci_passthrough *function)
{
    if (function->is_guests) {
        function->is_guests = false;
        update_command(function);
        pci_msi_silence(function);
    }
}

void pci_passthrough_init(struct pci_passthrough *function, const struct vm_config *config,
                          unsigned int index)
{
    *function = (struct pci_passthrough){.config = config, .index = index};
}

/* A plain access of the same size, as the guest's own would be. Unaligned ones fault on a device's
 * memory. */
static bool access_hardware(uint64_t vaddr, struct mmio_access *access)
{
    if (vaddr % access->size != 0) {
        return false;
    }
    if (access->is_write) {
        hardware_write(vaddr, access->size, access->value);
    } else {
        access->value = hardware_read(vaddr, access->size);
    }
    return true;
}

/* Whether the access, at `offset` of the BAR, reaches into the physical MSI-X table. */
static bool is_in_table(const struct pci_trap *trap, uint64_t offset, unsigned int size)
{
    const struct pci_passthrough *function = trap->function;
    uint64_t vaddr = trap->piece->vaddr + (offset - trap->offset);
    uint64_t table_size = (uint64_t)function->msix_size * MSIX_ENTRY_SIZE;

    return function->msix_table != 0 && vaddr + size > function->msix_table &&
           vaddr < function->msix_table + table_size;
}

/* While memory is disabled, as the guest has it, nobody answers; nor is there anything behind a BAR
 * that is smaller than its page. */
static bool trap_access(void *context, struct mmio_access *access)
{
    const struct pci_trap *trap = context;
    struct pci_passthrough *function = trap->function;
    uint64_t offset = trap->offset + access->offset;
    uint64_t vaddr = trap->piece->vaddr + access->offset;

    if (!is_there(function) ||
        (pci_space_get(&function->space, PCI_COMMAND) & PCI_COMMAND_MEMORY) == 0 ||
        offset + access->size > function->bars[trap->piece->bar].size) {
        access->value = mmio_ones(access->size);
        return true;
    }
    if (is_in_table(trap, offset, access->size)) {
        int entry;

        access->offset = vaddr - function->msix_table;
        entry = pci_msix_access(&function->msix, access->offset, access);
        if (entry >= 0) {
            pci_msi_write_entry(function, (unsigned int)entry);
        }
        return true;
    }
    return access_hardware(vaddr, access);
}

const struct mmio_ops pci_trap_ops = {.access = trap_access};
