/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a program and its event loop: constructors, init(), every interrupt acknowledged once,
 * then for each event notified(), protected() or fault(). What the tool fills in lives here.
 */
#include <microkit.h>

#include "abi/limits.h"
#include "abi/syscall.h"

char microkit_name[MICROKIT_PD_NAME_LENGTH] = {1}; /* not in .bss: the tool patches the file */
bool microkit_passive = true;
seL4_Word microkit_irqs = 1;
seL4_Word microkit_notifications = 1;
seL4_Word microkit_pps = 1;
seL4_Word microkit_ioports = 1;

seL4_Bool microkit_have_signal = seL4_False;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)ABI_PD_IPC_BUFFER;

extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

int main(void);

/* The message of an event, and from whom. */
struct event {
    seL4_Word badge;
    seL4_MessageInfo_t info;
};

static void run_constructors(void)
{
    for (void (*const *constructor)(void) = __init_array_start; constructor < __init_array_end;
         constructor++) {
        (*constructor)();
    }
}

static void ack_irqs(void)
{
    for (microkit_channel ch = 0; ch < MICROKIT_MAX_CHANNELS; ch++) {
        if ((microkit_irqs & 1UL << ch) != 0) {
            microkit_irq_ack(ch);
        }
    }
}

/* Answers if `has_reply`, sends the deferred signal if there is one, and waits. */
static struct event wait(bool has_reply, seL4_MessageInfo_t reply)
{
    seL4_CPtr signal = seL4_CapNull;
    struct sluice_result result;
    struct event event;

    if (microkit_have_signal) {
        microkit_have_signal = seL4_False;
        signal = microkit_signal_cap;
    }
    result = sluice_reply_receive(has_reply ? ABI_RECV_REPLY : 0, reply.words[0], signal);
    event.badge = result.x0;
    event.info.words[0] = result.x1;
    return event;
}

static void deliver_notifications(seL4_Word word)
{
    while (word != 0) {
        microkit_channel ch = (microkit_channel)__builtin_ctzl(word);

        word &= word - 1;
        notified(ch);
    }
}

int main(void)
{
    seL4_MessageInfo_t reply = seL4_MessageInfo_new(0, 0, 0, 0);
    bool has_reply = false;

    run_constructors();
    init();
    ack_irqs();
    for (;;) {
        struct event event = wait(has_reply, reply);
        unsigned int id = (unsigned int)(event.badge & ABI_BADGE_ID);

        has_reply = false;
        if ((event.badge & ABI_BADGE_ENDPOINT) == 0) {
            deliver_notifications(event.badge);
        } else if ((event.badge & ABI_BADGE_FAULT) != 0) {
            has_reply = fault(id, event.info, &reply) != 0;
        } else {
            has_reply = true;
            reply = protected(id, event.info);
        }
    }
}
