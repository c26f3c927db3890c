/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every register of both distributors and of a redistributor: what it is after a reset, which bits
 * a write changes and by which accesses, as tables (IHI 0048B, 4.3; IHI 0069H, 12.9 to 12.11), with
 * the distributor off, so that a state stays where it was written; and then random accesses against
 * a model that knows the tables alone.
 */
#include <string.h>

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/irq/gicd.h"
#include "vmm/irq/gicv3.h"

#define LINES  96u /* interrupts, of which all beyond read as zero */
#define CPUS   2
#define WORD   4u
#define BYTE   1u
#define STEPS  200000
#define FRAMES 0x40000u

enum kind {
    PLAIN, /* what was written, under the mask */
    SET,   /* 1 sets, and CLEAR of the same bits, 0x80 behind, clears */
    CLEAR,
    SET_BYTES, /* CLEAR_BYTES is 0x10 before */
    CLEAR_BYTES,
    ACTION, /* reads as zero */
};

/* Words from `start` to `end`, each the same. Where none is, a register reads as zero and ignores
 * writes. */
struct row {
    uint32_t start;
    uint32_t end;
    enum kind kind;
    uint32_t reset;
    uint32_t mask; /* bits that can be written */
    uint32_t sizes;
};

#define IDS(at, p2, p4, p0, p1)                           \
    {(at) + 0x00, (at) + 0x04, PLAIN, p4, 0, WORD},       \
        {(at) + 0x10, (at) + 0x14, PLAIN, p0, 0, WORD},   \
        {(at) + 0x14, (at) + 0x18, PLAIN, p1, 0, WORD},   \
        {(at) + 0x18, (at) + 0x1c, PLAIN, p2, 0, WORD},   \
        {(at) + 0x20, (at) + 0x24, PLAIN, 0x0d, 0, WORD}, \
        {(at) + 0x24, (at) + 0x28, PLAIN, 0xf0, 0, WORD}, \
        {(at) + 0x28, (at) + 0x2c, PLAIN, 0x05, 0, WORD}, \
    {                                                     \
        (at) + 0x2c, (at) + 0x30, PLAIN, 0xb1, 0, WORD    \
    }

static const struct row gicv2[] = {
    {0x000, 0x004, PLAIN, 0, 0x3, WORD},    /* CTLR */
    {0x004, 0x008, PLAIN, 0x22, 0, WORD},   /* TYPER: 96, of 2 CPUs */
    {0x008, 0x00c, PLAIN, 0x43b, 0, WORD},  /* IIDR */
    {0x080, 0x08c, PLAIN, 0, ~0u, WORD},    /* IGROUPR */
    {0x100, 0x104, SET, 0xffff, ~0u, WORD}, /* ISENABLER */
    {0x104, 0x10c, SET, 0, ~0u, WORD},
    {0x180, 0x184, CLEAR, 0xffff, ~0u, WORD}, /* ICENABLER */
    {0x184, 0x18c, CLEAR, 0, ~0u, WORD},
    {0x200, 0x204, SET, 0, 0xffff0000, WORD}, /* ISPENDR: SGIs have their own */
    {0x204, 0x20c, SET, 0, ~0u, WORD},
    {0x280, 0x284, CLEAR, 0, 0xffff0000, WORD}, /* ICPENDR */
    {0x284, 0x28c, CLEAR, 0, ~0u, WORD},
    {0x300, 0x30c, SET, 0, ~0u, WORD},                 /* ISACTIVER */
    {0x380, 0x38c, CLEAR, 0, ~0u, WORD},               /* ICACTIVER */
    {0x400, 0x460, PLAIN, 0, 0xf8f8f8f8, BYTE | WORD}, /* IPRIORITYR */
    {0x800, 0x820, PLAIN, 0x01010101, 0, BYTE | WORD}, /* ITARGETSR: who reads */
    {0x820, 0x860, PLAIN, 0, 0x03030303, BYTE | WORD},
    {0xc00, 0xc04, PLAIN, 0xaaaaaaaa, 0, WORD}, /* ICFGR: SGIs are edges */
    {0xc04, 0xc08, PLAIN, 0, 0, WORD},          /* PPIs are levels */
    {0xc08, 0xc18, PLAIN, 0, 0xaaaaaaaa, WORD},
    {0xf00, 0xf04, ACTION, 0, 0, WORD},                      /* SGIR */
    {0xf10, 0xf20, CLEAR_BYTES, 0, 0x03030303, BYTE | WORD}, /* CPENDSGIR */
    {0xf20, 0xf30, SET_BYTES, 0, 0x03030303, BYTE | WORD},   /* SPENDSGIR */
    IDS(0xfd0, 0x2b, 0x04, 0x90, 0xb4),
};

