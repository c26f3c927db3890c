/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a TLB may hold while threads change, by a model of one that guesses as badly as it may:
 * between any two instructions it walks, with each value that a register may have just then, and
 * keeps what it finds by VMID. Whoever runs must find under its VMID nothing but its own tables,
 * walked with its own registers. Each way from one thread to another is switch.c's own, on
 * thread.c's own instructions; a way that is added there is another line of `ways`.
 */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"
#include "kernel/vcpu/vcpu.h"
#include "tests/unit/kernel/support/system.h"

#define VCPUS     3
#define PROGRAMS  2
#define ENTRIES   64
#define VALUES    8
#define ROUNDS    2000
#define STEPS     12
#define VMID(x)   ((x) >> 48)
#define TABLES(x) ((x) << 16 >> 16)

/* ---- The model ---- */

/* Who has set the registers that a walk goes by. */
enum owner {
    PROGRAM = VCPUS,
    NOBODY, /* those of several, or nobody's */
};

/* What it may have found: under whose VMID, in which tables of stage 2, with whose registers. */
struct entry {
    uint64_t stage2;
    enum owner owner;
    bool is_dying; /* TLBI has been executed, and no DSB since */
};

/* One that an ISB has settled has one value. */
struct reg {
    const char *name;
    uint64_t values[VALUES];
    unsigned int count;
};

static struct reg regs[] = {
    {.name = "vttbr_el2"}, {.name = "hcr_el2"},   {.name = "sctlr_el1"},
    {.name = "tcr_el1"},   {.name = "ttbr0_el1"}, {.name = "ttbr1_el1"},
    {.name = "mair_el1"},  {.name = "amair_el1"}, {.name = "contextidr_el1"},
};

#define REGS  (sizeof(regs) / sizeof(regs[0]))
#define VTTBR (&regs[0])
#define HCR   (&regs[1])
#define SCTLR (&regs[2])
#define REST  3 /* of a guest's stage 1 alone */

static struct entry entries[ENTRIES];
static unsigned int entry_count;
static uint64_t nowhere;  /* tables with nothing in them */
static const char *fault; /* what has gone wrong first */

static enum owner join(enum owner a, enum owner b)
{
    return a == b ? a : NOBODY;
}

/* vCPU i has i + 1 in all of them (make()). */
static enum owner owner_of_value(uint64_t value)
{
    return value >= 1 && value <= VCPUS ? (enum owner)(value - 1) : NOBODY;
}

/* With each register that may be of several owners a walk may go by a mixture. */
static enum owner owner_of(const struct reg *reg)
{
    enum owner owner = owner_of_value(reg->values[0]);

    for (unsigned int i = 1; i < reg->count; i++) {
        owner = join(owner, owner_of_value(reg->values[i]));
    }
    return owner;
}

/* HCR_EL2.TGE and DC: stage 1 is off, and its tables do not matter. */
static enum owner regime(void)
{
    enum owner owner = owner_of(SCTLR);
    bool is_native = (HCR->values[0] & HCR_TGE) != 0;

    for (unsigned int i = 1; i < HCR->count; i++) {
        if (((HCR->values[i] & HCR_TGE) != 0) != is_native) {
            return NOBODY;
        }
    }
    if (is_native) {
        return SCTLR->count == 1 && owner == NOBODY ? PROGRAM : NOBODY;
    }
    for (unsigned int i = REST; i < REGS; i++) {
        owner = join(owner, owner_of(&regs[i]));
    }
    return owner;
}

static void keep(uint64_t stage2, enum owner owner)
{
    for (unsigned int i = 0; i < entry_count; i++) {
        if (entries[i].stage2 == stage2 && entries[i].owner == owner && !entries[i].is_dying) {
            return;
        }
    }
    assert_true(entry_count < ENTRIES);
    entries[entry_count++] = (struct entry){stage2, owner, false};
}

static void guess(void)
{
    for (unsigned int i = 0; i < VTTBR->count; i++) {
        if (TABLES(VTTBR->values[i]) != nowhere && VTTBR->values[i] != 0) {
            keep(VTTBR->values[i], regime());
        }
    }
}

