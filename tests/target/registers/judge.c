/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VMM of the guest that writes every register that can be named, on the core where another
 * guest reads them before and after; and judge of what both find (list.h).
 */
#include "tests/target/registers/guest.h"

#include <stddef.h>

#include "tests/target/lib/check.h"
#include "tests/target/registers/list.h"

volatile seL4_Word *ram = (seL4_Word *)1;
volatile seL4_Word *reader = (seL4_Word *)1;

#define PATTERN 0x5a5a5a5a5a5a5a5aUL

enum pass {
    BEFORE,
    WRITTEN,
    AGAIN, /* after the other guest has run */
};

static const struct entry *entry_of(unsigned int name)
{
    for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (name >= list[i].first && name <= list[i].last) {
            return &list[i];
        }
    }
    return NULL;
}

static void print_number(unsigned int number)
{
    if (number >= 10) {
        microkit_dbg_putc('1');
    }
    microkit_dbg_putc((int)('0' + number % 10));
}

static void complain(const char *what, unsigned int name, seL4_Word found, seL4_Word expected)
{
    const struct entry *entry = entry_of(name);

    microkit_dbg_puts("S");
    print_number(2 + (name >> 14));
    microkit_dbg_puts("_");
    print_number(name >> 11 & 7);
    microkit_dbg_puts("_C");
    print_number(name >> 7 & 15);
    microkit_dbg_puts("_C");
    print_number(name >> 3 & 15);
    microkit_dbg_puts("_");
    print_number(name & 7);
    microkit_dbg_puts(" ");
    microkit_dbg_puts(entry != NULL ? entry->what : "not in list.h");
    microkit_dbg_puts(": ");
    expect_equal(what, found, expected);
}

static void set_masks(void)
{
    for (unsigned int name = 0; name < NAMES; name++) {
        ram[MASKS / 8 + name] = PATTERN ^ name;
    }
    for (unsigned int i = 0; i < sizeof(careful) / sizeof(careful[0]); i++) {
        ram[MASKS / 8 + careful[i].name] = careful[i].bits;
    }
}

static bool is_there(volatile seL4_Word *memory, unsigned int name)
{
    return values(memory, BEFORE)[name] != UNDEFINED;
}

/* Nothing answers of which nobody has thought. */
static void check_list(void)
{
    unsigned int unknown = 0;
    unsigned int there = 0;

    for (unsigned int name = 0; name < NAMES; name++) {
        const struct entry *entry = entry_of(name);

        if (!is_there(reader, name)) {
            continue;
        }
        there++;
        if (entry == NULL ? !IS_OF_IMPLEMENTATION(name) : entry->kind == UNDEFINED_HERE) {
            complain("answers", name, values(reader, BEFORE)[name], UNDEFINED);
            unknown++;
        }
    }
    check_equal("every_register_is_in_the_list", unknown, 0);
    check("registers_are_there", there > 100);
}

static bool moves(unsigned int name)
{
    const struct entry *entry = entry_of(name);

    return entry != NULL && entry->kind == MOVES;
}

/* What the other guest finds is what it found before anything was written. */
static void check_reader(void)
{
    unsigned int seen = 0;

    for (unsigned int name = 0; name < NAMES; name++) {
        seL4_Word before = values(reader, BEFORE)[name];
        seL4_Word after = values(reader, WRITTEN)[name];

        if (before != after && !moves(name)) {
            complain("seen by the other guest", name, after, before);
            seen++;
        }
    }
    check_equal("nothing_written_is_seen_by_the_other_guest", seen, 0);
}

/* What was read as soon as it was written is there after the VMM has run. */
static void check_kept_over_exit(void)
{
    unsigned int lost = 0;

    for (unsigned int name = 0; name < NAMES; name++) {
        const struct entry *entry = entry_of(name);
        seL4_Word at_once = ram[MASKS / 8 + name];

        if (entry != NULL && entry->kind == SWITCHED && values(ram, WRITTEN)[name] != at_once) {
            complain("lost while the VMM ran", name, values(ram, WRITTEN)[name], at_once);
            lost++;
        }
    }
    check_equal("what_was_written_is_kept_while_programs_run", lost, 0);
}

static bool is_a_guests(const struct entry *entry)
{
    return entry != NULL &&
           (entry->kind == SWITCHED || entry->kind == CHANGES || entry->kind == FOLLOWS);
}

/* Registers that are switched are as they were left; others could not be written. */
static void check_writer(void)
{
    unsigned int lost = 0;
    unsigned int written = 0;
    unsigned int changed = 0;

    for (unsigned int name = 0; name < NAMES; name++) {
        const struct entry *entry = entry_of(name);
        seL4_Word before = values(ram, BEFORE)[name];
        seL4_Word left = values(ram, WRITTEN)[name];

        if (moves(name)) {
            continue;
        }
        if (values(ram, AGAIN)[name] != left) {
            complain("lost while the other guest ran", name, values(ram, AGAIN)[name], left);
            lost++;
        }
        if (left != before && !is_a_guests(entry)) {
            complain("was written", name, left, before);
            written++;
        }
        changed += left != before && entry->kind == SWITCHED;
    }
    check_equal("what_was_written_is_kept_while_the_other_guest_runs", lost, 0);
    check_equal("what_is_not_switched_ignores_writes", written, 0);
    check("registers_can_be_written", changed >= 18);
}

/* The other guest has read: before, and again. */
void notified(microkit_channel channel)
{
    static bool is_again;

    (void)channel;
    if (!is_again) {
        is_again = true;
        check_list();
        set_masks();
        guest_reads(ram, BEFORE);
    } else {
        check_reader();
        guest_reads(ram, AGAIN);
    }
}

void init(void)
{
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    static unsigned int step;

    (void)child;
    (void)reply;
    if (!guest_is_done(microkit_msginfo_get_label(info))) {
        return true;
    }
    switch (step++) {
    case 0:
        microkit_vcpu_restart(VCPU, RAM + ENTRY_WRITE);
        break;
    case 1:
        guest_reads(ram, WRITTEN);
        break;
    case 2:
        microkit_notify(PEER);
        break;
    default:
        check_kept_over_exit();
        check_writer();
        check_done();
    }
    return false;
}
