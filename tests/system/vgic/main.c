/* SPDX-License-Identifier: BSD-2-Clause */
/* See vgic.h. */
#include "tests/system/vgic/vgic.h"

#define PSCI_SYSTEM_OFF 0x84000008UL

static void power_off(void)
{
    register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;

    __asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

void print(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((read32(UART + UART_FR) & FR_TXFF) != 0) {
        }
        write32(UART + UART_DR, (uint8_t)*text);
    }
}

static void print_hex(uint64_t number)
{
    char digits[20] = {0};
    unsigned int at = sizeof(digits) - 1;

    do {
        digits[--at] = "0123456789abcdef"[number % 16];
        number /= 16;
    } while (number != 0);
    print("0x");
    print(&digits[at]);
}

void check(const char *name, uint64_t number, uint64_t got, uint64_t want)
{
    print("vgic ");
    print(name);
    print(" ");
    print_hex(number);
    if (got == want) {
        print(": ok\r\n");
        return;
    }
    print(": got ");
    print_hex(got);
    print(", not ");
    print_hex(want);
    print("\r\n");
}

void exception(void)
{
    print("vgic: an exception\r\n");
    power_off();
}

void guest_main(void)
{
    gic_find();
    registers_all();
    states_all();
    print("vgic: done\r\n");
    power_off();
}
