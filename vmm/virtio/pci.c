/* SPDX-License-Identifier: BSD-2-Clause */
/* See pci.h. Sections are those of Virtual I/O Device 1.1. */
#include "vmm/virtio/pci.h"

#include <stddef.h>

/* 4.1.2 */
#define DEVICE_ID      0x1040u /* and the device's */
#define REVISION       1u
#define CLASS_CONSOLE  0x078000u /* a communication controller of another kind */
#define CLASS_OTHER    0xff0000u
#define ID_CONSOLE     3u
#define PIN_A          (1u << 8)
#define INTERRUPT_LINE 0xffu
#define STATUS_INTX    (0x8u << 16)

/* 4.1.4: types of structures */
#define CAP_NOTIFY 2u
#define CAP_ISR    3u
#define CAP_DEVICE 4u

#define CAP_SIZE         16u
#define CAP_SIZE_LONG    20u
#define CAP_LENGTH       0x0cu
#define CAP_MORE         0x10u /* notify_off_multiplier, or pci_cfg_data */
#define CAP_TYPE_SHIFT   24
#define CAP_LENGTH_SHIFT 16

/* Where capabilities are. */
#define WINDOW_AT 0x40u
#define COMMON_AT 0x54u
#define NOTIFY_AT 0x64u
#define ISR_AT    0x78u
#define DEVICE_AT 0x88u
#define MSIX_AT   0x98u

#define REGISTERS_BAR 0u
#define MSIX_BAR_NO   1u
#define PENDING_AT    0x800u /* in its BAR */

#define NO_VECTOR 0xffffu /* 4.1.5.1.2 */

static uint32_t command(const struct virtio_pci *pci)
{
    return pci_space_get(&pci->space, PCI_COMMAND);
}

static bool msix_is_on(const struct virtio_pci *pci)
{
    return (pci->msix.control & MSIX_ENABLE) != 0;
}

/* The ISR as a level, and the status register's bit for it. */
static void update_line(struct virtio_pci *pci)
{
    bool is_up = pci->device->causes != 0 && !msix_is_on(pci);

    pci_space_set(&pci->space, PCI_COMMAND, STATUS_INTX, is_up ? STATUS_INTX : 0);
    level_irq_set(&pci->irq, is_up && (command(pci) & PCI_COMMAND_INTX_DISABLE) == 0);
}

/* A function that is no bus master keeps its messages, as if it were masked. */
static void update_msix(struct virtio_pci *pci)
{
    uint32_t control = pci->setup.msix_ipa != 0 ? pci_space_get(&pci->space, MSIX_AT) : 0;

    if ((command(pci) & PCI_COMMAND_BUS_MASTER) == 0) {
        control |= MSIX_MASK_ALL;
    }
    pci->msix.control = control & (MSIX_ENABLE | MSIX_MASK_ALL);
    pci_msix_update(&pci->msix, pci->device->machine->vgic);
}

static void interrupt(void *context, uint32_t cause, unsigned int queue)
{
    struct virtio_pci *pci = context;

    pci_msix_raise(&pci->msix, pci->device->machine->vgic,
                   cause == VIRTIO_CAUSE_USED ? pci->queue_vectors[queue] : pci->config_vector);
    update_line(pci);
}

static void driver_resets(void *context)
{
    struct virtio_pci *pci = context;

    pci->config_vector = NO_VECTOR;
    for (unsigned int i = 0; i < VIRTIO_MAX_QUEUES; i++) {
        pci->queue_vectors[i] = NO_VECTOR;
    }
    pci->msix.pending = 0;
    update_line(pci);
}

static const struct virtio_transport_ops transport_ops = {.interrupt = interrupt,
                                                          .reset = driver_resets};

/* A vector that there is not is none (4.1.5.1.2.1). */
static uint16_t checked_vector(const struct virtio_pci *pci, uint32_t value)
{
    return value < pci->msix.count ? (uint16_t)value : NO_VECTOR;
}

static uint32_t read_config_vector(struct virtio_pci *pci)
{
    return pci->config_vector;
}

static void write_config_vector(struct virtio_pci *pci, uint32_t value)
{
    pci->config_vector = checked_vector(pci, value);
}

static uint32_t read_queue_count(struct virtio_pci *pci)
{
    return pci->device->ops->queue_count;
}

static bool has_selected_queue(const struct virtio_pci *pci)
{
    return pci->device->queue_select < pci->device->ops->queue_count;
}

static uint32_t read_queue_vector(struct virtio_pci *pci)
{
    return has_selected_queue(pci) ? pci->queue_vectors[pci->device->queue_select] : NO_VECTOR;
}

static void write_queue_vector(struct virtio_pci *pci, uint32_t value)
{
    if (has_selected_queue(pci)) {
        pci->queue_vectors[pci->device->queue_select] = checked_vector(pci, value);
    }
}

