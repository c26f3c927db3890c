/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What functions a machine's PCI host bridge has: a program for `make lspci`, in an image of its
 * own, without a guest and before anybody else has touched a function. scripts/lspci.py makes its
 * description, and a listing of what it prints.
 *
 *   ecam_vaddr    all of the ECAM, mapped uncached (PCI Express base specification, section 7.2.2)
 *   ecam_size     bytes of it: 1 MiB for each bus
 *
 * For each function two lines, in hexadecimal: its first 256 bytes in words, and what its six BARs
 * and its ROM's answer to all ones. "pci: end" is the last line. Bridges are given bus numbers in
 * the order in which they are found, and keep them; nothing else stays changed.
 */
#include <microkit.h>

#include "components/lib/filled.h"

extern uintptr_t ecam_vaddr;
extern uint64_t ecam_size;

uintptr_t ecam_vaddr FILLED_BY_TOOL;
uint64_t ecam_size FILLED_BY_TOOL;

#define BUS_SIZE      0x100000UL
#define FUNCTION_SIZE 0x1000UL
#define FUNCTIONS     256 /* of a bus: 32 devices with 8 each */
#define HEADER_WORDS  64

/* PCI local bus specification, section 6.1; PCI-to-PCI bridge architecture specification,
 * section 3.2: words of the header. */
#define ID        0
#define HEADER    3
#define BAR0      4
#define BUSES     6  /* of a bridge */
#define ROM       12 /* of a function that is no bridge */
#define BARS      6
#define NO_ID     0xffffU
#define IS_MULTI  (1U << 23)
#define TYPE(x)   ((x) >> 16 & 0x7fU)
#define IS_BRIDGE 1U

#define POWER_OFF 0x84000008UL /* PSCI (DEN 0022), SYSTEM_OFF */

/* Bridges below each other; more are not looked behind. */
#define MAX_DEPTH 8

struct level {
    uint32_t bus;
    uint32_t next; /* device << 3 | function to be looked at */
    volatile uint32_t *bridge;
};

static char line[16 + 9 * HEADER_WORDS + 2];

static volatile uint32_t *function_at(uint32_t bus, uint32_t devfn)
{
    return (volatile uint32_t *)(ecam_vaddr + bus * BUS_SIZE + devfn * FUNCTION_SIZE);
}

static char *put_hex(char *at, uint32_t value, uint32_t digits)
{
    for (uint32_t i = digits; i-- > 0;) {
        *at++ = "0123456789abcdef"[value >> 4 * i & 0xf];
    }
    return at;
}

static void print(const char *kind, uint32_t place, const uint32_t *words, uint32_t count)
{
    char *at = line;

    while (*kind != '\0') {
        *at++ = *kind++;
    }
    at = put_hex(at, place, 4);
    for (uint32_t i = 0; i < count; i++) {
        *at++ = ' ';
        at = put_hex(at, words[i], 8);
    }
    *at++ = '\n';
    *at = '\0';
    microkit_dbg_puts(line);
}

static uint32_t answer(volatile uint32_t *registers, uint32_t which)
{
    const uint32_t was = registers[which];
    uint32_t found;

    registers[which] = ~0U;
    found = registers[which];
    registers[which] = was;
    return found;
}

/* What is decoded meanwhile goes nowhere: the command register is zero, as nobody has been here. */
static void show(volatile uint32_t *registers, uint32_t place)
{
    const uint32_t bars = TYPE(registers[HEADER]) == IS_BRIDGE ? 2 : BARS;
    uint32_t words[HEADER_WORDS];
    uint32_t answers[BARS + 1] = {0};

    for (uint32_t i = 0; i < HEADER_WORDS; i++) {
        words[i] = registers[i];
    }
    for (uint32_t i = 0; i < bars; i++) {
        answers[i] = answer(registers, BAR0 + i);
    }
    if (bars == BARS) {
        answers[BARS] = answer(registers, ROM);
    }
    print("pci: function ", place, words, HEADER_WORDS);
    print("pci: answers ", place, answers, BARS + 1);
}

/* Primary, secondary and subordinate bus number; byte 3, a timer's, stays. */
static void set_buses(volatile uint32_t *bridge, uint32_t primary, uint32_t secondary,
                      uint32_t last)
{
    bridge[BUSES] = (bridge[BUSES] & 0xff000000U) | last << 16 | secondary << 8 | primary;
}

/* A function without a first one behind it is none: what a device of one function has at the
 * others' numbers is unspecified. */
static uint32_t next_place(uint32_t bus, uint32_t devfn)
{
    volatile uint32_t *first = function_at(bus, devfn & ~7U);

    if ((devfn & 7) == 0 && ((first[ID] & NO_ID) == NO_ID || (first[HEADER] & IS_MULTI) == 0)) {
        return devfn + 8;
    }
    return devfn + 1;
}

static void scan(uint32_t bus_count)
{
    struct level levels[MAX_DEPTH] = {{0}};
    uint32_t depth = 0;
    uint32_t last = 0;

    for (;;) {
        struct level *level = &levels[depth];
        volatile uint32_t *registers;
        uint32_t place;

        if (level->next >= FUNCTIONS) {
            if (depth == 0) {
                return;
            }
            depth--;
            set_buses(level->bridge, levels[depth].bus, level->bus, last);
            continue;
        }
        place = level->next;
        level->next = next_place(level->bus, place);
        registers = function_at(level->bus, place);
        if ((registers[ID] & NO_ID) == NO_ID) {
            continue;
        }
        if (TYPE(registers[HEADER]) == IS_BRIDGE && depth + 1 < MAX_DEPTH && last + 1 < bus_count) {
            last++;
            depth++;
            levels[depth] = (struct level){.bus = last, .bridge = registers};
            set_buses(registers, level->bus, last, bus_count - 1);
        }
        show(registers, level->bus << 8 | place);
    }
}

void init(void)
{
    seL4_ARM_SMCContext off = {.x0 = POWER_OFF};
    seL4_ARM_SMCContext response;

    scan((uint32_t)(ecam_size / BUS_SIZE));
    microkit_dbg_puts("pci: end\n");
    microkit_arm_smc_call(&off, &response);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
