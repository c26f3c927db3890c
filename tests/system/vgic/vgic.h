/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's parts. gic.c has the interrupt controller, a GICv2 or a GICv3, whichever is there. */
#ifndef SLUICE_TESTS_VGIC_H
#define SLUICE_TESTS_VGIC_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/system/bare/machine.h"

#define GICD 0x8000000UL
#define GICC 0x8010000UL
#define GICR 0x80a0000UL

/* Both GICs have them: in the distributor, private interrupts' in a GICv3's redistributor. */
#define CTLR       0x000
#define IGROUPR    0x080
#define ISENABLER  0x100
#define ICENABLER  0x180
#define ISPENDR    0x200
#define ICPENDR    0x280
#define ISACTIVER  0x300
#define ICACTIVER  0x380
#define IPRIORITYR 0x400
#define SGIR       0xf00
#define CPENDSGIR  0xf10
#define SPENDSGIR  0xf20

static inline uint8_t read8(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return (uint8_t)value;
}

static inline void wait_us(uint64_t us)
{
    uint64_t begin = now();

    while (now() - begin < us * ticks_per_us()) {
    }
}

/* gic.c */

extern bool gic_is_v3;

void gic_find(void);
/* Distributor and CPU interface on, nothing masked. */
void gic_on(void);
/* The same of another CPU's interface alone. */
void gic_on_this_cpu(void);
/* Where a register with a bit for each interrupt has that of `intid`. */
uint64_t gic_bits(unsigned int reg, unsigned int intid);
void gic_set(unsigned int reg, unsigned int intid);
bool gic_get(unsigned int reg, unsigned int intid);
void gic_prioritise(unsigned int intid, uint8_t priority);
/* To this CPU. */
void gic_send_sgi(unsigned int intid);
/* IAR: what comes within a moment, or NOTHING. */
unsigned int gic_take(void);
void gic_end(unsigned int intid);

/* report.c: a line "GUEST NAME INTID: ok", or what was got and what wanted. */
void check(const char *name, uint64_t number, uint64_t got, uint64_t want);
void print(const char *text);

/* main.c */
extern const char guest_name[];
void exception(void);
void guest_main(void);

/* registers.c: what they are after a reset, and which bits can be written. Before all else. */
void registers_all(void);
/* states.c: pending and active. */
void states_all(void);

#endif
