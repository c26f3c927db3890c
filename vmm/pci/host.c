/* SPDX-License-Identifier: BSD-2-Clause */
/* See host.h. Times are those of PCI Express Base 5.0, 5.9 and 6.6.1. */
#include "vmm/pci/host.h"

#include <inttypes.h>

#include "components/serial/clock.h"

#include "vmm/log.h"
#include "vmm/pci/flr.h"
#include "vmm/pci/hardware.h"
#include "vmm/pci/host_walk.h"
#include "vmm/pci/pci_regs.h"
#include "vmm/pci/registers.h"

#define WAKE_MS      10  /* from D3hot to D0 */
#define BUS_RESET_MS 2   /* on a bus, at least 1 */
#define RESET_MS     100 /* before functions are accessed again: PCI_FLR_MS, and after a bus's */
#define VIRTIO_MS    2000

_Static_assert(RESET_MS >= PCI_FLR_MS, "RESET_MS");

struct halt {
    struct pci_hosts *hosts;
    struct pci_host_walk *walk;
    bool has_woken;
    bool has_bridges;
    bool takes_time; /* before functions are accessed again */
    uint64_t end;    /* of what all are waited for together */
};

static uint32_t read_register(const struct pci_host_function *function, unsigned int offset)
{
    return (uint32_t)hardware_read(function->space + offset, 4);
}

static void change(const struct pci_host_function *function, unsigned int offset, uint16_t clear,
                   uint16_t set)
{
    uint64_t at = function->space + offset;

    hardware_write(at, 2, ((uint16_t)hardware_read(at, 2) & ~(uint32_t)clear) | set);
}

/* Until then, and the counter goes on whatever a guest or device does. */
static void pause(unsigned int milliseconds)
{
    uint64_t end = pci_after(milliseconds);

    while (clock_now() < end) {
    }
}

/* Its registers can be had through its configuration space. */
static bool is_virtio(const struct pci_capabilities *found)
{
    return found->virtio_common != 0 && found->virtio_window != 0;
}

static bool is_unknown(const struct pci_host_function *function,
                       const struct pci_capabilities *found)
{
    return !function->is_bridge && !is_virtio(found) &&
           !pci_flr_is_offered(function->space, found->pcie);
}

/* False: it was asleep, and takes a while. */
static bool wake(const struct pci_host_function *function, const struct pci_capabilities *found)
{
    unsigned int control = found->power + POWER_CONTROL;

    if (found->power == 0 || (read_register(function, control) & POWER_STATE) == POWER_D0) {
        return true;
    }
    hardware_write(function->space + control, 2, POWER_D0);
    return false;
}

/* A bridge without bus master lets nothing through from behind, either. One that was asleep is not
 * asked for its bus, which is off. */
static void make_quiet(void *context, const struct pci_host_function *function)
{
    struct halt *halt = context;
    struct pci_hosts *hosts = halt->hosts;
    const struct pci_capabilities found = pci_registers_find(function->space);
    bool is_master = (read_register(function, PCI_COMMAND) & PCI_COMMAND_BUS_MASTER) != 0;
    bool is_awake;

    change(function, PCI_COMMAND, PCI_COMMAND_BUS_MASTER, PCI_COMMAND_INTX_DISABLE);
    if (found.msi != 0) {
        change(function, found.msi + 2u, MSI_ENABLE >> 16, 0);
    }
    if (found.msix != 0) {
        change(function, found.msix + 2u, MSIX_ENABLE >> 16, 0);
    }
    is_awake = wake(function, &found);
    halt->has_woken = halt->has_woken || !is_awake;
    if (function->is_bridge && is_awake) {
        pci_host_walk_add(halt->walk, function);
    }
    hosts->answering += function->is_first;
    if (function->is_first && is_master && is_unknown(function, &found) && !hosts->has_unknown) {
        hosts->has_unknown = true;
        hosts->unknown = function->address;
        hosts->unknown_id = read_register(function, PCI_ID);
    }
}

