/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU plugin that counts executed instructions by class of address, exactly, and takes a
 * snapshot of the counts at marks. What it writes, a line each:
 *
 *   classes NAME...                     in the order of all counts below
 *   mark NUMBER VCPU COUNT...           instructions until here on all vCPUs, in order of execution
 *   total COUNT...                      at the end of the machine
 *   vcpu VCPU COUNT...                  of which on each
 *   block VIRTUAL PHYSICAL CLASS MARK COUNT
 *                                       with profile=on: instructions executed there while MARK was
 *                                       the last hint; "-" where nothing is known
 *
 * A mark is HINT #64+NUMBER, which is not counted, or an instruction of mark=OPCODE:NUMBER, which
 * is counted before the snapshot. An instruction that faults counts each time it is tried.
 *
 * Instructions are counted in segments: a block of QEMU's may end early, where an instruction
 * faults, so a segment ends with each instruction that may. Classes go by physical addresses, too,
 * since programs and guests share virtual ones: QEMU tells where in its own memory an instruction
 * lies, and the first instruction of the machine, which runs with the MMU off in RAM, what
 * physical address that is.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plugin/options.h"
#include "bench/plugin/qemu_plugin.h"
#include "bench/plugin/versions.h"

#define BUCKETS      65536U
#define NO_MARK      (-1)
#define PROBLEM_SIZE 256

/* Part of a profile: what a segment executed while `mark` was the last hint. */
struct share {
    struct share *next;
    int mark;
    uint64_t count;
};

/* What tells segments apart. */
struct place {
    uint64_t virtual;
    uint64_t physical; /* OPTIONS_NO_ADDRESS if not known */
    unsigned int length;
    unsigned int class; /* follows from the addresses */
    int mark;           /* the number, or NO_MARK */
};

/* Instructions that are executed together. Never freed: translated code points to it. */
struct segment {
    struct segment *next_in_bucket;
    struct segment *next;
    struct place place;
    struct share *shares;
    uint64_t shared;     /* sum of `executed` when it was shared out last */
    uint64_t executed[]; /* instructions, by vCPU */
};

_Static_assert(OPTIONS_CLASSES <= VERSIONS_COUNTERS, "a class is a counter's number");

static struct options options;
static FILE *out;
static unsigned int vcpu_count;

/* The lock is for what follows; counting takes none. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct segment *buckets[BUCKETS];
static struct segment *segments;
static int last_mark = NO_MARK; /* of hints */
static bool ram_is_known;
static uint64_t ram_offset; /* QEMU's address minus physical address */

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        fprintf(stderr, "count: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static struct share *share_of(struct segment *segment, int mark)
{
    struct share *share;

    for (share = segment->shares; share != NULL && share->mark != mark; share = share->next) {
    }
    if (share == NULL) {
        share = allocate(sizeof(*share));
        share->mark = mark;
        share->next = segment->shares;
        segment->shares = share;
    }
    return share;
}

/* What was executed since the last hint is that mark's. */
static void share_out(void)
{
    for (struct segment *segment = segments; segment != NULL; segment = segment->next) {
        uint64_t executed = 0;

        for (unsigned int i = 0; i < vcpu_count; i++) {
            executed += segment->executed[i];
        }
        if (executed != segment->shared) {
            share_of(segment, last_mark)->count += executed - segment->shared;
            segment->shared = executed;
        }
    }
}

static void write_sums(void)
{
    for (unsigned int class = 0; class < options.class_count; class ++) {
        uint64_t sum = 0;

        for (unsigned int i = 0; i < vcpu_count; i++) {
            sum += versions_get(i, class);
        }
        fprintf(out, " %" PRIu64, sum);
    }
    fputc('\n', out);
}

static void count_segment(unsigned int vcpu, void *userdata)
{
    struct segment *segment = userdata;

    versions_add(vcpu, segment->place.class, segment->place.length);
    segment->executed[vcpu] += segment->place.length;
}

static void take_snapshot(unsigned int vcpu, void *userdata)
{
    struct segment *segment = userdata;
    bool is_hint = segment->place.length == 0;

    count_segment(vcpu, userdata);
    pthread_mutex_lock(&lock);
    if (is_hint && options.profile) {
        share_out();
    }
    if (is_hint) {
        last_mark = segment->place.mark;
    }
    fprintf(out, "mark %d %u", segment->place.mark, vcpu);
    write_sums();
    pthread_mutex_unlock(&lock);
}

static bool is_same(const struct place *a, const struct place *b)
{
    return a->virtual == b->virtual && a->physical == b->physical && a->length == b->length &&
           a->mark == b->mark;
}

/* QEMU translates the same code again and again; there is one segment for it. */
static struct segment *find_segment(const struct place *place)
{
    /* Not physical ^ virtual: what both have in common would cancel out. */
    uint64_t hash = (place->virtual >> 2) + (place->physical >> 12) * 31;
    struct segment **bucket = &buckets[(hash ^ hash >> 16) % BUCKETS];
    struct segment *segment = *bucket;

    while (segment != NULL && !is_same(&segment->place, place)) {
        segment = segment->next_in_bucket;
    }
    if (segment == NULL) {
        segment = allocate(sizeof(*segment) + vcpu_count * sizeof(segment->executed[0]));
        segment->place = *place;
        segment->next_in_bucket = *bucket;
        *bucket = segment;
        segment->next = segments;
        segments = segment;
    }
    return segment;
}

/* Data processing in general registers (Arm ARM C4.1, op0): executed, it goes on to the next. */
static bool falls_through(uint32_t opcode)
{
    unsigned int op0 = opcode >> 25 & 0xf;

    return (op0 & 0xe) == 0x8 || (op0 & 0x7) == 0x5;
}

static uint64_t physical_of(const struct qemu_plugin_insn *insn)
{
    uint64_t host = (uint64_t)(uintptr_t)qemu_plugin_insn_haddr(insn);

    if (host == 0) {
        return OPTIONS_NO_ADDRESS;
    }
    if (!ram_is_known) {
        ram_is_known = true;
        ram_offset = host - qemu_plugin_insn_vaddr(insn);
    }
    return host - ram_offset;
}

/* Additions in the translated code, or a call where QEMU has none that fit. */
static void count_at(struct qemu_plugin_insn *insn, struct segment *segment)
{
    const struct place *place = &segment->place;

    if (options.profile ? versions_add_inline_at(insn, &segment->executed[0], place->length) &&
                              versions_add_inline(insn, place->class, place->length)
                        : versions_add_inline(insn, place->class, place->length)) {
        return;
    }
    qemu_plugin_register_vcpu_insn_exec_cb(insn, count_segment, QEMU_PLUGIN_CB_NO_REGS, segment);
}

static struct place describe(const struct qemu_plugin_insn *insn)
{
    struct place place = {.virtual = qemu_plugin_insn_vaddr(insn), .physical = physical_of(insn)};

    place.class = options_class(&options, place.virtual, place.physical);
    return place;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);
    size_t i = 0;

    (void)id;
    pthread_mutex_lock(&lock);
    while (i < count) {
        struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, i);
        uint32_t opcode = versions_opcode(first);
        struct place place = describe(first);

        place.mark = options_mark(&options, opcode);
        place.length = 1;
        i++;
        if (place.mark != NO_MARK) {
            place.length = options_is_hint(opcode) ? 0 : 1;
            qemu_plugin_register_vcpu_insn_exec_cb(first, take_snapshot, QEMU_PLUGIN_CB_NO_REGS,
                                                   find_segment(&place));
            continue;
        }
        while (i < count && falls_through(opcode)) {
            opcode = versions_opcode(qemu_plugin_tb_get_insn(tb, i));
            if (options_mark(&options, opcode) != NO_MARK) {
                break;
            }
            place.length++;
            i++;
        }
        count_at(first, find_segment(&place));
    }
    pthread_mutex_unlock(&lock);
}

