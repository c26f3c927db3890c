/* SPDX-License-Identifier: BSD-2-Clause */
/* See random.h. */
#include "kernel/lib/random.h"

#define DOUBLE_ROUNDS 10u

static struct {
    uint32_t key[RANDOM_WORDS];
    bool is_seeded;
} generator;

static uint32_t rotate(uint32_t word, unsigned int bits)
{
    return word << bits | word >> (32 - bits);
}

/* 2.1. In line, the state in registers: an entry to the kernel draws a number with interrupts
 * masked. */
static inline __attribute__((always_inline)) void quarter_round(uint32_t *a, uint32_t *b,
                                                                uint32_t *c, uint32_t *d)
{
    *a += *b;
    *d = rotate(*d ^ *a, 16);
    *c += *d;
    *b = rotate(*b ^ *c, 12);
    *a += *b;
    *d = rotate(*d ^ *a, 8);
    *c += *d;
    *b = rotate(*b ^ *c, 7);
}

void random_block(const uint32_t key[RANDOM_WORDS], uint32_t counter,
                  uint32_t block[2 * RANDOM_WORDS])
{
    const uint32_t start[2 * RANDOM_WORDS] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, /* "expand 32-byte k" */
        key[0],     key[1],     key[2],     key[3],     key[4], key[5], key[6], key[7], counter};
    uint32_t state[2 * RANDOM_WORDS];

#pragma GCC unroll 16
    for (unsigned int i = 0; i < 2 * RANDOM_WORDS; i++) {
        state[i] = start[i];
    }
    for (unsigned int round = 0; round < DOUBLE_ROUNDS; round++) {
#pragma GCC unroll 4
        for (unsigned int i = 0; i < 4; i++) { /* columns */
            quarter_round(&state[i], &state[i + 4], &state[i + 8], &state[i + 12]);
        }
#pragma GCC unroll 4
        for (unsigned int i = 0; i < 4; i++) { /* diagonals */
            quarter_round(&state[i], &state[4 + (i + 1) % 4], &state[8 + (i + 2) % 4],
                          &state[12 + (i + 3) % 4]);
        }
    }
#pragma GCC unroll 16
    for (unsigned int i = 0; i < 2 * RANDOM_WORDS; i++) {
        block[i] = state[i] + start[i];
    }
}

/* Half of a block is the next key, the other half is for who asked. */
static void advance(uint32_t *number)
{
    uint32_t block[2 * RANDOM_WORDS];

    random_block(generator.key, 0, block);
    for (unsigned int i = 0; i < RANDOM_WORDS; i++) {
        generator.key[i] = block[i];
        number[i] = block[RANDOM_WORDS + i];
    }
}

void random_seed(const uint32_t seed[RANDOM_WORDS])
{
    uint32_t unused[RANDOM_WORDS];

    for (unsigned int i = 0; i < RANDOM_WORDS; i++) {
        generator.key[i] ^= seed[i];
    }
    generator.is_seeded = true;
    advance(unused);
}

bool random_draw(uint32_t number[RANDOM_WORDS])
{
    if (generator.is_seeded) {
        advance(number);
    }
    return generator.is_seeded;
}