static void wait_for_transactions(void *context, const struct pci_host_function *function)
{
    const struct halt *halt = context;
    const struct pci_capabilities found = pci_registers_find(function->space);

    pci_wait_for_transactions(function->space, found.pcie, halt->end);
}

/* Virtual I/O Device 1.1, 4.1.4.7: a window of the configuration space, here to the device's
 * status. The device has stopped using its queues when that reads as zero (2.4). */
static bool reset_virtio(const struct pci_host_function *function,
                         const struct pci_capabilities *found, uint64_t end)
{
    uint64_t window = function->space + found->virtio_window;
    uint32_t bar = read_register(function, found->virtio_common + VIRTIO_CAP_BAR) & 0xff;
    uint32_t common = read_register(function, found->virtio_common + VIRTIO_CAP_OFFSET);

    hardware_write(window + VIRTIO_CAP_BAR, 1, bar);
    hardware_write(window + VIRTIO_CAP_OFFSET, 4, common + VIRTIO_DEVICE_STATUS);
    hardware_write(window + VIRTIO_CAP_SIZE, 4, 1);
    hardware_write(window + VIRTIO_CAP_DATA, 1, 0);
    while ((hardware_read(window + VIRTIO_CAP_DATA, 1) & 0xff) != 0) {
        if (clock_now() >= end) {
            return false;
        }
    }
    return true;
}

static void try_virtio(const struct halt *halt, const struct pci_host_function *function,
                       const struct pci_capabilities *found)
{
    if (is_virtio(found) && !reset_virtio(function, found, halt->end)) {
        halt->hosts->is_stuck = true;
    }
}

/* What is on the host bridge itself; all else is reset with its bus. Nothing decodes addresses of
 * the last guest's any more. */
