/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See its.h. Owns the ITS's registers, its tables, and the properties of LPIs. Collections are the
 * cores: number n is core n's redistributor. All senders of a program raise all of its LPIs, so
 * what is told of an LPI is told once for each of them.
 */
#include "kernel/dev/its.h"

#include <stddef.h>

#include "kernel/arch/arch.h"
#include "kernel/dev/gic.h"
#include "kernel/dev/its_queue.h"
#include "kernel/lib/log.h"

#define GITS_CTLR              0x0000
#define GITS_TYPER             0x0008
#define GITS_BASER             0x0100
#define GITS_BASER_COUNT       8
#define GITS_PIDR2             0xffe8
#define CTLR_ENABLED           (1U << 0)
#define CTLR_QUIESCENT         (1U << 31)
#define TYPER_EVENT_BITS(type) ((unsigned int)((type) >> 8 & 0x1f) + 1)
#define TYPER_ID_BITS(type)    ((unsigned int)((type) >> 13 & 0x1f) + 1)
#define TYPER_PTA              (1UL << 19)
#define TYPER_COLLECTIONS(t)   ((unsigned int)((t) >> 24 & 0xff))
#define PIDR2_ARCHREV(value)   ((value) >> 4 & 0xf)

#define BASER_VALID         (1UL << 63)
#define BASER_CACHE         59
#define BASER_TYPE(value)   ((value) >> 56 & 7)
#define BASER_ENTRY(value)  (((value) >> 48 & 0x1f) + 1)
#define BASER_PAGE_SHIFT    8
#define BASER_PAGE(value)   ((value) >> BASER_PAGE_SHIFT & 3)
#define BASER_PAGES         256UL
#define TYPE_DEVICES        1
#define TYPE_COLLECTIONS    4
#define GICD_LPIS           (1U << 17)
#define GICD_INTID_BITS(ty) (((ty) >> 19 & 0x1f) + 1)

#define GICR_CTLR        0x0000
#define GICR_TYPER       0x0008
#define GICR_PROPBASER   0x0070
#define GICR_PENDBASER   0x0078
#define RCTLR_LPIS       (1U << 0)
#define RTYPER_NUMBER(t) ((t) >> 8 & 0xffff)
#define RBASER_CACHE     7
#define PEND_ZERO        (1UL << 62) /* the table is: nothing of it need be read */

#define PROPERTY_PRIORITY 0x80 /* as other interrupts have it */
#define PROPERTY_ENABLED  0x01

#define COMMAND_MOVI  0x01UL
#define COMMAND_INT   0x03UL
#define COMMAND_CLEAR 0x04UL
#define COMMAND_SYNC  0x05UL
#define COMMAND_MAPD  0x08UL
#define COMMAND_MAPC  0x09UL
#define COMMAND_MAPTI 0x0aUL
#define COMMAND_INV   0x0cUL
#define COMMAND_VALID (1UL << 63)

#define PATIENCE 1000000 /* reads of a register for what the hardware does by itself */

struct lpi {
    uint16_t pd; /* whose senders raise it */
    uint8_t cpu; /* whose collection it is in */
};

static struct {
    uint64_t type;                  /* GITS_TYPER */
    uint64_t targets[ABI_MAX_CPUS]; /* collections, as commands name redistributors */
    const struct image_sender *senders;
    unsigned int sender_count;
    struct lpi lpis[ABI_MAX_LPIS];
} its;
static const struct image_its *config; /* base 0: there are no LPIs */

static struct lpi *lpi_of(uint32_t intid)
{
    return &its.lpis[intid - ABI_FIRST_LPI];
}

/* ---- Boot ---- */

void its_set_senders(const struct image_sender *senders, unsigned int sender_count,
                     const struct image_irq *irqs, unsigned int irq_count)
{
    its.senders = senders;
    its.sender_count = sender_count;
    for (unsigned int i = 0; i < irq_count; i++) {
        if (irqs[i].intid >= ABI_FIRST_LPI) {
            *lpi_of(irqs[i].intid) = (struct lpi){.pd = irqs[i].pd};
        }
    }
}

static void wait_at_boot(uint64_t address, uint32_t bits, uint32_t wanted)
{
    for (unsigned int i = 0; i < PATIENCE; i++) {
        if ((arch_read32(address) & bits) == wanted) {
            return;
        }
    }
    panic("ITS: expected bits %x of %lx to become %x, found that they do not", bits, address,
          wanted);
}

