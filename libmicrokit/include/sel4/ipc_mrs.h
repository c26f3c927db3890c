/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls of ipc.h that take the first four message registers as variables: NULL is one that does
 * not matter. On seL4 these are the processor's; here they are the IPC buffer's, like all others.
 */
#ifndef SEL4_IPC_MRS_H
#define SEL4_IPC_MRS_H

#include <sel4/ipc.h>

#define SLUICE_VARIABLES 4

static inline void sluice_set_variables(seL4_Word *const mrs[SLUICE_VARIABLES])
{
    for (int i = 0; i < SLUICE_VARIABLES; i++) {
        if (mrs[i] != 0) {
            seL4_SetMR(i, *mrs[i]);
        }
    }
}

static inline void sluice_get_variables(seL4_Word *const mrs[SLUICE_VARIABLES])
{
    for (int i = 0; i < SLUICE_VARIABLES; i++) {
        if (mrs[i] != 0) {
            *mrs[i] = seL4_GetMR(i);
        }
    }
}

static inline void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word *mr0,
                                    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};

    sluice_set_variables(mrs);
    seL4_Send(dest, info);
}

static inline void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word *mr0,
                                      seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};

    sluice_set_variables(mrs);
    seL4_NBSend(dest, info);
}

static inline seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info,
                                                  seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                  seL4_Word *mr3)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};

    sluice_set_variables(mrs);
    info = seL4_Call(dest, info);
    sluice_get_variables(mrs);
    return info;
}

static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3,
                                                  seL4_CPtr reply)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};
    seL4_MessageInfo_t info = seL4_Recv(src, sender, reply);

    sluice_get_variables(mrs);
    return info;
}

static inline seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};
    seL4_MessageInfo_t info = seL4_Wait(src, sender);

    sluice_get_variables(mrs);
    return info;
}

static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src, seL4_MessageInfo_t info,
                                                       seL4_Word *sender, seL4_Word *mr0,
                                                       seL4_Word *mr1, seL4_Word *mr2,
                                                       seL4_Word *mr3, seL4_CPtr reply)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};

    sluice_set_variables(mrs);
    info = seL4_ReplyRecv(src, info, sender, reply);
    sluice_get_variables(mrs);
    return info;
}

static inline seL4_MessageInfo_t seL4_NBSendRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info,
                                                        seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3,
                                                        seL4_CPtr reply)
{
    seL4_Word *const mrs[SLUICE_VARIABLES] = {mr0, mr1, mr2, mr3};

    sluice_set_variables(mrs);
    info = seL4_NBSendRecv(dest, info, src, sender, reply);
    sluice_get_variables(mrs);
    return info;
}

#endif
