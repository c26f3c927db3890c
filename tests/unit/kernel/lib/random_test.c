/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <string.h>

#include "kernel/lib/random.h"

/* RFC 8439, A.1, test vectors 1 to 3, as little-endian words. */
static void block_is_chacha20(void **state)
{
    static const struct {
        uint32_t last_of_key, counter, block[16];
    } vectors[] = {
        {0,
         0,
         {0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653, 0xb819d2bd, 0x1aed8da0, 0xccef36a8,
          0xc70d778b, 0x7c5941da, 0x8d485751, 0x3fe02477, 0x374ad8b8, 0xf4b8436a, 0x1ca11815,
          0x69b687c3, 0x8665eeb2}},
        {0,
         1,
         {0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73, 0xa0290fcb, 0x6965e348, 0x3e53c612,
          0xed7aee32, 0x7621b729, 0x434ee69c, 0xb03371d5, 0xd539d874, 0x281fed31, 0x45fb0a51,
          0x1f0ae1ac, 0x6f4d794b}},
        {0x01000000,
         1,
         {0x2452eb3a, 0x9249f8ec, 0x8d829d9b, 0xddd4ceb1, 0xe8252083, 0x60818b01, 0xf38422b8,
          0x5aaa49c9, 0xbb00ca8e, 0xda3ba7b4, 0xc4b592d1, 0xfdf2732f, 0x4436274e, 0x2561b3c8,
          0xebdd4aa6, 0xa0136c00}},
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint32_t key[RANDOM_WORDS] = {[RANDOM_WORDS - 1] = vectors[i].last_of_key};
        uint32_t block[2 * RANDOM_WORDS];

        random_block(key, vectors[i].counter, block);
        assert_memory_equal(block, vectors[i].block, sizeof(block));
    }
}

/* In one function, since there is one generator. */
static void draws(void **state)
{
    static const uint32_t seed[RANDOM_WORDS] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint32_t number[RANDOM_WORDS] = {0x55};
    uint32_t other[RANDOM_WORDS];
    uint32_t block[2 * RANDOM_WORDS];

    (void)state;
    assert_false(random_draw(number));
    assert_int_equal(number[0], 0x55);

    random_seed(seed);
    random_block(seed, 0, block); /* whose first half is the key by now */
    assert_true(random_draw(number));
    random_block(block, 0, block);
    assert_memory_equal(number, &block[RANDOM_WORDS], sizeof(number));
    assert_true(random_draw(other));
    random_block(block, 0, block);
    assert_memory_equal(other, &block[RANDOM_WORDS], sizeof(other));
    assert_memory_not_equal(number, other, sizeof(number));

    /* A second seed adds to the first. */
    random_seed(seed);
    for (unsigned int i = 0; i < RANDOM_WORDS; i++) {
        block[i] ^= seed[i];
    }
    random_block(block, 0, block);
    random_block(block, 0, block);
    assert_true(random_draw(number));
    assert_memory_equal(number, &block[RANDOM_WORDS], sizeof(number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_is_chacha20),
        cmocka_unit_test(draws),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
