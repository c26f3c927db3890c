/* SPDX-License-Identifier: BSD-2-Clause */
/* See gic_model.h. Registers by IHI 0048B; what the kernel does not use is not there. */
#include "tests/unit/kernel/support/gic_model.h"

#include <assert.h>
#include <stddef.h>

#include "kernel/arch/host/host.h"

#define GICD 0x08000000UL
#define GICC 0x08010000UL
#define GICH 0x08030000UL
#define GICR 0x080a0000UL

#define LR_HW           (1u << 31)
#define LR_ACTIVE       (1u << 29)
#define LR_PENDING      (1u << 28)
#define LR_EOI          (1u << 19)
#define LR_STATE        (LR_PENDING | LR_ACTIVE)
#define LR_INTID(lr)    ((lr)&0x3ff)
#define LR_PHYSICAL(lr) ((lr) >> 10 & 0x3ff)
#define LR_PRIORITY(lr) ((lr) >> 23 & 0x1f)

#define HCR_EN        (1u << 0)
#define HCR_UIE       (1u << 1)
#define HCR_LRENPIE   (1u << 2)
#define HCR_NPIE      (1u << 3)
#define HCR_EOI_COUNT (0x1fu << 27)
#define HCR_ONE_EOI   (1u << 27)

#define IDLE_PRIORITY 32

struct gic_model gic_model;

void gic_model_begin(const struct gic_ops *ops)
{
    static const struct image_machine machine = {.gicd = GICD,
                                                 .gicc = GICC,
                                                 .gich = GICH,
                                                 .gicr = GICR,
                                                 .gicr_size = 0x20000,
                                                 .intid_count = MODEL_INTIDS};

    gic_model = (struct gic_model){.chosen = MODEL_NONE};
    host.gicd = GICD;
    host.gicc = GICC;
    host.gich = GICH;
    host.gic_type = 4UL << 26 | (MODEL_LISTS - 1);
    gic_intids.maintenance = MODEL_MAINTENANCE;
    gic = ops;
    assert(gic->init(&machine) == MODEL_INTIDS);
    gic->init_cpu(0);
}

/* What a redistributor has of SGIs and PPIs, the GICv2's distributor has at the same offsets. */
static uint64_t place_of(uint64_t paddr)
{
    uint64_t frame = GICR + 0x10000;

    return paddr >= frame && paddr < frame + 0x10000 ? GICD + (paddr - frame) : paddr;
}

static uint32_t ended_lists(void)
{
    uint32_t mask = 0;

    for (unsigned int i = 0; i < MODEL_LISTS; i++) {
        uint32_t lr = gic_model.lists[i];

        if ((lr & LR_STATE) == 0 && (lr & LR_EOI) != 0 && (lr & LR_HW) == 0) {
            mask |= 1u << i;
        }
    }
    return mask;
}

static uint32_t lists_in_state(uint32_t state)
{
    uint32_t mask = 0;

    for (unsigned int i = 0; i < MODEL_LISTS; i++) {
        mask |= (gic_model.lists[i] & state) != 0 ? 1u << i : 0;
    }
    return mask;
}

static bool wants_maintenance(void)
{
    bool underflow = __builtin_popcount(lists_in_state(LR_STATE)) <= 1;

    if ((gic_model.control & HCR_EN) == 0) {
        return false;
    }
    return ended_lists() != 0 || ((gic_model.control & HCR_UIE) != 0 && underflow) ||
           ((gic_model.control & HCR_LRENPIE) != 0 && (gic_model.control & HCR_EOI_COUNT) != 0) ||
           ((gic_model.control & HCR_NPIE) != 0 && lists_in_state(LR_PENDING) == 0);
}

/* What the core is interrupted by from now on. */
static void choose(void)
{
    gic_model.chosen = MODEL_NONE;
    for (uint32_t i = 0; i < MODEL_INTIDS && gic_model.chosen == MODEL_NONE; i++) {
        if (gic_model.pending[i] && gic_model.enabled[i] && !gic_model.active[i]) {
            gic_model.chosen = i;
        }
    }
}

static void list_registers_changed(void)
{
    bool maintenance = wants_maintenance();

    if (maintenance != gic_model.pending[MODEL_MAINTENANCE]) {
        gic_model.pending[MODEL_MAINTENANCE] = maintenance;
        choose();
    }
}

static uint32_t acknowledge(void)
{
    uint32_t intid = gic_model.chosen;

    if (intid != MODEL_NONE) {
        gic_model.active[intid] = true;
        gic_model.pending[intid] = intid == MODEL_MAINTENANCE; /* a level */
        choose();
    }
    return intid;
}

static uint32_t read_bits(const bool *bits, uint64_t offset)
{
    uint32_t value = 0;

    for (unsigned int i = 0; i < 32; i++) {
        value |= bits[offset * 8 + i] ? 1u << i : 0;
    }
    return value;
}

static void write_bits(bool *bits, uint64_t offset, uint32_t value, bool to)
{
    for (unsigned int i = 0; i < 32; i++) {
        if ((value & 1u << i) != 0) {
            bits[offset * 8 + i] = to;
        }
    }
}

/* GICR_TYPER: of core 0, and the last. */
uint64_t arch_read64(uint64_t paddr)
{
    assert(paddr == GICR + 8);
    return 1 << 4;
}

/* GICD_IROUTER<n> */
void arch_write64(uint64_t paddr, uint64_t value)
{
    assert(paddr >= GICD + 0x6000 && paddr < GICD + 0x6000 + MODEL_INTIDS * 8 && value == 0);
}

