/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults in init(), in the way that the program's name says. "nofault" has a child and no fault(),
 * "noprotected" is called and has no protected(): libmicrokit's own functions stand in.
 */
#include <microkit.h>

static void crash_null(void)
{
    __asm__ volatile("ldr x0, [%0]" : : "r"(0UL) : "x0", "memory");
}

static void crash_text(void)
{
    __asm__ volatile("str xzr, [%0]" : : "r"(0x200000UL) : "memory");
}

static void crash_jump(void)
{
    __asm__ volatile("br %0" : : "r"(0xdead0000UL) : "memory");
}

static void crash_overflow(void)
{
    for (;;) {
        __asm__ volatile("stp xzr, xzr, [sp, #-16]!" : : : "memory");
    }
}

static void crash_undefined(void)
{
    __asm__ volatile("udf #0");
}

static void crash_break(void)
{
    __asm__ volatile("brk #0");
}

static void crash_syscall(void)
{
    __asm__ volatile("mov x7, #1000\n\tsvc #0" : : : "x7", "memory");
}

static void crash_nofp(void)
{
    __asm__ volatile(".arch_extension fp\n\tfmov d0, xzr");
}

static void crash_trapped(void)
{
    __asm__ volatile("mrs x0, pmccntr_el0" : : : "x0");
}

static void crash_capability(void)
{
    seL4_Call(BASE_ENDPOINT_CAP + 9, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void crash_caller(void)
{
    microkit_ppcall(4, microkit_msginfo_new(0, 0));
}

static const struct {
    const char *name;
    void (*crash)(void);
} crashes[] = {
    {"null", crash_null},           {"text", crash_text},
    {"jump", crash_jump},           {"overflow", crash_overflow},
    {"undefined", crash_undefined}, {"break", crash_break},
    {"syscall", crash_syscall},     {"nofp", crash_nofp},
    {"trapped", crash_trapped},     {"capability", crash_capability},
    {"orphan", crash_null},         {"caller", crash_caller},
    {"stripped", crash_null},       {"symbols", crash_null},
};

static bool is_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void init(void)
{
    for (unsigned int i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        if (is_same(crashes[i].name, microkit_name)) {
            crashes[i].crash();
        }
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
