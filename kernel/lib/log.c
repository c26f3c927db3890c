/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting of the kernel's messages, straight to the console: no buffer, no allocation.
 * Callers hold no particular lock; at EL2 interrupts are masked, so a line stays whole on a core.
 */
#include "kernel/lib/log.h"

#include <stdarg.h>
#include <stddef.h>

static log_putc_t console_putc;
static log_halt_t console_halt;
static void (*console_flush)(void);
static bool console_enabled;

struct conversion {
    unsigned int width;
    bool zero;
    bool is_long;
};

static void put(char character)
{
    if (console_putc != NULL) {
        console_putc(character);
    }
}

static void put_string(const char *string)
{
    while (*string != '\0') {
        put(*string++);
    }
}

static void put_number(uint64_t value, unsigned int base, const struct conversion *conversion)
{
    char digits[20];
    unsigned int count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    for (unsigned int i = count; i < conversion->width; i++) {
        put(conversion->zero ? '0' : ' ');
    }
    while (count > 0) {
        put(digits[--count]);
    }
}

static void put_signed(int64_t value, const struct conversion *conversion)
{
    if (value < 0) {
        put('-');
        put_number(-(uint64_t)value, 10, conversion);
    } else {
        put_number((uint64_t)value, 10, conversion);
    }
}

static const char *parse_conversion(const char *format, struct conversion *conversion)
{
    *conversion = (struct conversion){0};
    if (*format == '0') {
        conversion->zero = true;
        format++;
    }
    while (*format >= '0' && *format <= '9') {
        conversion->width = conversion->width * 10 + (unsigned int)(*format++ - '0');
    }
    if (*format == 'l') {
        conversion->is_long = true;
        format++;
    }
    return format;
}

static void put_conversion(char kind, const struct conversion *conversion, va_list *arguments)
{
    switch (kind) {
    case 's':
        put_string(va_arg(*arguments, const char *));
        break;
    case 'c':
        put((char)va_arg(*arguments, int));
        break;
    case 'd':
        put_signed(conversion->is_long ? va_arg(*arguments, long) : va_arg(*arguments, int),
                   conversion);
        break;
    case 'u':
    case 'x':
        put_number(conversion->is_long ? va_arg(*arguments, unsigned long)
                                       : va_arg(*arguments, unsigned int),
                   kind == 'x' ? 16 : 10, conversion);
        break;
    default:
        put(kind);
        break;
    }
}

static void put_format(const char *format, va_list *arguments)
{
    struct conversion conversion;

    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        format = parse_conversion(format + 1, &conversion);
        put_conversion(*format, &conversion, arguments);
    }
}

void log_init(log_putc_t putc, log_halt_t halt)
{
    console_putc = putc;
    console_halt = halt;
}

void log_set_flush(void (*flush)(void))
{
    console_flush = flush;
}

static void flush(void)
{
    if (console_flush != NULL) {
        console_flush();
    }
}

void log_enable(bool enabled)
{
    console_enabled = enabled;
}

bool log_is_enabled(void)
{
    return console_enabled;
}

void log_putc(char character)
{
    if (console_enabled) {
        put(character);
    }
}

void log_line(const char *format, ...)
{
    va_list arguments;

    if (!console_enabled) {
        return;
    }
    put_string("sluice: ");
    va_start(arguments, format);
    put_format(format, &arguments);
    va_end(arguments);
    put('\n');
}

_Noreturn void panic(const char *format, ...)
{
    va_list arguments;

    flush();
    put_string("\nsluice: panic: ");
    va_start(arguments, format);
    put_format(format, &arguments);
    va_end(arguments);
    put('\n');
    flush();
    for (;;) {
        console_halt();
    }
}
