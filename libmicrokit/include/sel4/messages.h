/* SPDX-License-Identifier: BSD-2-Clause */
/* Message infos, and message registers: they live in the IPC buffer. */
#ifndef SEL4_MESSAGES_H
#define SEL4_MESSAGES_H

#include <sel4/assert.h>
#include <sel4/types.h>

#ifdef __cplusplus
extern "C" {
#endif

extern seL4_IPCBuffer *__sel4_ipc_buffer;

#ifdef __cplusplus
}
#endif

static inline seL4_IPCBuffer *seL4_GetIPCBuffer(void)
{
    return __sel4_ipc_buffer;
}

static inline seL4_Word seL4_GetMR(int i)
{
    return seL4_GetIPCBuffer()->msg[i];
}

static inline void seL4_SetMR(int i, seL4_Word word)
{
    seL4_GetIPCBuffer()->msg[i] = word;
}

static inline seL4_Word seL4_GetUserData(void)
{
    return seL4_GetIPCBuffer()->userData;
}

static inline void seL4_SetUserData(seL4_Word data)
{
    seL4_GetIPCBuffer()->userData = data;
}

/* A label of 52 bits; a debug build asserts that each field fits, others drop what does not. */
static inline seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Uint64 label, seL4_Uint64 capsUnwrapped,
                                                      seL4_Uint64 extraCaps, seL4_Uint64 length)
{
    seL4_MessageInfo_t info;

    seL4_DebugAssert(label >> 52 == 0);
    seL4_DebugAssert(capsUnwrapped >> 3 == 0);
    seL4_DebugAssert(extraCaps >> 2 == 0);
    seL4_DebugAssert(length >> 7 == 0);
    info.words[0] =
        label << 12 | (capsUnwrapped & 0x7) << 9 | (extraCaps & 0x3) << 7 | (length & 0x7f);
    return info;
}

static inline seL4_Uint64 seL4_MessageInfo_get_label(seL4_MessageInfo_t info)
{
    return info.words[0] >> 12;
}

static inline seL4_Uint64 seL4_MessageInfo_get_length(seL4_MessageInfo_t info)
{
    return info.words[0] & 0x7f;
}

static inline seL4_Uint64 seL4_MessageInfo_get_extraCaps(seL4_MessageInfo_t info)
{
    return info.words[0] >> 7 & 0x3;
}

static inline seL4_Uint64 seL4_MessageInfo_get_capsUnwrapped(seL4_MessageInfo_t info)
{
    return info.words[0] >> 9 & 0x7;
}

static inline seL4_MessageInfo_t seL4_MessageInfo_set_label(seL4_MessageInfo_t info,
                                                            seL4_Uint64 label)
{
    return seL4_MessageInfo_new(label, seL4_MessageInfo_get_capsUnwrapped(info),
                                seL4_MessageInfo_get_extraCaps(info),
                                seL4_MessageInfo_get_length(info));
}

static inline seL4_MessageInfo_t seL4_MessageInfo_set_length(seL4_MessageInfo_t info,
                                                             seL4_Uint64 length)
{
    return seL4_MessageInfo_new(seL4_MessageInfo_get_label(info),
                                seL4_MessageInfo_get_capsUnwrapped(info),
                                seL4_MessageInfo_get_extraCaps(info), length);
}

#endif
