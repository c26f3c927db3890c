/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers from what firmware left: ChaCha20 (RFC 8439) with a key that each draw replaces,
 * so that who learns one number, or later the key, knows nothing of the others. Without a seed
 * there are none. One for all cores, under the lock for all.
 */
#ifndef SLUICE_KERNEL_LIB_RANDOM_H
#define SLUICE_KERNEL_LIB_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#define RANDOM_WORDS 8u /* of 32 bits: of a seed, and of a number */

/* 256 bits of entropy; further ones add to those before. */
void random_seed(const uint32_t seed[RANDOM_WORDS]);
/* False: there was no seed, and `number` is left as it is. */
bool random_draw(uint32_t number[RANDOM_WORDS]);

/* The block function (2.3), with a nonce of zeros. */
void random_block(const uint32_t key[RANDOM_WORDS], uint32_t counter,
                  uint32_t block[2 * RANDOM_WORDS]);

#endif
