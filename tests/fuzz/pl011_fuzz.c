/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for the PL011. Input: a byte of flags, then steps of four bytes: the guest
 * reads and writes registers at any offset and size, the port has input, breaks and room, or none.
 *
 * A tame guest writes only when there is room, leaves FIFOs and loopback alone and does not reset:
 * then every byte arrives once and in order, either way. For any guest the level is what registers
 * say, and no access takes more of the port than a FIFO holds.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/vmm/fake/fake.h"
#include "vmm/dev/pl011.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INTID     33
#define BREAK     0x400u
#define FLAG_TAME 0x1u
#define FLAG_FIFO 0x2u

enum offset {
    DR = 0x00,
    FR = 0x18,
    LCR_H = 0x2c,
    CR = 0x30,
    IMSC = 0x38,
    RIS = 0x3c,
    MIS = 0x40,
};

struct step {
    uint8_t kind;
    uint8_t offset;
    uint16_t value;
} __attribute__((packed));

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};

static struct vgic vgic;
static struct pl011 uart;
static struct console_device device;
static bool is_tame;

/* Numbered in both directions: byte n is (uint8_t)n; every 11th thing typed is a break. */
static uint32_t typed_count;
static uint32_t taken_count;   /* by the UART, of what was typed */
static uint32_t read_count;    /* by the guest */
static uint32_t written_count; /* by the guest */
static uint32_t printed_count; /* by the UART */
static uint32_t room;
static uint32_t moved_count; /* in or out of the port, since the access began */

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static bool is_break(uint32_t number)
{
    return number % 11 == 10;
}

static uint32_t port_write(void *context, const uint8_t *bytes, uint32_t count)
{
    uint32_t taken = count < room ? count : room;

    (void)context;
    require(count > 0);
    for (uint32_t i = 0; i < taken && is_tame; i++) {
        require(bytes[i] == (uint8_t)printed_count);
        printed_count++;
    }
    room -= taken;
    moved_count += taken;
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
        bytes[given++] = (uint8_t)taken_count++;
    }
    moved_count += given;
    return given;
}

static bool port_take_break(void *context)
{
    (void)context;
    if (taken_count == typed_count || !is_break(taken_count)) {
        return false;
    }
    taken_count++;
    moved_count++;
    return true;
}

static const struct console_port port = {
    .write = port_write, .room = port_room, .read = port_read, .take_break = port_take_break};

static uint32_t read_reg(unsigned int offset, unsigned int bytes)
{
    struct mmio_access access = {.offset = offset, .size = bytes, .value = ~0UL};

    moved_count = 0;
    require(pl011_ops.access(&uart, &access));
    require(bytes >= 8 || access.value >> bytes * 8 == 0);
    require(moved_count <= 4 * PL011_FIFO_DEPTH);
    return (uint32_t)access.value;
}

static void write_reg(unsigned int offset, unsigned int bytes, uint32_t value)
{
    struct mmio_access access = {.offset = offset, .size = bytes, .is_write = true, .value = value};

    moved_count = 0;
    require(pl011_ops.access(&uart, &access));
    require(moved_count <= 4 * PL011_FIFO_DEPTH);
}

static void guest_prints(uint32_t count)
{
    for (uint32_t i = 0; i < count && (read_reg(FR, 4) & 0x20) == 0; i++) {
        write_reg(DR, 1, (uint8_t)written_count);
        written_count++;
    }
}

static void guest_reads(uint32_t count)
{
    for (uint32_t i = 0; i < count && (read_reg(FR, 2) & 0x10) == 0; i++) {
        uint32_t entry = read_reg(DR, 4);

        require(entry == (is_break(read_count) ? BREAK : (uint8_t)read_count));
        read_count++;
    }
}

/* Registers that a tame guest may write as it likes. */
static bool is_harmless(unsigned int offset)
{
    return offset != DR && offset != LCR_H && offset != CR;
}

static void access_register(const struct step *step)
{
    unsigned int offset = step->offset & 0x80 ? step->offset << 4 : step->offset;
    unsigned int bytes = 1u << (step->kind >> 4 & 3);

    if (step->kind & 0x80 && is_tame && is_harmless(offset & ~3u)) {
        write_reg(offset, bytes, step->value);
    } else if (step->kind & 0x80 && !is_tame) {
        write_reg(offset, bytes, step->value);
    } else if (!is_tame || offset >= 4) {
        (void)read_reg(offset, bytes);
    }
}

static void perform(const struct step *step)
{
    switch (step->kind & 7) {
    case 0:
        if (is_tame) {
            guest_prints(step->value % 64);
        }
        break;
    case 1:
        if (is_tame) {
            guest_reads(step->value % 64);
        }
        break;
    case 2:
        typed_count += step->value % 100;
        device.input(device.context);
        break;
    case 3:
        room = step->value % 50;
        device.room(device.context);
        break;
    case 4:
        if (!is_tame && step->value == 0) {
            device.reset(device.context);
        } else {
            device.resize(device.context, step->value, step->value);
        }
        break;
    case 5:
        /* The UART on and off: what is in it stays. */
        write_reg(CR, 4, step->value & (is_tame ? 0xff7f : 0xffff));
        break;
    default:
        access_register(step);
        break;
    }
}

static void check(void)
{
    uint32_t flags = read_reg(FR, 4);
    uint32_t depth = (read_reg(LCR_H, 4) & 0x10) != 0 ? PL011_FIFO_DEPTH : 1;

    require(uart.irq.virq->is_up == (read_reg(MIS, 4) != 0));
    require(read_reg(MIS, 4) == (read_reg(RIS, 4) & read_reg(IMSC, 4)));
    require(uart.transmit.count <= PL011_FIFO_DEPTH && uart.receive.count <= PL011_FIFO_DEPTH);
    require(uart.transmit.count <= depth && uart.receive.count <= depth);
    require(((flags & 0x80) != 0) == (uart.transmit.count == 0));
    require(((flags & 0x08) != 0) == (uart.transmit.count != 0));
    require(((flags & 0x20) != 0) == (uart.transmit.count == depth));
    require(((flags & 0x10) != 0) == (uart.receive.count == 0));
    require(((flags & 0x40) != 0) == (uart.receive.count == depth));
    /* On, and the port can: nothing waits. */
    require((uart.cr & 0x101) != 0x101 || room == 0 || uart.transmit.count == 0);
    require((uart.cr & 0x281) != 0x201 || uart.receive.count == depth ||
            taken_count == typed_count);
    require(!is_tame || printed_count + uart.transmit.count == written_count);
    require(!is_tame || read_count + uart.receive.count == taken_count);
}

/* A guest that works by interrupts gets all there is. */
static void settle(void)
{
    write_reg(CR, 4, 0x301);
    write_reg(IMSC, 4, 0x50);
    room = UINT32_MAX;
    device.room(device.context);
    device.input(device.context);
    while (uart.irq.virq->is_up) {
        guest_reads(1);
    }
    require(read_count == typed_count && printed_count == written_count);
}

static void set_up(uint8_t flags)
{
    fake_reset();
    typed_count = taken_count = read_count = written_count = printed_count = 0;
    room = 0;
    is_tame = (flags & FLAG_TAME) != 0;
    vgic_init(&vgic, vcpus, 1, INTID);
    require(pl011_init(&uart, &port, &vgic, INTID));
    device = pl011_console(&uart);
    if ((flags & FLAG_FIFO) != 0) {
        write_reg(LCR_H, 4, 0x70);
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
        check();
    }
    if (is_tame) {
        settle();
        check();
    }
    return 0;
}
