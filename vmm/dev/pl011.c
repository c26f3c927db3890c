/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See pl011.h. Sections are those of ARM DDI 0183G.
 *
 * What has no time here: a character is sent as soon as it is written, and the 32 bit periods of a
 * receive timeout have passed by the time the guest is told of what is below the trigger level.
 */
#include "vmm/dev/pl011.h"

#include <stddef.h>

/* UARTDR (3.3.1), and UARTRSR without the data (3.3.2): errors */
#define DR_BE     0x400u
#define DR_OE     0x800u
#define DR_DATA   0x0ffu
#define RSR_SHIFT 8
#define RSR_MASK  0xfu

/* UARTFR (3.3.3) */
#define FR_CTS  0x001u
#define FR_DSR  0x002u
#define FR_DCD  0x004u
#define FR_BUSY 0x008u
#define FR_RXFE 0x010u
#define FR_TXFF 0x020u
#define FR_RXFF 0x040u
#define FR_TXFE 0x080u
#define FR_RI   0x100u

#define LCR_H_BRK 0x01u
#define LCR_H_FEN 0x10u

/* UARTCR (3.3.8) */
#define CR_UARTEN 0x0001u
#define CR_LBE    0x0080u
#define CR_TXE    0x0100u
#define CR_RXE    0x0200u
#define CR_DTR    0x0400u
#define CR_RTS    0x0800u
#define CR_OUT1   0x1000u
#define CR_OUT2   0x2000u

#define IFLS_RX_SHIFT 3
#define IFLS_MASK     0x7u
#define IFLS_RESET    0x12u /* half full, both */

/* UARTRIS and its like (3.3.11) */
#define INT_RI  0x001u
#define INT_CTS 0x002u
#define INT_DCD 0x004u
#define INT_DSR 0x008u
#define INT_RX  0x010u
#define INT_TX  0x020u
#define INT_RT  0x040u
#define INT_BE  0x200u
#define INT_OE  0x400u
#define INT_ALL 0x7ffu

#define REGISTER_SIZE 4u

static uint16_t fifo_pop(struct pl011_fifo *fifo)
{
    uint16_t entry = fifo->entries[fifo->first];

    fifo->first = (fifo->first + 1) % PL011_FIFO_DEPTH;
    fifo->count--;
    return entry;
}

static void fifo_push(struct pl011_fifo *fifo, uint32_t entry)
{
    fifo->entries[(fifo->first + fifo->count) % PL011_FIFO_DEPTH] = (uint16_t)entry;
    fifo->count++;
}

/* With FIFOs off there is one holding register each way. */
static uint32_t fifo_depth(const struct pl011 *uart)
{
    return (uart->lcr_h & LCR_H_FEN) != 0 ? PL011_FIFO_DEPTH : 1;
}

static uint32_t fifo_room(const struct pl011 *uart, const struct pl011_fifo *fifo)
{
    return fifo->count < fifo_depth(uart) ? fifo_depth(uart) - fifo->count : 0;
}

/* Of UARTIFLS (3.3.9), in bytes. Encodings from 5 on are reserved. */
static uint32_t trigger_level(const struct pl011 *uart, unsigned int shift)
{
    static const uint8_t levels[] = {4, 8, 16, 24, 28, 28, 28, 28};

    return levels[uart->ifls >> shift & IFLS_MASK];
}

static uint32_t receive_level(const struct pl011 *uart)
{
    return (uart->lcr_h & LCR_H_FEN) != 0 ? trigger_level(uart, IFLS_RX_SHIFT) : 1;
}

static uint32_t transmit_level(const struct pl011 *uart)
{
    return (uart->lcr_h & LCR_H_FEN) != 0 ? trigger_level(uart, 0) : 0;
}

static bool is_on(const struct pl011 *uart, uint32_t direction)
{
    return (uart->cr & CR_UARTEN) != 0 && (uart->cr & direction) != 0;
}

static bool is_loopback(const struct pl011 *uart)
{
    return (uart->cr & CR_LBE) != 0;
}

static void update_irq(struct pl011 *uart)
{
    level_irq_set(&uart->irq, (uart->ris & uart->imsc) != 0);
}

