/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GICv2 of several cores behind arch_read32() and arch_write32(), registers by IHI 0048B; what
 * the kernel does not use is not there. In every other run it is a GICv3: its system registers are
 * kernel/arch/host/gic.c's, on top of these. All physical priorities are equal. A run may have it
 * lazy, as QEMU's GICv2 is: an EOI in a guest deactivates a physical interrupt, and whether that is
 * due again is looked at when another line or register changes (docs/decisions/0005).
 */
#include "tests/model/gic.h"

#include <string.h>

#include "kernel/arch/arch.h"
#include "tests/model/machine.h"

#define LISTS 4

#define HCR_EN        (1U << 0)
#define HCR_UIE       (1U << 1)
#define HCR_LRENPIE   (1U << 2)
#define HCR_NPIE      (1U << 3)
#define HCR_EOI_COUNT (0x1fU << 27)
#define HCR_ONE_EOI   (1U << 27)

#define FIRST_SPI     32U
#define LISTS_OF_VCPU 7     /* one more is the driver's */
#define ENOUGH        20000 /* device accesses without that a thread runs */

struct interface {
    uint64_t enabled, active; /* of SPIs not used: `spi` */
    uint64_t latched, level;
    uint8_t sgi_from[16]; /* by which cores */
    uint32_t running;     /* acknowledged and not dropped */
    uint32_t signalled;   /* what interrupts the core, or GIC_NONE */
    uint64_t targets;     /* SPIs that go here */
    uint32_t lists[LISTS];
    uint32_t hcr, vmcr, apr;
    uint32_t source; /* what IAR had of the last SGI */
};

static struct interface interfaces[MODEL_CORES];
static struct interface spi; /* enabled, active, latched, level */
static uint64_t edges;       /* SPIs configured so */
static bool is_lazy, prefers_last;
bool gic_is_v3;

static uint64_t bit(uint32_t intid)
{
    return 1UL << intid;
}

static struct interface *bank(unsigned int core, uint32_t intid)
{
    return intid < FIRST_SPI ? &interfaces[core] : &spi;
}

/* ---- What interrupts a core ---- */

static uint32_t best(unsigned int core)
{
    const struct interface *at = &interfaces[core];
    uint64_t due = at->enabled & ~at->active & (at->latched | at->level);

    for (uint32_t sgi = 0; sgi < GIC_CORE_SGIS; sgi++) {
        due |= at->sgi_from[sgi] != 0 ? at->enabled & ~at->active & bit(sgi) : 0;
    }
    due |= spi.enabled & ~spi.active & ((spi.latched & edges) | (spi.level & ~edges)) & at->targets;
    if (due == 0 || at->running != GIC_NONE) {
        return GIC_NONE;
    }
    return (uint32_t)(prefers_last ? 63 - __builtin_clzl(due) : __builtin_ctzl(due));
}

static void assess(unsigned int core)
{
    interfaces[core].signalled = best(core);
}

static void assess_all(void)
{
    for (unsigned int i = 0; i < core_count; i++) {
        assess(i);
    }
}

static uint32_t lists_in(unsigned int core, uint32_t state)
{
    uint32_t mask = 0;

    for (unsigned int i = 0; i < LISTS; i++) {
        mask |= (interfaces[core].lists[i] & state) != 0 ? 1U << i : 0;
    }
    return mask;
}

static uint32_t lists_ended(unsigned int core)
{
    uint32_t mask = 0;

    for (unsigned int i = 0; i < LISTS; i++) {
        uint32_t lr = interfaces[core].lists[i];

        if ((lr & LR_STATE) == 0 && (lr & LR_EOI) != 0 && (lr & LR_HW) == 0) {
            mask |= 1U << i;
        }
    }
    return mask;
}

bool gic_maintenance_is_up(unsigned int core)
{
    uint32_t hcr = interfaces[core].hcr;

    if ((hcr & HCR_EN) == 0) {
        return false;
    }
    return lists_ended(core) != 0 || ((hcr & HCR_LRENPIE) != 0 && (hcr & HCR_EOI_COUNT) != 0) ||
           ((hcr & HCR_UIE) != 0 && __builtin_popcount(lists_in(core, LR_STATE)) <= 1) ||
           ((hcr & HCR_NPIE) != 0 && lists_in(core, LR_PENDING) == 0);
}

static void set_level(unsigned int core, uint32_t intid, bool up)
{
    struct interface *at = &interfaces[core];

    if (((at->level & bit(intid)) != 0) != up) {
        at->level ^= bit(intid);
        assess_all();
    }
}

