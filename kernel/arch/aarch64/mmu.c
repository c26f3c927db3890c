/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own address space (EL2 stage 1): RAM and devices at their physical addresses,
 * kernel text read-only, nothing both writable and executable. 39-bit virtual addresses, 4 KiB
 * granule: one level 1 table, level 2 tables where a GiB is not uniform, level 3 tables for the
 * kernel's own 2 MiB and for those at whose ends RAM or the image ends: behind RAM may be what must
 * not be cached. Built once on the boot core before the MMU is on; other cores use it.
 *
 * Memory is zeroed through a Non-cacheable alias, so that a guest that starts with its caches off
 * reads zeroes, and no dirty line overwrites what it writes. While that exists, RAM outside the
 * image has no other mapping from which a cache could fetch what was there before (Arm ARM B2.8,
 * mismatched attributes; docs/decisions/0003).
 */
#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/log.h"

#define ENTRIES     512
#define BLOCK_1G    (1UL << 30)
#define BLOCK_2M    (1UL << 21)
#define PAGE        (1UL << 12)
#define ALIAS       (256UL << 30) /* VA of the Non-cacheable alias of physical address 0 */
#define TABLES      14
#define OUTPUT_MASK 0x0000fffffffff000UL

#define PTE_VALID    (1UL << 0)
#define PTE_TABLE    (1UL << 1) /* at level 3: a page */
#define PTE_ATTR(n)  ((uint64_t)(n) << 2)
#define PTE_AP_RES1  (1UL << 6) /* AP[1], RES1 in EL2's regime */
#define PTE_RO       (1UL << 7)
#define PTE_INNER_SH (3UL << 8)
#define PTE_AF       (1UL << 10)
#define PTE_XN       (1UL << 54)

/* MAIR_EL2 indices */
#define ATTR_DEVICE 0
#define ATTR_NORMAL 1
#define ATTR_NC     2
#define MAIR_VALUE  (0x00UL << 0 | 0xffUL << 8 | 0x44UL << 16)

#define TCR_VALUE                                                                   \
    (25UL /* T0SZ: 39 bits */ | 1UL << 8 /* IRGN0 WBWA */ | 1UL << 10 /* ORGN0 */ | \
     3UL << 12 /* SH0 inner */ | 2UL << 16 /* PS: 40 bits */ | 1UL << 31 | 1UL << 23 /* RES1 */)

#define SCTLR_EL2_VALUE                                                                  \
    (0x30c50830UL /* RES1 */ | 1UL << 0 /* M */ | 1UL << 2 /* C */ | 1UL << 3 /* SA */ | \
     1UL << 12 /* I */ | 1UL << 19 /* WXN */)

#define PTE_COMMON (PTE_VALID | PTE_AF | PTE_AP_RES1 | PTE_INNER_SH)

static __attribute__((aligned(4096))) uint64_t level1[ENTRIES];
static __attribute__((aligned(4096))) uint64_t tables[TABLES][ENTRIES];
static unsigned int tables_used;

extern char kernel_text[], kernel_rodata[], kernel_data[];

/* The table that `*entry` points to. If it is a block, or nothing, the table's entries, of `size`
 * bytes each, are parts of that. */
static uint64_t *table_below(uint64_t *entry, uint64_t size)
{
    uint64_t block = *entry;
    uint64_t *table;

    if ((block & PTE_TABLE) != 0) {
        return (uint64_t *)(block & OUTPUT_MASK);
    }
    if (tables_used == TABLES) {
        panic("kernel address space: expected at most %u tables", TABLES);
    }
    table = tables[tables_used++];
    for (uint64_t i = 0; block != 0 && i < ENTRIES; i++) {
        table[i] = (block + i * size) | (size == PAGE ? PTE_TABLE : 0);
    }
    *entry = (uint64_t)table | PTE_TABLE | PTE_VALID;
    return table;
}

/* The entry that maps the `size` bytes at `va`: a GiB, 2 MiB or a page. */
static uint64_t *entry_for(uint64_t va, uint64_t size)
{
    uint64_t *entry = &level1[va / BLOCK_1G];

    if (size < BLOCK_1G) {
        entry = &table_below(entry, BLOCK_2M)[va / BLOCK_2M % ENTRIES];
    }
    if (size < BLOCK_2M) {
        entry = &table_below(entry, PAGE)[va / PAGE % ENTRIES];
    }
    return entry;
}

/* What maps `va` now, or maps nothing there, and how much. */
static uint64_t look_up(uint64_t va, uint64_t *size)
{
    uint64_t entry = level1[va / BLOCK_1G];

    *size = BLOCK_1G;
    while (*size > PAGE && (entry & PTE_TABLE) != 0) {
        *size /= ENTRIES;
        entry = ((uint64_t *)(entry & OUTPUT_MASK))[va / *size % ENTRIES];
    }
    return entry;
}

