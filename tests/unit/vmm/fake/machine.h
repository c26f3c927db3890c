/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole virtual machine for tests: everything of vmm/ on the fake contract. Tests play the kernel
 * (faults, notifications) and the guest (its registers, its CPU interface).
 */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_MACHINE_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_MACHINE_H

#include "tests/unit/vmm/fake/fake.h"
#include "vmm/vm.h"

#define MACHINE_VCPU      3 /* id of the first vCPU; the second's is one more */
#define MACHINE_RAM       0x40000000UL
#define MACHINE_RAM_SIZE  0x100000UL
#define MACHINE_KERNEL    0x40010000UL
#define MACHINE_INITRD    0x40080000UL
#define MACHINE_DTB       0x400f0000UL
#define MACHINE_GICD      0x8000000UL
#define MACHINE_GICC      0x8010000UL
#define MACHINE_LEVEL     33 /* an interrupt, and its channel */
#define MACHINE_LEVEL_CH  1
#define MACHINE_EDGE      79
#define MACHINE_EDGE_CH   2
#define MACHINE_SECOND_ON 0x101UL /* affinity of the second vCPU */

/* tests change it before machine_create() */
extern struct vm_config machine_config;
extern struct vm_setup machine_setup;
extern uint8_t machine_ram[MACHINE_RAM_SIZE];
extern uint32_t machine_registers[1024]; /* a page of a passed-through device */
extern struct vm machine;

/* Everything as at the start of a program; the configuration is one of a single vCPU. */
void machine_reset(void);
/* vm_create() */
void machine_create(void);

/* The registers of the first vCPU. */
seL4_UserContext *machine_context(void);
seL4_Word *machine_system_registers(void);
/* Faults of the first vCPU; true: answered. */
bool machine_fault(seL4_Word label, const seL4_Word *words, unsigned int count);
bool machine_data_abort(uint64_t ipa, uint64_t esr);
bool machine_trap(uint64_t esr);
/* Its virtual timer fired. */
bool machine_timer(void);
/* As the kernel does on the answer: x0..x7 and pc go back. */
bool machine_hvc(const seL4_Word x[8]);
bool machine_smc(seL4_Word x0, seL4_Word x1, seL4_Word x2, seL4_Word x3);
/* Stores a word to the distributor, or loads one. */
void machine_write_gicd(unsigned int offset, uint32_t value);
uint32_t machine_read_gicd(unsigned int offset);

/* The guest takes the next interrupt and ends it, with the fault that this causes. Returns its
 * number, or -1: nothing was pending. */
int machine_handle_irq(void);

/* The syndrome of a load or store of `1 << log2_size` bytes through x`reg`. */
uint64_t machine_access(bool is_write, unsigned int log2_size, unsigned int reg);

/* What drain_code.S does on vCPU `number`: takes and ends all that is pending, ends what it finds
 * in its work, and says that it is through. */
void machine_drain(unsigned int number);

#endif
