/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls between libmicrokit and the kernel, and the capability numbers they take.
 *
 * SVC #0 at EL0 with the number in x7 and arguments in x0..x4. Results come in x0 and x1; every
 * other register is preserved. Messages are msg[] of the caller's IPC buffer; what else is wider
 * than registers goes through area[], behind the IPC buffer in its page (ABI_TRANSFER_OFFSET), so
 * that message registers change by messages alone. A number that is not here makes an
 * UnknownSyscall fault.
 *
 * "cap" is a capability number as Microkit hands them out: a base below plus a channel, child or
 * vCPU id, or (slot << ABI_CSPACE_SHIFT) for a slot that <cspace> filled.
 */
#ifndef SLUICE_ABI_SYSCALL_H
#define SLUICE_ABI_SYSCALL_H

#define ABI_CAP_INPUT        1   /* what the PD receives from */
#define ABI_CAP_VSPACE       3   /* its own address space */
#define ABI_CAP_REPLY        4   /* whom it received from last */
#define ABI_CAP_MONITOR      5   /* seL4's monitor: here it is nobody */
#define ABI_CAP_TCB          6   /* the PD itself */
#define ABI_CAP_ARM_SMC      7   /* PDs with smc="true" */
#define ABI_CAP_NOTIFICATION 10  /* + channel: microkit_notify */
#define ABI_CAP_ENDPOINT     74  /* + channel: microkit_ppcall */
#define ABI_CAP_IRQ          138 /* + channel: microkit_irq_ack */
#define ABI_CAP_CHILD_TCB    202 /* + child */
#define ABI_CAP_VM_TCB       266 /* + vCPU */
#define ABI_CAP_VCPU         330 /* + vCPU */
#define ABI_CSPACE_SHIFT     58

