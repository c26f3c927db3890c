/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `mark N` in a Linux guest: mark N for bench/plugin/count.c. Needs no library and no system call
 * but exit, so that next to nothing else is counted.
 */

#define LINUX_EXIT  93
#define MARK_COUNT  64
#define BAD_COMMAND 2

/* One of 64 hints, each in front of its return. */
__asm__(".pushsection .text\n"
        "marks:\n"
        "\t.set number, 64\n"
        "\t.rept 64\n"
        "\thint #number\n"
        "\tret\n"
        "\t.set number, number + 1\n"
        "\t.endr\n"
        ".global _start\n"
        "_start:\n"
        "\tmov x0, sp\n"
        "\tb start\n"
        ".popsection\n");

extern const char marks[];

static _Noreturn void leave(long status)
{
    register long x0 __asm__("x0") = status;
    register long x8 __asm__("x8") = LINUX_EXIT;

    for (;;) {
        __asm__ volatile("svc #0" : : "r"(x0), "r"(x8) : "memory");
    }
}

/* The stack as Linux leaves it: the number of arguments, then their addresses. */
__attribute__((used)) static _Noreturn void start(const unsigned long *stack)
{
    const char *text = stack[0] == 2 ? (const char *)stack[2] : "";
    unsigned long number = 0;
    unsigned int digits = 0;

    while (text[digits] >= '0' && text[digits] <= '9' && digits < 3) {
        number = number * 10 + (unsigned long)(text[digits] - '0');
        digits++;
    }
    if (digits == 0 || text[digits] != '\0' || number >= MARK_COUNT) {
        leave(BAD_COMMAND);
    }
    ((void (*)(void))(marks + 8 * number))();
    leave(0);
}
