/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest says, on the PL011. */
#include "tests/system/vgic/vgic.h"

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
    print(guest_name);
    print(" ");
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