/* List registers or their control have changed. */
static void lists_changed(unsigned int core)
{
    set_level(core, MACHINE_MAINTENANCE, gic_maintenance_is_up(core));
    if (!is_lazy) {
        assess_all();
    }
}

void gic_update(void)
{
    for (unsigned int i = 0; i < core_count; i++) {
        set_level(i, MACHINE_HYP_TIMER, cores[i].hyp_deadline <= now);
        set_level(i, MACHINE_PHYSICAL_TIMER, cores[i].program_deadline <= now);
        set_level(i, MACHINE_VIRTUAL_TIMER, machine_virtual_timer(&cores[i]));
    }
}

void gic_reset(void)
{
    memset(interfaces, 0, sizeof(interfaces));
    memset(&spi, 0, sizeof(spi));
    edges = 0;
    for (unsigned int i = 0; i < MODEL_CORES; i++) {
        interfaces[i].running = GIC_NONE;
        interfaces[i].signalled = GIC_NONE;
    }
    gic_is_v3 = once_in(2);
    is_lazy = !gic_is_v3 && once_in(4);
    prefers_last = once_in(3);
}

bool gic_forgets(unsigned int core)
{
    return interfaces[core].signalled == GIC_NONE && best(core) != GIC_NONE &&
           (lists_in(core, LR_STATE) & LISTS_OF_VCPU) == 0;
}

bool gic_interrupts(unsigned int core)
{
    return interfaces[core].signalled != GIC_NONE;
}

bool gic_has_ipi(unsigned int core)
{
    return interfaces[core].sgi_from[GIC_IPI] != 0 || gic_interrupts(core);
}

bool gic_has_post(unsigned int core)
{
    return interfaces[core].sgi_from[GIC_POST] != 0;
}

void gic_raise(uint32_t intid)
{
    spi.level |= bit(intid);
    spi.latched |= bit(intid) & edges;
    assess_all();
}

void gic_lower(uint32_t intid)
{
    spi.level &= ~bit(intid);
    assess_all();
}

bool gic_is_raised(uint32_t intid)
{
    return (spi.level & bit(intid)) != 0;
}

bool gic_physical_is_active(unsigned int core, uint32_t intid)
{
    return (bank(core, intid)->active & bit(intid)) != 0;
}

bool gic_physical_is_enabled(unsigned int core, uint32_t intid)
{
    return (bank(core, intid)->enabled & bit(intid)) != 0;
}

uint32_t gic_list(unsigned int core, unsigned int index)
{
    return interfaces[core].lists[index];
}

/* ---- The kernel's registers ---- */

static uint32_t acknowledge(void)
{
    struct interface *at = &interfaces[here->index];
    uint32_t intid = at->signalled;

    if (intid == GIC_NONE) {
        return intid;
    }
    at->running = intid;
    bank(here->index, intid)->active |= bit(intid);
    if (intid < 16) {
        uint32_t from = (uint32_t)__builtin_ctz(at->sgi_from[intid]);

        at->sgi_from[intid] &= (uint8_t) ~(1U << from);
        intid |= from << 10;
    } else {
        bank(here->index, intid)->latched &= ~bit(intid);
    }
    assess_all();
    return intid;
}

static void drop(uint32_t intid)
{
    struct interface *at = &interfaces[here->index];

    require(at->running == intid, "EOIR of %u while %u is running", intid, at->running);
    at->running = GIC_NONE;
}

static void deactivate(uint32_t intid)
{
    bank(here->index, intid)->active &= ~bit(intid);
}

static void send_sgi(uint32_t value)
{
    for (unsigned int i = 0; i < core_count; i++) {
        if ((value >> 16 & 1U << i) != 0) {
            interfaces[i].sgi_from[value & 0xf] |= (uint8_t)(1U << here->index);
        }
    }
}

/* One bit for each interrupt, from `first` on; to what it sets or clears. */
static void write_bits(uint64_t offset, uint32_t value)
{
    uint32_t first = (uint32_t)(offset & 0x7f) / 4 * 32;
    struct interface *at = bank(here->index, first);
    uint64_t bits = (uint64_t)value << first;

    if (first >= MACHINE_INTIDS) {
        return;
    }
    switch (offset & ~0x7fUL) {
    case 0x100:
        at->enabled |= bits;
        break;
    case 0x180:
        at->enabled &= ~bits;
        break;
    case 0x200:
        at->latched |= bits;
        break;
    case 0x280:
        at->latched &= ~bits;
        break;
    case 0x300:
        at->active |= bits;
        break;
    default:
        at->active &= ~bits;
        break;
    }
}

