/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of an ITS with its redistributors (IHI 0069H, chapters 5 and 12): it reads commands from
 * memory, and holds a driver to what the architecture leaves unpredictable or an error. Properties
 * are seen as they were when a redistributor was last told to look.
 */
#ifndef SLUICE_TESTS_UNIT_KERNEL_SUPPORT_ITS_MODEL_H
#define SLUICE_TESTS_UNIT_KERNEL_SUPPORT_ITS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define ITS_MODEL_BASE   0x08080000UL
#define ITS_MODEL_FRAME  0x080a0000UL /* redistributors, one behind the other */
#define ITS_MODEL_STRIDE 0x20000UL
#define ITS_MODEL_CORES  4
#define ITS_MODEL_NONE   (-1)

/* What the machine is like; its_model_reset() makes it one like QEMU's. */
struct its_model {
    unsigned int revision;     /* PIDR2.ArchRev */
    unsigned int event_bits;   /* of messages */
    unsigned int id_bits;      /* of senders */
    unsigned int entry_size;   /* of a sender in memory */
    unsigned int page_size;    /* of tables: 0 as it is written; else 4, 16, 64 KiB */
    unsigned int collections;  /* without memory */
    bool has_collection_table; /* for more */
    bool names_by_address;     /* redistributors: GITS_TYPER.PTA */
    bool is_coherent;          /* sees what is in caches */
    bool is_busy;              /* never quiescent */
    bool keeps_lpis;           /* GICR_CTLR.EnableLPIs cannot be cleared */
    bool stalls;               /* the next command is refused */
    bool hangs;                /* reads no more commands */
    /* What came of it. */
    bool is_uncached; /* all tables were described as not cached */
    unsigned int runs, commands, moves;
};
extern struct its_model its_model;

void its_model_reset(void);
/* A device writes to GITS_TRANSLATER. Returns the core on which the LPI is pending and enabled now,
 * the LPI in *intid; or ITS_MODEL_NONE. */
int its_model_message(uint32_t id, uint32_t event, uint32_t *intid);
/* Where an LPI is pending, enabled or not; ITS_MODEL_NONE: nowhere. */
int its_model_pending(uint32_t intid);
/* The core takes it. */
void its_model_take(uint32_t intid);
/* Whether the LPI would be taken, as far as redistributors know. */
bool its_model_is_enabled(uint32_t intid);

#endif