/* A character has come. In a full FIFO it is lost, which shows with the next that is read. */
static void receive_entry(struct pl011 *uart, uint32_t entry)
{
    if (fifo_room(uart, &uart->receive) == 0) {
        uart->overrun = true;
        uart->rsr |= DR_OE >> RSR_SHIFT;
        uart->ris |= INT_OE;
        return;
    }
    uart->overrun = false;
    fifo_push(&uart->receive, entry);
    if ((entry & DR_BE) != 0) {
        uart->ris |= INT_BE;
    }
    if (uart->receive.count >= receive_level(uart)) {
        uart->ris |= INT_RX;
    }
}

/* The next character or break of the port, or as many characters as there is `room` for. */
static void receive_from_port(struct pl011 *uart, uint32_t room)
{
    const struct console_port *port = uart->port;
    uint8_t bytes[PL011_FIFO_DEPTH];
    uint32_t count;

    if (port->take_break(port->context)) {
        receive_entry(uart, DR_BE);
        return;
    }
    count = port->read(port->context, bytes, room);
    uart->port_is_empty = count == 0;
    for (uint32_t i = 0; i < count; i++) {
        receive_entry(uart, bytes[i]);
    }
}

/* In loopback the line from the port is cut. */
static void fill_from_port(struct pl011 *uart)
{
    uint32_t room = fifo_room(uart, &uart->receive);

    while (room > 0 && !uart->port_is_empty && is_on(uart, CR_RXE) && !is_loopback(uart)) {
        receive_from_port(uart, room);
        room = fifo_room(uart, &uart->receive);
    }
}

/* After whatever may have changed the receive FIFO: its interrupts (2.8.2, 2.8.4). Data below the
 * trigger level has waited for a receive timeout already. */
static void update_receiver(struct pl011 *uart)
{
    fill_from_port(uart);
    if (uart->receive.count < receive_level(uart)) {
        uart->ris &= ~INT_RX;
    }
    if (uart->receive.count == 0) {
        uart->ris &= ~INT_RT;
    } else if ((uart->ris & INT_RX) == 0) {
        uart->ris |= INT_RT;
    }
    update_irq(uart);
}

/* Bytes of the transmit FIFO go to the port, as many as it takes: oldest first, in one piece. */
static uint32_t send_to_port(struct pl011 *uart)
{
    uint8_t bytes[PL011_FIFO_DEPTH];
    uint32_t count = uart->transmit.count;

    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)uart->transmit.entries[(uart->transmit.first + i) % PL011_FIFO_DEPTH];
    }
    return uart->port->write(uart->port->context, bytes, count);
}

/* Empties the transmit FIFO as far as the port goes. The transmit interrupt (2.8.3) comes when what
 * leaves takes the FIFO to its trigger level or below, and goes when it is filled above. */
static void update_transmitter(struct pl011 *uart)
{
    uint32_t sent = 0;

    if (is_on(uart, CR_TXE) && uart->transmit.count > 0) {
        sent = send_to_port(uart);
    }
    for (uint32_t i = 0; i < sent; i++) {
        uint16_t byte = fifo_pop(&uart->transmit);

        if (is_loopback(uart) && is_on(uart, CR_RXE)) {
            receive_entry(uart, byte);
        }
    }
    if (uart->transmit.count > transmit_level(uart)) {
        uart->ris &= ~INT_TX;
    } else if (sent > 0) {
        uart->ris |= INT_TX;
    }
    if (is_loopback(uart)) {
        update_receiver(uart);
    } else {
        update_irq(uart);
    }
}

/* The modem's lines as UARTFR shows them: a terminal that is there and ready, or in loopback the
 * UART's own outputs (3.3.8, LBE). */
static uint32_t modem_lines(const struct pl011 *uart)
{
    if (!is_loopback(uart)) {
        return FR_CTS | FR_DSR | FR_DCD;
    }
    return ((uart->cr & CR_RTS) != 0 ? FR_CTS : 0) | ((uart->cr & CR_DTR) != 0 ? FR_DSR : 0) |
           ((uart->cr & CR_OUT1) != 0 ? FR_DCD : 0) | ((uart->cr & CR_OUT2) != 0 ? FR_RI : 0);
}