static void check(uint32_t gicd_type)
{
    if ((gicd_type & GICD_LPIS) == 0) {
        panic("interrupt controller: expected an ITS at %lx, found none (QEMU: -machine its=on)",
              config->base);
    }
    if (GICD_INTID_BITS(gicd_type) < IMAGE_INTID_BITS) {
        panic("interrupt controller: expected INTIDs of %u bits, found %u", IMAGE_INTID_BITS,
              GICD_INTID_BITS(gicd_type));
    }
    if (PIDR2_ARCHREV(arch_read32(config->base + GITS_PIDR2)) < 3) {
        panic("interrupt controller: expected an ITS at %lx, found something else", config->base);
    }
}

/* The ITS says what a table is for and how large its entries are, and may insist on a page size. */
static void set_table(unsigned int index, uint64_t value, const struct image_range *memory)
{
    static const uint64_t page_sizes[] = {0x1000, 0x4000, 0x10000, 0x10000};
    uint64_t address = config->base + GITS_BASER + 8UL * index;
    uint64_t page = 2;
    uint64_t pages;

    arch_write64(address, page << BASER_PAGE_SHIFT);
    page = BASER_PAGE(arch_read64(address));
    pages = memory->size / page_sizes[page];
    if (pages == 0) {
        panic("ITS: expected pages of %lx bytes at most, found %lx", memory->size,
              page_sizes[page]);
    }
    if (pages > BASER_PAGES) {
        pages = BASER_PAGES;
    }
    its_write_base(address, BASER_VALID | memory->start | page << BASER_PAGE_SHIFT | (pages - 1),
                   BASER_CACHE);
    for (unsigned int i = 0; i < its.sender_count && BASER_TYPE(value) == TYPE_DEVICES; i++) {
        if (its.senders[i].id >= pages * page_sizes[page] / BASER_ENTRY(value)) {
            panic("ITS: expected room for device %x, found room for %lx", its.senders[i].id,
                  pages * page_sizes[page] / BASER_ENTRY(value));
        }
    }
}

static void set_tables(unsigned int cpu_count)
{
    bool has_collections = TYPER_COLLECTIONS(its.type) >= cpu_count;

    for (unsigned int i = 0; i < GITS_BASER_COUNT; i++) {
        uint64_t value = arch_read64(config->base + GITS_BASER + 8UL * i);

        if (BASER_TYPE(value) == TYPE_DEVICES) {
            set_table(i, value, &config->devices);
        } else if (BASER_TYPE(value) == TYPE_COLLECTIONS) {
            set_table(i, value, &config->collections);
            has_collections = true;
        }
    }
    if (!has_collections) {
        panic("ITS: expected %u collections, found %u", cpu_count, TYPER_COLLECTIONS(its.type));
    }
}

static void check_senders(void)
{
    for (unsigned int i = 0; i < its.sender_count; i++) {
        const struct image_sender *sender = &its.senders[i];

        if (TYPER_ID_BITS(its.type) < 32 && sender->id >> TYPER_ID_BITS(its.type) != 0) {
            panic("ITS: expected device %x, found devices of %u bits", sender->id,
                  TYPER_ID_BITS(its.type));
        }
        if (sender->event_bits > TYPER_EVENT_BITS(its.type)) {
            panic("ITS: expected messages of %u bits, found %u", sender->event_bits,
                  TYPER_EVENT_BITS(its.type));
        }
    }
}

void its_init(const struct image_machine *machine, uint32_t gicd_type)
{
    config = &machine->its;
    if (config->base == 0) {
        return;
    }
    check(gicd_type);
    its.type = arch_read64(config->base + GITS_TYPER);
    arch_write32(config->base + GITS_CTLR, 0);
    wait_at_boot(config->base + GITS_CTLR, CTLR_QUIESCENT, CTLR_QUIESCENT);
    its_queue_init(config->base, &config->commands);
    check_senders();
    set_tables(machine->cpu_count);
    arch_write32(config->base + GITS_CTLR, CTLR_ENABLED);
}

/* ---- Commands ---- */

static uint64_t event_of(uint32_t intid)
{
    return intid - ABI_FIRST_LPI;
}