static void settle(void)
{
    for (unsigned int i = 0; i < REGS; i++) {
        regs[i].values[0] = regs[i].values[regs[i].count - 1];
        regs[i].count = 1;
    }
}

/* Of the VMID that VTTBR_EL2 has: if that may be another one, of nobody for sure. */
static void begin_to_forget(void)
{
    for (unsigned int i = 0; VTTBR->count == 1 && i < entry_count; i++) {
        entries[i].is_dying |= VMID(entries[i].stage2) == VMID(VTTBR->values[0]);
    }
}

static void forget(void)
{
    unsigned int left = 0;

    for (unsigned int i = 0; i < entry_count; i++) {
        if (!entries[i].is_dying) {
            entries[left++] = entries[i];
        }
    }
    entry_count = left;
}

static void write_register(const char *name, uint64_t value)
{
    for (unsigned int i = 0; i < REGS; i++) {
        if (strcmp(regs[i].name, name) == 0) {
            assert_true(regs[i].count < VALUES);
            regs[i].values[regs[i].count++] = value;
        }
    }
}

static void execute(const struct insn *insn)
{
    if (strncmp(insn->text, "msr ", 4) == 0) {
        write_register(insn->text + 4, insn->value);
    } else if (strcmp(insn->text, "isb") == 0) {
        settle();
    } else if (strcmp(insn->text, "tlbi vmalle1") == 0) {
        begin_to_forget();
    } else if (strncmp(insn->text, "dsb ", 4) == 0) {
        forget();
    }
    guess();
}

/* ERET: `thread` runs. */
static void run(const struct thread *thread)
{
    enum owner owner = thread->kind == THREAD_PD
                           ? PROGRAM
                           : (enum owner)(vcpu_from_thread((struct thread *)thread) - vcpus);

    settle();
    guess();
    if (VTTBR->values[0] != thread->stage2 || regime() != owner) {
        fault = "who runs has another's tables or registers";
    }
    for (unsigned int i = 0; i < entry_count; i++) {
        if (VMID(entries[i].stage2) == VMID(thread->stage2) &&
            (entries[i].stage2 != thread->stage2 || entries[i].owner != owner)) {
            fault = "the TLB holds what is not whose VMID it has";
        }
    }
}

/* ---- The system ---- */

#define CPU (&cpus[0])

/* What is not executed, by what stands before and behind it; NULL: anything. */
struct place {
    const char *before, *text, *behind;
};

static const struct place *left_out;

static bool is_at(unsigned int i, const char *text)
{
    return text == NULL || (i < insn_count && strcmp(insns[i].text, text) == 0);
}

static bool is_left_out(unsigned int i)
{
    return left_out != NULL && is_at(i - 1, left_out->before) && is_at(i, left_out->text) &&
           is_at(i + 1, left_out->behind);
}

/* Whatever has been recorded since. */
static void execute_new(void)
{
    for (unsigned int i = 0; i < insn_count; i++) {
        if (!is_left_out(i)) {
            execute(&insns[i]);
        }
    }
    insn_count = 0;
}

/* vCPUs 0 and 1 are one VM's. */
static void make(void)
{
    static const uint64_t stage2[VCPUS] = {0x0003000040000000UL, 0x0003000040000000UL,
                                           0x0004000050000000UL};
    static struct image_vcpu desc = {.name = "vm", .budget = 1, .period = 1, .pd = 1};

    (void)system_setup(NULL);
    insn_reset();
    for (unsigned int i = 0; i < VCPUS; i++) {
        vcpu_init(i, &desc, stage2[i]);
        for (unsigned int reg = 0; reg < ABI_VCPU_REG_COUNT; reg++) {
            vcpus[i].arch.reg[reg] = i + 1;
        }
    }
    for (unsigned int i = 0; i < PROGRAMS; i++) {
        pds[i].thread.stage2 = 0x0001000060000000UL + ((uint64_t)i << 48) + (i << 20);
    }
    arch_stage2_away(); /* as at boot, before which the TLB was told to forget all */
    nowhere = insns[0].value;
    entry_count = 0;
    fault = NULL;
    for (unsigned int i = 0; i < REGS; i++) {
        regs[i].count = 1;
        regs[i].values[0] = 0;
    }
    insn_count = 0;
}

