/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NOR flash with the command set of Intel and Sharp (JEP137: 0001h; JESD68 for its query), as it is
 * on QEMU's virt: two chips of 16 bits side by side on a bus of 32, which get the same commands and
 * do the same.
 *
 * Its contents are memory that the guest has mapped read-only: it reads them without an exit and
 * with any instruction, those included whose trap does not say what they load. Writes alone arrive
 * here. While the device would answer with a status, an identification or its query table, the
 * memory lies: the answer stands at the start of every block and, a status, where the last write
 * went, which is where drivers look. Whoever reads elsewhere meanwhile sees contents, where
 * hardware would have answered. The contents under the lies are kept.
 *
 * Commands take no time, so that none can be suspended, and none is half done when a guest ends.
 * Nor is a block that its driver had erased and was writing anew: it has what it had before, where
 * hardware would have left it torn.
 */
#ifndef SLUICE_VMM_DEV_FLASH_H
#define SLUICE_VMM_DEV_FLASH_H

#include "vmm/dev/mmio_bus.h"
#include "vmm/vm_config.h"

#define FLASH_MAX_BLOCKS   (VM_CONFIG_FLASH_MAX / VM_CONFIG_FLASH_BLOCK)
#define FLASH_ID_WORDS     3   /* maker, device, lock: of each block */
#define FLASH_BUFFER_WORDS 256 /* of a buffered program command */

enum flash_mode {
    FLASH_ARRAY, /* reads get contents */
    FLASH_STATUS,
    FLASH_ID,
    FLASH_QUERY,
};

/* What the next write is. */
enum flash_step {
    FLASH_COMMAND,
    FLASH_WORD,       /* to be programmed */
    FLASH_ERASE,      /* confirmation, or not */
    FLASH_LOCK,       /* which kind of locking */
    FLASH_PROTECTION, /* for the protection register, which has no room */
    FLASH_COUNT,      /* of the words for the buffer, less one */
    FLASH_DATA,       /* into the buffer */
    FLASH_CONFIRM,    /* of what is in the buffer */
};

/* A block that is erased and then written anew: what drivers do that have to set bits. */
enum flash_rewrite {
    FLASH_NO_REWRITE,
    FLASH_ERASED,    /* nothing has come into the block since */
    FLASH_REWRITING, /* from its start; until reads are to get something else than the status */
};

/* A word that is not what the contents are. */
struct flash_lie {
    uint32_t at; /* index of the word */
    uint32_t contents;
};

struct flash {
    uint32_t *words; /* the memory; NULL: there is no flash */
    uint64_t size;
    enum flash_mode mode;
    enum flash_step step;
    uint8_t status;       /* register of either chip */
    uint32_t at;          /* word of the last write */
    uint32_t block;       /* that the buffer is for */
    uint32_t window;      /* first word that it is for */
    uint32_t words_left;  /* that it waits for */
    bool buffer_is_wrong; /* something was meant for another place */
    uint32_t buffer[FLASH_BUFFER_WORDS];
    enum flash_rewrite rewrite;
    uint32_t rewritten; /* block */
    bool is_locked[FLASH_MAX_BLOCKS];
    unsigned int lie_count;
    struct flash_lie lies[FLASH_ID_WORDS * FLASH_MAX_BLOCKS];
    uint32_t
        before[VM_CONFIG_FLASH_BLOCK / 4]; /* the rewritten block's contents before its erase */
};

/* Its context is the struct flash. Reads are errors: they do not arrive here. */
extern const struct mmio_ops flash_ops;

/* `memory`, as the VMM has it mapped and aligned to words: `size` bytes as VM_CONFIG_FLASH_* says,
 * of which the first `prefilled` are contents already. The others are erased. */
void flash_init(struct flash *flash, void *memory, uint64_t size, uint64_t prefilled);

/* As after its reset: reads get contents, nothing is locked, no command has begun, and what was
 * being written anew is as it was before. Nothing, where there is no flash. */
void flash_reset(struct flash *flash);

#endif