static void reset(void *context, const struct pci_host_function *function)
{
    struct halt *halt = context;
    const struct pci_capabilities found = pci_registers_find(function->space);

    if (!function->is_bridge && pci_flr_is_offered(function->space, found.pcie)) {
        halt->takes_time = true;
        pci_flr_start(function->space, found.pcie);
        return;
    }
    /* First, so that virtio's window is used while its BAR is nowhere, which it is for: QEMU 10
     * ends over a window into a BAR that is mapped below this host bridge. */
    hardware_write(function->space + PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
    if (function->is_bridge) {
        halt->has_bridges = true;
        halt->takes_time = true;
        change(function, PCI_BRIDGE_CONTROL, PCI_BRIDGE_RESET, 0); /* it may be on, and old */
        change(function, PCI_BRIDGE_CONTROL, 0, PCI_BRIDGE_RESET);
    } else {
        try_virtio(halt, function, &found);
    }
}

/* The bus behind a bridge comes back, without numbers, as those are behind it. */
static void release(void *context, const struct pci_host_function *function)
{
    (void)context;
    if (!function->is_bridge) {
        return;
    }
    change(function, PCI_BRIDGE_CONTROL, PCI_BRIDGE_RESET, 0);
    hardware_write(function->space + PCI_BUSES, 2, 0);
    hardware_write(function->space + PCI_SUBORDINATE, 1, 0);
}

static void halt_one(struct pci_hosts *hosts, const struct vm_config_device *device)
{
    struct pci_host_walk walk;
    struct halt halt = {.hosts = hosts, .walk = &walk};

    pci_host_walk_init(&walk, device);
    pci_host_walk_all(&walk, make_quiet, &halt);
    if (halt.has_woken) {
        pause(WAKE_MS);
    }
    halt.end = pci_after(PCI_PENDING_MS);
    pci_host_walk_all(&walk, wait_for_transactions, &halt);
    halt.end = pci_after(VIRTIO_MS);
    pci_host_walk_first(&walk, reset, &halt);
    if (halt.has_bridges) {
        pause(BUS_RESET_MS);
        pci_host_walk_first(&walk, release, &halt);
    }
    hosts->reset_end = pci_after(halt.takes_time ? RESET_MS : 0);
}

static bool is_host(const struct vm_config_device *device)
{
    return device->kind == VM_CONFIG_DEVICE_PCI_HOST;
}

static bool is_mapped(const struct vm_config_device *device)
{
    return is_host(device) && device->vaddr != 0;
}

void pci_hosts_init(struct pci_hosts *hosts, const struct vm_config *config)
{
    *hosts = (struct pci_hosts){.config = config};
}

void pci_hosts_halt(struct pci_hosts *hosts)
{
    hosts->answering = 0;
    for (unsigned int i = 0; i < hosts->config->device_count; i++) {
        if (is_mapped(&hosts->config->devices[i])) {
            halt_one(hosts, &hosts->config->devices[i]);
        }
    }
}

/* What is on the bridges themselves. */
static void visit_first(const struct pci_hosts *hosts, pci_host_visit *visit, void *context)
{
    for (unsigned int i = 0; i < hosts->config->device_count; i++) {
        const struct vm_config_device *device = &hosts->config->devices[i];
        struct pci_host_walk walk;

        if (is_mapped(device)) {
            pci_host_walk_init(&walk, device);
            pci_host_walk_first(&walk, visit, context);
        }
    }
}

static void count(void *context, const struct pci_host_function *function)
{
    unsigned int *number = context;

    (void)function;
    (*number)++;
}

static unsigned int count_answering(const struct pci_hosts *hosts)
{
    unsigned int number = 0;

    visit_first(hosts, count, &number);
    return number;
}

/* What hung gets another chance. */
static void retry(void *context, const struct pci_host_function *function)
{
    const struct halt *halt = context;
    const struct pci_capabilities found = pci_registers_find(function->space);

    if (!pci_flr_is_offered(function->space, found.pcie)) {
        try_virtio(halt, function, &found);
    }
}

bool pci_hosts_wait(struct pci_hosts *hosts)
{
    uint64_t late = hosts->reset_end + clock_frequency() / 1000 * PCI_READY_MS;
    struct halt again = {.hosts = hosts};
    unsigned int number;

    if (hosts->reset_end == 0) {
        return true;
    }
    while (clock_now() < hosts->reset_end) {
    }
    number = count_answering(hosts);
    while (number < hosts->answering && clock_now() < late) {
        number = count_answering(hosts);
    }
    if (hosts->is_stuck) {
        hosts->is_stuck = false;
        again.end = pci_after(VIRTIO_MS);
        visit_first(hosts, retry, &again);
    }
    if (number < hosts->answering) {
        log_line(hosts->config->name,
                 "PCI host bridge: functions do not come out of their reset: %u of %u answer",
                 number, hosts->answering);
    } else if (hosts->is_stuck) {
        log_line(hosts->config->name,
                 "PCI host bridge: a virtio device does not come out of its reset");
    } else {
        hosts->reset_end = 0;
    }
    return hosts->reset_end == 0;
}

bool pci_hosts_can_restart(const struct pci_hosts *hosts)
{
    const struct vm_config *config = hosts->config;

    for (unsigned int i = 0; i < config->device_count; i++) {
        if (is_host(&config->devices[i]) && config->devices[i].vaddr == 0) {
            log_line(config->name,
                     "PCI host bridge at 0x%" PRIx64 ": not mapped for the VMM, which cannot reset "
                     "its functions, so that the guest cannot be started again",
                     config->devices[i].ipa);
            return false;
        }
    }
    if (hosts->has_unknown) {
        log_line(config->name,
                 "%02x:%02x.%x (%04x:%04x): no reset is known, so that the guest cannot be started "
                 "again",
                 hosts->unknown >> 8u, hosts->unknown >> 3 & 0x1fu, hosts->unknown & 0x7u,
                 PCI_VENDOR(hosts->unknown_id), hosts->unknown_id >> 16);
    }
    return !hosts->has_unknown;
}
