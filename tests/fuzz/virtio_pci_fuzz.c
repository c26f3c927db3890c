/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for virtio-pci: a virtio console as a function of a host bridge, with an MSI
 * frame. Input: steps of eight bytes. A guest writes anything to configuration space, BARs, MSI
 * frame and into its RAM, and sets the device up as a driver does in between.
 *
 * Whatever it does, what is constant in configuration space stays; BARs answer while memory is
 * enabled, and queues are left alone while the function is no bus master; the line is what the ISR
 * says; no interrupt but INTA and those of the frame is ever raised, and none is kept back that is
 * not masked. What is behind the transport: the fuzzer virtio.
 */
#include <string.h>

#include "tests/fuzz/virtio_guest.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/pci/ecam.h"
#include "vmm/pci/v2m.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/pci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INTID     33u
#define MSI_FIRST 40u
#define MSI_COUNT 3u
#define MAX_INTID 63u
#define FRAME     0x8020000UL
#define BAR0      0xa000000UL
#define BAR1      0xa001000UL
#define SLOT      (1u << 3) /* of the function */
#define SIZE      16

#define FLAG_NO_MSIX 0x1u

/* Capabilities, as they are; a model must not ask what it is the model of. */
#define WINDOW_AT   0x40u
#define WINDOW_DATA (WINDOW_AT + 16)
#define MSIX_AT     0x98u
#define INTX_STATUS (0x8u << 16)

#define STATUS      0x14u /* device_status */
#define NOTIFY      0x100u
#define ISR         0x200u
#define EMERGENCY   0x808u /* of the console's configuration */
#define MAX_CALLS   (2 * SIZE * SIZE)
#define SPACE_WORDS (PCI_STANDARD_SIZE / 4)

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};
static const struct vm_config_msi frame = {.ipa = FRAME, .first = MSI_FIRST, .count = MSI_COUNT};

static struct vgic vgic;
static struct virtio_machine machine;
static struct virtio_console console;
static struct console_device device;
static struct virtio_pci pci;
static struct pci_bridge bridge;
static struct v2m v2m;
static bool has_msix;
static uint32_t initial[SPACE_WORDS];
static uint32_t room;
static unsigned int call_count; /* of the port, since the step began */

static uint32_t port_write(void *context, const uint8_t *bytes, uint32_t count)
{
    uint32_t taken = count < room ? count : room;

    (void)context;
    (void)bytes;
    room -= taken;
    call_count++;
    return taken;
}

static uint32_t port_room(void *context)
{
    (void)context;
    return room;
}

static uint32_t port_read(void *context, uint8_t *bytes, uint32_t count)
{
    uint32_t given = count < 3 ? count : 3;

    (void)context;
    memset(bytes, 'x', given);
    call_count++;
    return call_count % 4 == 0 ? given : 0;
}

static bool port_take_break(void *context)
{
    (void)context;
    return false;
}

static const struct console_port port = {
    .write = port_write, .room = port_room, .read = port_read, .take_break = port_take_break};

static uint64_t access(const struct mmio_ops *ops, void *context, struct mmio_access access)
{
    require(ops->access(context, &access));
    require(access.is_write || (access.value & ~mmio_ones(access.size)) == 0);
    return access.value;
}

static uint64_t read_config(unsigned int function, unsigned int offset, unsigned int size)
{
    return access(&pci_ecam_ops, &bridge,
                  (struct mmio_access){.offset = function << 12 | offset, .size = size});
}

static void write_config(unsigned int function, unsigned int offset, unsigned int size,
                         uint64_t value)
{
    (void)access(&pci_ecam_ops, &bridge,
                 (struct mmio_access){.offset = function << 12 | offset,
                                      .size = size,
                                      .is_write = true,
                                      .value = value & mmio_ones(size)});
}

static uint64_t read_bar(const struct mmio_ops *bar, uint64_t offset, unsigned int size)
{
    return access(bar, &pci, (struct mmio_access){.offset = offset, .size = size});
}