static const struct row gicv3_distributor[] = {
    {0x0000, 0x0004, PLAIN, 0x50, 0x3, WORD},     /* CTLR: DS, ARE */
    {0x0004, 0x0008, PLAIN, 0x03480002, 0, WORD}, /* TYPER: No1N, A3V, 10 bits, 96 */
    {0x0008, 0x000c, PLAIN, 0x43b, 0, WORD},      /* IIDR */
    {0x0084, 0x008c, PLAIN, 0, ~0u, WORD},        /* IGROUPR */
    {0x0104, 0x010c, SET, 0, ~0u, WORD},          /* ISENABLER */
    {0x0184, 0x018c, CLEAR, 0, ~0u, WORD},
    {0x0204, 0x020c, SET, 0, ~0u, WORD}, /* ISPENDR */
    {0x0284, 0x028c, CLEAR, 0, ~0u, WORD},
    {0x0304, 0x030c, SET, 0, ~0u, WORD}, /* ISACTIVER */
    {0x0384, 0x038c, CLEAR, 0, ~0u, WORD},
    {0x0420, 0x0460, PLAIN, 0, 0xf8f8f8f8, BYTE | WORD}, /* IPRIORITYR */
    {0x0c08, 0x0c18, PLAIN, 0, 0xaaaaaaaa, WORD},        /* ICFGR */
    IDS(0xffd0, 0x3b, 0x44, 0x92, 0xb4),
};

/* Of CPU 0, which is not the last. */
static const struct row gicv3_redistributor[] = {
    {0x00004, 0x00008, PLAIN, 0x43b, 0, WORD}, /* IIDR, above CTLR, which is zero */
    {0x00014, 0x00018, PLAIN, 6, 6, WORD},     /* WAKER: bit 2 follows bit 1 */
    IDS(0x0ffd0, 0x3b, 0x44, 0x92, 0xb4),
    {0x10080, 0x10084, PLAIN, 0, ~0u, WORD},    /* IGROUPR0 */
    {0x10100, 0x10104, SET, 0xffff, ~0u, WORD}, /* ISENABLER0 */
    {0x10180, 0x10184, CLEAR, 0xffff, ~0u, WORD},
    {0x10200, 0x10204, SET, 0, ~0u, WORD}, /* ISPENDR0: SGIs, too */
    {0x10280, 0x10284, CLEAR, 0, ~0u, WORD},
    {0x10300, 0x10304, SET, 0, ~0u, WORD}, /* ISACTIVER0 */
    {0x10380, 0x10384, CLEAR, 0, ~0u, WORD},
    {0x10400, 0x10420, PLAIN, 0, 0xf8f8f8f8, BYTE | WORD}, /* IPRIORITYR */
    {0x10c00, 0x10c04, PLAIN, 0xaaaaaaaa, 0, WORD},        /* ICFGR0 */
    {0x10c04, 0x10c08, PLAIN, 0, 0, WORD},                 /* ICFGR1 */
};

struct gic {
    const struct mmio_ops *ops;
    const struct row *rows;
    size_t count;
    uint32_t size;
    bool is_v3;
    /* IROUTER: two words, those of 64 bits */
    uint32_t routers, routers_end;
};

#define ROWS(table) (table), sizeof(table) / sizeof((table)[0])

static const struct gic gics[] = {
    {&gicd_v2_ops, ROWS(gicv2), GICD_FRAME_SIZE, false, 0, 0},
    {&gicv3_distributor_ops, ROWS(gicv3_distributor), GICV3_DISTRIBUTOR_SIZE, true, 0x6000 + 32 * 8,
     0x6000 + LINES * 8},
    {&gicv3_redistributor_ops, ROWS(gicv3_redistributor), GICV3_REDISTRIBUTOR_SIZE, true, 0, 0},
};

