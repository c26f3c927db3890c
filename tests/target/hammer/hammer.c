/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes random system calls: numbers, capabilities and arguments mostly near what is valid, so
 * that they get past the first check, and sometimes anything. It has a child, a vCPU, an
 * interrupt and a server, so that calls reach objects. The same numbers each run.
 */
#include "tests/target/hammer/shared.h"

struct shared *shared = (struct shared *)1;

static seL4_Word state = 0x9e3779b97f4a7c15UL;

/* xorshift64 */
static seL4_Word random_word(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static const seL4_Word bases[] = {
    0,
    BASE_OUTPUT_NOTIFICATION_CAP,
    BASE_ENDPOINT_CAP,
    BASE_IRQ_CAP,
    BASE_TCB_CAP,
    BASE_VM_TCB_CAP,
    BASE_VCPU_CAP,
    BASE_USER_CAPS,
};

/* What the hammer really has: ids of its child, vCPU, channels, interrupt; its own TCB. */
static const seL4_Word ids[] = {3, 5, 9, 20, 40, TCB_CAP, 61, 62, 63};

static const seL4_Word edges[] = {
    0,
    ~0UL,
    1UL << 63,
    1UL << 58,
    (1UL << 58) - 1,
    0x1ff,
    0x3ff,
    0x400,
    0x70000000UL, /* the kernel */
    0x200000UL,
    0xfffffff000UL,
    1UL << 40,
    0xffffffff80000000UL,
    27, /* the virtual timer */
};

#define PICK(array) array[random_word() % (sizeof(array) / sizeof(array[0]))]

static seL4_Word argument(void)
{
    switch (random_word() % 8) {
    case 0:
    case 1:
        return PICK(bases) + PICK(ids);
    case 2:
        return microkit_cspace_root_slot_to_cptr(random_word() % 5) + random_word() % 8 / 7;
    case 3:
    case 4:
        return random_word() % 4;
    case 5:
        return random_word() % 40;
    case 6:
        return PICK(edges);
    default:
        return random_word();
    }
}

/* Half of them valid for some call. */
static seL4_Word capability(void)
{
    static const seL4_Word held[] = {
        TCB_CAP,
        BASE_OUTPUT_NOTIFICATION_CAP + 9,
        BASE_ENDPOINT_CAP + 20,
        BASE_IRQ_CAP + 40,
        BASE_TCB_CAP + 3,
        BASE_VM_TCB_CAP + 5,
        BASE_VCPU_CAP + 5,
        1UL << 58,
    };

    return random_word() % 2 == 0 ? PICK(held) : argument();
}

static seL4_Word call_number(void)
{
    seL4_Word number = random_word() % (ABI_SYS_COUNT + 1);

    switch (number) {
    case ABI_SYS_DEBUG_PUTC:
        return ABI_SYS_TCB_RESUME; /* the console is for the verdict */
    case ABI_SYS_REPLY_RECV:
        return random_word() % 8 == 0 ? number : ABI_SYS_VCPU_WRITE_REG; /* it waits a while */
    case ABI_SYS_COUNT:
        return random_word() % 64 == 0 ? PICK(edges) | 1UL << 32 : ABI_SYS_SEND;
    default:
        return number;
    }
}

/* A priority of its own below the guest's would be the end: that one may loop for ever. */
static seL4_Word capability_for(seL4_Word number)
{
    seL4_Word cap = capability();
    bool is_priority = number == ABI_SYS_TCB_SET_PRIORITY || number == ABI_SYS_TCB_SET_MAXIMUM;

    return is_priority && cap == TCB_CAP ? BASE_TCB_CAP + 3 : cap;
}

void init(void)
{
    for (;;) {
        seL4_Word number = call_number();
        seL4_Word cap = capability_for(number);
        seL4_Word error;

        for (int i = 0; i < 36; i++) {
            seL4_SetMR(i, argument());
        }
        error = sluice_syscall(number, cap, argument(), argument(), argument(), argument()).x0;
        if (number < ABI_SYS_COUNT && error == 0) {
            shared->successes[number] += 1;
        }
        shared->count += 1;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