static void write_config(uint64_t offset, uint32_t value)
{
    uint32_t first = (uint32_t)offset / 4 * 16;

    for (unsigned int i = 0; i < 16 && first + i < MACHINE_INTIDS && first >= FIRST_SPI; i++) {
        uint64_t it = bit(first + i);

        edges = (value >> i * 2 & 2) != 0 ? edges | it : edges & ~it;
    }
}

static uint32_t read_config(uint64_t offset)
{
    uint32_t first = (uint32_t)offset / 4 * 16;
    uint32_t value = 0;

    for (unsigned int i = 0; i < 16 && first + i < MACHINE_INTIDS; i++) {
        value |= (edges & bit(first + i)) != 0 ? 2U << i * 2 : 0;
    }
    return value;
}

static uint32_t read_distributor(uint64_t offset)
{
    uint32_t first = (uint32_t)(offset & 0x7f) / 4 * 32;

    switch (offset) {
    case 0x004:
        return MACHINE_INTIDS / 32 - 1;
    case 0xfe8:
        return 0x2b;
    case 0xffe8:
        return 0x3b;
    case 0x800:
        return 1U << here->index;
    default:
        break;
    }
    if (offset >= 0x300 && offset < 0x380 && first < MACHINE_INTIDS) {
        return (uint32_t)(bank(here->index, first)->active >> first);
    }
    if (offset >= 0x100 && offset < 0x180 && first < MACHINE_INTIDS) {
        return (uint32_t)(bank(here->index, first)->enabled >> first);
    }
    return offset >= 0xc00 && offset < 0xd00 ? read_config(offset - 0xc00) : 0;
}

static uint32_t read_lists(uint64_t offset)
{
    const struct interface *at = &interfaces[here->index];

    switch (offset) {
    case 0x000:
        return at->hcr;
    case 0x004:
        return LISTS - 1;
    case 0x008:
        return at->vmcr;
    case 0x020:
        return lists_ended(here->index);
    case 0x030:
        return 0xf & ~lists_in(here->index, LR_STATE) & ~lists_ended(here->index);
    case 0x0f0:
        return at->apr;
    default:
        return offset >= 0x100 && offset < 0x100 + LISTS * 4 ? at->lists[(offset - 0x100) / 4] : 0;
    }
}

static void write_lists(uint64_t offset, uint32_t value)
{
    struct interface *at = &interfaces[here->index];

    if (offset == 0x000) {
        at->hcr = value;
    } else if (offset == 0x008) {
        at->vmcr = value;
    } else if (offset == 0x0f0) {
        at->apr = value;
    } else if (offset >= 0x100 && offset < 0x100 + LISTS * 4) {
        at->lists[(offset - 0x100) / 4] = value;
    }
    lists_changed(here->index);
}

static void count_access(void)
{
    require(++here->kernel_work < ENOUGH, "the kernel goes round and round");
    model_may_yield();
}

/* What a core's redistributor has of SGIs and PPIs, the GICv2's distributor has at the same
 * offsets. */
static uint64_t place_of(uint64_t paddr)
{
    uint64_t frame = MACHINE_GICR + here->index * MACHINE_GICR_SIZE + MACHINE_GICR_SIZE / 2;

    if (paddr < MACHINE_GICR || paddr >= MACHINE_UART) {
        return paddr;
    }
    return paddr >= frame && paddr < frame + MACHINE_GICR_SIZE / 2 ? MACHINE_GICD + (paddr - frame)
                                                                   : MACHINE_GICD; /* its own */
}

/* GICR_TYPER: affinity, and which is the last. */
uint64_t arch_read64(uint64_t paddr)
{
    uint64_t index = (paddr - MACHINE_GICR) / MACHINE_GICR_SIZE;

    return index << 32 | (index == core_count - 1 ? 1U << 4 : 0);
}

uint32_t arch_read32(uint64_t paddr)
{
    paddr = place_of(paddr);
    if (paddr >= MACHINE_UART) {
        return machine_uart_read(paddr - MACHINE_UART);
    }
    count_access();
    if (paddr >= MACHINE_GICH) {
        return read_lists(paddr - MACHINE_GICH);
    }
    if (paddr >= MACHINE_GICC) {
        return paddr == MACHINE_GICC + 0xc ? acknowledge() : 0;
    }
    return read_distributor(paddr - MACHINE_GICD);
}

