/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own address space (EL2 stage 1): RAM and devices at their physical addresses,
 * kernel text read-only, nothing both writable and executable. 39-bit virtual addresses, 4 KiB
 * granule: one level 1 table, level 2 tables where a GiB is not uniform, one level 3 table for
 * the kernel's own 2 MiB. Built once on the boot core before the MMU is on; other cores use it.
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
#define L2_TABLES   8
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
static __attribute__((aligned(4096))) uint64_t level2[L2_TABLES][ENTRIES];
static __attribute__((aligned(4096))) uint64_t level3[ENTRIES];
static unsigned int level2_used;

extern char kernel_text[], kernel_rodata[], kernel_data[], kernel_end[];

static uint64_t *level2_for(uint64_t va)
{
    uint64_t *entry = &level1[va / BLOCK_1G];
    uint64_t *table;

    if ((*entry & PTE_VALID) != 0) {
        return (uint64_t *)(*entry & OUTPUT_MASK);
    }
    if (level2_used == L2_TABLES) {
        panic("kernel address space: expected at most %u partial GiB", L2_TABLES);
    }
    table = level2[level2_used++];
    *entry = (uint64_t)table | PTE_TABLE | PTE_VALID;
    return table;
}

static void map_blocks(uint64_t va, uint64_t pa, uint64_t end, uint64_t attributes)
{
    while (pa < end) {
        if ((pa & (BLOCK_1G - 1)) == 0 && end - pa >= BLOCK_1G && level1[va / BLOCK_1G] == 0) {
            level1[va / BLOCK_1G] = pa | attributes;
            va += BLOCK_1G;
            pa += BLOCK_1G;
        } else {
            uint64_t *entry = &level2_for(va)[va / BLOCK_2M % ENTRIES];

            *entry = *entry != 0 ? *entry : pa | attributes; /* the image is there already */
            va += BLOCK_2M;
            pa += BLOCK_2M;
        }
    }
}

void arch_mmu_map(uint64_t start, uint64_t end, enum arch_memory memory)
{
    start &= ~(BLOCK_2M - 1);
    end = (end + BLOCK_2M - 1) & ~(BLOCK_2M - 1);
    switch (memory) {
    case ARCH_MEMORY_DEVICE:
        map_blocks(start, start, end, PTE_COMMON | PTE_XN | PTE_ATTR(ATTR_DEVICE));
        break;
    case ARCH_MEMORY_NORMAL:
        map_blocks(start, start, end, PTE_COMMON | PTE_XN | PTE_ATTR(ATTR_NORMAL));
        break;
    case ARCH_MEMORY_UNZEROED:
        map_blocks(ALIAS + start, start, end, PTE_COMMON | PTE_XN | PTE_ATTR(ATTR_NC));
        break;
    }
    dsb_ish(); /* entries before the accesses that need them, if the MMU is on */
    isb();
}

/* The GiB that holds the kernel may be one block so far: spreads it over a level 2 table. */
static uint64_t *split_kernel_gib(uint64_t base)
{
    uint64_t block = level1[base / BLOCK_1G];
    uint64_t *table;

    if ((block & PTE_TABLE) != 0) {
        return (uint64_t *)(block & OUTPUT_MASK);
    }
    level1[base / BLOCK_1G] = 0;
    table = level2_for(base);
    for (unsigned int i = 0; i < ENTRIES; i++) {
        table[i] = block + i * BLOCK_2M;
    }
    return table;
}

static void protect_kernel(void)
{
    uint64_t base = (uint64_t)kernel_text & ~(BLOCK_2M - 1);
    uint64_t *table = split_kernel_gib(base);

    for (unsigned int i = 0; i < ENTRIES; i++) {
        uint64_t page = base + i * PAGE;
        uint64_t pte = page | PTE_COMMON | PTE_TABLE | PTE_ATTR(ATTR_NORMAL);

        if (page >= (uint64_t)kernel_text && page < (uint64_t)kernel_rodata) {
            pte |= PTE_RO;
        } else if (page >= (uint64_t)kernel_rodata && page < (uint64_t)kernel_data) {
            pte |= PTE_RO | PTE_XN;
        } else {
            pte |= PTE_XN;
        }
        level3[i] = pte;
    }
    table[base / BLOCK_2M % ENTRIES] = (uint64_t)level3 | PTE_TABLE | PTE_VALID;
}

