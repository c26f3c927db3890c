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

/* 2.1 */
static void quarter_round(uint32_t *state, unsigned int a, unsigned int b, unsigned int c,
                          unsigned int d)
{
    state[a] += state[b];
    state[d] = rotate(state[d] ^ state[a], 16);
    state[c] += state[d];
    state[b] = rotate(state[b] ^ state[c], 12);
    state[a] += state[b];
    state[d] = rotate(state[d] ^ state[a], 8);
    state[c] += state[d];
    state[b] = rotate(state[b] ^ state[c], 7);
}

void random_block(const uint32_t key[RANDOM_WORDS], uint32_t counter,
                  uint32_t block[2 * RANDOM_WORDS])
{
    const uint32_t start[2 * RANDOM_WORDS] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, /* "expand 32-byte k" */
        key[0],     key[1],     key[2],     key[3],     key[4], key[5], key[6], key[7], counter};

    for (unsigned int i = 0; i < 2 * RANDOM_WORDS; i++) {
        block[i] = start[i];
    }
    for (unsigned int round = 0; round < DOUBLE_ROUNDS; round++) {
        for (unsigned int i = 0; i < 4; i++) { /* columns */
            quarter_round(block, i, i + 4, i + 8, i + 12);
        }
        for (unsigned int i = 0; i < 4; i++) { /* diagonals */
            quarter_round(block, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
        }
    }
    for (unsigned int i = 0; i < 2 * RANDOM_WORDS; i++) {
        block[i] += start[i];
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
