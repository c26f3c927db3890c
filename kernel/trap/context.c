/* SPDX-License-Identifier: BSD-2-Clause */
/* See context.h. */
#include "kernel/trap/context.h"

#include "abi/limits.h"

#define CONTEXT_SPSR    2
#define CONTEXT_FIRST_X 3
#define CONTEXT_X_COUNT 31

/* Which x register each word from CONTEXT_FIRST_X on holds. */
static const uint8_t order[CONTEXT_X_COUNT] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  16, 17, 18, 29, 30, 9,  10,
    11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
};

_Static_assert(CONTEXT_FIRST_X + CONTEXT_X_COUNT + 2 == ABI_CONTEXT_WORDS, "seL4_UserContext");

/* Where word `index` of the context lives in `thread`. */
static uint64_t *place(struct thread *thread, uint64_t index)
{
    switch (index) {
    case 0:
        return &thread->frame.pc;
    case 1:
        return &thread->frame.sp;
    case 2:
        return &thread->frame.spsr;
    case CONTEXT_FIRST_X + CONTEXT_X_COUNT:
        return &thread->tpidr_el0;
    case CONTEXT_FIRST_X + CONTEXT_X_COUNT + 1:
        return &thread->tpidrro_el0;
    default:
        return &thread->frame.x[order[index - CONTEXT_FIRST_X]];
    }
}

void context_read(const struct thread *thread, uint64_t *words, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        words[i] = *place((struct thread *)thread, i);
    }
}

bool context_may_write(const struct thread *thread, const uint64_t *words, uint64_t count)
{
    return count <= CONTEXT_SPSR || thread_may_have_spsr(thread, words[CONTEXT_SPSR]);
}

void context_write(struct thread *thread, const uint64_t *words, uint64_t count)
{
    uint64_t spsr = thread->frame.spsr;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t *to = i == CONTEXT_SPSR ? &spsr : place(thread, i);

        *to = words[i];
    }
    thread->frame.spsr = thread_safe_spsr(thread, spsr);
}