static void map(uint64_t va, uint64_t pa, uint64_t end, uint64_t attributes)
{
    while (pa < end) {
        uint64_t size;
        uint64_t entry = look_up(va, &size);

        while (((va | pa) & (size - 1)) != 0 || end - pa < size) {
            size /= ENTRIES;
        }
        if (entry == 0) { /* else the image is there already */
            *entry_for(va, size) = pa | attributes | (size == PAGE ? PTE_TABLE : 0);
        }
        va += size;
        pa += size;
    }
}

void arch_mmu_map(uint64_t start, uint64_t end, enum arch_memory memory)
{
    uint64_t unit = memory == ARCH_MEMORY_DEVICE ? BLOCK_2M : PAGE;

    start &= ~(unit - 1);
    end = (end + unit - 1) & ~(unit - 1);
    switch (memory) {
    case ARCH_MEMORY_DEVICE:
        map(start, start, end, PTE_COMMON | PTE_XN | PTE_ATTR(ATTR_DEVICE));
        break;
    case ARCH_MEMORY_NORMAL:
        map(start, start, end, PTE_COMMON | PTE_XN | PTE_ATTR(ATTR_NORMAL));
        break;
    case ARCH_MEMORY_UNZEROED:
        map(ALIAS + start, start, end, PTE_COMMON | PTE_XN | PTE_ATTR(ATTR_NC));
        break;
    }
    dsb_ish(); /* entries before the accesses that need them, if the MMU is on */
    isb();
}

static void protect(const char *start, const char *end, uint64_t clear, uint64_t set)
{
    for (uint64_t page = (uint64_t)start; page < (uint64_t)end; page += PAGE) {
        uint64_t *entry = entry_for(page, PAGE);

        *entry = (*entry & ~clear) | set;
    }
}

void arch_mmu_enable(void)
{
    protect(kernel_text, kernel_rodata, PTE_XN, PTE_RO);
    protect(kernel_rodata, kernel_data, 0, PTE_RO);
    arch_mmu_join();
}

/* HCR_EL2 first: with E2H, which firmware may have left set, the others are different registers,
 * and what it says of interrupts and of EL0 is unknown after a reset. */
void arch_mmu_join(void)
{
    sysreg_write(hcr_el2, HCR_NATIVE);
    isb();
    arch_stage2_away();
    sysreg_write(mair_el2, MAIR_VALUE);
    sysreg_write(tcr_el2, TCR_VALUE);
    sysreg_write(ttbr0_el2, (uint64_t)level1);
    dsb_sy(); /* the tables, written with the MMU off, before the walker reads them */
    isb();
    tlbi(alle2);
    tlbi(alle1); /* of any VMID: what was there before us */
    ic(iallu);
    dsb_sy();
    isb();
    sysreg_write(sctlr_el2, SCTLR_EL2_VALUE);
    isb();
}

void arch_zero_range(uint64_t paddr, uint64_t size)
{
    uint64_t end = paddr + size;

    while (paddr < end) {
        uint64_t block;
        uint64_t entry = look_up(paddr, &block);
        uint64_t next = (paddr & ~(block - 1)) + block;

        next = next < end ? next : end;
        if (entry != 0) { /* a part of the image is there: by way of the caches, and out of them */
            arch_zero_and_evict(paddr, next);
        } else {
            arch_zero_lines(paddr + ALIAS, next + ALIAS);
        }
        paddr = next;
    }
}

bool arch_is_memory(uint64_t paddr)
{
    uint64_t size;
    uint64_t entry = paddr < ENTRIES * BLOCK_1G ? look_up(paddr, &size) : 0;

    return (entry & PTE_VALID) != 0 && (entry & PTE_ATTR(7)) == PTE_ATTR(ATTR_NORMAL);
}

bool arch_probe(uint64_t paddr)
{
    uint64_t size;

    return arch_can_read(look_up(paddr, &size) != 0 ? paddr : paddr + ALIAS);
}

void *arch_unzeroed(uint64_t paddr)
{
    return (void *)(uintptr_t)(paddr + ALIAS);
}

void arch_zero_done(void)
{
    for (uint64_t i = ALIAS / BLOCK_1G; i < ENTRIES; i++) {
        level1[i] = 0;
    }
    dsb_ish(); /* the entries are gone before the TLB forgets them */
    tlbi(alle2is);
    dsb_sy(); /* zeroes have reached memory before any other observer starts */
    isb();
}

void arch_stage2_sync(void)
{
    dsb_ish(); /* table writes before the walkers of any core */
    tlbi(alle1is);
    dsb_ish();
    isb();
}

void arch_sync_instructions(void)
{
    dsb_ish();
    ic(ialluis);
    dsb_ish();
    isb();
}