static void write_bar(const struct mmio_ops *bar, uint64_t offset, unsigned int size,
                      uint64_t value)
{
    (void)access(
        bar, &pci,
        (struct mmio_access){
            .offset = offset, .size = size, .is_write = true, .value = value & mmio_ones(size)});
}

static uint32_t command(void)
{
    return (uint32_t)read_config(SLOT, PCI_COMMAND, 2);
}

static bool has_command(uint32_t bit)
{
    return (command() & bit) != 0;
}

/* The bits of a register that a guest may change. */
static uint32_t writable(unsigned int offset)
{
    switch (offset) {
    case PCI_COMMAND:
        return PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER | PCI_COMMAND_INTX_DISABLE | INTX_STATUS;
    case PCI_BAR0:
        return 0xfffff000;
    case PCI_BAR0 + 4:
        return has_msix ? 0xfffff000 : 0;
    case PCI_INTERRUPT:
    case WINDOW_AT + 4:
        return 0xff;
    case WINDOW_AT + 8:
    case WINDOW_AT + 12:
    case WINDOW_DATA:
        return 0xffffffff;
    case MSIX_AT:
        return has_msix ? 0xc0000000 : 0;
    default:
        return 0;
    }
}

/* All but the window's data, whose reading does something. */
static void check_space(void)
{
    for (unsigned int i = 0; i < SPACE_WORDS; i++) {
        if (4 * i != WINDOW_DATA) {
            uint32_t now = (uint32_t)read_config(SLOT, 4 * i, 4);

            require(((now ^ initial[i]) & ~writable(4 * i)) == 0);
        }
    }
}

static void check_interrupts(void)
{
    bool msix_is_on = has_msix && (read_config(SLOT, MSIX_AT, 4) & MSIX_ENABLE) != 0;
    bool is_up = console.virtio.causes != 0 && !msix_is_on;
    bool is_masked = !has_command(PCI_COMMAND_BUS_MASTER) ||
                     (read_config(SLOT, MSIX_AT, 4) & MSIX_MASK_ALL) != 0;

    require(pci.irq.virq->is_up == (is_up && !has_command(PCI_COMMAND_INTX_DISABLE)));
    require(((read_config(SLOT, PCI_COMMAND, 4) & INTX_STATUS) != 0) == is_up);
    for (unsigned int i = VGIC_PRIVATE_COUNT; i <= MAX_INTID; i++) {
        const struct virq *virq = vgic_find(&vgic, 0, i);
        bool is_known = i == INTID || (i >= MSI_FIRST && i - MSI_FIRST < MSI_COUNT);

        require(is_known || (!virq->pending && !virq->in_flight));
    }
    for (unsigned int i = 0; i < 64 && msix_is_on && !is_masked; i++) {
        require((pci.msix.pending >> i & 1) == 0 || pci_msix_is_masked(&pci.msix, i));
    }
}

/* The guest takes and ends some: INTA is there again until the ISR was read, if it can be. */
static void handle_interrupts(void)
{
    for (unsigned int i = 0; i < MSI_COUNT + 1; i++) {
        int index = fake_take(0);

        if (index < 0) {
            return;
        }
        fake_end(0, (unsigned int)index);
        (void)read_bar(&virtio_pci_register_ops, ISR, 1);
        require(vgic_end(&vgic, 0, (unsigned int)index));
    }
}

static void set(unsigned int offset, unsigned int size, uint64_t value)
{
    write_bar(&virtio_pci_register_ops, offset, size, value);
}

static void set_queue(unsigned int queue)
{
    set(0x16, 2, queue);
    set(0x18, 2, SIZE);
    set(0x1a, 2, queue + 1);
    for (unsigned int half = 0; half < 2; half++) {
        set(0x20 + 4 * half, 4, DRIVER_QUEUE(queue) >> 32 * half);
        set(0x28 + 4 * half, 4, (DRIVER_QUEUE(queue) + DRIVER_AVAIL) >> 32 * half);
        set(0x30 + 4 * half, 4, (DRIVER_QUEUE(queue) + DRIVER_USED) >> 32 * half);
    }
    set(0x1c, 2, 1);
}

