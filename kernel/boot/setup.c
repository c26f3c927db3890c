/* SPDX-License-Identifier: BSD-2-Clause */
/* See setup.h. */
#include "kernel/boot/setup.h"

#include "kernel/arch/arch.h"
#include "kernel/boot/image.h"
#include "kernel/boot/seed.h"
#include "kernel/lib/log.h"
#include "kernel/lib/string.h"
#include "kernel/mm/pgtable.h"
#include "kernel/pd/pd.h"
#include "kernel/pd/symbol.h"
#include "kernel/sched/sched.h"
#include "kernel/vcpu/vcpu.h"

#define UART_SIZE 0x1000
#define GIC_SIZE  0x10000 /* of each frame; mapped in 2 MiB blocks anyway */

#define PSCI_CPU_ON   0xc4000003UL
#define START_SECONDS 5

#define MAX_ASPACES (ABI_MAX_PDS + ABI_MAX_VCPUS)

void setup_check_machine(const struct image_header *image)
{
    const struct image_machine *machine = &image->machine;

    if (arch_current_el() != 2) {
        panic("exception level: expected 2, found %u (QEMU: -machine virt,virtualization=on)",
              arch_current_el());
    }
    if (machine->cpu_count == 0 || machine->cpu_count > ABI_MAX_CPUS) {
        panic("image: expected 1 to %u cores, found %u", ABI_MAX_CPUS, machine->cpu_count);
    }
    if (arch_mpidr() != machine->mpidr[0]) {
        panic("boot core: expected %lx, found %lx", machine->mpidr[0], arch_mpidr());
    }
}

static void map_gic(const struct image_machine *machine)
{
    arch_mmu_map(machine->gicd, machine->gicd + GIC_SIZE, ARCH_MEMORY_DEVICE);
    if (machine->gic_version == 3) {
        arch_mmu_map(machine->gicr, machine->gicr + machine->gicr_size, ARCH_MEMORY_DEVICE);
        if (machine->its.base != 0) {
            arch_mmu_map(machine->its.base, machine->its.base + GIC_SIZE, ARCH_MEMORY_DEVICE);
        }
    } else {
        arch_mmu_map(machine->gicc, machine->gicc + GIC_SIZE, ARCH_MEMORY_DEVICE);
        arch_mmu_map(machine->gich, machine->gich + GIC_SIZE, ARCH_MEMORY_DEVICE);
    }
}

void setup_map(const struct image_header *image)
{
    const struct image_machine *machine = &image->machine;

    arch_cache_clean_all();
    arch_mmu_map(image->start, image->start + image->size, ARCH_MEMORY_NORMAL);
    arch_mmu_map(machine->ram_start, machine->ram_end, ARCH_MEMORY_UNZEROED);
    arch_mmu_map(machine->uart, machine->uart + UART_SIZE, ARCH_MEMORY_DEVICE);
    map_gic(machine);
    arch_mmu_enable();
}

void setup_seed(const struct image_header *image)
{
    seed_take(arch_unzeroed(image->machine.ram_start),
              image->machine.ram_end - image->machine.ram_start);
}

void setup_memory(const struct image_header *image)
{
    const struct image_range *ranges = image_table(image, IMAGE_TABLE_ZERO);
    const struct image_copy *copies = image_table(image, IMAGE_TABLE_COPY);
    uint64_t last = image->machine.ram_end - sizeof(uint64_t);

    if (!arch_probe(last)) {
        panic("RAM: expected up to %lx, found less (QEMU: -m)", image->machine.ram_end);
    }
    for (uint32_t i = 0; i < image_count(image, IMAGE_TABLE_ZERO); i++) {
        arch_zero_range(ranges[i].start, ranges[i].size);
    }
    arch_zero_done();
    arch_mmu_map(image->machine.ram_start, image->machine.ram_end, ARCH_MEMORY_NORMAL);
    for (uint32_t i = 0; i < image_count(image, IMAGE_TABLE_COPY); i++) {
        memcpy((void *)(uintptr_t)copies[i].to, (const void *)(uintptr_t)copies[i].from,
               copies[i].size);
        arch_cache_clean(copies[i].to, copies[i].size);
    }
    arch_sync_instructions();
}

