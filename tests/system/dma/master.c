/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest with functions that master DMA wherever they are told to: QEMU's edu
 * (docs/specs/edu), three of them. A transfer takes 100 ms, in which the guest sleeps.
 *
 *   probe     to its own RAM and from it: what has to work
 *   pages     the same across the end of every page of its seventh MiB
 *   random    each function once, at addresses of every kind but its own RAM's
 *   many      the same a thousand times
 *   aim RAM TABLES
 *             where the neighbour's RAM and the SMMU's tables are, 16 hexadecimal digits each;
 *             from then on they are among the kinds
 */
#include "tests/system/hostile/guest.h"

#define FUNCTIONS 3
#define ECAM(i)   (0x3f000000UL + ((i) + 1UL) * 0x8000)
#define EDU(i)    (0x10000000UL + ((i) + 1UL) * 0x100000)

#define PCI_COMMAND 0x04
#define COMMAND     0x6 /* memory, bus master */

#define DMA_FROM    0x80
#define DMA_TO      0x88
#define DMA_COUNT   0x90
#define DMA_COMMAND 0x98
#define DMA_RUN     1UL
#define DMA_TO_RAM  2UL
#define DMA_BUFFER  0x40000UL /* 4 KiB, as the function has it */
#define DMA_MS      102
#define SIZE        64
#define TIMER_INTID 27
#define SENTINEL    0x5a5a5a5a5a5a5a5aUL
#define TABLES_SIZE 0x40000UL /* of the description */
#define OWN(i)      (RAM_START + 0x400000 + (i)*0x1000UL)

static void write64(uint64_t address, uint64_t value)
{
    __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static uint64_t read64(uint64_t address)
{
    return *(volatile uint64_t *)address;
}

static uint64_t now(void)
{
    uint64_t value;

    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value) : : "memory");
    return value;
}

static void sleep(void)
{
    uint64_t frequency;
    uint64_t end;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    end = now() + frequency / 1000 * DMA_MS;
    mmio_write(GICD + GICD_ISENABLER, 1U << TIMER_INTID);
    __asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb" : : "r"(end), "r"(1UL));
    while (now() < end) {
        __asm__ volatile("wfi" : : : "memory");
        mmio_write(GICC + GICC_EOIR, mmio_read(GICC + GICC_IAR));
    }
    __asm__ volatile("msr cntv_ctl_el0, xzr; isb");
}

/* In both directions, `address` is the one outside of the function. */
static void begin(unsigned int i, uint64_t address, bool to_ram)
{
    write64(EDU(i) + DMA_FROM, to_ram ? DMA_BUFFER : address);
    write64(EDU(i) + DMA_TO, to_ram ? address : DMA_BUFFER);
    write64(EDU(i) + DMA_COUNT, SIZE);
    write64(EDU(i) + DMA_COMMAND, DMA_RUN | (to_ram ? DMA_TO_RAM : 0));
}

static void set(uint64_t at, uint64_t value)
{
    for (unsigned int i = 0; i < SIZE; i += 8) {
        write64(at + i, value);
    }
}

/* Puts what is at OWN(i) into every function. */
static void load_all(void)
{
    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        begin(i, OWN(i), false);
    }
    sleep();
}

static void store_all(void)
{
    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        set(OWN(i), ~0UL);
        begin(i, OWN(i), true);
    }
    sleep();
}

/* Across the ends of pages that follow each other, wherever they are in the machine. */
#define PAGES_START (RAM_START + 0x600000UL)
#define PAGES_END   (RAM_START + 0x700000UL)
#define PAGE        0x1000UL

static bool is_end_reached(uint64_t end)
{
    return read64(end - SIZE / 2) == ~end && read64(end + SIZE / 2 - 8) == ~end;
}

static void pages(void)
{
    unsigned int lost = 0;

    for (uint64_t at = PAGES_START; at <= PAGES_END; at += FUNCTIONS * PAGE) {
        for (unsigned int i = 0; i < FUNCTIONS; i++) {
            set(at + i * PAGE - SIZE / 2, ~(at + i * PAGE));
            begin(i, at + i * PAGE - SIZE / 2, false);
        }
        sleep();
        for (unsigned int i = 0; i < FUNCTIONS; i++) {
            set(at + i * PAGE - SIZE / 2, 0);
            begin(i, at + i * PAGE - SIZE / 2, true);
        }
        sleep();
        for (unsigned int i = 0; i < FUNCTIONS; i++) {
            lost += !is_end_reached(at + i * PAGE);
        }
    }
    print(lost == 0 ? "all pages are reached\r\n" : "pages are not reached\r\n");
}