static void write_address(uint64_t address)
{
    if (address == OPTIONS_NO_ADDRESS) {
        fputs(" -", out);
    } else {
        fprintf(out, " 0x%" PRIx64, address);
    }
}

static void write_profile(void)
{
    share_out();
    for (const struct segment *segment = segments; segment != NULL; segment = segment->next) {
        for (const struct share *share = segment->shares; share != NULL; share = share->next) {
            fputs("block", out);
            write_address(segment->place.virtual);
            write_address(segment->place.physical);
            fprintf(out, " %s", options.class_names[segment->place.class]);
            if (share->mark == NO_MARK) {
                fputs(" -", out);
            } else {
                fprintf(out, " %d", share->mark);
            }
            fprintf(out, " %" PRIu64 "\n", share->count);
        }
    }
}

static void finish(qemu_plugin_id_t id, void *userdata)
{
    (void)id;
    (void)userdata;
    pthread_mutex_lock(&lock);
    fputs("total", out);
    write_sums();
    for (unsigned int i = 0; i < vcpu_count; i++) {
        fprintf(out, "vcpu %u", i);
        for (unsigned int class = 0; class < options.class_count; class ++) {
            fprintf(out, " %" PRIu64, versions_get(i, class));
        }
        fputc('\n', out);
    }
    if (options.profile) {
        write_profile();
    }
    if (ferror(out) != 0 || fclose(out) != 0) {
        fprintf(stderr, "count: %s cannot be written\n", options.out);
    }
    pthread_mutex_unlock(&lock);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    char problem[PROBLEM_SIZE];

    if (!info->system_emulation || strcmp(info->target_name, "aarch64") != 0 ||
        !versions_start(info)) {
        fprintf(stderr, "count: for qemu-system-aarch64 and %d vCPUs at most\n", VERSIONS_VCPUS);
        return -1;
    }
    if (!options_read(&options, argc, argv, problem, sizeof(problem))) {
        fprintf(stderr, "count: %s\n", problem);
        return -1;
    }
    out = fopen(options.out, "w");
    if (out == NULL) {
        fprintf(stderr, "count: %s: %m\n", options.out);
        return -1;
    }
    vcpu_count = (unsigned int)info->system.max_vcpus;
    fputs("classes", out);
    for (unsigned int class = 0; class < options.class_count; class ++) {
        fprintf(out, " %s", options.class_names[class]);
    }
    fputc('\n', out);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
