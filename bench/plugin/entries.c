/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU plugin that says how long the kernel was entered for, and which of its instructions were
 * executed at all. Arguments:
 *
 *   out=FILE              where the results go
 *   text=START+SIZE       the kernel's instructions
 *   vectors=ADDRESS       a table of vectors; may come again
 *   label=ADDRESS         a function that says what kind of entry one is; the first that is
 * executed call=ADDRESS          the same, where the entry is a system call: its number, too, is of
 * the kind wait=START+SIZE       what is executed there waits for other cores nested=START+SIZE an
 * ERET there goes back into the kernel
 *
 * The kernel runs with interrupts masked: an entry is from a vector for a lower exception level to
 * the ERET back, or to a WFI, at which an idle core sleeps; and from behind that WFI. What comes
 * before a core's first ERET or WFI is its boot, and no entry. What is written:
 *
 *   pc ADDRESS COUNT      how often each instruction was executed that was, boot included
 *   kind VECTOR LABEL NUMBER ENTRIES INSTRUCTIONS WAITED
 *                         of a kind of entries: how many there were, the longest one's own
 *                         instructions, the most that one waited. VECTOR is 0 to 3 as in the table,
 *                         or 4 for an entry from behind WFI; "-" where there is no label or number
 *   at ADDRESS COUNT      of the kind above, what its longest entry executed
 *   lost COUNT            entries of kinds beyond those that there is room for
 *
 * Instructions are counted in segments, up to the next branch: one that faults on the way, which
 * the kernel's own hardly do, is counted as a whole. Numbers of system calls are in x7, which an
 * entry stores into the frame where the vector's first instruction stores x0: read there, in QEMU's
 * own memory.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plugin/qemu_plugin.h"
#include "bench/plugin/versions.h"

#define RANGES         256
#define LABELS         256
#define KINDS          512
#define TRACE          (1U << 16) /* segments of one entry; of a longer one the first */
#define VECTOR_BYTES   128U
#define VECTORS_LOWER  8U /* the first for a lower exception level */
#define VECTORS_COUNT  16U
#define VECTOR_AWOKEN  4U
#define NO_VECTOR      0xffU
#define NO_NUMBER      UINT64_MAX
#define NUMBER_BEYOND  255U /* all numbers from here on are one */
#define NO_FRAME       UINT64_MAX
#define OPCODE_WFI     0xd503207fU
#define OPCODE_WFE     0xd503205fU
#define OPCODE_ERET    0xd69f03e0U
#define FRAME_X7       56U
#define FRAME_IS_SAVED 32U /* instructions of an entry after which x7 is in the frame */

struct range {
    uint64_t start;
    uint64_t size;
};

struct ranges {
    struct range of[RANGES];
    unsigned int count;
};

/* Instructions of the kernel's that are executed together. */
struct segment {
    struct segment *next;
    size_t first; /* by place: the address divided by four, from the first of `text` on */
    size_t length;
    uint64_t executed;
    uint16_t label;  /* 0: none; else one more than its number */
    uint8_t vector;  /* an entry begins here */
    bool is_waiting; /* for other cores */
    bool is_eret;    /* the last one */
    bool is_wfi;
};

/* What a core is in. */
struct entry {
    bool is_open;
    uint8_t vector;
    uint16_t label;
    uint64_t frame;
    bool is_number_read;
    uint64_t number;
    uint32_t own;
    uint32_t waited;
    uint32_t traced;
    const struct segment *trace[TRACE];
};

struct kind {
    uint8_t vector;
    uint16_t label;
    uint64_t number;
    uint64_t entries;
    uint32_t own;
    uint32_t waited;
    uint32_t *executed; /* by place: the longest entry's */
};

static FILE *out;
static struct ranges text;
static struct ranges vectors;
static struct ranges waits;
static struct ranges nested;
static uint64_t labels[LABELS];
static bool is_call[LABELS];
static unsigned int label_count;

