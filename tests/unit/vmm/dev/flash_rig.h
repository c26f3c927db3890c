/* SPDX-License-Identifier: BSD-2-Clause */
/* A flash of four blocks, and what a driver sends it. */
#ifndef SLUICE_TESTS_UNIT_VMM_DEV_FLASH_RIG_H
#define SLUICE_TESTS_UNIT_VMM_DEV_FLASH_RIG_H

#include <string.h>

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/dev/flash.h"

#define BLOCK  VM_CONFIG_FLASH_BLOCK
#define BLOCKS 4
#define SIZE   (BLOCKS * BLOCK)
#define WINDOW (4 * FLASH_BUFFER_WORDS)

#define READY    0x00800080u
#define SEQUENCE 0x00b000b0u /* both errors */
#define LOCKED   0x00920092u /* program */
#define ERASED   0xffffffffu

static uint32_t memory[SIZE / 4];
static struct flash flash;

static inline int setup(void **state)
{
    (void)state;
    fake_reset();
    memset(&flash, 0, sizeof(flash));
    flash_init(&flash, memory, SIZE, 0);
    return 0;
}

static inline void write_sized(uint64_t offset, unsigned int size, uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    assert_true(flash_ops.access(&flash, &access));
}

static inline void write_word(uint64_t offset, uint32_t value)
{
    write_sized(offset, 4, value);
}

/* To both chips. */
static inline void send(uint64_t offset, uint32_t command)
{
    write_word(offset, command << 16 | command);
}

static inline uint32_t read_word(uint64_t offset)
{
    return memory[offset / 4];
}

static inline void read_array(void)
{
    send(0, 0xff);
}

static inline void program(uint64_t offset, uint32_t value)
{
    send(offset, 0x40);
    write_word(offset, value);
}

/* All but these many words, each at its place, are erased. */
static inline void expect_contents(const uint32_t pairs[][2], unsigned int count)
{
    unsigned int found = 0;

    read_array();
    for (unsigned int i = 0; i < count; i++) {
        assert_int_equal(read_word(pairs[i][0]), pairs[i][1]);
    }
    for (unsigned int i = 0; i < SIZE / 4; i++) {
        found += memory[i] != ERASED;
    }
    assert_int_equal(found, count);
}

static inline void expect_erased(void)
{
    expect_contents(NULL, 0);
}

static inline void buffer_begin(uint64_t block, unsigned int words)
{
    send(block, 0xe8);
    assert_int_equal(read_word(block), READY);
    send(block, words - 1);
}

#endif
