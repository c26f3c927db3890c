/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own map to the page, and the barriers and maintenance around the MMU. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <stdlib.h>

#include "kernel/arch/aarch64/sysreg.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/log.h"

#define PAGE      0x1000UL
#define MIB       0x100000UL
#define GIB       0x40000000UL
#define RAM       0x40000000UL
#define RAM_END   (RAM + 3 * GIB / 2 + 2 * MIB + 3 * PAGE)
#define IMAGE     0x70000000UL
#define IMAGE_END (IMAGE + 5 * MIB + 7 * PAGE)
#define UART      0x09000000UL
#define ALIAS     (256 * GIB)
#define TABLE     0x0000fffffffff000UL

#define PTE_RO UINT64_C(0x80)
#define PTE_XN (UINT64_C(1) << 54)

/* What kernel.ld says, of which the addresses alone count. */
__asm__(".globl kernel_text, kernel_rodata, kernel_data\n\t"
        ".set kernel_text, 0x70000000\n\t"
        ".set kernel_rodata, 0x70006000\n\t"
        ".set kernel_data, 0x70008000");

static struct {
    uint64_t start;
    uint64_t end;
    bool is_evicted;
} zeroed[16];
static unsigned int zeroed_count;

/* cache.c's and thread.c's */
void arch_zero_lines(uint64_t va, uint64_t end)
{
    zeroed[zeroed_count].start = va;
    zeroed[zeroed_count].is_evicted = false;
    zeroed[zeroed_count++].end = end;
}

void arch_zero_and_evict(uint64_t va, uint64_t end)
{
    arch_zero_lines(va, end);
    zeroed[zeroed_count - 1].is_evicted = true;
}

void arch_stage2_away(void)
{
    insn_record("stage2 away", 0);
}

static uint64_t probed;

bool arch_can_read(uint64_t va)
{
    probed = va;
    return true;
}

/* What the walker finds. */
static uint64_t walk(uint64_t va)
{
    const uint64_t *table = (const uint64_t *)insn_read("ttbr0_el2");
    uint64_t entry = table[va >> 30 & 0x1ff];

    for (unsigned int shift = 21; (entry & 3) == 3 && shift >= 12; shift -= 9) {
        entry = ((const uint64_t *)(entry & TABLE))[va >> shift & 0x1ff];
        if (shift == 12) {
            break;
        }
    }
    return (entry & 1) != 0 ? entry : 0;
}

/* Once, in setup.c's order: the tables are static, and only grow. */
static int boot(void **state)
{
    (void)state;
    insn_reset();
    arch_mmu_map(IMAGE, IMAGE_END, ARCH_MEMORY_NORMAL);
    arch_mmu_map(RAM, RAM_END, ARCH_MEMORY_UNZEROED);
    arch_mmu_map(UART, UART + PAGE, ARCH_MEMORY_DEVICE);
    insn_count = 0;
    arch_mmu_enable();
    return 0;
}

static void registers_before_the_mmu_in_order(void **state)
{
    unsigned int hcr = insn_find("msr hcr_el2", 0);
    unsigned int barrier = insn_find("isb", insn_find("msr ttbr0_el2", 0));
    unsigned int forgotten = insn_find("dsb sy", insn_find("tlbi alle1", barrier));

    (void)state;
    assert_int_equal(hcr, 0); /* E2H decides what the others are */
    assert_string_equal(insns[1].text, "isb");
    assert_int_equal(insns[hcr].value >> 34 & 1, 0);
    assert_string_equal(insns[2].text, "stage2 away");
    assert_true(insn_find("tlbi alle2", barrier) < forgotten);
    assert_true(insn_find("msr sctlr_el2", 0) > insn_find("isb", forgotten));
    assert_string_equal(insns[insn_count - 2].text, "msr sctlr_el2");
    assert_string_equal(insns[insn_count - 1].text, "isb");
}

