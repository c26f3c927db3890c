/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for what a guest can do to its PCI functions: configuration space, MSI-X
 * tables, what else is trapped of their BARs, the MSI frame, halts and restarts; and for functions
 * that are not as they should be. Input: a byte that says how much of the functions' configuration
 * space is changed first, that many changes of four bytes, then steps of eight bytes.
 *
 * The functions are those of tests/unit/vmm/pci/rig.h, both behind an SMMU whose owner may refuse.
 * Whatever a guest does: their BARs stay where they are and their memory enabled; a vector that is
 * not masked goes to the board's doorbell with an INTID that the guest has; who is bus master is
 * the guest's and wants to be, and is attached; and what a guest must not write is as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "components/smmu/smmu.h"

#include "tests/unit/vmm/pci/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct change {
    uint8_t where; /* a function, and a dword of its configuration space */
    uint8_t value[3];
} __attribute__((packed));

struct step {
    uint8_t kind;
    uint8_t size;
    uint16_t offset;
    uint32_t value;
} __attribute__((packed));

static bool is_running;
static bool is_changed; /* the functions are not those of the rig: nothing is known of them */

/* The owner of the SMMU. StreamIDs are those of the functions here. */
static struct {
    uint32_t mood; /* bits: what it refuses, and what it makes up */
    bool is_attached[2];
} owner;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static microkit_msginfo answer(microkit_channel ch, microkit_msginfo info)
{
    uint64_t stream = microkit_mr_get(0);
    uint64_t what = microkit_msginfo_get_label(info);
    bool refuses = (owner.mood >> (what & 3) & 1) != 0;

    require(ch == RIG_OWNER && stream <= RIG_NVME);
    memset(fake.mr, (int)(owner.mood >> 8 & 0xff), sizeof(fake.mr));
    if (what == SMMU_FAULTS) {
        microkit_mr_set(SMMU_FAULTS_KIND, owner.mood >> 4);
    } else {
        require((rig_config_space((unsigned int)stream, PCI_COMMAND) & PCI_COMMAND_BUS_MASTER) ==
                0);
        owner.is_attached[stream] =
            what == SMMU_ATTACH ? !refuses : owner.is_attached[stream] && refuses;
    }
    return microkit_msginfo_new(refuses ? owner.mood >> 16 & 0xfe : SMMU_OK, 0);
}

static void add_owner(void)
{
    memset(&owner, 0, sizeof(owner));
    fake.answer = answer;
    fake_pci[RIG_DISK].bars[4][VIRTIO_DEVICE_FEATURE] = 3; /* both halves of the features */
    for (unsigned int i = 0; i < rig_config.pci.function_count; i++) {
        rig_config.pci.functions[i].flags = VM_CONFIG_PCI_SMMU;
        rig_config.pci.functions[i].stream = i;
        rig_config.pci.functions[i].smmu_channel = RIG_OWNER;
    }
}

static unsigned int device_of(const struct step *step)
{
    return step->kind >> 4 & 3; /* 00:00.0 and 00:03.0, too */
}

/* What is nearly right: the guest's doorbell, the frame's INTIDs. */
static uint64_t near_value(const struct step *step)
{
    switch (step->size >> 4 & 3) {
    case 0:
        return RIG_DOORBELL;
    case 1:
        return RIG_FIRST + (step->value & 7);
    case 2:
        return step->value & 1;
    default:
        return (uint64_t)step->value << 32 | step->value;
    }
}

static void configure(const struct step *step)
{
    unsigned int size = 1u << (step->size & 3);
    unsigned int offset = step->offset % (PCI_SPACE_SIZE - size + 1);
    uint64_t value = step->value;

    if ((step->size & 4) != 0) { /* most of what there is */
        offset = step->offset % (PCI_STANDARD_SIZE - size + 1);
    }
    if ((step->size & 0x40) != 0) {
        offset = RIG_NVME_MSI + step->offset % 0x18;
        value = near_value(step);
    }
    if ((step->size & 8) != 0) {
        value = rig_read(device_of(step), offset, size);
        require(value <= mmio_ones(size));
        require(offset % 4 + size <= 4 || value == mmio_ones(size));
    } else {
        rig_write(device_of(step), offset, size, value);
    }
}

static void use_piece(const struct step *step)
{
    static const uint64_t pieces[] = {RIG_DISK_TABLE, RIG_NVME_BAR0 + 0x2000, RIG_FRAME,
                                      RIG_NVME_BAR0 + 0x2400};
    unsigned int size = 1u << (step->size & 3);
    unsigned int span = (step->size & 0x40) != 0 ? 0x30 : 0x1000; /* three entries, or all */
    uint64_t ipa = pieces[step->kind >> 4 & 3] + step->offset % span;
    uint64_t value = near_value(step) & mmio_ones(size);

    if ((step->size & 4) != 0) {
        ipa -= ipa % size;
    }
    (void)rig_access(ipa, size, (step->size & 8) == 0, &value);
}

static void change_hardware(const struct step *step)
{
    struct fake_pci_function *function = &fake_pci[step->kind >> 4 & 1];

    if ((step->size & 4) != 0) {
        owner.mood = step->value;
    } else if ((step->size & 1) != 0) { /* status bits come up */
        function->config[PCI_COMMAND / 4] |= step->value & 0xf9080000;
    } else {
        function->is_silent_after_flr = (step->size & 2) != 0;
        function->is_there = true;
    }
}

static void halt(void)
{
    if (is_running) {
        pci_halt(&rig_pci);
        is_running = false;
    }
}

