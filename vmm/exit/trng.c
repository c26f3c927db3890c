/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * True Random Number Generator Firmware Interface 1.0 (ARM DEN 0098), as a table of functions: what
 * random.h has. Without that none of the functions is there.
 */
#include <stddef.h>

#include "vmm/exit/smccc.h"
#include "vmm/random.h"

#define TRNG_VERSION  0x84000050u
#define TRNG_FEATURES 0x84000051u
#define TRNG_GET_UUID 0x84000052u
#define TRNG_RND      0x84000053u /* and its 64-bit form */

#define TRNG_VERSION_1_0        0x10000UL
#define TRNG_SUCCESS            0L
#define TRNG_INVALID_PARAMETERS (-2L)

#define RND_REGISTERS 3u /* x1..x3, the last one having the lowest bits */

static enum exit_result answer(struct smccc_call *call, long value)
{
    call->x[0] = (uint64_t)value;
    return EXIT_RESUME;
}

static enum exit_result version(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    (void)vcpu;
    return answer(call, random_fill(&vm->random, 1) ? (long)TRNG_VERSION_1_0 : SMCCC_NOT_SUPPORTED);
}

static enum exit_result features(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    uint32_t id = (uint32_t)call->x[1];

    (void)vcpu;
    if (random_fill(&vm->random, 1) && (id & ~SMCCC_FUNCTION_64_BIT) >= TRNG_VERSION &&
        (id & ~SMCCC_FUNCTION_64_BIT) <= TRNG_RND && smccc_has(id)) {
        return answer(call, TRNG_SUCCESS);
    }
    return answer(call, SMCCC_NOT_SUPPORTED);
}

/* Made once, by chance, for what this file offers. */
static enum exit_result get_uuid(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    static const uint32_t uuid[4] = {0x1bc3f6e7, 0xbf4edfd7, 0x57ec56a5, 0x72a82634};

    (void)vcpu;
    if (!random_fill(&vm->random, 1)) {
        return answer(call, SMCCC_NOT_SUPPORTED);
    }
    for (unsigned int i = 0; i < 4; i++) {
        call->x[i] = uuid[i];
    }
    call->has_results = true;
    return EXIT_RESUME;
}

/* The lowest `bits` of a register that holds 32 or 64. */
static uint64_t mask(uint64_t bits)
{
    return bits >= 64 ? ~0UL : (1UL << bits) - 1;
}

static enum exit_result rnd(struct vm *vm, struct vcpu *vcpu, struct smccc_call *call)
{
    uint64_t width = ((uint32_t)call->x[0] & SMCCC_FUNCTION_64_BIT) != 0 ? 64 : 32;
    uint64_t bits = call->x[1];
    bool is_valid = bits > 0 && bits <= RND_REGISTERS * width;

    (void)vcpu;
    /* Linux asks for 192 bits and then for 64, at each turn of its own generator: one draw. */
    if (!random_fill(&vm->random, is_valid ? (unsigned int)((bits + width - 1) / width) : 1)) {
        return answer(call, SMCCC_NOT_SUPPORTED);
    }
    call->has_results = true;
    call->x[1] = 0;
    call->x[2] = 0;
    call->x[3] = 0;
    if (!is_valid) {
        return answer(call, TRNG_INVALID_PARAMETERS);
    }
    for (unsigned int i = 0; i < RND_REGISTERS && bits > 0; i++) {
        uint64_t here = bits < width ? bits : width;

        call->x[RND_REGISTERS - i] = random_take(&vm->random) & mask(here);
        bits -= here;
    }
    return answer(call, TRNG_SUCCESS);
}

const struct smccc_function trng_functions[] = {
    {TRNG_VERSION, false, version},
    {TRNG_FEATURES, false, features},
    {TRNG_GET_UUID, false, get_uuid},
    {TRNG_RND, true, rnd},
};

const unsigned int trng_function_count = sizeof(trng_functions) / sizeof(trng_functions[0]);