static void image_is_mapped_to_the_page(void **state)
{
    (void)state;
    assert_int_equal(walk(IMAGE) & TABLE, IMAGE);
    assert_int_equal(walk(IMAGE) & (PTE_RO | PTE_XN), PTE_RO);
    assert_int_equal(walk(IMAGE + 6 * PAGE) & (PTE_RO | PTE_XN), PTE_RO | PTE_XN);
    assert_int_equal(walk(IMAGE + 8 * PAGE) & (PTE_RO | PTE_XN), PTE_XN);
    assert_int_equal(walk(IMAGE_END - PAGE) & TABLE, IMAGE_END - PAGE);
    assert_int_equal(walk(IMAGE_END), 0);
    assert_int_equal(walk(IMAGE - PAGE), 0);
}

static void alias_ends_with_ram(void **state)
{
    (void)state;
    assert_int_not_equal(walk(ALIAS + RAM), 0);
    assert_int_equal(walk(ALIAS + RAM - PAGE), 0);
    assert_int_equal(walk(ALIAS + RAM_END - PAGE) & TABLE, RAM_END - PAGE);
    assert_int_equal(walk(ALIAS + RAM_END), 0);
}

static void zeroes_go_by_way_of_the_alias(void **state)
{
    (void)state;
    arch_zero_range(IMAGE_END - PAGE, 3 * PAGE);
    assert_int_equal(zeroed_count, 3);
    assert_int_equal(zeroed[0].start, IMAGE_END - PAGE);
    assert_int_equal(zeroed[0].end, IMAGE_END);
    assert_true(zeroed[0].is_evicted);
    assert_int_equal(zeroed[1].start, ALIAS + IMAGE_END);
    assert_int_equal(zeroed[2].end, ALIAS + IMAGE_END + 2 * PAGE);
    assert_false(zeroed[1].is_evicted || zeroed[2].is_evicted);
    arch_probe(RAM_END - 8);
    assert_int_equal(probed, ALIAS + RAM_END - 8);
    arch_probe(IMAGE);
    assert_int_equal(probed, IMAGE);
}

static void ram_is_mapped_to_the_page(void **state)
{
    unsigned int at = insn_count;

    (void)state;
    arch_zero_done();
    assert_string_equal(insns[at].text, "dsb ish");
    assert_string_equal(insns[at + 1].text, "tlbi alle2is");
    assert_string_equal(insns[at + 2].text, "dsb sy");
    assert_string_equal(insns[at + 3].text, "isb");
    assert_int_equal(walk(ALIAS + RAM), 0);
    arch_mmu_map(RAM, RAM_END, ARCH_MEMORY_NORMAL);
    for (uint64_t page = RAM; page < RAM_END; page += PAGE) {
        assert_int_not_equal(walk(page), 0);
    }
    assert_int_equal(walk(RAM_END), 0);
    assert_int_equal(walk(IMAGE) & (PTE_RO | PTE_XN), PTE_RO); /* as before */
    assert_int_equal(walk(RAM + GIB) & TABLE, RAM + GIB);
    assert_int_not_equal(walk(UART), 0);
}

static void expect_order(unsigned int at, const char *const *texts)
{
    for (unsigned int i = 0; texts[i] != NULL; i++) {
        assert_string_equal(insns[at + i].text, texts[i]);
    }
}

static void tables_and_instructions_are_published(void **state)
{
    static const char *const tables[] = {"dsb ish", "tlbi alle1is", "dsb ish", "isb", NULL};
    static const char *const instructions[] = {"dsb ish", "ic ialluis", "dsb ish", "isb", NULL};
    unsigned int at = insn_count;

    (void)state;
    arch_stage2_sync();
    expect_order(at, tables);
    at = insn_count;
    arch_sync_instructions();
    expect_order(at, instructions);
}

void panic(const char *format, ...)
{
    fail_msg("%s", format);
    abort();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_before_the_mmu_in_order),
        cmocka_unit_test(image_is_mapped_to_the_page),
        cmocka_unit_test(alias_ends_with_ram),
        cmocka_unit_test(zeroes_go_by_way_of_the_alias),
        cmocka_unit_test(ram_is_mapped_to_the_page),
        cmocka_unit_test(tables_and_instructions_are_published),
    };

    return cmocka_run_group_tests(tests, boot, NULL);
}
