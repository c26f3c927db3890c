/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for queues, transport and console of virtio. Input: a byte of flags, then steps
 * of eight bytes.
 *
 * A tame guest drives the console as the specification wants: every byte arrives once and in order,
 * either way, chains come back in order, and it is told. A wild one writes anything to registers
 * and into its RAM. For any guest an access ends after a bounded number of calls of the port, a
 * device that needs a reset does nothing until then, and says so once.
 */
#include <string.h>

#include "tests/fuzz/virtio_guest.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/mmio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INTID     33
#define SIZE      16
#define RX        0
#define TX        1
#define FLAG_TAME 0x1u

/* A tame guest has five chains of three descriptors for each queue, and uses them in turn. */
#define CHAIN_COUNT 5
#define CHAIN_DESCS 3
#define DESC_BYTES  0x100u

#define MAX_CALLS (2 * SIZE * SIZE)

struct queue_state {
    uint16_t offered_count;
    uint16_t reclaimed_count;
    uint16_t avail_flags;
    uint32_t lengths[CHAIN_COUNT][CHAIN_DESCS];
};

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};

static struct vgic vgic;
static struct virtio_machine machine;
static struct virtio_console console;
static struct virtio_mmio mmio;
static struct console_device device;
static struct queue_state queues[2];
static bool is_tame;

/* Numbered in both directions; every 11th thing typed is a break. */
static uint32_t typed_count;
static uint32_t taken_count;   /* by the console, of what was typed */
static uint32_t read_count;    /* by the guest */
static uint32_t written_count; /* by the guest */
static uint32_t printed_count; /* by the console */
static uint32_t room;
static unsigned int call_count; /* of the port, since the access began */
static uint16_t used_counts[2]; /* when it began */

static uint8_t byte_of(uint32_t number)
{
    return (uint8_t)(number ^ number >> 8);
}

static bool is_break(uint32_t number)
{
    return number % 11 == 10;
}

static uint32_t port_write(void *context, const uint8_t *bytes, uint32_t count)
{
    uint32_t taken = count < room ? count : room;
    uint32_t sum = 0;

    (void)context;
    require(count > 0);
    for (uint32_t i = 0; i < taken; i++) {
        sum += bytes[i];
        require(!is_tame || bytes[i] == byte_of(printed_count + i));
    }
    require(sum <= taken * 0xff);
    printed_count += taken;
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
    uint32_t given = 0;

    (void)context;
    require(count > 0);
    while (given < count && taken_count < typed_count && !is_break(taken_count)) {
        bytes[given++] = byte_of(taken_count++);
    }
    call_count++;
    return given;
}

static bool port_take_break(void *context)
{
    (void)context;
    if (taken_count == typed_count || !is_break(taken_count)) {
        return false;
    }
    taken_count++;
    return true;
}

static const struct console_port port = {
    .write = port_write, .room = port_room, .read = port_read, .take_break = port_take_break};

static bool needs_reset(void)
{
    return (console.virtio.status & 0x40) != 0;
}

/* Around everything that is done to the device. */
static bool before(void)
{
    call_count = 0;
    for (unsigned int i = 0; i < 2; i++) {
        used_counts[i] = console.virtio.queues[i].used_next;
    }
    return needs_reset();
}

static void after(bool needed_reset)
{
    const char *line = strchr(fake.console, '\n');

    require(call_count <= MAX_CALLS);
    for (unsigned int i = 0; i < 2; i++) {
        uint16_t now = console.virtio.queues[i].used_next;

        require(now == 0 || (uint16_t)(now - used_counts[i]) <= SIZE);
    }
    require(!needed_reset || !needs_reset() || call_count == 0);
    require(line == NULL || line[1] == 0);
    require(mmio.irq.virq->is_up == (console.virtio.causes != 0));
}

static void write_reg(uint64_t offset, unsigned int bytes, uint64_t value)
{
    bool is_emergency = offset == DRIVER_CONFIG + 8;
    bool needed_reset = before();

    driver_write_sized(&mmio, offset, bytes, value);
    after(needed_reset && !is_emergency);
}

static void read_reg(uint64_t offset, unsigned int bytes)
{
    bool needed_reset = before();
    uint64_t value = driver_read_sized(&mmio, offset, bytes);

    require(bytes >= 8 || value >> bytes * 8 == 0);
    after(needed_reset);
}