enum abi_syscall {
    /* x0 character. Ignored unless the image has a debug console. */
    ABI_SYS_DEBUG_PUTC,
    /* x0 cap (NOTIFICATION or IRQ): signal the channel, or acknowledge the interrupt. A cap that
     * the PD does not hold is ignored, as seL4's Send does. No result. */
    ABI_SYS_SEND,
    /* x0 cap (ENDPOINT), x1 message info, msg[] -> x1 message info of the reply, msg[].
     * A cap that the PD does not hold makes a CapFault. */
    ABI_SYS_CALL,
    /* x0 ABI_RECV_* flags, x1 message info of the reply, msg[], x2 cap for a deferred SEND or 0
     * -> x0 badge, x1 message info, msg[]. Replies (if asked to), sends, then waits. */
    ABI_SYS_REPLY_RECV,
    /* x0 cap, x1 message info, x2 ABI_NONBLOCKING or 0, msg[]: to an ENDPOINT, which cannot answer;
     * to INPUT's last sender through REPLY; or as SEND. No result. */
    ABI_SYS_SEND_MESSAGE,
    /* x0 ABI_NONBLOCKING, ABI_ANSWERS; x1 message info and x2 cap of a nonblocking SEND_MESSAGE
     * that comes first, or 0; x3 cap INPUT; x4 cap REPLY, with ABI_ANSWERS; msg[]
     * -> x0 badge, or 0 if there is nothing and it does not block, x1 message info, msg[] */
    ABI_SYS_RECEIVE,
    ABI_SYS_YIELD, /* Ends the caller's turn; what it has of a limited budget now is given up. */
    /* x0 error; all below return an abi_error in x0. */
    /* x0 cap of a TCB, x1 suspend first (bool), x2 word count -> area[0..count) */
    ABI_SYS_TCB_READ_REGISTERS,
    /* x0 cap of a TCB, x1 resume afterwards (bool), x2 word count, area[0..count) */
    ABI_SYS_TCB_WRITE_REGISTERS,
    ABI_SYS_TCB_SUSPEND, /* x0 cap of a TCB */
    ABI_SYS_TCB_RESUME,  /* x0 cap of a TCB */
    /* x0 cap of a TCB, x1 cap of a TCB whose maximum is the limit, x2 priority */
    ABI_SYS_TCB_SET_PRIORITY,
    ABI_SYS_TCB_SET_MAXIMUM,  /* the same: what x0 may give itself and others */
    ABI_SYS_TCB_SET_TLS_BASE, /* x0 cap of a TCB, x1 its TPIDR_EL0 */
    ABI_SYS_SC_CONSUMED,      /* x0 cap of an SC -> x1 microseconds since this was last asked */
    ABI_SYS_SC_YIELD_TO,      /* x0 cap of an SC: its thread is next of its priority */
    /* x0 VCPU cap, x1 INTID, x2 priority 0..31, x3 group, and for an SGI the CPU that sent it above
     * ABI_INJECT_SOURCE_SHIFT, ABI_INJECT_MORE; x4 list register */
    ABI_SYS_VCPU_INJECT_IRQ,
    ABI_SYS_VCPU_ACK_VPPI,  /* x0 VCPU cap, x1 INTID */
    ABI_SYS_VCPU_READ_REG,  /* x0 VCPU cap, x1 seL4_VCPUReg -> x1 value */
    ABI_SYS_VCPU_WRITE_REG, /* x0 VCPU cap, x1 seL4_VCPUReg, x2 value */
    ABI_SYS_SMC,            /* x0 ARM_SMC cap, area[0..8) -> area[0..8) */
    /* An interrupt goes to the vCPU's guest directly from now on. x0 VCPU cap, x1 IRQ cap of the
     * caller's, x2 ABI_BIND_* */
    ABI_SYS_VCPU_BIND_IRQ,
    ABI_SYS_VCPU_BIND_VPPI, /* the same for the virtual timer: x1 its INTID */
    /* x0 VCPU cap: nothing is bound any more, its list registers and CPU interface are as new */
    ABI_SYS_VCPU_RESET_VGIC,
    /* x0 VCPU cap, whose fault the caller is to answer: when it goes on it sleeps, as by WFI, until
     * an interrupt is signalled to it */
    ABI_SYS_VCPU_SLEEP,
    ABI_SYS_VCPU_IRQ_STATE,    /* x0 VCPU cap, x1 INTID -> x1 ABI_IRQ_* */
    ABI_SYS_VCPU_WITHDRAW_IRQ, /* x0 VCPU cap, x1 list register -> x1 whether it is free now */
    /* x0 VCPU cap, x1 INTID, x2 ABI_IRQ_*, one of them -> x1 whether it was that, and is no more */
    ABI_SYS_VCPU_CLEAR_IRQ,
    /* x0 VCPU cap, x1 which CPU of its guest it is, 0..7, x2 the affinity fields of its MPIDR_EL1,
     * x3 the guest-physical address of GICD_SGIR where it has a GICv2, or 0 */
    ABI_SYS_VCPU_ROUTE_SGIS,
    /* x0 VCPU cap, x1 SGI, x2 ABI_BIND_*: from now on it has it from its guest's other CPUs
     * directly */
    ABI_SYS_VCPU_BIND_SGI,
    /* x0 VCPU cap, x1 SGI that is bound, x2 from which CPUs it is pending no more, x3 from which it
     * is: a bit for each -> x1 from which it is now */
    ABI_SYS_VCPU_CHANGE_SGI,
    /* x0 channel id, x1 bytes at most, up to ABI_DEBUG_READ -> x1 bytes in area[]: text of the
     * debug console, for a program that has its UART (IMAGE_PD_CONSOLE). From the first call on it
     * goes there alone, and the channel is signalled for more. */
    ABI_SYS_DEBUG_READ,
    /* x0 cap of a VSpace, x1 abi_cache, x2 start, x3 end: addresses within one page */
    ABI_SYS_VSPACE_CACHE,
    /* Of images with IMAGE_DEBUG_CONSOLE; an error in others. */
    ABI_SYS_DEBUG_NAME,     /* x0 cap of a TCB, area[0..8) its name */
    ABI_SYS_DEBUG_THREAD,   /* x0 index over all threads -> area[] by enum abi_thread_info */
    ABI_SYS_DEBUG_IDENTIFY, /* x0 cap -> x1 seL4's number for what it is */
    /* Of images with IMAGE_BENCHMARK; an error in others. */
    ABI_SYS_BENCHMARK_RESET,        /* accounts start at zero */
    ABI_SYS_BENCHMARK_FINALIZE,     /* … and end */
    ABI_SYS_BENCHMARK_RESET_THREAD, /* x0 cap of a TCB */
    ABI_SYS_BENCHMARK_GET_THREAD,   /* x0 cap of a TCB -> msg[] by enum abi_account */
    /* -> area[0..4): 256 random bits that nobody else has. An error if the machine gave no seed. */
    ABI_SYS_RANDOM,
    ABI_SYS_COUNT
};

