/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest that has something to lose: its RAM is full of words that it knows, and looks at; and
 * it works, in a window between marks. */
#include "bench/mark.h"
#include "tests/system/hostile/guest.h"

#define FIRST (RAM_START + 0x100000)
#define END   (RAM_START + RAM_SIZE)

/* Never zero, which is what a read that is refused may return. */
static uint64_t word_of(uint64_t address)
{
    return address * 0x9e3779b97f4a7c15UL | 1;
}

static void fill(void)
{
    for (uint64_t at = FIRST; at < END; at += 8) {
        *(volatile uint64_t *)at = word_of(at);
    }
    print("filled\r\n");
}

static bool is_whole(void)
{
    for (uint64_t at = FIRST; at < END; at += 8) {
        if (*(volatile uint64_t *)at != word_of(at)) {
            return false;
        }
    }
    return true;
}

static void work(void)
{
    bool is_good;

    MARK(1);
    is_good = is_whole();
    MARK(2);
    print(is_good ? "worked\r\n" : "lost something\r\n");
}

void guest_main(void)
{
    char line[LINE_SIZE];

    enable_input();
    fill();
    for (;;) {
        print("neighbour> ");
        read_line(line);
        if (equal(line, "work")) {
            work();
        } else {
            print("heard ");
            print(line);
            print("\r\n");
        }
    }
}