void arch_mmu_enable(void)
{
    protect_kernel();
    arch_mmu_join();
}

void arch_mmu_join(void)
{
    sysreg_write(mair_el2, MAIR_VALUE);
    sysreg_write(tcr_el2, TCR_VALUE);
    sysreg_write(ttbr0_el2, (uint64_t)level1);
    dsb_sy(); /* the tables, written with the MMU off, before the walker reads them */
    isb();
    __asm__ volatile("tlbi alle2" : : : "memory");
    __asm__ volatile("ic iallu" : : : "memory");
    dsb_sy();
    isb();
    sysreg_write(sctlr_el2, SCTLR_EL2_VALUE);
    isb();
}

static bool is_mapped(uint64_t paddr)
{
    uint64_t entry = level1[paddr / BLOCK_1G];

    if ((entry & PTE_VALID) == 0 || (entry & PTE_TABLE) == 0) {
        return (entry & PTE_VALID) != 0;
    }
    return (((uint64_t *)(entry & OUTPUT_MASK))[paddr / BLOCK_2M % ENTRIES] & PTE_VALID) != 0;
}

/* In a block that the image has a part of: by way of the caches, and out of them. */
static void zero_cached(uint64_t va, uint64_t end)
{
    for (; va < end; va += 64) {
        __asm__ volatile("dc zva, %0\n\tdc civac, %0" : : "r"(va) : "memory");
    }
}

/* Two instructions a line is the least; a page a round comes close. */
static void zero_alias(uint64_t va, uint64_t end)
{
    for (; va < end && va % PAGE != 0; va += 64) {
        __asm__ volatile("dc zva, %0" : : "r"(va) : "memory");
    }
    while (end - va >= PAGE) {
        __asm__ volatile(".rept 64\n\t" /* lines of a page */
                         "dc zva, %0\n\t"
                         "add %0, %0, #64\n\t"
                         ".endr"
                         : "+r"(va)
                         :
                         : "memory");
    }
    for (; va < end; va += 64) {
        __asm__ volatile("dc zva, %0" : : "r"(va) : "memory");
    }
}

void arch_zero_range(uint64_t paddr, uint64_t size)
{
    uint64_t end = paddr + size;

    while (paddr < end) {
        uint64_t next = (paddr & ~(BLOCK_2M - 1)) + BLOCK_2M;

        next = next < end ? next : end;
        if (is_mapped(paddr)) {
            zero_cached(paddr, next);
        } else {
            zero_alias(paddr + ALIAS, next + ALIAS);
        }
        paddr = next;
    }
}

bool arch_probe(uint64_t paddr)
{
    return arch_can_read(is_mapped(paddr) ? paddr : paddr + ALIAS);
}

void arch_zero_done(void)
{
    for (uint64_t i = ALIAS / BLOCK_1G; i < ENTRIES; i++) {
        level1[i] = 0;
    }
    dsb_ish(); /* the entries are gone before the TLB forgets them */
    __asm__ volatile("tlbi alle2is" : : : "memory");
    dsb_sy(); /* zeroes have reached memory before any other observer starts */
    isb();
}

void arch_stage2_sync(void)
{
    dsb_ish(); /* table writes before the walkers of any core */
    __asm__ volatile("tlbi alle1is" : : : "memory");
    dsb_ish();
    isb();
}

void arch_sync_instructions(void)
{
    dsb_ish();
    __asm__ volatile("ic ialluis" : : : "memory");
    dsb_ish();
    isb();
}