static uint32_t modem_interrupts(uint32_t changed_lines)
{
    return ((changed_lines & FR_CTS) != 0 ? INT_CTS : 0) |
           ((changed_lines & FR_DSR) != 0 ? INT_DSR : 0) |
           ((changed_lines & FR_DCD) != 0 ? INT_DCD : 0) |
           ((changed_lines & FR_RI) != 0 ? INT_RI : 0);
}

static uint32_t read_data(struct pl011 *uart)
{
    uint32_t entry;

    update_receiver(uart);
    if (uart->receive.count == 0) {
        return 0;
    }
    entry = fifo_pop(&uart->receive) | (uart->overrun ? DR_OE : 0);
    uart->rsr = entry >> RSR_SHIFT & RSR_MASK;
    update_receiver(uart);
    return entry;
}

/* Into a full FIFO it is lost: the guest was to look at UARTFR. */
static void write_data(struct pl011 *uart, uint32_t value)
{
    if (fifo_room(uart, &uart->transmit) > 0) {
        fifo_push(&uart->transmit, value & DR_DATA);
    }
    update_transmitter(uart);
}

static uint32_t read_errors(struct pl011 *uart)
{
    return uart->rsr;
}

static void clear_errors(struct pl011 *uart, uint32_t value)
{
    (void)value;
    uart->rsr = 0;
}

static uint32_t read_flags(struct pl011 *uart)
{
    uint32_t flags = modem_lines(uart);

    update_receiver(uart);
    flags |= uart->transmit.count == 0 ? FR_TXFE : FR_BUSY;
    flags |= fifo_room(uart, &uart->transmit) == 0 ? FR_TXFF : 0;
    flags |= uart->receive.count == 0 ? FR_RXFE : 0;
    flags |= fifo_room(uart, &uart->receive) == 0 ? FR_RXFF : 0;
    return flags;
}

/* Turning FIFOs off flushes them (3.3.8). A break goes nowhere but round. */
static void write_line_control(struct pl011 *uart, uint32_t value)
{
    uint32_t set = value & ~uart->lcr_h;

    if ((value & LCR_H_FEN) == 0 && (uart->lcr_h & LCR_H_FEN) != 0) {
        uart->transmit.count = 0;
        uart->receive.count = 0;
    }
    uart->lcr_h = value;
    if ((set & LCR_H_BRK) != 0 && is_loopback(uart) && is_on(uart, CR_TXE) && is_on(uart, CR_RXE)) {
        receive_entry(uart, DR_BE);
    }
    update_receiver(uart);
}

static void write_control(struct pl011 *uart, uint32_t value)
{
    uint32_t lines = modem_lines(uart);

    uart->cr = value;
    uart->ris |= modem_interrupts(lines ^ modem_lines(uart));
    update_transmitter(uart);
    update_receiver(uart);
}

static void write_trigger_levels(struct pl011 *uart, uint32_t value)
{
    uart->ifls = value;
    update_receiver(uart);
}

static void write_mask(struct pl011 *uart, uint32_t value)
{
    uart->imsc = value;
    update_receiver(uart);
}

static uint32_t read_masked(struct pl011 *uart)
{
    return uart->ris & uart->imsc;
}

static void clear_interrupts(struct pl011 *uart, uint32_t value)
{
    uart->ris &= ~value;
    update_irq(uart);
}

/* A register: what it holds, or what reading and writing it does. */
struct pl011_register {
    uint16_t offset;
    uint16_t mask;  /* bits that can be written */
    uint16_t field; /* of struct pl011; 0: none */
    uint32_t (*read)(struct pl011 *uart);
    void (*write)(struct pl011 *uart, uint32_t value);
};

#define FIELD(name) .field = offsetof(struct pl011, name)

