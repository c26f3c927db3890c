/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest that behaves: it answers what is typed, and when asked it works for a while. */
#include "bench/mark.h"
#include "tests/system/hostile/guest.h"

#define ROUNDS 4000000UL /* of two instructions */

static void run(uint64_t rounds)
{
    __asm__ volatile("1: subs %0, %0, #1; b.ne 1b" : "+r"(rounds) : : "cc");
}

static void work(void)
{
    MARK(1);
    run(ROUNDS);
    MARK(2);
    print("worked\r\n");
}

void guest_main(void)
{
    char line[LINE_SIZE];

    enable_input();
    for (;;) {
        print("neighbour> ");
        read_line(line);
        if (equal(line, "work")) {
            work();
        } else if (equal(line, "later")) { /* when the console shows more */
            run(5 * ROUNDS);
            work();
        } else {
            print("heard ");
            print(line);
            print("\r\n");
        }
    }
}
