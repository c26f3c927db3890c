/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of the tool: from the checked description to loader.img. The steps, in the order in
 * which main.c takes them: load programs, fill in their symbols, decide where everything lies,
 * write the kernel's tables, write the files.
 */
#ifndef SLUICE_TOOL_MICROKIT_BUILD_H
#define SLUICE_TOOL_MICROKIT_BUILD_H

#include <stdio.h>

#include "abi/image.h"
#include "tool/microkit/board.h"
#include "tool/microkit/options.h"
#include "tool/microkit/program.h"
#include "tool/microkit/ranges.h"
#include "tool/microkit/symbols.h"
#include "tool/sdf/sdf.h"

#define PAGE_SIZE ABI_PAGE_SIZE

/* Where a program segment lies: its stored pages in the image, the rest in zeroed RAM. */
struct segment_place {
    uint64_t stored;
    uint64_t stored_size; /* whole pages */
    uint64_t tail;
    uint64_t tail_size; /* whole pages */
};

struct pd_place {
    struct segment_place segments[PROGRAM_MAX_SEGMENTS];
    uint64_t stack;
    uint64_t ipc_buffer;
};

/* Names for a PD's fault reports, and where they begin in the image's tables. */
struct pd_symbols {
    struct symbols symbols;
    size_t first;
    size_t first_name;
    bool is_shared; /* they are an earlier PD's */
};

/* A PCI function whose messages may be LPIs of a PD. */
struct sender {
    uint32_t id; /* by which the ITS knows it */
    uint16_t pd;
};

struct region_place {
    uint64_t paddr;
    uint64_t stored; /* where its contents lie in the image; 0: it has none */
};

struct build {
    struct arena *arena;
    const struct options *options;
    struct sdf *sdf;
    const struct sdf_options *sdf_options;
    struct sdf_messages *messages;
    char *const *warnings; /* what messages->warnings was given, as text */
    struct board *board;
    struct program kernel;
    struct program *programs;     /* of each PD */
    struct pd_symbols *symbols;   /* of each PD */
    struct pd_place *pds;         /* of each PD */
    struct region_place *regions; /* of each memory region */

    struct sender *senders; /* of messages that are LPIs, PD by PD */
    size_t sender_count;

    size_t symbol_count; /* of all PDs … */
    size_t names_size;   /* … and bytes of their names */

    const char *directory; /* of the board's configuration */
    uint64_t base;         /* where the image runs: the load address, unless it is moved */
    uint64_t image_end;    /* the stored part is [base, image_end) */
    uint64_t header;       /* address of struct image_header */
    uint64_t tables;       /* of the page-table pool */
    uint64_t tables_size;
    struct image_its its;  /* base 0: there are no LPIs */
    uint64_t event_tables; /* of the senders, in their order … */
    uint8_t event_bits;    /* … each for so many messages */
    uint64_t ram_end;      /* of the highest RAM in use */
    struct ranges free;
    struct ranges zero;
    uint8_t *image; /* the stored part … */
    uint8_t *file;  /* … and as the boot loader gets it */
    uint64_t file_size;
};

/* programs.c: reads the kernel and every PD's program, and what the description sets in them
 * but for addresses. Errors are counted in build->messages. */
void programs_load(struct build *build);
/* After layout: addresses of regions, too. */
void programs_patch(struct build *build);

/* layout.c: first what is stored, then the rest. */
void layout_image(struct build *build);
void layout_place(struct build *build);
/* RAM that starts zeroed, for the kernel or a PD; 0 after a message: there is no room. */
uint64_t layout_take(struct build *build, uint64_t size, uint64_t alignment,
                     const struct sdf_pos *pos, const char *what);
/* Whether the address lies in RAM of the board. */
bool layout_is_ram(const struct build *build, uint64_t paddr);

#define SENDERS_RANGES 6 /* that senders_place() takes at most */

/* senders.c: finds them, before layout_image(); then in layout_place() room for the ITS's tables;
 * both do nothing on a board, or in a system, without LPIs. */
void senders_find(struct build *build);
void senders_place(struct build *build);
/* The INTID that the kernel knows an interrupt by. */
uint32_t senders_intid(const struct build *build, const struct sdf_irq *irq);
/* For the image; `list` has room for build->sender_count. */
void senders_write(const struct build *build, struct image_sender *list);

/* move.c: images that do not run where they are loaded. */
bool move_is_needed(const struct build *build);
/* Sets file: the image behind the code that moves it. */
bool move_image(struct build *build);

/* tables.c: counts, the header with its tables, and their pool. */
uint64_t tables_header_size(const struct build *build);
uint64_t tables_pool_size(const struct build *build);
void tables_write(struct build *build);
/* All mappings of a PD or of its VM, sorted by address; returns how many. `list` has room for
 * tables_mapping_limit(). */
size_t tables_mapping_limit(const struct build *build, size_t pd, bool vm);
size_t tables_mappings(const struct build *build, size_t pd, bool vm, struct image_mapping *list);

/* The report, in three forms: for people, for programs, and as a picture (Graphviz). */
void report_text(struct build *build, FILE *out);
void report_json(struct build *build, FILE *out);
void report_dot(struct build *build, FILE *out);

static inline uint64_t page_up(uint64_t value)
{
    return (value + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

#endif