static const struct vm_config_vcpu vcpus[CPUS] = {{.id = 0}, {.id = 1, .mpidr = 1}};

static struct vgic vgic;
static const struct gic *gic;
static uint32_t model[FRAMES / 4]; /* what each word reads as */
static uint32_t random_state;

static uint32_t random_word(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8 ^ random_state << 16;
}

static const struct row *row_at(uint32_t offset)
{
    for (size_t i = 0; i < gic->count; i++) {
        if (offset >= gic->rows[i].start && offset < gic->rows[i].end) {
            return &gic->rows[i];
        }
    }
    return NULL;
}

static void begin(const struct gic *which)
{
    gic = which;
    fake_reset();
    vgic_init(&vgic, vcpus, CPUS, LINES - 1);
    vgic.is_v3 = gic->is_v3;
    for (uint32_t offset = 0; offset < gic->size; offset += 4) {
        const struct row *row = row_at(offset);

        model[offset / 4] = row != NULL ? row->reset : 0;
    }
}

static uint64_t do_access(uint32_t offset, unsigned int size, bool is_write, uint64_t value)
{
    struct mmio_access access = {
        .offset = offset, .size = size, .is_write = is_write, .value = value};

    assert_true(gic->ops->access(&vgic, &access));
    return access.value;
}

static bool is_router(uint32_t offset)
{
    return offset >= gic->routers && offset < gic->routers_end;
}

/* GICR_TYPER, which gicv3_test.c has: it is each CPU's own. */
static bool is_type(uint32_t offset)
{
    return gic->ops == &gicv3_redistributor_ops && offset / 8 == 1;
}

static bool has_size(uint32_t offset, unsigned int size)
{
    const struct row *row = row_at(offset);

    if (offset % size != 0) {
        return false;
    }
    return is_router(offset) ? size >= 4 : row != NULL && (row->sizes & size) != 0;
}

/* One word, of which `bytes` are written. */
static void model_write(uint32_t offset, uint32_t value, uint32_t bytes)
{
    const struct row *row = row_at(offset);
    uint32_t *word = &model[offset / 4];
    uint32_t old = *word;
    uint32_t mask;

    if (is_router(offset)) {
        mask = bytes & (offset % 8 == 0 ? 0xffffff : 0xff);
        *word = (old & ~mask) | (value & mask);
        return;
    }
    if (row == NULL) {
        return;
    }
    mask = row->mask & bytes;
    switch (row->kind) {
    case PLAIN:
        *word = (old & ~mask) | (value & mask);
        if (mask == 6) { /* WAKER */
            *word = (value & 2) != 0 ? 6 : 0;
        }
        break;
    case SET:
        *word |= value & mask;
        model[(offset + 0x80) / 4] = *word;
        break;
    case CLEAR:
        *word &= ~(value & mask);
        model[(offset - 0x80) / 4] = *word;
        break;
    case SET_BYTES:
        *word |= value & mask;
        model[(offset - 0x10) / 4] = *word;
        break;
    case CLEAR_BYTES:
        *word &= ~(value & mask);
        model[(offset + 0x10) / 4] = *word;
        break;
    default:
        break;
    }
    if (row->kind == SET_BYTES || row->kind == CLEAR_BYTES) { /* ISPENDR0 shows SGIs */
        uint32_t first = (offset & 0xf);

        for (unsigned int i = 0; i < 4; i++) {
            uint32_t bit = 1u << (first + i);
            bool is_pending = (*word >> i * 8 & 0xff) != 0;

            model[0x200 / 4] = is_pending ? model[0x200 / 4] | bit : model[0x200 / 4] & ~bit;
        }
        model[0x280 / 4] = model[0x200 / 4];
    }
}

static uint64_t model_read(uint32_t offset, unsigned int size)
{
    uint32_t word = model[offset / 4];

    if (!has_size(offset, size)) {
        return 0;
    }
    if (size == 8) {
        return word | (uint64_t)model[offset / 4 + 1] << 32;
    }
    return size == 4 ? word : word >> offset % 4 * 8 & (size == 1 ? 0xff : 0xffff);
}