/* Table 3-1 */
static const struct pl011_register registers[] = {
    /* UARTDR, UARTRSR and UARTECR, UARTFR */
    {0x000, DR_DATA, .read = read_data, .write = write_data},
    {0x004, 0xff, .read = read_errors, .write = clear_errors},
    {0x018, 0, .read = read_flags},
    /* UARTILPR, UARTIBRD, UARTFBRD */
    {0x020, 0x00ff, FIELD(ilpr)},
    {0x024, 0xffff, FIELD(ibrd)},
    {0x028, 0x003f, FIELD(fbrd)},
    /* UARTLCR_H, UARTCR */
    {0x02c, 0x00ff, FIELD(lcr_h), .write = write_line_control},
    {0x030, 0xff87, FIELD(cr), .write = write_control},
    /* UARTIFLS, UARTIMSC, UARTRIS, UARTMIS, UARTICR */
    {0x034, 0x003f, FIELD(ifls), .write = write_trigger_levels},
    {0x038, INT_ALL, FIELD(imsc), .write = write_mask},
    {0x03c, 0, FIELD(ris)},
    {0x040, 0, .read = read_masked},
    {0x044, INT_ALL, .write = clear_interrupts},
    /* UARTDMACR: kept, and nothing else */
    {0x048, 0x0007, FIELD(dmacr)},
};

/* UARTPeriphID0 to 3, UARTPCellID0 to 3: part 0x011, by Arm (0x41), revision 3 (r1p5). */
#define ID_START 0xfe0u
static const uint8_t identification[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static const struct pl011_register *find_register(uint64_t offset)
{
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (registers[i].offset == offset) {
            return &registers[i];
        }
    }
    return NULL;
}

static uint32_t *field_of(struct pl011 *uart, const struct pl011_register *reg)
{
    return (uint32_t *)(void *)((uint8_t *)uart + reg->field);
}

static uint32_t read_register(struct pl011 *uart, uint64_t offset)
{
    const struct pl011_register *reg = find_register(offset);

    if (offset >= ID_START && offset < ID_START + REGISTER_SIZE * sizeof(identification)) {
        return identification[(offset - ID_START) / REGISTER_SIZE];
    }
    if (reg == NULL) {
        return 0;
    }
    if (reg->read != NULL) {
        return reg->read(uart);
    }
    return reg->field != 0 ? *field_of(uart, reg) : 0;
}

static void write_register(struct pl011 *uart, uint64_t offset, uint32_t value)
{
    const struct pl011_register *reg = find_register(offset);

    if (reg == NULL || reg->mask == 0) {
        return;
    }
    if (reg->write != NULL) {
        reg->write(uart, value & reg->mask);
    } else {
        *field_of(uart, reg) = value & reg->mask;
    }
}

/* Registers are words of at most 16 bits on a bus of 32 (APB), which has no byte strobes: an access
 * of any size reaches the whole register. Only what begins at a register does anything. */
static bool pl011_access(void *context, struct mmio_access *access)
{
    bool is_supported = access->size <= REGISTER_SIZE && access->offset % REGISTER_SIZE == 0;

    if (access->is_write) {
        if (is_supported) {
            write_register(context, access->offset, (uint32_t)access->value);
        }
        return true;
    }
    access->value = is_supported ? read_register(context, access->offset) : 0;
    access->value &= access->size == 1 ? 0xff : 0xffff;
    return true;
}

const struct mmio_ops pl011_ops = {.access = pl011_access};

static void port_has_input(void *context)
{
    struct pl011 *uart = context;

    uart->port_is_empty = false;
    update_receiver(uart);
}

static void port_has_room(void *context)
{
    update_transmitter(context);
}

static void port_was_resized(void *context, uint16_t columns, uint16_t rows)
{
    (void)context;
    (void)columns;
    (void)rows;
}

static void port_resets(void *context)
{
    pl011_reset(context);
}

struct console_device pl011_console(struct pl011 *uart)
{
    return (struct console_device){
        .input = port_has_input,
        .room = port_has_room,
        .resize = port_was_resized,
        .reset = port_resets,
        .context = uart,
    };
}

bool pl011_init(struct pl011 *uart, const struct console_port *port, struct vgic *vgic,
                unsigned int intid)
{
    *uart = (struct pl011){.port = port};
    pl011_reset(uart);
    return level_irq_init(&uart->irq, vgic, intid);
}

void pl011_reset(struct pl011 *uart)
{
    struct level_irq irq = uart->irq;

    *uart = (struct pl011){
        .port = uart->port,
        .irq = irq,
        .cr = CR_UARTEN | CR_TXE | CR_RXE,
        .ifls = IFLS_RESET,
    };
    level_irq_reset(&uart->irq);
}
