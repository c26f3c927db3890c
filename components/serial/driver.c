/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver of an Arm PL011 UART (PrimeCell UART technical reference manual, DDI 0183), a program:
 * it moves bytes between the UART and the rings of uart.h, and knows nothing of what they mean.
 *
 *   uart_vaddr    the registers, mapped uncached
 *   uart_irq      their interrupt, level
 *   mux_vaddr     the region shared with the program that uses the UART
 *   mux_channel   the channel to it
 *
 * Baud rate and wires are the firmware's affair; here it is 8 bits, no parity, one stop bit, FIFOs
 * on. Whatever woke the driver, it does all there is to do: so an interrupt or a signal too many
 * does no harm. What it cannot do now it waits for in one of three ways:
 *
 *   to send, the FIFO is full       the transmit interrupt
 *   to receive, the FIFO is empty   the receive interrupts: half full, or bytes and then a pause
 *   to receive, the ring is full    the ring's signal; the receive interrupts are masked, RTS says
 *                                   no, and the full FIFO stops QEMU
 */
#include <microkit.h>

#include "components/lib/filled.h"
#include "components/serial/uart.h"

/* Section 3.3: registers. */
struct pl011 {
    uint32_t dr;
    uint32_t rsr;
    uint32_t reserved0[4];
    uint32_t fr;
    uint32_t reserved1;
    uint32_t ilpr;
    uint32_t ibrd;
    uint32_t fbrd;
    uint32_t lcr_h;
    uint32_t cr;
    uint32_t ifls;
    uint32_t imsc;
    uint32_t ris;
    uint32_t mis;
    uint32_t icr;
};

_Static_assert(offsetof(struct pl011, icr) == 0x44, "pl011");

#define DR_FE (1U << 8)
#define DR_BE (1U << 10)
#define DR_OE (1U << 11)

#define FR_BUSY (1U << 3)
#define FR_RXFE (1U << 4)
#define FR_TXFF (1U << 5)
#define FR_TXFE (1U << 7)

#define LCR_H_FEN  (1U << 4)
#define LCR_H_WLEN (3U << 5) /* 8 bits */

#define CR_UARTEN (1U << 0)
#define CR_TXE    (1U << 8)
#define CR_RXE    (1U << 9)
#define CR_DTR    (1U << 10)
#define CR_RTS    (1U << 11)
#define CR_ON     (CR_UARTEN | CR_TXE | CR_RXE | CR_DTR)

#define IFLS_TX_EIGHTH (0U << 0)
#define IFLS_RX_HALF   (2U << 3)

#define INT_RX  (1U << 4)
#define INT_TX  (1U << 5)
#define INT_RT  (1U << 6)
#define INT_ALL 0x7ffU

#define LOG_CHANNEL 61 /* of the debug console's text: none of the description's */
#define LOG_CHUNK   512

#define FIFO_DEPTH 16 /* of every revision, at least */
#define CHUNK      64
/* Bytes in one go; the other direction and the user then get theirs. */
#define TURN 2048

extern uintptr_t uart_vaddr;
extern uint64_t uart_irq;
extern uintptr_t mux_vaddr;
extern uint64_t mux_channel;

uintptr_t uart_vaddr FILLED_BY_TOOL;
uint64_t uart_irq FILLED_BY_TOOL;
uintptr_t mux_vaddr FILLED_BY_TOOL;
uint64_t mux_channel FILLED_BY_TOOL;

enum progress {
    FINISHED,  /* nothing is left to be moved */
    BLOCKED,   /* the other end is full */
    TURN_OVER, /* neither, but this was enough in one go */
};

static struct driver {
    volatile struct pl011 *uart;
    struct uart_region *region;
    struct ring out;
    struct ring in;
    struct ring log;
    /* Taken from `out`, and not yet sent. */
    uint8_t chunk[CHUNK];
    uint32_t chunk_count;
    uint32_t chunk_next;
    uint32_t mask; /* what stands in IMSC */
    uint32_t drained;
    bool is_stopped; /* RTS says no */
    bool has_log;    /* there may be text of the debug console */
    bool wake;       /* the user is to be signalled */
} driver;

