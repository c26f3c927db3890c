/* SPDX-License-Identifier: BSD-2-Clause */
/* Does what the judge asks for, on its own core. Its number is the last letter of its name. */
#include "tests/target/smp/record.h"

#define JUDGE   0
#define PASSIVE 10
#define ACTIVE  11

struct record *record;

static seL4_Word own_number(void)
{
    return (seL4_Word)(microkit_name[6] - '0');
}

static void call(microkit_channel server, seL4_Word number, seL4_Word value)
{
    microkit_msginfo answer;

    microkit_mr_set(0, value);
    answer = microkit_ppcall(server, microkit_msginfo_new(number, 1));
    if (microkit_msginfo_get_label(answer) != number || microkit_msginfo_get_count(answer) != 1 ||
        microkit_mr_get(0) != value + 1) {
        record->wrong[number]++;
    }
}

static void make_calls(seL4_Word number)
{
    for (seL4_Word i = 0; i < CALLS; i++) {
        call(PASSIVE, number, number << 32 | i);
        call(ACTIVE, number, number << 32 | i);
    }
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    seL4_Word number = own_number();

    (void)ch;
    switch (record->task[number]) {
    case TASK_CALLS:
        make_calls(number);
        break;
    case TASK_SPIN:
        for (;;) {
            record->counter[number]++;
        }
    case TASK_FAULT:
        *(volatile seL4_Word *)0x66660000UL = number;
        break;
    default:
        break;
    }
    microkit_notify(JUDGE);
}
