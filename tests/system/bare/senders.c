/* SPDX-License-Identifier: BSD-2-Clause */
/* An SGI comes once from each CPU that sent it, with its number (IHI 0048B, 3.2.2 and 4.4.4). */
#include "tests/system/bare/bare.h"

#define SGI    7U
#define ROUNDS 50U

static volatile unsigned int sent;
static volatile unsigned int wanted;

static void send_when_asked(void)
{
    for (;;) {
        while (sent == wanted) {
        }
        write32(GICD + GICD_SGIR, 1U << 16 | SGI);
        sent++;
    }
}

static void ask(void)
{
    wanted++;
    while (sent != wanted) {
    }
}

void senders_all(void)
{
    unsigned int from_second = 0;
    uint32_t iar;

    gic_on();
    write8(GICD + GICD_IPRIORITYR + SGI, 0x80);
    start_second(send_when_asked);
    for (unsigned int i = 0; i < ROUNDS; i++) {
        ask();
        iar = take();
        end(iar);
        from_second += INTID(iar) == SGI && SOURCE(iar) == 1;
    }
    check("senders", "from the other", SGI, from_second, ROUNDS);
    write32(GICD + GICD_SGIR, 2U << 24 | SGI);
    ask();
    for (unsigned int source = 0; source < 2; source++) {
        iar = take();
        end(iar);
        check("senders", "of both comes", SGI, INTID(iar), SGI);
        check("senders", "of both with its number", SGI, SOURCE(iar), source);
    }
    check("senders", "and no more", SGI, take_and_end(), NOTHING);
}