static struct thread *vcpu(unsigned int i)
{
    return &vcpus[i].thread;
}

/* The ways; false: there is none from here. */
static bool to_any(unsigned int which)
{
    struct thread *next = which < VCPUS ? vcpu(which) : &pds[which % PROGRAMS].thread;

    if (next == CPU->current) {
        return false;
    }
    switch_to(CPU, next);
    return true;
}

static bool by_way_of_nobody(unsigned int which)
{
    if (CPU->current != NULL) {
        switch_to(CPU, NULL);
    }
    execute_new();
    return to_any(which);
}

static bool evict_first(unsigned int which)
{
    if (CPU->current != NULL) {
        switch_to(CPU, NULL);
    }
    if (CPU->vcpu != NULL) {
        switch_evict(CPU->vcpu);
    }
    return to_any(which);
}

static bool is_guest(const struct thread *thread)
{
    return thread != NULL && thread->kind == THREAD_VCPU;
}

static bool program_to_program(unsigned int which)
{
    struct thread *next = &pds[which % PROGRAMS].thread;

    if (CPU->current == NULL || is_guest(CPU->current) || next == CPU->current) {
        return false;
    }
    switch_program(CPU, next);
    return true;
}

static bool guest_to_program(unsigned int which)
{
    if (!is_guest(CPU->current)) {
        return false;
    }
    switch_to_program(CPU, &pds[which % PROGRAMS].thread);
    return true;
}

static bool program_to_its_guest(unsigned int which)
{
    (void)which;
    if (CPU->current == NULL || is_guest(CPU->current) || CPU->vcpu == NULL) {
        return false;
    }
    switch_to_guest(CPU);
    return true;
}

static bool wfi_traps_or_not(unsigned int which)
{
    if (!is_guest(CPU->current)) {
        return false;
    }
    arch_guest_trap_wfi(which % 2 == 0);
    return true;
}

static bool (*const ways[])(unsigned int which) = {
    to_any,           by_way_of_nobody,     evict_first,      program_to_program,
    guest_to_program, program_to_its_guest, wfi_traps_or_not,
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Some steps from one to another; what goes wrong is in `fault`. */
static void walk(unsigned int seed)
{
    srand(seed);
    make();
    for (unsigned int step = 0; step < STEPS && fault == NULL;) {
        if (ways[(unsigned int)rand() % WAYS]((unsigned int)rand() % (VCPUS + PROGRAMS))) {
            execute_new();
            run(CPU->current);
            step++;
        }
    }
}

static void nobody_finds_what_is_anothers(void **state)
{
    (void)state;
    left_out = NULL;
    for (unsigned int seed = 0; seed < ROUNDS; seed++) {
        walk(seed);
        if (fault != NULL) {
            fail_msg("seed %u: %s", seed, fault);
        }
    }
}

/* Each of these is there because the others do not do. */
static void nothing_of_it_can_be_left_out(void **state)
{
    static const struct place places[] = {
        {NULL, "msr vttbr_el2", "isb"},               /* away, before … */
        {"msr vttbr_el2", "isb", "msr hcr_el2"},      /* … the registers of all */
        {"msr vttbr_el2", "isb", "msr ttbr0_el1"},    /* … and a guest's change */
        {"msr cnthctl_el2", "isb", "msr vttbr_el2"},  /* a program's before its tables */
        {"msr cntv_ctl_el0", "isb", "msr vttbr_el2"}, /* a guest's before its own */
        {"msr vttbr_el2", "isb", "tlbi vmalle1"},     /* the VMID before it is forgotten */
        {NULL, "tlbi vmalle1", NULL},
        {"tlbi vmalle1", "dsb nsh", NULL}, /* all of it, before there are tables again */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        unsigned int seed = 0;

        left_out = &places[i];
        do {
            walk(seed++);
        } while (fault == NULL && seed < ROUNDS);
        if (fault == NULL) {
            fail_msg("nobody misses the %s of row %zu", left_out->text, i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_finds_what_is_anothers),
        cmocka_unit_test(nothing_of_it_can_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
