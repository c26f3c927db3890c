/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An SMMUv3 on the build machine, behind components/smmu/hardware.h: registers, queues, and what it
 * makes of a function's access. It keeps copies of stream table entries, context descriptors and
 * translations until it is told to forget them, so that a command that is missing, or too early,
 * shows. A store outside of its memory, a command that is none, or one that comes while the queue
 * is full ends the test.
 */
#ifndef SLUICE_TESTS_UNIT_COMPONENTS_SMMU_FAKE_SMMU_H
#define SLUICE_TESTS_UNIT_COMPONENTS_SMMU_FAKE_SMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "components/smmu/state.h"

#define FAKE_SMMU_REGISTERS 0x9050000UL
#define FAKE_SMMU_PADDR     0x60010000UL
#define FAKE_SMMU_MEMORY    0x600000UL
#define FAKE_SMMU_IDR0      0x0d40101aU /* QEMU 7.2's; S2P (1) comes in QEMU 10.0 */
#define FAKE_SMMU_IDR1      0x02730010U /* 16 bits of StreamID, 2^19 entries in each queue */
#define FAKE_SMMU_IDR5      0x00000074U /* 44 bits, 4 KiB, 16 KiB, 64 KiB */
#define FAKE_SMMU_LOG       512
#define FAKE_SMMU_COPIES    64

struct fake_smmu_copy {
    bool is_there;
    uint32_t stream;
    uint64_t page; /* of a translation */
    uint64_t paddr;
    uint64_t tag; /* ASID or VMID */
    uint64_t words[8];
};

struct fake_smmu {
    uint32_t registers32[0x1000 / 4];
    uint64_t strtab;
    uint64_t cmdq;
    uint64_t eventq;
    uint32_t event_prod;
    uint32_t event_cons;
    /* How it behaves. */
    bool has_no_gbpa;
    bool never_acknowledges; /* CR0, IRQ_CTRL */
    bool is_stuck;           /* does no command */
    unsigned int delay;      /* how often CONS is read before a command is done */
    uint64_t refuses;        /* a command that it finds wrong, once; 0: none */
    bool has_bad_cons;       /* what CMDQ_CONS reads as, */
    uint32_t bad_cons;
    bool has_lied;     /* about it: what is given to it since is nobody's fault */
    bool has_bad_prod; /* and EVENTQ_PROD */
    uint32_t bad_prod;
    /* What it saw. */
    unsigned int stores;         /* to its memory */
    uint32_t first_write;        /* offset of the first register written */
    uint64_t log[FAKE_SMMU_LOG]; /* word 0 of the commands that were done */
    unsigned int logged;
    unsigned int reads_until_done;
    struct fake_smmu_copy entries[FAKE_SMMU_COPIES];
    struct fake_smmu_copy descriptors[FAKE_SMMU_COPIES];
    struct fake_smmu_copy translations[FAKE_SMMU_COPIES];
};

extern struct fake_smmu fake_smmu;
extern uint8_t fake_smmu_memory[FAKE_SMMU_MEMORY];

/* As after a reset of the machine. */
void fake_smmu_reset(void);

/* A function's access. False: it is refused, and an event says so where the tables let it. */
bool fake_smmu_access(uint32_t stream, uint64_t address, bool is_write, uint64_t *paddr);
/* An event, whatever the tables say. */
void fake_smmu_event(uint32_t stream, uint32_t type, bool is_write, uint64_t address);
/* An error, as in GERROR, if it is not there already. */
void fake_smmu_error(uint32_t bits);

/* A word of the memory, by its physical address. */
uint64_t fake_smmu_word(uint64_t paddr);

#endif