static void check_word(uint32_t offset)
{
    if (is_router(offset) || row_at(offset) == NULL || (row_at(offset)->sizes & WORD) != 0) {
        uint64_t value = do_access(offset, 4, false, ~0UL);

        if (value != model[offset / 4]) {
            fail_msg("0x%x reads as 0x%lx, not 0x%x", offset, value, model[offset / 4]);
        }
    }
}

static void check_all(void)
{
    for (uint32_t offset = 0; offset < gic->size; offset += 4) {
        if (!is_type(offset)) {
            check_word(offset);
        }
    }
}

static void write_somewhere(uint32_t offset, unsigned int size, uint64_t value)
{
    (void)do_access(offset, size, true, value);
    if (!has_size(offset, size)) {
        return;
    }
    if (size == 1) {
        model_write(offset & ~3u, (uint32_t)value << offset % 4 * 8, 0xffu << offset % 4 * 8);
        return;
    }
    model_write(offset, (uint32_t)value, ~0u);
    if (size == 8) {
        model_write(offset + 4, (uint32_t)(value >> 32), ~0u);
    }
}

/* No interrupt is sent, and the distributor stays off. */
static bool is_harmless(uint32_t offset)
{
    const struct row *row = row_at(offset);

    return offset >= 4 && (row == NULL || row->kind != ACTION);
}

static void after_a_reset(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < sizeof(gics) / sizeof(gics[0]); i++) {
        begin(&gics[i]);
        check_all();
    }
}

static void write_all(uint64_t value)
{
    for (uint32_t offset = 0; offset < gic->size; offset += 4) {
        if (is_harmless(offset)) {
            write_somewhere(offset, 4, value);
            check_word(offset);
        }
    }
    check_all();
}

static void write_masks(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < sizeof(gics) / sizeof(gics[0]); i++) {
        begin(&gics[i]);
        write_all(~0UL);
        write_all(0);
        write_all(0x5a5aa5a5);
    }
    begin(&gics[0]);
    (void)do_access(0, 4, true, ~0UL);
    assert_int_equal(do_access(0, 4, false, 0), 3);
    begin(&gics[1]);
    (void)do_access(0, 4, true, ~0UL);
    assert_int_equal(do_access(0, 4, false, 0), 0x53);
}

/* Of a size that the register has not, or in the middle of one: reads zero, and writes nothing. */
static void bad_sizes(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < sizeof(gics) / sizeof(gics[0]); i++) {
        begin(&gics[i]);
        for (uint32_t offset = 0; offset + 8 <= gic->size; offset++) {
            for (unsigned int size = 1; size <= 8; size *= 2) {
                if (!has_size(offset, size) && !is_type(offset)) {
                    assert_int_equal(do_access(offset, size, false, ~0UL), 0);
                    (void)do_access(offset, size, true, ~0UL);
                }
            }
        }
        check_all();
        assert_int_equal(fake.inject_count, 0);
    }
}

/* Mostly where registers are. */
static uint32_t some_offset(void)
{
    const struct row *row = &gic->rows[random_word() % gic->count];

    if (gic->routers != 0 && random_word() % 8 == 0) {
        return gic->routers + random_word() % (gic->routers_end - gic->routers);
    }
    return random_word() % 16 == 0 ? random_word() % (gic->size - 8)
                                   : row->start + random_word() % (row->end - row->start);
}

static void random_accesses(void **state)
{
    (void)state;
    random_state = 1;
    for (unsigned int i = 0; i < sizeof(gics) / sizeof(gics[0]); i++) {
        begin(&gics[i]);
        for (unsigned int step = 0; step < STEPS; step++) {
            unsigned int size = 1u << random_word() % 4;
            uint32_t offset = some_offset() & ~(random_word() % 4 != 0 ? size - 1 : 0);

            if (is_harmless(offset) && random_word() % 2 == 0) {
                write_somewhere(offset, size, random_word() | (uint64_t)random_word() << 32);
            } else if (!is_type(offset) &&
                       do_access(offset, size, false, ~0UL) != model_read(offset, size)) {
                fail_msg("%u bytes at 0x%x, after %u steps", size, offset, step);
            }
        }
        check_all();
        assert_int_equal(fake.inject_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_reset),
        cmocka_unit_test(write_masks),
        cmocka_unit_test(bad_sizes),
        cmocka_unit_test(random_accesses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