#define ABI_DEBUG_READ 128UL /* bytes of one DEBUG_READ */

#define ABI_INJECT_SOURCE_SHIFT 8
#define ABI_INJECT_MORE         0x10000UL /* the list register is one of ABI_VCPU_SLOTS */

/* A virtual interrupt, as the guest has it */
#define ABI_IRQ_PENDING 0x1UL
#define ABI_IRQ_ACTIVE  0x2UL

/* How the guest has a bound interrupt; the low byte is its priority, 0..31. */
#define ABI_BIND_ENABLED 0x100UL
#define ABI_BIND_GROUP1  0x200UL

#define ABI_RECV_REPLY 1 /* answer the caller or faulting child received last, then wait */

#define ABI_NONBLOCKING 1 /* what cannot be done at once is not done */
#define ABI_ANSWERS     2 /* who calls may be answered */

/* The badge of what REPLY_RECV received. Both top bits clear: the PD's notification word. */
#define ABI_BADGE_ENDPOINT (1UL << 63) /* a call or a fault; the low six bits say from whom */
#define ABI_BADGE_FAULT    (1UL << 62) /* a fault: of a child PD or of a vCPU */
#define ABI_BADGE_ID       0x3fUL

/* What VSPACE_CACHE does to the lines that hold memory; ARM ARM D7.5.9 */
enum abi_cache {
    ABI_CACHE_CLEAN,            /* to the point of coherency */
    ABI_CACHE_CLEAN_INVALIDATE, /* likewise */
    ABI_CACHE_UNIFY,            /* data and instructions, to the point of unification */
    ABI_CACHE_COUNT
};

/* What DEBUG_THREAD tells. */
enum abi_thread_info {
    ABI_THREAD_NAME,      /* eight words of characters, then zero */
    ABI_THREAD_STATE = 8, /* enum abi_thread_state */
    ABI_THREAD_PRIORITY,
    ABI_THREAD_CPU,
    ABI_THREAD_PC, /* at its last entry to the kernel */
    ABI_THREAD_COUNT
};

enum abi_thread_state {
    ABI_THREAD_STOPPED,
    ABI_THREAD_RUNNABLE,
    ABI_THREAD_RECEIVING, /* a program waits for events */
    ABI_THREAD_SENDING,   /* a call or fault that nobody has received */
    ABI_THREAD_REPLY,     /* … that is not answered */
    ABI_THREAD_IDLE,      /* a guest sleeps */
    ABI_THREAD_DEPLETED,  /* its budget is used up */
};

/* What GET_THREAD tells: of the thread, of idle cores, of all. Times in cycles of PMCCNTR_EL0. */
enum abi_account {
    ABI_ACCOUNT_THREAD_TIME,
    ABI_ACCOUNT_THREAD_SCHEDULES,
    ABI_ACCOUNT_THREAD_KERNEL_TIME,
    ABI_ACCOUNT_THREAD_KERNEL_ENTRIES,
    ABI_ACCOUNT_IDLE_LOCAL_TIME,  /* of the caller's core */
    ABI_ACCOUNT_IDLE_THREAD_TIME, /* of the thread's core */
    ABI_ACCOUNT_TOTAL_TIME,
    ABI_ACCOUNT_TOTAL_SCHEDULES,
    ABI_ACCOUNT_TOTAL_KERNEL_TIME,
    ABI_ACCOUNT_TOTAL_KERNEL_ENTRIES,
    ABI_ACCOUNT_COUNT
};

/* seL4_Error's numbers. */
enum abi_error {
    ABI_OK = 0,
    ABI_INVALID_ARGUMENT = 1,
    ABI_INVALID_CAPABILITY = 2,
    ABI_ILLEGAL_OPERATION = 3,
    ABI_RANGE_ERROR = 4,
};

/* Message info: length[6:0], extraCaps[8:7], capsUnwrapped[11:9], label[63:12]. */
#define ABI_MSGINFO(label, length) (((unsigned long)(label) << 12) | ((unsigned long)(length)&0x7f))
#define ABI_MSGINFO_LENGTH(info)   ((info)&0x7f)
#define ABI_MSGINFO_LABEL(info)    ((unsigned long)(info) >> 12)

#endif