static uint32_t read_queue_enable(struct virtio_pci *pci)
{
    return virtio_device_read(pci->device, VIRTIO_QUEUE_READY);
}

/* It is ended by a reset alone: a driver must not write 0 (4.1.4.3.2). */
static void write_queue_enable(struct virtio_pci *pci, uint32_t value)
{
    if (value == 1) {
        virtio_device_write(pci->device, VIRTIO_QUEUE_READY, 1);
    }
}

/* All queues have one place to be notified at, by number. */
static uint32_t read_notify_off(struct virtio_pci *pci)
{
    (void)pci;
    return 0;
}

/* A field: one of the device's, or of the transport's own. What cannot be written is ignored. */
struct common_field {
    uint8_t offset;
    uint8_t size;
    enum virtio_register reg; /* if there is no `read` */
    uint32_t (*read)(struct virtio_pci *pci);
    void (*write)(struct virtio_pci *pci, uint32_t value);
};

/* 4.1.4.3, struct virtio_pci_common_cfg */
static const struct common_field common_fields[] = {
    /* device_feature_select, device_feature, driver_feature_select, driver_feature */
    {0x00, 4, .reg = VIRTIO_DEVICE_FEATURES_SELECT},
    {0x04, 4, .reg = VIRTIO_DEVICE_FEATURES},
    {0x08, 4, .reg = VIRTIO_DRIVER_FEATURES_SELECT},
    {0x0c, 4, .reg = VIRTIO_DRIVER_FEATURES},
    /* msix_config, num_queues, device_status, config_generation */
    {0x10, 2, .read = read_config_vector, .write = write_config_vector},
    {0x12, 2, .read = read_queue_count},
    {0x14, 1, .reg = VIRTIO_STATUS},
    {0x15, 1, .reg = VIRTIO_CONFIG_GENERATION},
    /* queue_select, queue_size, queue_msix_vector, queue_enable, queue_notify_off */
    {0x16, 2, .reg = VIRTIO_QUEUE_SELECT},
    {0x18, 2, .reg = VIRTIO_QUEUE_SIZE},
    {0x1a, 2, .read = read_queue_vector, .write = write_queue_vector},
    {0x1c, 2, .read = read_queue_enable, .write = write_queue_enable},
    {0x1e, 2, .read = read_notify_off},
    /* queue_desc, queue_driver, queue_device: by halves (4.1.3.1) */
    {0x20, 4, .reg = VIRTIO_QUEUE_DESC_LOW},
    {0x24, 4, .reg = VIRTIO_QUEUE_DESC_HIGH},
    {0x28, 4, .reg = VIRTIO_QUEUE_DRIVER_LOW},
    {0x2c, 4, .reg = VIRTIO_QUEUE_DRIVER_HIGH},
    {0x30, 4, .reg = VIRTIO_QUEUE_DEVICE_LOW},
    {0x34, 4, .reg = VIRTIO_QUEUE_DEVICE_HIGH},
};

#define COMMON_SIZE 0x38u

/* A field as large as it is, and as a whole; anything else reads as zero and is ignored. */
static void access_common(struct virtio_pci *pci, struct mmio_access *access)
{
    const struct common_field *field = NULL;

    for (size_t i = 0; i < sizeof(common_fields) / sizeof(common_fields[0]); i++) {
        if (common_fields[i].offset == access->offset && common_fields[i].size == access->size) {
            field = &common_fields[i];
        }
    }
    if (field == NULL) {
        return;
    }
    if (!access->is_write) {
        access->value =
            field->read != NULL ? field->read(pci) : virtio_device_read(pci->device, field->reg);
        access->value &= mmio_ones(access->size);
    } else if (field->write != NULL) {
        field->write(pci, (uint32_t)access->value);
    } else if (field->read == NULL) {
        virtio_device_write(pci->device, field->reg, (uint32_t)access->value);
    }
}

/* Reading it ends what it says (4.1.4.5). */
static void access_isr(struct virtio_pci *pci, struct mmio_access *access)
{
    if (!access->is_write) {
        access->value = virtio_device_read(pci->device, VIRTIO_CAUSES);
        virtio_device_write(pci->device, VIRTIO_CAUSES, ~0u);
        update_line(pci);
    }
}

/* The number of a queue, 16 bits (4.1.5.2). */
static void access_notify(struct virtio_pci *pci, struct mmio_access *access)
{
    if (access->is_write && access->size == 2 && access->offset == 0) {
        virtio_device_write(pci->device, VIRTIO_NOTIFY, (uint32_t)access->value);
    }
}