static void map_aspace(const struct image_header *image, unsigned int index,
                       struct pgtable_pool *pool, uint64_t *stage2)
{
    const struct image_aspace *aspaces = image_table(image, IMAGE_TABLE_ASPACES);
    const struct image_mapping *mappings = image_table(image, IMAGE_TABLE_MAPPINGS);
    const struct image_aspace *aspace = &aspaces[index];
    enum pgtable_result result;
    struct pgtable table;

    result = pgtable_init(&table, pool);
    for (uint32_t i = 0; result == PGTABLE_OK && i < aspace->mapping_count; i++) {
        result = pgtable_map(&table, pool, &mappings[aspace->first_mapping + i]);
    }
    if (result != PGTABLE_OK) {
        panic("image: expected a valid address space %u, found error %u", index, result);
    }
    *stage2 = arch_stage2_base(table.root.raw, (uint16_t)(index + 1));
}

static void setup_symbols(const struct image_header *image)
{
    if (!image_symbols_are_valid(image)) {
        panic("image: expected valid symbols, found others");
    }
    symbol_init(image_table(image, IMAGE_TABLE_SYMBOLS), image_table(image, IMAGE_TABLE_NAMES));
}

/* Whose use of time somebody may ask for. */
static void setup_meters(void)
{
    for (unsigned int i = 0; i < pd_count; i++) {
        for (unsigned int slot = 0; slot < ABI_MAX_CSPACE; slot++) {
            const struct image_cap *cap = &pds[i].desc->cspace[slot];

            if (cap->kind == IMAGE_CAP_SC) {
                budget_meter(&pds[cap->pd].thread.own);
            }
        }
    }
}

void setup_objects(const struct image_header *image)
{
    static uint64_t stage2[MAX_ASPACES];
    struct pgtable_pool pool = {.next = image->tables_start,
                                .end = image->tables_start + image->tables_size};
    const struct image_pd *pd_descs = image_table(image, IMAGE_TABLE_PDS);
    const struct image_vcpu *vcpu_descs = image_table(image, IMAGE_TABLE_VCPUS);

    pd_count = image_count(image, IMAGE_TABLE_PDS);
    vcpu_count = image_count(image, IMAGE_TABLE_VCPUS);
    if (pd_count > ABI_MAX_PDS || vcpu_count > ABI_MAX_VCPUS ||
        image_count(image, IMAGE_TABLE_ASPACES) > MAX_ASPACES ||
        image_count(image, IMAGE_TABLE_IRQS) > ABI_MAX_INTID) {
        panic("image: expected tables within abi/limits.h, found %u PDs, %u vCPUs", pd_count,
              vcpu_count);
    }
    setup_symbols(image);
    for (unsigned int i = 0; i < image_count(image, IMAGE_TABLE_ASPACES); i++) {
        map_aspace(image, i, &pool, &stage2[i]);
    }
    arch_stage2_sync();
    for (unsigned int i = 0; i < pd_count; i++) {
        pd_init(i, &pd_descs[i], stage2[pd_descs[i].aspace]);
    }
    for (unsigned int i = 0; i < vcpu_count; i++) {
        vcpu_init(i, &vcpu_descs[i], stage2[vcpu_descs[i].aspace]);
    }
    setup_meters();
}

void setup_start_cores(const struct image_header *image)
{
    uint64_t patience = arch_counter() + START_SECONDS * arch_counter_frequency();

    for (unsigned int i = 1; i < image->machine.cpu_count; i++) {
        uint64_t registers[8] = {PSCI_CPU_ON, image->machine.mpidr[i], arch_secondary_entry(), i};

        arch_smc(registers);
        if (registers[0] != 0) {
            panic("cores: expected %u, found %u (QEMU: -smp)", image->machine.cpu_count, i);
        }
        while (!__atomic_load_n(&cpus[i].is_online, __ATOMIC_ACQUIRE)) {
            arch_relax();
            if (arch_counter() > patience) {
                panic("cores: expected %u, found that core %u does not start",
                      image->machine.cpu_count, i);
            }
        }
    }
}

void setup_start(void)
{
    for (unsigned int i = 0; i < pd_count; i++) {
        sched_add(&pds[i].thread);
    }
}