static size_t place_count;
static struct entry *entries; /* by vCPU */
static unsigned int vcpu_count;
static bool ram_is_known;
static uint64_t ram_offset; /* QEMU's address minus physical address */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct segment *segments;
static struct kind kinds[KINDS];
static unsigned int kind_count;
static uint64_t lost; /* entries of more kinds than there may be */

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL) {
        fprintf(stderr, "entries: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static bool is_within(const struct ranges *ranges, uint64_t address)
{
    for (unsigned int i = 0; i < ranges->count; i++) {
        if (address - ranges->of[i].start < ranges->of[i].size) {
            return true;
        }
    }
    return false;
}

static void begin(struct entry *entry, uint8_t vector)
{
    entry->is_open = true;
    entry->vector = vector;
    entry->label = 0;
    entry->frame = NO_FRAME;
    entry->is_number_read = false;
    entry->number = NO_NUMBER;
    entry->own = 0;
    entry->waited = 0;
    entry->traced = 0;
}

/* NULL: there are too many. */
static struct kind *find_kind(const struct entry *entry)
{
    struct kind *kind = kinds;

    for (; kind < kinds + kind_count; kind++) {
        if (kind->vector == entry->vector && kind->label == entry->label &&
            kind->number == entry->number) {
            return kind;
        }
    }
    if (kind_count == KINDS) {
        return NULL;
    }
    kind_count++;
    *kind = (struct kind){.vector = entry->vector,
                          .label = entry->label,
                          .number = entry->number,
                          .executed = allocate(place_count, sizeof(kind->executed[0]))};
    return kind;
}

static void keep(const struct entry *entry)
{
    struct kind *kind = find_kind(entry);

    if (kind == NULL) {
        lost++;
        return;
    }
    kind->entries++;
    if (entry->waited > kind->waited) {
        kind->waited = entry->waited;
    }
    if (entry->own > kind->own) {
        kind->own = entry->own;
        memset(kind->executed, 0, place_count * sizeof(kind->executed[0]));
        for (uint32_t i = 0; i < entry->traced; i++) {
            for (size_t j = 0; j < entry->trace[i]->length; j++) {
                kind->executed[entry->trace[i]->first + j]++;
            }
        }
    }
}

static void end(struct entry *entry)
{
    entry->is_open = false;
    pthread_mutex_lock(&lock);
    keep(entry);
    pthread_mutex_unlock(&lock);
}

/* Once the frame has it. */
static void read_number(struct entry *entry)
{
    bool is_known = ram_is_known && entry->frame != NO_FRAME;

    if (entry->is_number_read || entry->own < FRAME_IS_SAVED) {
        return;
    }
    entry->is_number_read = true;
    if (entry->label != 0 && is_call[entry->label - 1] && is_known) {
        memcpy(&entry->number, (const void *)(uintptr_t)(entry->frame + FRAME_X7 + ram_offset),
               sizeof(entry->number));
        entry->number = entry->number < NUMBER_BEYOND ? entry->number : NUMBER_BEYOND;
    }
}

static void count(struct entry *entry, const struct segment *segment)
{
    if (segment->is_waiting) {
        entry->waited += (uint32_t)segment->length;
        return;
    }
    entry->own += (uint32_t)segment->length;
    if (entry->traced < TRACE) {
        entry->trace[entry->traced++] = segment;
    }
}

static void execute(unsigned int vcpu, void *userdata)
{
    struct entry *entry = &entries[vcpu];
    struct segment *segment = userdata;

    segment->executed++; /* cores may lose each other's; none stays at zero */
    if (segment->vector != NO_VECTOR) {
        begin(entry, segment->vector);
    }
    if (entry->is_open) {
        read_number(entry);
        entry->label = entry->label == 0 ? segment->label : entry->label;
        count(entry, segment);
        if (segment->is_eret || segment->is_wfi) {
            end(entry);
        }
    }
    if (segment->is_wfi) {
        begin(entry, VECTOR_AWOKEN);
    }
}

/* The vector's first instruction: x0 goes to the start of the frame. */
static void stored(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *userdata)
{
    struct entry *entry = &entries[vcpu];

    (void)info;
    (void)userdata;
    entry->frame = address < entry->frame ? address : entry->frame;
}

static uint8_t vector_at(uint64_t address)
{
    for (unsigned int i = 0; i < vectors.count; i++) {
        uint64_t offset = address - vectors.of[i].start;

        if (offset >= VECTORS_LOWER * VECTOR_BYTES && offset < vectors.of[i].size &&
            offset % VECTOR_BYTES == 0) {
            return offset / VECTOR_BYTES & 3;
        }
    }
    return NO_VECTOR;
}

static uint16_t label_at(uint64_t address)
{
    for (unsigned int i = 0; i < label_count; i++) {
        if (labels[i] == address) {
            return (uint16_t)(i + 1);
        }
    }
    return 0;
}

/* The kernel's addresses are physical ones. */
static void learn_ram(const struct qemu_plugin_insn *insn)
{
    uint64_t host = (uint64_t)(uintptr_t)qemu_plugin_insn_haddr(insn);

    if (!ram_is_known && host != 0) {
        ram_offset = host - qemu_plugin_insn_vaddr(insn);
        ram_is_known = true;
    }
}

static bool is_waiting_at(const struct qemu_plugin_insn *insn)
{
    return vcpu_count > 1 &&
           (versions_opcode(insn) == OPCODE_WFE || is_within(&waits, qemu_plugin_insn_vaddr(insn)));
}

/* A segment of one instruction. */
static struct segment *begin_segment(struct qemu_plugin_insn *insn)
{
    uint64_t address = qemu_plugin_insn_vaddr(insn);
    struct segment *segment = allocate(1, sizeof(*segment));

    *segment = (struct segment){.next = segments,
                                .first = (address - text.of[0].start) / 4,
                                .length = 1,
                                .label = label_at(address),
                                .vector = vector_at(address),
                                .is_waiting = is_waiting_at(insn)};
    segments = segment;
    if (segment->vector != NO_VECTOR) {
        qemu_plugin_register_vcpu_mem_cb(insn, stored, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_W,
                                         NULL);
    }
    qemu_plugin_register_vcpu_insn_exec_cb(insn, execute, QEMU_PLUGIN_CB_NO_REGS, segment);
    return segment;
}

static bool goes_on(const struct segment *segment, const struct qemu_plugin_insn *insn)
{
    uint64_t address = qemu_plugin_insn_vaddr(insn);

    return segment != NULL && !segment->is_eret && !segment->is_wfi &&
           vector_at(address) == NO_VECTOR && label_at(address) == 0 &&
           is_waiting_at(insn) == segment->is_waiting;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t insn_count = qemu_plugin_tb_n_insns(tb);
    struct segment *segment = NULL;

    (void)id;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < insn_count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        uint32_t opcode = versions_opcode(insn);

        if (!is_within(&text, address)) {
            break;
        }
        learn_ram(insn);
        if (goes_on(segment, insn)) {
            segment->length++;
        } else {
            segment = begin_segment(insn);
        }
        segment->is_eret = opcode == OPCODE_ERET && !is_within(&nested, address);
        segment->is_wfi = opcode == OPCODE_WFI;
    }
    pthread_mutex_unlock(&lock);
}

static uint64_t address_of(size_t number)
{
    return text.of[0].start + 4 * number;
}

static void write_kind(const struct kind *kind)
{
    fprintf(out, "kind %u", kind->vector);
    if (kind->label == 0) {
        fputs(" -", out);
    } else {
        fprintf(out, " 0x%" PRIx64, labels[kind->label - 1]);
    }
    if (kind->number == NO_NUMBER) {
        fputs(" -", out);
    } else {
        fprintf(out, " %" PRIu64, kind->number);
    }
    fprintf(out, " %" PRIu64 " %u %u\n", kind->entries, kind->own, kind->waited);
    for (size_t i = 0; i < place_count; i++) {
        if (kind->executed[i] != 0) {
            fprintf(out, "at 0x%" PRIx64 " %u\n", address_of(i), kind->executed[i]);
        }
    }
}

static void write_executed(void)
{
    uint64_t *executed = allocate(place_count, sizeof(*executed));

    for (const struct segment *segment = segments; segment != NULL; segment = segment->next) {
        for (size_t i = 0; i < segment->length; i++) {
            executed[segment->first + i] += segment->executed;
        }
    }
    for (size_t i = 0; i < place_count; i++) {
        if (executed[i] != 0) {
            fprintf(out, "pc 0x%" PRIx64 " %" PRIu64 "\n", address_of(i), executed[i]);
        }
    }
    free(executed);
}

static void finish(qemu_plugin_id_t id, void *userdata)
{
    (void)id;
    (void)userdata;
    pthread_mutex_lock(&lock);
    write_executed();
    for (unsigned int i = 0; i < kind_count; i++) {
        write_kind(&kinds[i]);
    }
    if (lost != 0) {
        fprintf(out, "lost %" PRIu64 "\n", lost);
    }
    pthread_mutex_unlock(&lock);
    if (ferror(out) != 0 || fclose(out) != 0) {
        fprintf(stderr, "entries: out= cannot be written\n");
    }
}

static bool read_out(const char *value)
{
    out = fopen(value, "w");
    return out != NULL;
}

static bool read_range(struct ranges *ranges, const char *value)
{
    struct range *range = &ranges->of[ranges->count];

    return ranges->count++ < RANGES &&
           sscanf(value, "0x%" SCNx64 "+0x%" SCNx64, &range->start, &range->size) == 2;
}

static bool read_text(const char *value)
{
    return read_range(&text, value) && text.count == 1;
}

static bool read_wait(const char *value)
{
    return read_range(&waits, value);
}

static bool read_nested(const char *value)
{
    return read_range(&nested, value);
}

static bool read_vectors(const char *value)
{
    vectors.of[vectors.count % RANGES].size = VECTORS_COUNT * VECTOR_BYTES;
    return vectors.count < RANGES &&
           sscanf(value, "0x%" SCNx64, &vectors.of[vectors.count++].start) == 1;
}

static bool read_label(const char *value)
{
    return label_count < LABELS && sscanf(value, "0x%" SCNx64, &labels[label_count++]) == 1;
}

static bool read_call(const char *value)
{
    is_call[label_count % LABELS] = true;
    return read_label(value);
}

static bool read_argument(const char *argument)
{
    static const struct {
        const char *name;
        bool (*read)(const char *value);
    } known[] = {
        {"out=", read_out},       {"text=", read_text}, {"vectors=", read_vectors},
        {"label=", read_label},   {"call=", read_call}, {"wait=", read_wait},
        {"nested=", read_nested},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(argument, known[i].name, strlen(known[i].name)) == 0) {
            return known[i].read(argument + strlen(known[i].name));
        }
    }
    return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    if (!info->system_emulation || strcmp(info->target_name, "aarch64") != 0 ||
        !versions_start(info)) {
        fprintf(stderr, "entries: for qemu-system-aarch64 and %d vCPUs at most\n", VERSIONS_VCPUS);
        return -1;
    }
    for (int i = 0; i < argc; i++) {
        if (!read_argument(argv[i])) {
            fprintf(stderr, "entries: '%s' is wrong\n", argv[i]);
            return -1;
        }
    }
    if (out == NULL || text.count == 0) {
        fprintf(stderr, "entries: out= and text= are needed\n");
        return -1;
    }
    place_count = text.of[0].size / 4;
    vcpu_count = (unsigned int)info->system.smp_vcpus;
    entries = allocate(vcpu_count, sizeof(*entries));
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