static void access_device(struct virtio_pci *pci, struct mmio_access *access)
{
    if (access->is_write) {
        virtio_device_write_config(pci->device, access->offset, access->size, access->value);
    } else {
        access->value = virtio_device_read_config(pci->device, access->offset, access->size);
    }
}

struct structure {
    uint8_t type;
    uint8_t at; /* its capability */
    uint8_t capability_size;
    uint16_t offset; /* in BAR 0 */
    uint16_t size;
    void (*access)(struct virtio_pci *pci, struct mmio_access *access);
};

static const struct structure structures[] = {
    {VIRTIO_CAP_COMMON, COMMON_AT, CAP_SIZE, 0x000, COMMON_SIZE, access_common},
    {CAP_NOTIFY, NOTIFY_AT, CAP_SIZE_LONG, 0x100, 4, access_notify},
    {CAP_ISR, ISR_AT, CAP_SIZE, 0x200, 1, access_isr},
    {CAP_DEVICE, DEVICE_AT, CAP_SIZE, 0x800, 0x800, access_device},
};

#define STRUCTURE_COUNT (sizeof(structures) / sizeof(structures[0]))

/* Of what lies in one structure. */
static void access_registers(struct virtio_pci *pci, struct mmio_access *access)
{
    struct mmio_access inner = *access;

    for (size_t i = 0; i < STRUCTURE_COUNT; i++) {
        const struct structure *structure = &structures[i];

        if (access->offset >= structure->offset && access->size <= structure->size &&
            access->offset - structure->offset <= structure->size - access->size) {
            inner.offset -= structure->offset;
            structure->access(pci, &inner);
            access->value = inner.value;
        }
    }
}

/* False: the access is answered, as nobody would. */
static bool is_decoded(const struct virtio_pci *pci, struct mmio_access *access)
{
    bool is_decoded = (command(pci) & PCI_COMMAND_MEMORY) != 0;

    if (!access->is_write) {
        access->value = is_decoded ? 0 : mmio_ones(access->size);
    }
    return is_decoded;
}

static bool register_access(void *context, struct mmio_access *access)
{
    if (is_decoded(context, access)) {
        access_registers(context, access);
    }
    return true;
}

static bool msix_access(void *context, struct mmio_access *access)
{
    struct virtio_pci *pci = context;

    if (!is_decoded(pci, access)) {
        return true;
    }
    if (access->offset < PENDING_AT) {
        if (pci_msix_access(&pci->msix, access->offset, access) >= 0) {
            pci_msix_update(&pci->msix, pci->device->machine->vgic);
        }
    } else if (!access->is_write && access->offset - PENDING_AT <= 8 - access->size) {
        access->value =
            pci->msix.pending >> 8 * (access->offset - PENDING_AT) & mmio_ones(access->size);
    }
    return true;
}

const struct mmio_ops virtio_pci_register_ops = {.access = register_access};
const struct mmio_ops virtio_pci_msix_ops = {.access = msix_access};

/* 4.1.4.7: where the guest's window to BAR 0 is. False: where it may not be. */
static bool find_window(const struct virtio_pci *pci, struct mmio_access *access)
{
    uint32_t size = pci_space_get(&pci->space, WINDOW_AT + CAP_LENGTH);

    access->offset = pci_space_get(&pci->space, WINDOW_AT + VIRTIO_CAP_OFFSET);
    access->size = size;
    return (pci_space_get(&pci->space, WINDOW_AT + VIRTIO_CAP_BAR) & 0xff) == REGISTERS_BAR &&
           (size == 1 || size == 2 || size == 4) && access->offset % size == 0 &&
           access->offset <= VIRTIO_PCI_BAR_SIZE - size;
}

/* Memory enable is not asked: the window is there for who cannot use the BAR. */
static void write_window(struct virtio_pci *pci, const struct pci_write *write)
{
    struct mmio_access access = {.is_write = true, .value = write->value};

    if (find_window(pci, &access) && write->mask == mmio_ones(access.size)) {
        access_registers(pci, &access);
    }
}

static void space_reads(void *context, enum pci_effect effect, unsigned int offset)
{
    struct virtio_pci *pci = context;
    struct mmio_access access = {.value = 0};

    if (effect == PCI_EFFECT_WINDOW && find_window(pci, &access)) {
        access_registers(pci, &access);
        pci_space_set(&pci->space, offset, ~0U, (uint32_t)access.value);
    }
}

static void space_written(void *context, enum pci_effect effect, const struct pci_write *write)
{
    struct virtio_pci *pci = context;

    if (effect == PCI_EFFECT_WINDOW) {
        write_window(pci, write);
        return;
    }
    update_msix(pci);
    update_line(pci);
    virtio_device_let_in(pci->device, (command(pci) & PCI_COMMAND_BUS_MASTER) != 0);
}

static const struct pci_space_ops space_ops = {.reading = space_reads, .written = space_written};