/* A command about one message of a sender. */
static void add(uint64_t command, const struct image_sender *sender, uint32_t intid, uint64_t cpu)
{
    uint64_t lpi = command == COMMAND_MAPTI ? (uint64_t)intid << 32 : 0;

    its_queue_add(
        (struct its_command){{command | (uint64_t)sender->id << 32, event_of(intid) | lpi, cpu}});
}

static void sync(unsigned int cpu)
{
    its_queue_add((struct its_command){{COMMAND_SYNC, 0, its.targets[cpu]}});
}

/* The command for this message of all who send it, or of one of them, which is enough for what
 * concerns the LPI; complete when this returns. */
static void tell(uint64_t command, uint32_t intid, uint64_t cpu, bool is_for_all)
{
    const struct lpi *lpi = lpi_of(intid);
    bool is_told = false;

    for (unsigned int i = 0; i < its.sender_count && (is_for_all || !is_told); i++) {
        if (its.senders[i].pd == lpi->pd) {
            add(command, &its.senders[i], intid, cpu);
            is_told = true;
        }
    }
    sync(lpi->cpu);
    (void)its_queue_run();
}

static void run_at_boot(void)
{
    if (!its_queue_run()) {
        panic("ITS: expected that it does as it is told, found that it does not");
    }
}

static void map_senders(void)
{
    for (unsigned int i = 0; i < its.sender_count; i++) {
        const struct image_sender *sender = &its.senders[i];

        its_queue_add(
            (struct its_command){{COMMAND_MAPD | (uint64_t)sender->id << 32,
                                  sender->event_bits - 1UL, COMMAND_VALID | sender->table}});
    }
}

/* PROPBASER and PENDBASER are what they were once LPIs are on. */
static void start_redistributor(unsigned int cpu, uint64_t frame)
{
    arch_write32(frame + GICR_CTLR, 0);
    if ((arch_read32(frame + GICR_CTLR) & RCTLR_LPIS) != 0) {
        panic("interrupt controller: expected LPIs of core %u off, found that they stay on", cpu);
    }
    its_write_base(frame + GICR_PROPBASER, config->properties.start | (IMAGE_INTID_BITS - 1),
                   RBASER_CACHE);
    its_write_base(frame + GICR_PENDBASER,
                   PEND_ZERO | (config->pending.start + cpu * IMAGE_ITS_ALIGN), RBASER_CACHE);
    arch_write32(frame + GICR_CTLR, RCTLR_LPIS);
}

void its_init_cpu(unsigned int cpu, uint64_t frame)
{
    if (config->base == 0) {
        return;
    }
    start_redistributor(cpu, frame);
    its.targets[cpu] =
        (its.type & TYPER_PTA) != 0 ? frame : RTYPER_NUMBER(arch_read64(frame + GICR_TYPER)) << 16;
    if (cpu == 0) {
        map_senders();
    }
    its_queue_add((struct its_command){{COMMAND_MAPC, 0, COMMAND_VALID | its.targets[cpu] | cpu}});
    sync(cpu);
    run_at_boot();
}

/* ---- LPIs ---- */

/* Redistributors keep copies of properties, until they are told. */
void its_set_enabled(uint32_t intid, bool enabled)
{
    uint64_t property = config->properties.start + event_of(intid);

    *(volatile uint8_t *)(uintptr_t)property =
        enabled ? PROPERTY_PRIORITY | PROPERTY_ENABLED : PROPERTY_PRIORITY;
    arch_cache_clean(property, 1);
    tell(COMMAND_INV, intid, 0, false);
}

void its_map(uint32_t intid, unsigned int cpu)
{
    lpi_of(intid)->cpu = (uint8_t)cpu;
    tell(COMMAND_MAPTI, intid, cpu, true);
    its_set_enabled(intid, true);
    run_at_boot();
}

void its_set_target(uint32_t intid, unsigned int cpu)
{
    struct lpi *lpi = lpi_of(intid);

    if (lpi->cpu != cpu) {
        tell(COMMAND_MOVI, intid, cpu, true);
        lpi->cpu = (uint8_t)cpu;
        sync(cpu);
        (void)its_queue_run();
    }
}

void its_clear_pending(uint32_t intid)
{
    tell(COMMAND_CLEAR, intid, 0, false);
}

void its_set_pending(uint32_t intid)
{
    tell(COMMAND_INT, intid, 0, false);
}