static void port_changes(const struct step *step)
{
    bool needed_reset = before();

    switch (step->size % 3) {
    case 0:
        typed_count += step->value % 1000;
        device.input(device.context);
        break;
    case 1:
        room = is_tame ? step->value % 1000 : step->value;
        device.room(device.context);
        break;
    default:
        device.resize(device.context, (uint16_t)step->value, step->offset);
        break;
    }
    after(needed_reset);
}

/* Buffers of the tame guest; the last chain's first lies across two ranges of RAM. */
static uint64_t buffer(unsigned int queue, unsigned int chain, unsigned int desc)
{
    if (queue == RX && chain == CHAIN_COUNT - 1 && desc == 0) {
        return DRIVER_SECOND - DESC_BYTES / 2;
    }
    return DRIVER_BUFFERS + 0x4000UL * queue + (chain * CHAIN_DESCS + desc) * DESC_BYTES;
}

static uint8_t *byte_at(unsigned int queue, unsigned int chain, unsigned int desc, uint32_t offset)
{
    return driver_pointer(buffer(queue, chain, desc) + offset);
}

/* Numbered bytes into a chain's descriptor, to print; or a pattern that shows what is not read. */
static void fill_desc(unsigned int queue, unsigned int chain, unsigned int desc)
{
    for (uint32_t i = 0; i < DESC_BYTES; i++) {
        bool is_printed = queue == TX && i < queues[TX].lengths[chain][desc];

        *byte_at(queue, chain, desc, i) = is_printed ? byte_of(written_count++) : 0xee;
    }
}

/* Three descriptors, not in the order of their numbers, of lengths from the step. */
static void offer_chain(unsigned int queue, const struct step *step)
{
    static const uint8_t order[CHAIN_DESCS] = {1, 0, 2};
    struct queue_state *state = &queues[queue];
    unsigned int chain = state->offered_count % CHAIN_COUNT;
    unsigned int count = 1 + step->offset % CHAIN_DESCS;

    if ((uint16_t)(state->offered_count - state->reclaimed_count) == CHAIN_COUNT) {
        return;
    }
    memset(state->lengths[chain], 0, sizeof(state->lengths[chain]));
    for (unsigned int i = 0; i < count; i++) {
        struct driver_desc desc = {.ipa = buffer(queue, chain, i)};

        state->lengths[chain][i] = (step->value >> 8 * i & 0xff) + (step->value >> 31);
        desc.length = state->lengths[chain][i];
        desc.flags =
            (uint16_t)((i < count - 1 ? DRIVER_NEXT : 0) | (queue == RX ? DRIVER_WRITE : 0));
        desc.next = (uint16_t)(chain * CHAIN_DESCS + order[(i + 1) % CHAIN_DESCS]);
        driver_describe(queue, chain * CHAIN_DESCS + order[i], &desc);
        fill_desc(queue, chain, i);
    }
    driver_offer(queue, SIZE, (uint16_t)(chain * CHAIN_DESCS + order[0]));
    state->offered_count++;
    if (step->size % 4 != 0) {
        write_reg(DRIVER_QUEUE_NOTIFY, 4, queue);
    }
}

/* What came back in a chain: as many bytes as it says, the next ones, and nothing behind. */
static void read_chain(unsigned int chain, uint32_t length)
{
    for (unsigned int desc = 0; desc < CHAIN_DESCS; desc++) {
        uint32_t room_in_desc = queues[RX].lengths[chain][desc];

        for (uint32_t i = 0; i < DESC_BYTES && room_in_desc > 0; i++) {
            if (i < room_in_desc && length > 0) {
                read_count += is_break(read_count) ? 1 : 0;
                require(*byte_at(RX, chain, desc, i) == byte_of(read_count));
                read_count++;
                length--;
            } else {
                require(*byte_at(RX, chain, desc, i) == 0xee);
            }
        }
    }
    require(length == 0);
}

static void reclaim(unsigned int queue)
{
    struct queue_state *state = &queues[queue];

    while (state->reclaimed_count != driver_used_index(queue)) {
        unsigned int chain = state->reclaimed_count % CHAIN_COUNT;
        struct driver_used used = driver_used(queue, SIZE, state->reclaimed_count);

        require(state->reclaimed_count != state->offered_count);
        require(used.id == chain * CHAIN_DESCS + 1);
        if (queue == RX) {
            read_chain(chain, used.length);
        } else {
            require(used.length == 0);
        }
        state->reclaimed_count++;
    }
}

