/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug console, and ends that explain themselves on it. Silent in release configurations. */
#include <microkit.h>

void __assert_fail(const char *expression, const char *file, unsigned int line,
                   const char *function);

void microkit_dbg_putc(int c)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar((char)c);
#else
    (void)c;
#endif
}

void microkit_dbg_puts(const char *s)
{
    while (*s != '\0') {
        microkit_dbg_putc(*s);
        s++;
    }
}

static void put_decimal(seL4_Uint32 x)
{
    char digits[10];
    int count = 0;

    do {
        digits[count++] = (char)('0' + x % 10);
        x /= 10;
    } while (x != 0);
    while (count > 0) {
        microkit_dbg_putc(digits[--count]);
    }
}

void microkit_dbg_put8(seL4_Uint8 x)
{
    put_decimal(x);
}

void microkit_dbg_put32(seL4_Uint32 x)
{
    put_decimal(x);
}

void microkit_internal_bad_channel(const char *function, microkit_channel ch)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_putc(' ');
    microkit_dbg_puts(function);
    microkit_dbg_puts(": invalid channel given '");
    microkit_dbg_put32(ch);
    microkit_dbg_puts("'\n");
}

/* A store to address 0, which no program maps: the parent, or the console, gets a VMFault. */
void microkit_internal_crash(seL4_Error err)
{
    for (;;) {
        __asm__ volatile("str %0, [%1]" : : "r"((seL4_Word)err), "r"(0UL) : "memory");
    }
}

__attribute__((weak)) void __assert_fail(const char *expression, const char *file,
                                         unsigned int line, const char *function)
{
    microkit_dbg_puts("assertion failed: ");
    microkit_dbg_puts(expression);
    microkit_dbg_puts(", function ");
    microkit_dbg_puts(function);
    microkit_dbg_puts(", file ");
    microkit_dbg_puts(file);
    microkit_dbg_puts(", line ");
    microkit_dbg_put32(line);
    microkit_dbg_putc('\n');
    microkit_internal_crash(seL4_NoError);
}

void sluice_assert_fail(const char *expression, const char *file, unsigned int line,
                        const char *function)
{
    __assert_fail(expression, file, line, function);
    microkit_internal_crash(seL4_NoError); /* a program's own may return */
}