/* As a driver does. */
static void start(const struct step *step)
{
    write_config(SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER);
    set(STATUS, 1, 0);
    require(read_bar(&virtio_pci_register_ops, STATUS, 1) == 0);
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    set(STATUS, 1, 3);
    for (uint32_t half = 0; half < 2; half++) {
        set(0x08, 4, half);
        set(0x0c, 4, 1);
    }
    set(STATUS, 1, 0xb);
    if ((step->size & 1) != 0) {
        write_config(SLOT, MSIX_AT + 2, 2, MSIX_ENABLE >> 16);
        for (unsigned int i = 0; i < MSI_COUNT; i++) {
            write_bar(&virtio_pci_msix_ops, 16 * i, 8, FRAME + V2M_SETSPI_NS);
            write_bar(&virtio_pci_msix_ops, 16 * i + 8, 8, MSI_FIRST + i);
        }
        set(0x10, 2, 0);
    }
    set_queue(0);
    set_queue(1);
    set(STATUS, 1, 0xf);
    require(read_bar(&virtio_pci_register_ops, STATUS, 1) == 0xf);
}

static void port_changes(const struct step *step)
{
    switch (step->size % 3) {
    case 0:
        device.input(device.context);
        break;
    case 1:
        room = step->value;
        device.room(device.context);
        break;
    default:
        device.resize(device.context, (uint16_t)step->value, step->offset);
        break;
    }
}

/* Most of it to where there is something. */
static void write_space(const struct step *step)
{
    static const uint8_t places[] = {PCI_COMMAND, MSIX_AT,       MSIX_AT + 2,    WINDOW_AT + 4,
                                     PCI_BAR0,    WINDOW_AT + 8, WINDOW_AT + 12, WINDOW_DATA};
    unsigned int offset =
        (step->size & 0x80) != 0 ? step->offset & 0xfffu : places[step->offset % sizeof(places)];
    unsigned int function = (step->size & 0x60) == 0x60 ? step->offset >> 8 : SLOT;

    write_config(function, offset, 1u << (step->size & 3), step->value);
}

static void write_registers(const struct step *step)
{
    bool is_decoded = has_command(PCI_COMMAND_MEMORY);
    uint32_t status = console.virtio.status;

    if ((step->size & 0x80) != 0) {
        write_bar(&virtio_pci_register_ops, step->offset & 0xfff, 1u << (step->size & 3),
                  step->value * 0x100000001UL);
    } else {
        write_bar(&virtio_pci_register_ops, step->offset & 0x3f, 1u << (step->size & 3),
                  step->value & 0x1f);
    }
    require(is_decoded || (console.virtio.status == status && call_count == 0));
}

static void read_anything(const struct step *step)
{
    static const struct mmio_ops *const bars[] = {&virtio_pci_register_ops, &virtio_pci_msix_ops};
    unsigned int size = 1u << (step->size & 3);

    unsigned int offset = step->offset & ((step->size & 0x20) != 0 ? 0x3f : 0xfff);

    if ((step->size & 0xc0) == 0xc0) {
        (void)read_config(step->value & 0xff, offset, size);
    } else if ((step->size & 0x80) != 0) {
        (void)read_config(SLOT, (step->size & 0x20) != 0 ? WINDOW_DATA : offset, size);
    } else {
        uint64_t value = read_bar(bars[step->size >> 6 & 1], offset, size);

        require(has_command(PCI_COMMAND_MEMORY) || value == mmio_ones(size));
    }
}