uint32_t arch_read32(uint64_t paddr)
{
    paddr = place_of(paddr);
    switch (paddr) {
    case GICD + 0x004:
        return MODEL_INTIDS / 32 - 1;
    case GICD + 0xfe8:
        return 0x2b;
    case GICD + 0xffe8:
        return 0x3b;
    case GICC + 0x00c:
        return acknowledge();
    case GICH:
        return gic_model.control;
    case GICH + 0x004:
        return MODEL_LISTS - 1;
    case GICH + 0x0f0:
        return gic_model.running;
    case GICH + 0x020:
        return ended_lists();
    case GICH + 0x030:
        return 0xf & ~lists_in_state(LR_STATE) & ~ended_lists();
    default:
        break;
    }
    if (paddr >= GICD + 0x200 && paddr < GICD + 0x200 + MODEL_INTIDS / 8) {
        return read_bits(gic_model.pending, paddr - GICD - 0x200);
    }
    if (paddr >= GICD + 0x300 && paddr < GICD + 0x300 + MODEL_INTIDS / 8) {
        return read_bits(gic_model.active, paddr - GICD - 0x300);
    }
    if (paddr >= GICH + 0x100 && paddr < GICH + 0x100 + MODEL_LISTS * 4) {
        return gic_model.lists[(paddr - GICH - 0x100) / 4];
    }
    return 0;
}

static bool is_in(uint64_t paddr, uint64_t start)
{
    return paddr >= GICD + start && paddr < GICD + start + MODEL_INTIDS / 8;
}

void arch_write32(uint64_t paddr, uint32_t value)
{
    paddr = place_of(paddr);
    if (is_in(paddr, 0x100)) {
        write_bits(gic_model.enabled, paddr - GICD - 0x100, value, true);
    } else if (is_in(paddr, 0x180)) {
        write_bits(gic_model.enabled, paddr - GICD - 0x180, value, false);
    } else if (is_in(paddr, 0x200)) {
        write_bits(gic_model.pending, paddr - GICD - 0x200, value, true);
    } else if (is_in(paddr, 0x280)) {
        write_bits(gic_model.pending, paddr - GICD - 0x280, value, false);
    } else if (is_in(paddr, 0x300)) {
        write_bits(gic_model.active, paddr - GICD - 0x300, value, true);
    } else if (is_in(paddr, 0x380)) {
        write_bits(gic_model.active, paddr - GICD - 0x380, value, false);
    } else if (paddr == GICC + 0x1000) {
        gic_model.active[value] = false;
    } else if (paddr == GICH) {
        gic_model.control = value;
    } else if (paddr == GICH + 0x0f0) {
        gic_model.running = value;
    } else if (paddr >= GICH + 0x100 && paddr < GICH + 0x100 + MODEL_LISTS * 4) {
        gic_model.lists[(paddr - GICH - 0x100) / 4] = value;
    }
    if (paddr < GICH) {
        choose();
    } else {
        list_registers_changed();
    }
}

void arch_write8(uint64_t paddr, uint8_t value)
{
    (void)paddr;
    (void)value;
}

void gic_model_raise(uint32_t intid)
{
    gic_model.pending[intid] = true;
    choose();
}

void gic_model_lower(uint32_t intid)
{
    gic_model.pending[intid] = false;
    choose();
}

bool gic_model_interrupts(void)
{
    return gic_model.chosen != MODEL_NONE;
}

static uint32_t running_priority(void)
{
    return gic_model.running != 0 ? (uint32_t)__builtin_ctz(gic_model.running) : IDLE_PRIORITY;
}

uint32_t gic_model_guest_acknowledge(void)
{
    uint32_t best = running_priority();
    uint32_t *list = NULL;

    for (int i = 0; i < MODEL_LISTS; i++) {
        uint32_t lr = gic_model.lists[i];

        if ((lr & LR_STATE) == LR_PENDING && LR_PRIORITY(lr) < best) {
            best = LR_PRIORITY(lr);
            list = &gic_model.lists[i];
        }
    }
    if (list == NULL) {
        return MODEL_NONE;
    }
    *list = (*list & ~LR_PENDING) | LR_ACTIVE;
    gic_model.running |= 1u << best;
    gic_model.taken[best] = LR_INTID(*list);
    list_registers_changed();
    return gic_model.taken[best];
}

bool gic_model_guest_is_active(uint32_t intid)
{
    for (uint32_t left = gic_model.running; left != 0; left &= left - 1) {
        if (gic_model.taken[__builtin_ctz(left)] == intid) {
            return true;
        }
    }
    return false;
}

/* False: it is in no list register, which is counted. */
static bool end_in_list(uint32_t intid)
{
    for (unsigned int i = 0; i < MODEL_LISTS; i++) {
        uint32_t *lr = &gic_model.lists[i];

        if ((*lr & LR_ACTIVE) == 0 || LR_INTID(*lr) != intid) {
            continue;
        }
        *lr &= ~LR_ACTIVE; /* it may be pending once more */
        if ((*lr & LR_HW) != 0) {
            assert(gic_model.active[LR_PHYSICAL(*lr)]); /* ended twice, or by someone else */
            gic_model.active[LR_PHYSICAL(*lr)] = false;
        }
        return true;
    }
    return false;
}

uint32_t gic_model_guest_end(void)
{
    uint32_t intid;

    if (gic_model.running == 0) {
        return MODEL_NONE;
    }
    intid = gic_model.taken[running_priority()];
    gic_model.running &= gic_model.running - 1;
    if (!end_in_list(intid)) {
        gic_model.control += HCR_ONE_EOI;
    }
    list_registers_changed();
    if (!gic_model.is_lazy) {
        choose();
    }
    return intid;
}