static void count(uint32_t *counter)
{
    __atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

static void set_mask(uint32_t mask)
{
    if (driver.mask != mask) {
        driver.mask = mask;
        driver.uart->imsc = mask;
    }
}

static void set_stopped(bool is_stopped)
{
    if (driver.is_stopped != is_stopped) {
        driver.is_stopped = is_stopped;
        driver.uart->cr = is_stopped ? CR_ON : CR_ON | CR_RTS;
    }
}

/* Before further bytes are put into the ring. */
static void receive_break(void)
{
    struct uart_status *status = &driver.region->status;

    __atomic_store_n(&status->break_at, driver.in.index, __ATOMIC_RELAXED);
    /* Release: the place before the count; pairs with the user's acquire. */
    __atomic_store_n(&status->break_count, status->break_count + 1, __ATOMIC_RELEASE);
    driver.wake = true;
}

/* At most `limit` bytes, until the FIFO is empty or there was a break; returns how many. */
static uint32_t take_bytes(uint8_t *bytes, uint32_t limit, bool *is_break)
{
    uint32_t taken = 0;

    while (taken < limit && (driver.uart->fr & FR_RXFE) == 0) {
        uint32_t word = driver.uart->dr;

        if ((word & DR_OE) != 0) {
            count(&driver.region->status.overrun_count);
        }
        if ((word & DR_BE) != 0) {
            *is_break = true;
            break;
        }
        if ((word & DR_FE) != 0) {
            count(&driver.region->status.framing_count);
            continue;
        }
        bytes[taken++] = (uint8_t)word;
    }
    return taken;
}

static enum progress receive(void)
{
    uint8_t bytes[CHUNK];

    for (uint32_t done = 0; done < TURN;) {
        uint32_t room = ring_room(&driver.in);
        uint32_t limit = room < CHUNK ? room : CHUNK;
        bool is_break = false;
        uint32_t taken;

        if (limit == 0) {
            return BLOCKED;
        }
        taken = take_bytes(bytes, limit, &is_break);
        (void)ring_write(&driver.in, bytes, taken, &driver.wake);
        if (is_break) {
            receive_break();
        } else if (taken < limit) {
            return FINISHED;
        }
        done += taken + 1;
    }
    return TURN_OVER;
}

static bool fill_chunk(void)
{
    if (driver.chunk_next == driver.chunk_count) {
        driver.chunk_next = 0;
        driver.chunk_count = ring_read(&driver.out, driver.chunk, CHUNK, &driver.wake);
    }
    return driver.chunk_next < driver.chunk_count;
}

/* How many bytes the FIFO takes without another look: its flags cost as much as a byte does. */
static uint32_t fifo_room(void)
{
    uint32_t flags = driver.uart->fr;

    if ((flags & FR_TXFE) != 0) {
        return FIFO_DEPTH;
    }
    return (flags & FR_TXFF) != 0 ? 0 : 1;
}

static enum progress send(void)
{
    for (uint32_t done = 0; done < TURN;) {
        uint32_t room;

        if (!fill_chunk()) {
            return FINISHED;
        }
        room = fifo_room();
        if (room == 0) {
            return BLOCKED;
        }
        for (; room > 0 && fill_chunk(); room--, done++) {
            driver.uart->dr = driver.chunk[driver.chunk_next++];
        }
    }
    return TURN_OVER;
}

/* The ring is empty. There is no interrupt for the end of the last byte: a FIFO full of them is
 * waited for, which is done at the end of everything alone. */
static void answer_drain(void)
{
    uint32_t drain = __atomic_load_n(&driver.region->control.drain, __ATOMIC_RELAXED);

    if (drain == driver.drained) {
        return;
    }
    while ((driver.uart->fr & FR_BUSY) != 0) {
    }
    driver.drained = drain;
    __atomic_store_n(&driver.region->status.drained, drain, __ATOMIC_RELAXED);
    driver.wake = true;
}

#ifdef MICROKIT_HAS_DEBUG_READ
/* The debug console's text. What the user does not take in time waits in the kernel, which counts
 * what it has no room for. */
static enum progress pass_log(void)
{
    char text[LOG_CHUNK];

    while (driver.has_log) {
        seL4_Word count;

        if (ring_room(&driver.log) < sizeof(text)) {
            return BLOCKED;
        }
        count = microkit_dbg_read(LOG_CHANNEL, text, sizeof(text));
        (void)ring_write(&driver.log, text, (uint32_t)count, &driver.wake);
        driver.has_log = count == sizeof(text);
    }
    return FINISHED;
}
#else
static enum progress pass_log(void)
{
    return FINISHED;
}
#endif

static void signal_user(void)
{
    if (driver.wake) {
        driver.wake = false;
        microkit_notify((microkit_channel)mux_channel);
    }
}

/* Nothing moves any more: asks the rings for a signal. True: in between something came, or went. */
static bool moves_again(enum progress in, enum progress out, enum progress log)
{
    return (log == BLOCKED && ring_wait_room(&driver.log, LOG_CHUNK)) ||
           (in == BLOCKED && ring_wait_room(&driver.in, UART_RING_SIZE / 4)) ||
           (out == FINISHED && ring_wait_data(&driver.out));
}

static void work(void)
{
    enum progress in;
    enum progress out;
    enum progress log;

    do {
        in = receive();
        out = send();
        log = pass_log();
        if (out == FINISHED) {
            answer_drain();
        }
        signal_user();
    } while (in == TURN_OVER || out == TURN_OVER || moves_again(in, out, log));
    set_stopped(in == BLOCKED);
    set_mask((in == BLOCKED ? 0 : INT_RX | INT_RT) | (out == BLOCKED ? INT_TX : 0));
}

/* Section 3.3.8: off, and what is being sent sent, before the line control is written. */
static void start_uart(volatile struct pl011 *uart)
{
    uart->imsc = 0;
    while ((uart->fr & FR_BUSY) != 0) {
    }
    uart->cr = 0;
    uart->lcr_h = LCR_H_WLEN; /* empties the FIFOs */
    uart->ifls = IFLS_TX_EIGHTH | IFLS_RX_HALF;
    uart->icr = INT_ALL;
    uart->lcr_h = LCR_H_WLEN | LCR_H_FEN;
    uart->cr = CR_ON | CR_RTS;
}

void init(void)
{
    struct uart_region *region = (struct uart_region *)mux_vaddr;

    driver.uart = (volatile struct pl011 *)uart_vaddr;
    driver.region = region;
    ring_consumer_init(&driver.out, &region->out, region->out_data, UART_RING_SIZE);
    ring_producer_init(&driver.in, &region->in, region->in_data, UART_RING_SIZE);
    ring_producer_init(&driver.log, &region->log, region->log_data, UART_LOG_SIZE);
    driver.has_log = true;
    start_uart(driver.uart);
    work();
}

void notified(microkit_channel channel)
{
    driver.has_log = driver.has_log || channel == LOG_CHANNEL;
    work();
    if (channel == uart_irq) {
        count(&driver.region->status.irq_count);
        microkit_deferred_irq_ack(channel);
    }
}
