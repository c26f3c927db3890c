/* SPDX-License-Identifier: BSD-2-Clause */
/* Message infos (abi/syscall.h) and the words that they count. */
#ifndef SLUICE_KERNEL_IPC_MESSAGE_H
#define SLUICE_KERNEL_IPC_MESSAGE_H

#include <stdint.h>

#include "abi/limits.h"
#include "abi/syscall.h"

static inline uint64_t message_words(uint64_t info)
{
    uint64_t count = ABI_MSGINFO_LENGTH(info);

    return count <= ABI_MESSAGE_WORDS ? count : ABI_MESSAGE_WORDS;
}

/* In the info of a message that waits: its sender wants no answer. (Of the capability fields, which
 * do not exist here.) */
#define MESSAGE_ONE_WAY (1UL << 9)

/* As it is delivered: labels pass; capability fields do not exist here. */
static inline uint64_t message_clean_info(uint64_t info)
{
    return ABI_MSGINFO(ABI_MSGINFO_LABEL(info), message_words(info));
}

/* `count` words, two at a time. */
static inline void message_copy(uint64_t *to, const uint64_t *from, uint64_t count)
{
    const uint64_t *end = from + (count & ~1UL);

    while (from < end) {
        uint64_t first = from[0];
        uint64_t second = from[1];

        to[0] = first;
        to[1] = second;
        from += 2;
        to += 2;
    }
    if ((count & 1) != 0) {
        *to = *from;
    }
}

#endif
