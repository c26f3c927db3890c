/* SPDX-License-Identifier: BSD-2-Clause */
/* See bare.h. */
#include "tests/system/bare/bare.h"

#define TRIES 50 /* at IAR: an interrupt may take a while to come */

extern char second[];

static void (*volatile second_run)(void);

void wait_us(uint64_t us)
{
    uint64_t begin = now();

    while (now() - begin < us * ticks_per_us()) {
    }
}

void print(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((read32(UART + UART_FR) & FR_TXFF) != 0) {
        }
        write32(UART + UART_DR, (uint8_t)*text);
    }
}

void print_number(uint64_t number)
{
    char digits[21] = {0};
    unsigned int at = sizeof(digits) - 1;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    print(&digits[at]);
}

void check(const char *part, const char *name, unsigned int intid, uint64_t got, uint64_t want)
{
    print(part);
    print(" ");
    print(name);
    print(" ");
    print_number(intid);
    if (got == want) {
        print(": ok\r\n");
        return;
    }
    print(": got ");
    print_number(got);
    print(", not ");
    print_number(want);
    print("\r\n");
}

void gic_on(void)
{
    write32(GICD + GICD_CTLR, 3);
    write32(GICC + GICC_PMR, PMR_ALL);
    write32(GICC + GICC_CTLR, CTLR_ON);
}

uint32_t take(void)
{
    uint32_t iar = NOTHING;

    for (unsigned int i = 0; i < TRIES && INTID(iar) == NOTHING; i++) {
        iar = read32(GICC + GICC_IAR);
    }
    return iar;
}

void end(uint32_t iar)
{
    if (INTID(iar) < 1020) {
        write32(GICC + GICC_EOIR, iar);
    }
}

uint32_t take_and_end(void)
{
    uint32_t iar = take();

    end(iar);
    return INTID(iar);
}

void guest_second(void)
{
    void (*run)(void) = second_run;

    second_run = 0;
    run();
}

void start_second(void (*run)(void))
{
    second_run = run;
    if (smc(PSCI_CPU_ON, 1, (uint64_t)second, 0) != 0) {
        print("bare: the second vCPU does not start\r\n");
    }
    while (second_run != 0) {
    }
}

void exception(void)
{
    print("bare: an exception\r\n");
    (void)smc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
