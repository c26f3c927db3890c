/* SPDX-License-Identifier: BSD-2-Clause */
/* See run.h. Owns the choices, the trace, and the end of a run. */
#include "tests/model/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/dev/console.h"
#include "kernel/dev/pl011.h"
#include "kernel/lib/log.h"
#include "tests/model/gic.h"
#include "tests/model/machine.h"

#define LINES  80
#define LENGTH 200

#define UART_DR      0x00
#define UART_FR      0x18
#define UART_FR_TXFF (1U << 5)

static uint64_t state;
static const uint8_t *input;
static size_t input_left; /* 0: the generator */

static char lines[LINES][LENGTH];
static uint64_t line_count;
static bool is_tracing;

static char failure[LENGTH];
static char log_text[LENGTH];
static size_t log_length;
static unsigned int steps_asked;
bool model_is_hostile;

/* ---- Choices ---- */

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t generate(void)
{
    uint64_t value;

    state += 0x9e3779b97f4a7c15UL;
    value = (state ^ state >> 30) * 0xbf58476d1ce4e5b9UL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebUL;
    return (uint32_t)((value ^ value >> 31) >> 32);
}

void run_from_seed(uint64_t seed)
{
    input_left = 0;
    state = seed;
    state = (uint64_t)generate() << 32;
    state |= generate(); /* runs of neighbours have nothing in common */
}

void run_from_bytes(const uint8_t *bytes, size_t size)
{
    run_from_seed(size);
    input = bytes;
    input_left = size;
}

uint32_t choose(uint32_t limit)
{
    size_t width = limit <= 256 ? 1 : 2;
    uint32_t value;

    if (input_left < width) {
        return (uint32_t)((uint64_t)generate() * limit >> 32);
    }
    value = width == 1 ? input[0] : input[0] | (uint32_t)input[1] << 8;
    input += width;
    input_left -= width;
    return value % limit;
}

/* ---- Trace ---- */

void trace(const char *format, ...)
{
    char *line = lines[line_count++ % LINES];
    va_list arguments;
    int length;

    length = snprintf(line, LENGTH, "%6lu %8lu core %u  ", run_steps(), now, here->index);
    va_start(arguments, format);
    (void)vsnprintf(line + length, LENGTH - (size_t)length, format, arguments);
    va_end(arguments);
    if (is_tracing) {
        puts(line);
    }
}

void run_print_trace(void)
{
    uint64_t first = line_count > LINES ? line_count - LINES : 0;

    for (uint64_t i = first; i < line_count; i++) {
        puts(lines[i % LINES]);
    }
}

uint32_t machine_uart_read(uint64_t offset)
{
    return offset == UART_FR && once_in(4) ? UART_FR_TXFF : 0;
}

/* The kernel's lines, panics among them, and what programs print. */
void machine_uart_write(uint64_t offset, uint32_t value)
{
    char character = (char)value;

    if (offset != UART_DR) {
        return;
    }
    if (character == '\n' || log_length == LENGTH - 1) {
        log_text[log_length] = '\0';
        trace("%s", log_text);
        log_length = 0;
    } else if (character != '\r') {
        log_text[log_length++] = character;
    }
}

static void halt(void)
{
    fail("%s", log_text);
}

/* ---- A run ---- */

/* The kernel's variables: its objects have sections of their own (files.mk), which end in whole
 * words. */
extern uint64_t __start_model_bss[], __stop_model_bss[];
extern uint64_t __start_model_data[], __stop_model_data[];

__attribute__((no_sanitize("address"))) static void copy_words(uint64_t *to, const uint64_t *from,
                                                               const void *end)
{
    for (; to < (uint64_t *)end; to++) {
        *to = from != NULL ? *from++ : 0;
    }
}

static void reset_kernel(void)
{
    static uint64_t *data;

    if (data == NULL) {
        size_t size = (size_t)(__stop_model_data - __start_model_data) * sizeof(uint64_t);

        data = malloc(size + 1);
        copy_words(data, __start_model_data, (char *)data + size);
    }
    copy_words(__start_model_data, data, __stop_model_data);
    copy_words(__start_model_bss, NULL, __stop_model_bss);
}

uint64_t run_steps(void)
{
    return steps_asked - steps_left;
}

void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(failure, LENGTH, format, arguments);
    va_end(arguments);
    machine_stop();
}

void finish(void)
{
    machine_stop();
}

const char *run(unsigned int steps, unsigned int cores_wanted, bool traces)
{
    failure[0] = '\0';
    line_count = 0;
    log_length = 0;
    is_tracing = traces;
    steps_asked = steps;
    steps_left = steps;
    reset_kernel();
    machine_reset();
    core_count = cores_wanted != 0 ? cores_wanted : (choose(2) == 0 ? 2 : 1 + choose(MODEL_CORES));
    pl011_init(MACHINE_UART);
    log_init(console_write, halt);
    log_set_flush(console_flush);
    log_enable(true);
    gic_reset();
    ghost_reset();
    model_is_hostile = once_in(2);
    system_make();
    machine_run();
    return failure[0] != '\0' ? failure : NULL;
}