static const struct pci_row header_rows[] = {
    {PCI_COMMAND, PCI_EFFECT_COMMAND,
     .guest = PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER | PCI_COMMAND_INTX_DISABLE},
    {PCI_INTERRUPT, .guest = INTERRUPT_LINE},
};

static const struct pci_row window_rows[] = {
    {VIRTIO_CAP_BAR, .guest = 0xff},
    {VIRTIO_CAP_OFFSET, .guest = ~0U},
    {CAP_LENGTH, .guest = ~0U},
    {CAP_MORE, PCI_EFFECT_WINDOW, .guest = ~0U},
};

static const struct pci_row msix_rows[] = {
    {0, PCI_EFFECT_MSIX, .guest = MSIX_ENABLE | MSIX_MASK_ALL},
};

static void add_capability(struct pci_space *space, uint8_t at, uint32_t type, uint32_t size)
{
    pci_space_add_capability(space, at, PCI_CAPABILITY_VENDOR, NULL, 0);
    pci_space_set(space, at, 0xffff0000U, type << CAP_TYPE_SHIFT | size << CAP_LENGTH_SHIFT);
}

static void lay_structures(struct pci_space *space)
{
    for (size_t i = 0; i < STRUCTURE_COUNT; i++) {
        const struct structure *structure = &structures[i];

        add_capability(space, structure->at, structure->type, structure->capability_size);
        pci_space_set(space, structure->at + VIRTIO_CAP_BAR, ~0U, REGISTERS_BAR);
        pci_space_set(space, structure->at + VIRTIO_CAP_OFFSET, ~0U, structure->offset);
        pci_space_set(space, structure->at + CAP_LENGTH, ~0U, structure->size);
    }
    add_capability(space, WINDOW_AT, VIRTIO_CAP_WINDOW, CAP_SIZE_LONG);
    pci_space_lay(space, WINDOW_AT, window_rows, sizeof(window_rows) / sizeof(window_rows[0]));
}

static void lay_msix(struct virtio_pci *pci)
{
    const struct pci_bar bar = {pci->setup.msix_ipa, VIRTIO_PCI_BAR_SIZE, 0};

    pci_space_add_capability(&pci->space, MSIX_AT, PCI_CAPABILITY_MSIX, msix_rows, 1);
    pci_space_set(&pci->space, MSIX_AT, 0x7ffU << 16, (pci->msix.count - 1) << 16);
    pci_space_set(&pci->space, MSIX_AT + MSIX_TABLE, ~0U, MSIX_BAR_NO);
    pci_space_set(&pci->space, MSIX_AT + MSIX_PBA, ~0U, PENDING_AT | MSIX_BAR_NO);
    pci_space_set_bar(&pci->space, MSIX_BAR_NO, &bar);
}

static void lay_space(struct virtio_pci *pci)
{
    const struct pci_bar bar = {pci->setup.registers_ipa, VIRTIO_PCI_BAR_SIZE, 0};
    uint32_t id = pci->device->ops->id;
    struct pci_space *space = &pci->space;

    pci_space_init(space, &space_ops, pci, 0);
    pci_space_lay(space, 0, header_rows, sizeof(header_rows) / sizeof(header_rows[0]));
    pci_space_set(space, PCI_ID, ~0U, VIRTIO_VENDOR | (DEVICE_ID + id) << 16);
    pci_space_set(space, PCI_CLASS, ~0U,
                  (id == ID_CONSOLE ? CLASS_CONSOLE : CLASS_OTHER) << 8 | REVISION);
    pci_space_set(space, PCI_SUBSYSTEM, ~0U, VIRTIO_VENDOR | (DEVICE_ID + id) << 16);
    pci_space_set(space, PCI_INTERRUPT, 0xff00, PIN_A);
    pci_space_set_bar(space, REGISTERS_BAR, &bar);
    lay_structures(space);
    if (pci->setup.msix_ipa != 0) {
        lay_msix(pci);
    }
}

void virtio_pci_reset(struct virtio_pci *pci)
{
    unsigned int count = pci->setup.msix_ipa != 0 ? pci->device->ops->queue_count + 1 : 0;

    pci_msix_init(&pci->msix, pci->setup.frame, count);
    lay_space(pci);
    virtio_device_let_in(pci->device, false);
    virtio_device_reset(pci->device);
}

bool virtio_pci_init(struct virtio_pci *pci, struct virtio_device *device,
                     const struct virtio_pci_setup *setup)
{
    bool has_irq = level_irq_init(&pci->irq, device->machine->vgic, setup->intid);

    pci->device = device;
    pci->setup = *setup;
    virtio_device_connect(device, &transport_ops, pci);
    virtio_pci_reset(pci);
    return has_irq;
}
