/* SPDX-License-Identifier: BSD-2-Clause */
/* See pd.h. Owns the PDs; each is touched by its own core only. */
#include "kernel/pd/pd.h"

#include <stddef.h>

#include "abi/syscall.h"

struct pd pds[ABI_MAX_PDS];
unsigned int pd_count;

/* seL4_IPCBuffer: the tag, then msg[]. */
#define IPC_BUFFER_MSG 8

void pd_init(unsigned int index, const struct image_pd *desc, uint64_t stage2)
{
    struct pd *pd = &pds[index];
    struct thread *thread = &pd->thread;

    pd->desc = desc;
    pd->channels = desc->channels;
    pd->ipc_buffer = (uint64_t *)(uintptr_t)(desc->ipc_buffer + IPC_BUFFER_MSG);
    list_init(&pd->senders);
    list_init(&pd->wards);

    thread->kind = THREAD_PD;
    thread->state = THREAD_STOPPED;
    thread->priority = desc->priority;
    thread->maximum = desc->priority;
    thread->cpu = desc->cpu;
    thread->fpu = (desc->flags & IMAGE_PD_FPU) != 0;
    thread->name = desc->name;
    thread->stage2 = stage2;
    budget_init(&thread->own, timer_ticks(desc->budget), timer_ticks(desc->period));
    thread->payer = &thread->own;
    thread->frame.pc = desc->entry;
    thread->frame.sp = ABI_PD_STACK_TOP;
    thread->frame.spsr = thread_safe_spsr(thread, 0);
    list_init(&thread->link);
    timer_init(&thread->wake);
    if (desc->parent != IMAGE_NONE) {
        thread->handler = &pds[desc->parent];
        thread->fault_badge = ABI_BADGE_ENDPOINT | ABI_BADGE_FAULT | desc->id;
    }
}