static void probe(void)
{
    bool is_good = true;

    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        set(OWN(i), SENTINEL + i);
    }
    load_all();
    store_all();
    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        is_good =
            is_good && read64(OWN(i)) == SENTINEL + i && read64(OWN(i) + SIZE - 8) == SENTINEL + i;
    }
    print(is_good ? "own RAM is reached\r\n" : "own RAM is not reached\r\n");
}

/* Everything that there is in the machine, and what there is not. */
static struct {
    uint64_t start;
    uint64_t size;
} kinds[] = {
    {0, RAM_SIZE}, /* the neighbour's, when it is known */
    {0, TABLES_SIZE},
    {0x40000000, 0x80000000}, /* RAM: other guests', the kernel's, the SMMU's own */
    {0x70000000, 0x00400000}, /* the kernel, where it was loaded */
    {0xbf000000, 0x01000000}, /* the end of RAM, where the tool puts regions */
    {0x60000000, 0x10000000}, /* what regions without an address get */
    {0x08000000, 0x00050000}, /* the GIC, with the doorbell of its MSI frame */
    {0x09000000, 0x00080000}, /* UART, clock, the SMMU's registers */
    {0x10000000, 0x00500000}, /* BARs, others' and own */
    {0x3f000000, 0x00100000}, /* ECAM */
    {RAM_START - 0x1000, 0x1000 - SIZE + 1},
    {RAM_START + RAM_SIZE, 0x1000},
    {0, 0x08000000},
    {0x100000000, 0x8000000000},
    {0x8000000000, 0x7fff000000000000},
    {0xffff000000000000, 0x0000ffffffffff00},
};

/* Of the line "aim RAM TABLES". Nothing outside of the test types it. */
static void aim(const char *line)
{
    for (unsigned int kind = 0; kind < 2; kind++) {
        uint64_t start = 0;

        for (unsigned int i = 0; i < 16; i++) {
            char digit = line[4 + 17 * kind + i];

            start = start << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }
        kinds[kind].start = start;
    }
    print("aimed\r\n");
}

static uint64_t pick(void)
{
    unsigned long kind = random64() % (sizeof(kinds) / sizeof(kinds[0]));
    uint64_t address;

    do {
        address = kinds[kind].start + random64() % kinds[kind].size;
        address &= random64() % 4 == 0 ? ~0UL : ~7UL;
    } while (address > RAM_START - SIZE && address < RAM_START + RAM_SIZE);
    return address;
}

/* How many functions got something that was neither there before nor nothing. A zero may be what an
 * abort is read as, or what was there; but none of the neighbour's words is zero (neighbour.c). */
static unsigned int round(void)
{
    unsigned int leaks = 0;

    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        set(OWN(i), SENTINEL);
    }
    load_all();
    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        begin(i, pick(), random64() % 2 == 0);
    }
    sleep();
    store_all();
    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        for (unsigned int at = 0; at < SIZE; at += 8) {
            uint64_t found = read64(OWN(i) + at);

            leaks += found != 0 && found != SENTINEL;
        }
    }
    return leaks;
}

static void rounds(unsigned int count)
{
    unsigned int leaks = 0;

    while (count-- > 0) {
        leaks += round();
    }
    print(leaks == 0 ? "nothing was reached\r\n" : "something was reached\r\n");
}

void guest_main(void)
{
    char line[LINE_SIZE];

    enable_input();
    for (unsigned int i = 0; i < FUNCTIONS; i++) {
        mmio_write(ECAM(i) + PCI_COMMAND, COMMAND);
    }
    for (;;) {
        print("master> ");
        read_line(line);
        if (equal(line, "probe")) {
            probe();
        } else if (equal(line, "pages")) {
            pages();
        } else if (equal(line, "random")) {
            rounds(100);
        } else if (equal(line, "many")) {
            rounds(1000);
        } else if (line[0] == 'a' && line[1] == 'i' && line[2] == 'm' && line[3] == ' ') {
            aim(line);
        } else {
            print("heard ");
            print(line);
            print("\r\n");
        }
    }
}
