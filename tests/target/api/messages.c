/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages by seL4's own calls: sending, and receiving without the library's event loop. */
#include "tests/target/api/judge.h"

#define INPUT 1
#define REPLY 4

#define TO_ECHO     8
#define ECHO_CALL   (BASE_ENDPOINT_CAP + TO_ECHO)
#define ECHO_SIGNAL (BASE_OUTPUT_NOTIFICATION_CAP + TO_ECHO)

volatile seL4_Word *received = (volatile seL4_Word *)1;

static void check_sending(void)
{
    seL4_MessageInfo_t info;
    seL4_Word word = 7;

    info = seL4_CallWithMRs(ECHO_CALL, seL4_MessageInfo_new(20, 0, 0, 1), &word, 0, 0, 0);
    check_equal("call_with_variables", word, 8);
    check_equal("call_label", seL4_MessageInfo_get_label(info), 21);
    check_equal("call_received", received[0], 1);

    microkit_mr_set(0, 33);
    seL4_Send(ECHO_CALL, seL4_MessageInfo_new(30, 0, 0, 1));
    check_equal("send_received", received[0], 2);
    check_equal("send_label", received[1], 30);
    check_equal("send_is_not_answered", microkit_mr_get(0), 33);
    seL4_NBSend(ECHO_CALL, seL4_MessageInfo_new(40, 0, 0, 0));
    check_equal("nbsend_received", received[1], 40);
    microkit_pd_stop(ECHO);
    seL4_NBSend(ECHO_CALL, seL4_MessageInfo_new(50, 0, 0, 0));
    microkit_pd_resume(ECHO);
    check_equal("nbsend_to_nobody", received[1], 40);
    seL4_NBSend(0, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void check_signals(void)
{
    seL4_MessageInfo_t none = seL4_MessageInfo_new(0, 0, 0, 0);
    seL4_Word badge = 1;

    seL4_Poll(INPUT, &badge);
    check_equal("poll_nothing", badge, 0);
    seL4_Send(ECHO_SIGNAL, none); /* which is higher, and signals back */
    seL4_Poll(INPUT, &badge);
    check_equal("poll_signal", badge, 1UL << TO_ECHO);
    seL4_Signal(ECHO_SIGNAL);
    seL4_Wait(INPUT, &badge);
    check_equal("wait_signal", badge, 1UL << TO_ECHO);
    seL4_NBWait(INPUT, &badge);
    check_equal("nbwait_nothing", badge, 0);
    seL4_NBSendWait(ECHO_SIGNAL, none, INPUT, &badge);
    check_equal("nbsendwait", badge, 1UL << TO_ECHO);
    seL4_NBSendRecv(ECHO_SIGNAL, none, INPUT, &badge, REPLY);
    check_equal("nbsendrecv", badge, 1UL << TO_ECHO);
}

/* The child at the undefined instruction faults until it is told another pc. */
static void check_receiving(void)
{
    seL4_MessageInfo_t info;
    seL4_Word badge = 0;

    let_still_execute(INSTRUCTION_HLT);
    info = seL4_Recv(INPUT, &badge, REPLY);
    check_equal("recv_fault", badge, 3UL << 62 | STILL);
    check_equal("recv_label", seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    info = seL4_ReplyRecv(INPUT, seL4_MessageInfo_new(0, 0, 0, 0), &badge, REPLY);
    check_equal("replyrecv_fault", badge, 3UL << 62 | STILL);
    seL4_Send(REPLY, seL4_MessageInfo_new(0, 0, 0, 0));
    seL4_Recv(INPUT, &badge, REPLY);
    check_equal("sent_reply", badge, 3UL << 62 | STILL);
    seL4_NBRecv(INPUT, &badge, REPLY);
    check_equal("nbrecv_nothing", badge, 0);
    microkit_pd_stop(STILL);
}

void check_messages(void)
{
    check_sending();
    check_signals();
    check_receiving();
}
