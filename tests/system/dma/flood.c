/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest whose NVMe controller fetches commands from a queue that is nowhere, as often as it is
 * told that there are some (NVM Express 1.4, 3.1 and 7.6.1). */
#include "tests/system/hostile/guest.h"

#define ECAM        (0x3f000000UL + 4 * 0x8000)
#define PCI_COMMAND 0x04
#define NVME        0x10000000UL
#define CC          0x14
#define CC_ENABLE   0x00460001U
#define CSTS        0x1c
#define AQA         0x24
#define ASQ         0x28
#define ACQ         0x30
#define DOORBELL    0x1000
#define ENTRIES     32U
#define NOWHERE     0x12345000U

/* A microsecond, of a core that QEMU counts instructions of: it takes much longer for an access. */
static void pause(void)
{
    uint64_t rounds = 500;

    __asm__ volatile("1: subs %0, %0, #1; b.ne 1b" : "+r"(rounds) : : "cc");
}

static void flood(void)
{
    mmio_write(ECAM + PCI_COMMAND, 6);
    mmio_write(NVME + CC, 0);
    mmio_write(NVME + AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
    mmio_write(NVME + ASQ, NOWHERE);
    mmio_write(NVME + ASQ + 4, 0);
    mmio_write(NVME + ACQ, NOWHERE + 0x1000);
    mmio_write(NVME + ACQ + 4, 0);
    mmio_write(NVME + CC, CC_ENABLE);
    while (mmio_read(NVME + CSTS) == 0) {
    }
    print("flooding\r\n");
    for (unsigned int i = 1;; i++) {
        mmio_write(NVME + DOORBELL, i % ENTRIES);
        pause();
    }
}

void guest_main(void)
{
    char line[LINE_SIZE];

    enable_input();
    for (;;) {
        print("flood> ");
        read_line(line);
        if (equal(line, "flood")) {
            flood();
        } else {
            print("heard ");
            print(line);
            print("\r\n");
        }
    }
}
