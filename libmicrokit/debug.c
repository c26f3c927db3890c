/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug console, and ends that explain themselves on it. Silent in release configurations. */
#include <microkit.h>

#include "abi/limits.h"
#include "abi/syscall.h"

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

#ifdef CONFIG_DEBUG_BUILD

static void put_padded(const char *text, unsigned int width)
{
    unsigned int length = 0;

    for (; text[length] != '\0'; length++) {
        microkit_dbg_putc(text[length]);
    }
    for (; length < width; length++) {
        microkit_dbg_putc(' ');
    }
}

static void put_hex(seL4_Word word)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        microkit_dbg_putc("0123456789abcdef"[word >> shift & 0xf]);
    }
}

static const char *state_name(seL4_Word state)
{
    static const char *const names[] = {
        [ABI_THREAD_STOPPED] = "stopped",    [ABI_THREAD_RUNNABLE] = "runnable",
        [ABI_THREAD_RECEIVING] = "waits",    [ABI_THREAD_SENDING] = "calls",
        [ABI_THREAD_REPLY] = "unanswered",   [ABI_THREAD_IDLE] = "sleeps",
        [ABI_THREAD_DEPLETED] = "no budget",
    };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

static void put_thread(const seL4_Word *words)
{
    put_padded((const char *)&words[ABI_THREAD_NAME], 20);
    put_padded(" ", 1);
    put_padded(state_name(words[ABI_THREAD_STATE]), 11);
    microkit_dbg_puts("priority ");
    microkit_dbg_put32((seL4_Uint32)words[ABI_THREAD_PRIORITY]);
    microkit_dbg_puts(", core ");
    microkit_dbg_put32((seL4_Uint32)words[ABI_THREAD_CPU]);
    microkit_dbg_puts(", pc ");
    put_hex(words[ABI_THREAD_PC]);
    microkit_dbg_putc('\n');
}

void seL4_DebugDumpScheduler(void)
{
    seL4_Word index = 0;

    while (sluice_syscall(SLUICE_SYS_DEBUG_THREAD, index, 0, 0, 0, 0).x0 == seL4_NoError) {
        put_thread(sluice_transfer());
        index++;
    }
}

void seL4_DebugHalt(void)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(" stops: seL4_DebugHalt\n");
    for (;;) {
        seL4_TCB_Suspend(TCB_CAP);
    }
}

void seL4_DebugNameThread(seL4_CPtr tcb, const char *name)
{
    char *to = (char *)sluice_transfer();
    unsigned int i = 0;

    for (; i < ABI_NAME_LENGTH - 1 && name[i] != '\0'; i++) {
        to[i] = name[i];
    }
    to[i] = '\0';
    sluice_syscall(SLUICE_SYS_DEBUG_NAME, tcb, 0, 0, 0, 0);
}

#endif