static void handle_interrupt(void)
{
    write_reg(DRIVER_INTERRUPT_ACK, 4, driver_read(&mmio, DRIVER_INTERRUPT_STATUS));
    reclaim(RX);
    reclaim(TX);
}

static void choose_interrupts(unsigned int queue, bool wanted)
{
    queues[queue].avail_flags = wanted ? 0 : 1;
    driver_set_avail_flags(queue, queues[queue].avail_flags);
    reclaim(queue); /* what came before it was wanted */
}

static void start_tame(void)
{
    memset(driver_pointer(DRIVER_QUEUE(0)), 0, 0x2000);
    memset(queues, 0, sizeof(queues));
    driver_start(&mmio, 1, SIZE);
    printed_count = written_count;
    read_count = taken_count;
}

static void perform_tame(const struct step *step)
{
    unsigned int queue = step->offset >> 15;

    switch (step->kind % 8) {
    case 0:
    case 1:
    case 2:
        offer_chain(queue, step);
        break;
    case 3:
        handle_interrupt();
        break;
    case 4:
        choose_interrupts(queue, step->value % 2 == 0);
        break;
    case 5:
        if (step->value % 32 == 0) {
            start_tame();
        } else {
            read_reg(step->offset & 0x1ff, 1u << step->size % 4);
        }
        break;
    default:
        port_changes(step);
        break;
    }
    require(!needs_reset());
}

/* A chain that came back while the guest wanted to know is told. */
static void check_tame(void)
{
    for (unsigned int i = 0; i < 2; i++) {
        require(queues[i].avail_flags != 0 || queues[i].reclaimed_count == driver_used_index(i) ||
                (console.virtio.causes & 1) != 0);
    }
}

/* All that was typed is read, all that was offered is printed. */
static void settle(void)
{
    const struct step step = {.kind = 0, .size = 1, .value = 0xffffff};

    room = UINT32_MAX;
    device.room(device.context);
    device.input(device.context);
    write_reg(DRIVER_QUEUE_NOTIFY, 4, TX);
    write_reg(DRIVER_QUEUE_NOTIFY, 4, RX);
    reclaim(TX);
    reclaim(RX);
    while (taken_count < typed_count) {
        offer_chain(RX, &step);
        reclaim(RX);
    }
    read_count += is_break(read_count) && read_count < typed_count ? 1 : 0;
    require(read_count == typed_count && printed_count == written_count);
    require(queues[TX].reclaimed_count == queues[TX].offered_count);
}

static void offer_anything(const struct step *step)
{
    guest_offers(step, SIZE);
    if ((step->kind & 0x80) != 0) {
        write_reg(DRIVER_QUEUE_NOTIFY, 4, step->offset >> 15);
    }
}

static void perform_wild(const struct step *step)
{
    switch (step->kind % 8) {
    case 0:
        write_reg(step->offset & 0x1ff, 1u << (step->size & 3), step->value);
        break;
    case 1:
        write_reg(step->offset & 0xfc, 4, step->value & 0x1f);
        break;
    case 2:
        read_reg(step->offset & 0xfff, 1u << (step->size & 3));
        break;
    case 3:
        guest_writes_ram(step);
        break;
    case 4:
    case 5:
        offer_anything(step);
        break;
    case 6:
        if (step->value % 4 == 0) {
            driver_start(&mmio, step->value >> 8 & 5, step->size);
        }
        break;
    default:
        port_changes(step);
        break;
    }
}

static void set_up(uint8_t flags)
{
    fake_reset();
    typed_count = taken_count = read_count = written_count = printed_count = 0;
    room = 0;
    is_tame = (flags & FLAG_TAME) != 0;
    vgic_init(&vgic, vcpus, 1, INTID);
    machine = (struct virtio_machine){.name = "fuzz", .vgic = &vgic, .ram = driver_reset()};
    virtio_console_init(&console, &port, &machine);
    require(virtio_mmio_init(&mmio, &console.virtio, INTID));
    device = virtio_console_device(&console);
    if (is_tame) {
        start_tame();
    } else {
        driver_start(&mmio, 5, SIZE);
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
        if (is_tame) {
            perform_tame(&step);
            check_tame();
        } else {
            perform_wild(&step);
        }
    }
    if (is_tame) {
        settle();
        require(!needs_reset());
    }
    return 0;
}
