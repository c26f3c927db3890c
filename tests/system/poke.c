/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For a guest's root: `poke START SIZE VALUE ...` writes a value to every word of physical ranges,
 * by /dev/mem. What is not there answers as it likes: after an abort the next word is written.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 0x1000UL

static sigjmp_buf next;

static void abort_was_taken(int number)
{
    (void)number;
    siglongjmp(next, 1);
}

static void write_word(int memory, uint64_t address, uint32_t value)
{
    uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
                         (off_t)(address & ~(PAGE - 1)));

    if (page == MAP_FAILED) {
        perror("poke: /dev/mem");
        exit(1);
    }
    if (sigsetjmp(next, 1) == 0) {
        *(volatile uint32_t *)(void *)(page + (address & (PAGE - 1))) = value;
    }
    munmap(page, PAGE);
}

int main(int argc, char **argv)
{
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    unsigned int count = 0;

    if (memory < 0 || argc % 3 != 1) {
        fprintf(stderr, "poke: expected /dev/mem, and START SIZE VALUE ...\n");
        return 1;
    }
    signal(SIGBUS, abort_was_taken);
    for (int i = 1; i < argc; i += 3) {
        uint64_t start = strtoull(argv[i], NULL, 0);
        uint64_t size = strtoull(argv[i + 1], NULL, 0);

        for (uint64_t at = 0; at < size; at += 4) {
            write_word(memory, start + at, (uint32_t)strtoul(argv[i + 2], NULL, 0));
            count++;
        }
    }
    printf("poked %u words\n", count);
    return 0;
}
