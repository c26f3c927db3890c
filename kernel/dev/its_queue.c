/* SPDX-License-Identifier: BSD-2-Clause */
/* See its_queue.h. */
#include "kernel/dev/its_queue.h"

#include "kernel/arch/arch.h"
#include "kernel/lib/log.h"

#define GITS_CBASER    0x0080
#define GITS_CWRITER   0x0088
#define GITS_CREADR    0x0090
#define CBASER_VALID   (1UL << 63)
#define CBASER_CACHE   59
#define CBASER_PAGE    0x1000UL
#define CBASER_PAGES   256UL
#define CREADR_STALLED 1UL
#define CREADR_OFFSET  0xfffe0UL

/* Of all registers with an address (IHI 0069H, GITS_BASER<n>): the cacheability outside is that
 * inside, if its field is 0. */
#define INNER_SHAREABLE (1UL << 10)
#define SHAREABLE       (3UL << 10)
#define WRITE_BACK      7UL
#define NOT_CACHED      1UL

#define COMMAND_SIZE sizeof(struct its_command)

/* Reads of GITS_CREADR, some 100 ns each on hardware, for what is some microseconds' work. */
#define PATIENCE 100000

static struct {
    uint64_t base;
    struct its_command *ring;
    uint64_t size; /* in bytes, as the two below */
    uint64_t next; /* where the next one is written */
    uint64_t run;  /* up to where the ITS was told to read */
    bool is_dead;
} queue;

void its_write_base(uint64_t address, uint64_t value, unsigned int cache)
{
    arch_write64(address, value | INNER_SHAREABLE | WRITE_BACK << cache);
    if ((arch_read64(address) & SHAREABLE) == 0) { /* it does not see what is in caches */
        arch_write64(address, value | NOT_CACHED << cache);
    }
}

void its_queue_init(uint64_t base, const struct image_range *memory)
{
    uint64_t size = memory->size / CBASER_PAGE * CBASER_PAGE;

    if (size > CBASER_PAGES * CBASER_PAGE) {
        size = CBASER_PAGES * CBASER_PAGE;
    }
    queue.base = base;
    queue.ring = (struct its_command *)(uintptr_t)memory->start;
    queue.size = size;
    queue.next = 0;
    queue.run = 0;
    queue.is_dead = false;
    its_write_base(base + GITS_CBASER, CBASER_VALID | memory->start | (size / CBASER_PAGE - 1),
                   CBASER_CACHE);
    arch_write64(base + GITS_CWRITER, 0);
}

static uint64_t behind(uint64_t offset)
{
    return offset + COMMAND_SIZE == queue.size ? 0 : offset + COMMAND_SIZE;
}

static bool give_up(const char *why, uint64_t value)
{
    queue.is_dead = true;
    log_line("ITS: %s (GITS_CREADR %lx, GITS_CWRITER %lx): interrupts of PCI functions stay as "
             "they are",
             why, value, queue.next);
    return false;
}

bool its_queue_run(void)
{
    if (queue.is_dead || queue.run == queue.next) {
        return !queue.is_dead;
    }
    queue.run = queue.next;
    arch_write64(queue.base + GITS_CWRITER, queue.run);
    for (unsigned int i = 0; i < PATIENCE; i++) {
        uint64_t read = arch_read64(queue.base + GITS_CREADR);

        if ((read & CREADR_STALLED) != 0) {
            return give_up("a command was refused", read);
        }
        if ((read & CREADR_OFFSET) == queue.run) {
            return true;
        }
    }
    return give_up("commands are not done in time", arch_read64(queue.base + GITS_CREADR));
}

/* Equal offsets mean an empty queue, so the last place stays free. The command has to be in memory
 * before GITS_CWRITER tells of it: an ITS may look past the caches, whatever GITS_CBASER says. */
void its_queue_add(struct its_command command)
{
    if (behind(queue.next) == queue.run) {
        (void)its_queue_run();
    }
    if (queue.is_dead) {
        return;
    }
    queue.ring[queue.next / COMMAND_SIZE] = command;
    arch_cache_clean((uint64_t)(uintptr_t)&queue.ring[queue.next / COMMAND_SIZE], COMMAND_SIZE);
    queue.next = behind(queue.next);
}