void arch_write32(uint64_t paddr, uint32_t value)
{
    uint64_t offset = place_of(paddr) - MACHINE_GICD;

    paddr = place_of(paddr);
    if (paddr >= MACHINE_UART) {
        machine_uart_write(paddr - MACHINE_UART, value);
        return;
    }
    count_access();
    if (paddr >= MACHINE_GICH) {
        write_lists(paddr - MACHINE_GICH, value);
        return;
    }
    if (paddr == MACHINE_GICC + 0x10) {
        drop(value & 0x3ff);
    } else if (paddr == MACHINE_GICC + 0x1000) {
        deactivate(value & 0x3ff);
    } else if (paddr < MACHINE_GICC && offset >= 0x100 && offset < 0x400) {
        write_bits(offset, value);
    } else if (paddr < MACHINE_GICC && offset >= 0xc00 && offset < 0xd00) {
        write_config(offset - 0xc00, value);
    } else if (paddr == MACHINE_GICD + 0xf00) {
        send_sgi(value);
    }
    assess_all();
}

static void set_targets(uint32_t intid, uint32_t mask)
{
    count_access();
    for (unsigned int i = 0; i < core_count; i++) {
        uint64_t others = interfaces[i].targets & ~bit(intid);

        interfaces[i].targets = (mask & 1U << i) != 0 ? others | bit(intid) : others;
    }
    assess_all();
}

/* ITARGETSR */
void arch_write8(uint64_t paddr, uint8_t value)
{
    set_targets((uint32_t)(paddr - MACHINE_GICD - 0x800), value);
}

/* GICD_IROUTER<n> */
void arch_write64(uint64_t paddr, uint64_t value)
{
    set_targets((uint32_t)(paddr - MACHINE_GICD - 0x6000) / 8, 1U << value);
}

/* ---- The guest's registers ---- */

/* Which list register's interrupt the guest would take; LISTS: none. */
static unsigned int guest_candidate(const struct interface *at)
{
    uint32_t best = at->apr != 0 ? (uint32_t)__builtin_ctz(at->apr) : 32;
    unsigned int index = LISTS;

    if (VMCR_MASK(at->vmcr) < best) {
        best = VMCR_MASK(at->vmcr);
    }
    if ((at->hcr & HCR_EN) == 0) {
        return LISTS;
    }
    for (unsigned int i = 0; i < LISTS; i++) {
        uint32_t lr = at->lists[i];
        uint32_t enable = (lr & LR_GROUP1) != 0 ? 2 : 1;

        if ((lr & LR_STATE) == LR_PENDING && (at->vmcr & enable) != 0 && LR_PRIORITY(lr) < best) {
            best = LR_PRIORITY(lr);
            index = i;
        }
    }
    return index;
}

bool gic_guest_has_interrupt(unsigned int core)
{
    return guest_candidate(&interfaces[core]) != LISTS;
}

uint32_t gic_guest_acknowledge(void)
{
    struct interface *at = &interfaces[here->index];
    unsigned int index = guest_candidate(at);

    if (index == LISTS) {
        return GIC_NONE;
    }
    at->apr |= 1U << LR_PRIORITY(at->lists[index]);
    at->lists[index] = (at->lists[index] & ~LR_PENDING) | LR_ACTIVE;
    at->source = LR_SOURCE(at->lists[index]);
    lists_changed(here->index);
    return LR_INTID(at->lists[index]);
}

uint32_t gic_guest_source(void)
{
    return gic_is_v3 ? 0 : interfaces[here->index].source;
}

/* False: it is in no list register, which is counted. */
static bool end_in_list(struct interface *at, uint32_t intid)
{
    for (unsigned int i = 0; i < LISTS; i++) {
        uint32_t lr = at->lists[i];

        if ((lr & LR_ACTIVE) == 0 || LR_INTID(lr) != intid) {
            continue;
        }
        at->lists[i] = lr & ~LR_ACTIVE;
        if ((lr & LR_HW) != 0) {
            deactivate(LR_PHYSICAL(lr));
        }
        return true;
    }
    return false;
}

void gic_guest_end(uint32_t intid)
{
    struct interface *at = &interfaces[here->index];

    at->apr &= at->apr - 1;
    if (!end_in_list(at, intid)) {
        at->hcr += HCR_ONE_EOI;
    }
    lists_changed(here->index);
}

void gic_guest_control(bool enable, uint32_t mask)
{
    interfaces[here->index].vmcr = (enable ? VMCR_ENABLES : 0) | mask << 27;
}

bool gic_guest_is_enabled(void)
{
    return (interfaces[here->index].vmcr & VMCR_ENABLES) != 0;
}

uint32_t gic_guest_running(void)
{
    uint32_t apr = interfaces[here->index].apr;

    return apr != 0 ? (uint32_t)__builtin_ctz(apr) : GIC_NONE;
}