static void write_table(const struct step *step)
{
    static const uint32_t words[] = {FRAME + V2M_SETSPI_NS, 0, MSI_FIRST, 0};

    if ((step->size & 0x80) != 0) {
        write_bar(&virtio_pci_msix_ops, step->offset & 0xfff, 1u << (step->size & 3),
                  step->value * 0x100000001UL);
    } else {
        write_bar(&virtio_pci_msix_ops, step->offset & 0x3c, 4,
                  words[step->offset >> 2 & 3] + (step->value & 3));
    }
}

static void access_frame(const struct step *step)
{
    unsigned int size = 1u << (step->size & 3);
    bool is_doorbell = (step->size & 0x8) != 0;

    (void)access(&v2m_ops, &v2m,
                 (struct mmio_access){.offset = is_doorbell ? V2M_SETSPI_NS : step->offset & 0xffcu,
                                      .size = size,
                                      .is_write = is_doorbell || (step->value & 1) != 0,
                                      .value = step->value & mmio_ones(size)});
}

static void others(const struct step *step)
{
    switch (step->size >> 4 & 7) {
    case 0:
        virtio_pci_reset(&pci);
        fake.console[0] = '\0'; /* another guest, of which a line may be said again */
        break;
    case 1:
    case 2:
        start(step);
        break;
    case 3:
        access_frame(step);
        break;
    case 4:
        set(NOTIFY, 2, step->value & 1);
        break;
    default:
        handle_interrupts();
        break;
    }
}

static void (*const kinds[])(const struct step *step) = {
    write_space, write_registers, read_anything, write_table, guest_writes_ram,
    NULL,        port_changes,    others,
};

static void perform(const struct step *step)
{
    bool may_access = has_command(PCI_COMMAND_BUS_MASTER);
    uint16_t used[2] = {console.virtio.queues[0].used_next, console.virtio.queues[1].used_next};
    const char *line;

    call_count = 0;
    if (kinds[step->kind % 8] != NULL) {
        kinds[step->kind % 8](step);
    } else {
        guest_offers(step, SIZE);
        set(NOTIFY, 2, step->offset >> 15);
    }
    require(call_count <= MAX_CALLS);
    for (unsigned int i = 0; i < 2 && !may_access && !has_command(PCI_COMMAND_BUS_MASTER); i++) {
        uint16_t now = console.virtio.queues[i].used_next;

        require(now == used[i] || now == 0); /* or it was set up anew */
    }
    line = strchr(fake.console, '\n');
    require(line == NULL || line[1] == 0);
    check_space();
    check_interrupts();
}

static void set_up(uint8_t flags)
{
    const struct virtio_pci_setup setup = {.registers_ipa = BAR0,
                                           .msix_ipa = (flags & FLAG_NO_MSIX) != 0 ? 0 : BAR1,
                                           .frame = &frame,
                                           .intid = INTID};

    fake_reset();
    room = 0;
    has_msix = setup.msix_ipa != 0;
    vgic_init(&vgic, vcpus, 1, MAX_INTID);
    require(v2m_init(&v2m, &frame, &vgic));
    machine = (struct virtio_machine){.name = "fuzz", .vgic = &vgic, .ram = driver_reset()};
    virtio_console_init(&console, &port, &machine);
    device = virtio_console_device(&console);
    require(virtio_pci_init(&pci, &console.virtio, &setup));
    pci_bridge_init(&bridge);
    require(pci_bridge_add(&bridge, SLOT, &pci.space));
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    for (unsigned int i = VGIC_PRIVATE_COUNT; i <= MAX_INTID; i++) {
        vgic_set_enabled(&vgic, vgic_find(&vgic, 0, i), true);
    }
    for (unsigned int i = 0; i < SPACE_WORDS; i++) {
        initial[i] = (uint32_t)read_config(SLOT, 4 * i, 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step step;

    if (size == 0) {
        return 0;
    }
    set_up(data[0]);
    for (data++, size--; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
        memcpy(&step, data, sizeof(step));
        perform(&step);
    }
    return 0;
}