static void restart(void)
{
    halt();
    if (pci_can_restart(&rig_pci)) {
        vgic_reset(&rig_vgic);
        pci_reset_irqs(&rig_pci);
        is_running = pci_prepare(&rig_pci);
    }
}

static void perform(const struct step *step)
{
    switch (step->kind % 8) {
    case 0:
        fake_clock_wait(step->value % 0x100);
        if ((step->size & 1) != 0 && pci_has_channel(&rig_pci, step->size >> 1 & 0x3f)) {
            (void)pci_count_faults(&rig_pci);
        }
        break;
    case 1:
        change_hardware(step);
        break;
    case 2:
        if (step->value % 8 == 0) {
            halt();
        }
        if (step->value % 8 <= 1) {
            restart();
        }
        break;
    case 3:
    case 4:
    case 5:
        configure(step);
        break;
    default:
        use_piece(step);
        break;
    }
}

static bool is_the_guests(unsigned int intid)
{
    return intid >= RIG_FIRST && intid < RIG_FIRST + RIG_VECTORS - 1;
}

static void check_table(unsigned int function, unsigned int bar, unsigned int offset,
                        unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        unsigned int at = offset + 16 * i;

        if ((rig_bar(function, bar, at + 12) & 1) == 0) {
            require(is_running);
            require(rig_bar(function, bar, at) == (uint32_t)RIG_REAL_DOORBELL);
            require(rig_bar(function, bar, at + 4) == RIG_REAL_DOORBELL >> 32);
            require(is_the_guests(rig_bar(function, bar, at + 8)));
        }
    }
}

static void check_msi(void)
{
    if ((rig_config_space(RIG_NVME, RIG_NVME_MSI) & MSI_ENABLE) != 0) {
        require(is_running);
        require((rig_config_space(RIG_NVME, RIG_NVME_MSI) & 0x00700000) == 0);
        require(rig_config_space(RIG_NVME, RIG_NVME_MSI + 4) == (uint32_t)RIG_REAL_DOORBELL);
        require(rig_config_space(RIG_NVME, RIG_NVME_MSI + 8) == RIG_REAL_DOORBELL >> 32);
        require(is_the_guests(rig_config_space(RIG_NVME, RIG_NVME_MSI + 12) & 0xffff));
    }
}

static void check_command(unsigned int function)
{
    uint32_t command = rig_config_space(function, PCI_COMMAND);
    uint32_t guests = pci_space_get(&rig_pci.functions[function].space, PCI_COMMAND);

    require((command & 0x0103) == PCI_COMMAND_MEMORY);
    if ((command & PCI_COMMAND_BUS_MASTER) != 0) {
        require(is_running && (guests & PCI_COMMAND_BUS_MASTER) != 0);
        require(owner.is_attached[function]);
    }
    if ((command & PCI_COMMAND_INTX_DISABLE) == 0) {
        require(is_running && (guests & PCI_COMMAND_INTX_DISABLE) == 0 && function == RIG_DISK);
    }
}

/* In both: what no guest has a say in. */
static void check_fixed(void)
{
    const uint32_t *disk = fake_pci[RIG_DISK].config;
    const uint32_t *nvme = fake_pci[RIG_NVME].config;

    require(disk[PCI_BAR0 / 4] == PCI_BAR_IO && disk[PCI_ROM / 4] == 0);
    require(disk[PCI_BAR0 / 4 + 1] == RIG_DISK_TABLE);
    require(disk[PCI_BAR0 / 4 + 4] == ((uint32_t)RIG_DISK_BAR4 | 0xc));
    require(disk[PCI_BAR0 / 4 + 5] == RIG_DISK_BAR4 >> 32);
    require(disk[(RIG_DISK_WINDOW + 4) / 4] == 4 && disk[(RIG_DISK_POWER + 4) / 4] == 0);
    require(nvme[PCI_BAR0 / 4] == (RIG_NVME_BAR0 | PCI_BAR_64) && nvme[PCI_BAR0 / 4 + 1] == 0);
    require(nvme[(RIG_NVME_HIDDEN + 4) / 4] == 0 && nvme[(RIG_NVME_POWER + 4) / 4] == 0);
    require((nvme[(RIG_NVME_PCIE + 8) / 4] & 0xffff) == 0x2810);
}

static void check(void)
{
    if (is_changed || rig_pci.functions[RIG_NVME].reset_end != 0 ||
        rig_pci.functions[RIG_NVME].is_stuck) {
        return;
    }
    check_table(RIG_DISK, 1, 0, 3);
    check_table(RIG_NVME, 0, 0x2000, 65);
    check_msi();
    check_command(RIG_DISK);
    check_command(RIG_NVME);
    check_fixed();
}

/* Any function that a slot may have: its chain, its BARs, its identity. */
static void change(const struct change *change)
{
    uint32_t value = (uint32_t)change->value[0] | (uint32_t)change->value[1] << 8;
    unsigned int half = change->value[2] & 1;
    uint32_t *word = &fake_pci[change->where >> 6 & 1].config[change->where & 63];

    *word = (*word & ~(0xffffu << 16 * half)) | value << 16 * half;
    is_changed = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t changes = size == 0 ? 0 : data[0] % 16;
    struct change changed;
    struct step step;

    rig_reset();
    fake_clock_run();
    add_owner();
    is_changed = false;
    for (data++, size -= size != 0; changes > 0 && size >= sizeof(changed);
         data += sizeof(changed), size -= sizeof(changed), changes--) {
        memcpy(&changed, data, sizeof(changed));
        change(&changed);
    }
    rig_create();
    is_running = pci_prepare(&rig_pci);
    require(is_running || is_changed);
    for (; is_running && size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
        check();
    }
    halt();
    check();
    return 0;
}
