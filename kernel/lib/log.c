/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting of the kernel's messages: a line on the stack, which then goes to the console as a
 * whole. Callers hold no particular lock; at EL2 interrupts are masked, so a line stays whole on a
 * core.
 */
#include "kernel/lib/log.h"

#include <stdarg.h>
#include <stddef.h>

static log_write_t console_write;
static log_halt_t console_halt;
static void (*console_flush)(void);
static bool console_enabled;

struct conversion {
    unsigned int width;
    bool zero;
    bool is_long;
};

/* What becomes one. The last character is kept for its end. */
struct line {
    char text[LOG_LINE];
    unsigned int size;
};

static void put(struct line *line, char character)
{
    if (line->size < LOG_LINE - 1) {
        line->text[line->size++] = character;
    }
}

static void put_string(struct line *line, const char *string)
{
    while (*string != '\0' && line->size < LOG_LINE - 1) {
        line->text[line->size++] = *string++;
    }
}

static void put_padding(struct line *line, unsigned int count, const struct conversion *conversion)
{
    for (unsigned int i = count; i < conversion->width; i++) {
        put(line, conversion->zero ? '0' : ' ');
    }
}

static void put_decimal(struct line *line, uint64_t value, const struct conversion *conversion)
{
    char digits[20];
    unsigned int count = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put_padding(line, count, conversion);
    while (count > 0) {
        put(line, digits[--count]);
    }
}

/* Most of what a fault's report is. */
static void put_hexadecimal(struct line *line, uint64_t value, const struct conversion *conversion)
{
    unsigned int count = (64 - (unsigned int)__builtin_clzl(value | 1) + 3) / 4;

    if (conversion->zero && count < conversion->width) {
        count = conversion->width;
    }
    put_padding(line, count, conversion);
    if (line->size + count >= LOG_LINE) {
        return; /* cut */
    }
    for (unsigned int i = count; i > 0; i--, value >>= 4) {
        line->text[line->size + i - 1] = "0123456789abcdef"[value & 0xf];
    }
    line->size += count;
}

static void put_signed(struct line *line, int64_t value, const struct conversion *conversion)
{
    if (value < 0) {
        put(line, '-');
        put_decimal(line, -(uint64_t)value, conversion);
    } else {
        put_decimal(line, (uint64_t)value, conversion);
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

static uint64_t unsigned_argument(const struct conversion *conversion, va_list *arguments)
{
    return conversion->is_long ? va_arg(*arguments, unsigned long)
                               : va_arg(*arguments, unsigned int);
}

static void put_conversion(struct line *line, char kind, const struct conversion *conversion,
                           va_list *arguments)
{
    switch (kind) {
    case 's':
        put_string(line, va_arg(*arguments, const char *));
        break;
    case 'c':
        put(line, (char)va_arg(*arguments, int));
        break;
    case 'd':
        put_signed(line, conversion->is_long ? va_arg(*arguments, long) : va_arg(*arguments, int),
                   conversion);
        break;
    case 'u':
        put_decimal(line, unsigned_argument(conversion, arguments), conversion);
        break;
    case 'x':
        put_hexadecimal(line, unsigned_argument(conversion, arguments), conversion);
        break;
    default:
        put(line, kind);
        break;
    }
}

static void put_format(struct line *line, const char *format, va_list *arguments)
{
    struct conversion conversion;

    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(line, *format);
            continue;
        }
        format = parse_conversion(format + 1, &conversion);
        put_conversion(line, *format, &conversion, arguments);
    }
}

static void write_line(struct line *line)
{
    line->text[line->size++] = '\n';
    if (console_write != NULL) {
        console_write(line->text, line->size);
    }
}

void log_init(log_write_t write, log_halt_t halt)
{
    console_write = write;
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
    if (console_enabled && console_write != NULL) {
        console_write(&character, 1);
    }
}

void log_line(const char *format, ...)
{
    struct line line;
    va_list arguments;

    if (!console_enabled) {
        return;
    }
    line.size = 0;
    put_string(&line, "sluice: ");
    va_start(arguments, format);
    put_format(&line, format, &arguments);
    va_end(arguments);
    write_line(&line);
}

_Noreturn void panic(const char *format, ...)
{
    struct line line;
    va_list arguments;

    flush();
    line.size = 0;
    put_string(&line, "\nsluice: panic: ");
    va_start(arguments, format);
    put_format(&line, format, &arguments);
    va_end(arguments);
    write_line(&line);
    flush();
    for (;;) {
        console_halt();
    }
}
