/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads that need no network: processor, memory, disk, processes, timer, nothing. */
#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/guest/bench.h"

#define DISK            "/dev/vda"
#define NVME_DISK       "/dev/nvme0n1"
#define BLOCK           4096U
#define LARGE_BLOCK     65536U
#define RANDOM          "/dev/urandom"
#define PAGE            4096U
#define PAGES           16384U /* 64 MiB: more than any TLB has */
#define STEPS_PER_COUNT 1000000U
#define TIMER_WAIT      1000000L /* ns */
#define RANDOM_START    88172645463325252ULL

/* xorshift64: the same numbers in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* `count` million steps in registers. */
void work_cpu(unsigned long count)
{
    uint64_t state = RANDOM_START;

    measure_begin();
    MARK(MARK_CPU);
    for (unsigned long i = 0; i < count * STEPS_PER_COUNT; i++) {
        __asm__ volatile("" : "+r"(state));
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    }
    measure_end(count, NULL);
}

/* `count` rounds through more pages than the TLB holds, so that each access walks the tables. */
void work_pages(unsigned long count)
{
    volatile unsigned char *memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (memory == MAP_FAILED) {
        fail("mmap");
    }
    if (madvise((void *)memory, (size_t)PAGES * PAGE, MADV_NOHUGEPAGE) != 0) {
        fail("madvise");
    }
    measure_begin();
    MARK(MARK_PAGES);
    for (unsigned long round = 0; round < count; round++) {
        for (size_t i = 0; i < PAGES; i++) {
            memory[i * PAGE]++;
        }
    }
    measure_end(count, NULL);
}

struct blocks {
    int disk;
    size_t size; /* of one */
    unsigned long on_disk;
    void *buffer;
    uint64_t *times;
};

static void open_blocks(struct blocks *blocks, size_t block_size, unsigned long count)
{
    off_t size;

    /* Past the page cache: each read is a request to the device. */
    blocks->disk = open(DISK, O_RDONLY | O_DIRECT);
    if (blocks->disk < 0) {
        blocks->disk = open(NVME_DISK, O_RDONLY | O_DIRECT);
    }
    if (blocks->disk < 0) {
        fail(DISK);
    }
    size = lseek(blocks->disk, 0, SEEK_END);
    blocks->size = block_size;
    blocks->buffer = aligned_alloc(BLOCK, block_size);
    blocks->times = calloc(count, sizeof(blocks->times[0]));
    if (size < (off_t)block_size || blocks->buffer == NULL || blocks->times == NULL) {
        fail("set-up");
    }
    blocks->on_disk = (unsigned long)size / block_size;
}

static void read_block(struct blocks *blocks, unsigned long block, unsigned long i)
{
    uint64_t start = nanoseconds();

    if (pread(blocks->disk, blocks->buffer, blocks->size, (off_t)(block * blocks->size)) !=
        (ssize_t)blocks->size) {
        fail("pread");
    }
    blocks->times[i] = nanoseconds() - start;
}

void work_block_sequential(unsigned long count)
{
    struct blocks blocks;

    open_blocks(&blocks, BLOCK, count);
    measure_begin();
    MARK(MARK_BLOCK_SEQUENTIAL);
    for (unsigned long i = 0; i < count; i++) {
        read_block(&blocks, i % blocks.on_disk, i);
    }
    measure_end(count, blocks.times);
}

/* The same with more at a time. */
void work_block_large(unsigned long count)
{
    struct blocks blocks;

    open_blocks(&blocks, LARGE_BLOCK, count);
    measure_begin();
    MARK(MARK_BLOCK_LARGE);
    for (unsigned long i = 0; i < count; i++) {
        read_block(&blocks, i % blocks.on_disk, i);
    }
    measure_end(count, blocks.times);
}

void work_block_random(unsigned long count)
{
    struct blocks blocks;
    uint64_t state = RANDOM_START;

    open_blocks(&blocks, BLOCK, count);
    measure_begin();
    MARK(MARK_BLOCK_RANDOM);
    for (unsigned long i = 0; i < count; i++) {
        read_block(&blocks, next_random(&state) % blocks.on_disk, i);
    }
    measure_end(count, blocks.times);
}

void spawn(void)
{
    char *const arguments[] = {"bench", "nothing", NULL};
    int status;
    pid_t child = fork();

    if (child == 0) {
        execv("/proc/self/exe", arguments);
        _exit(EXIT_FAILURE);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fail("process");
    }
}

/* Processes made, filled with this program, and waited for. */
void work_spawn(unsigned long count)
{
    measure_begin();
    MARK(MARK_SPAWN);
    for (unsigned long i = 0; i < count; i++) {
        spawn();
    }
    measure_end(count, NULL);
}

static void wait_until(const struct timespec *time)
{
    if (clock_nanosleep(CLOCK_MONOTONIC, 0, time, NULL) != 0) {
        fail("sleep");
    }
}

/* Sleeps of a millisecond: each is an interrupt of the timer. */
void work_timer(unsigned long count)
{
    const struct timespec wait = {.tv_nsec = TIMER_WAIT};

    measure_begin();
    MARK(MARK_TIMER);
    for (unsigned long i = 0; i < count; i++) {
        wait_until(&wait);
    }
    measure_end(count, NULL);
}

/* A guest that nobody gave a seed computes each random number the long way until it has gathered
 * enough itself. The bytes are the same in every run: a benchmark has no secrets. */
void work_seed(unsigned long count)
{
    size_t words = (count + sizeof(uint32_t) - 1) / sizeof(uint32_t);
    struct rand_pool_info *info = calloc(1, sizeof(*info) + words * sizeof(uint32_t));
    uint64_t state = RANDOM_START;
    int device = open(RANDOM, O_WRONLY);

    if (info == NULL || device < 0) {
        fail(RANDOM);
    }
    info->entropy_count = (int)(words * 32);
    info->buf_size = (int)(words * sizeof(uint32_t));
    for (size_t i = 0; i < words; i++) {
        info->buf[i] = (uint32_t)next_random(&state);
    }
    if (ioctl(device, RNDADDENTROPY, info) != 0) {
        fail("RNDADDENTROPY");
    }
    free(info);
    (void)close(device);
}

/* `count` seconds of nothing. */
void work_idle(unsigned long count)
{
    const struct timespec wait = {.tv_sec = (time_t)count};

    measure_begin();
    MARK(MARK_IDLE);
    wait_until(&wait);
    measure_end(count, NULL);
}
