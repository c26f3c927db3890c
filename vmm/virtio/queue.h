/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A split virtqueue (Virtual I/O Device 1.1, section 2.6), the device's side, and the one chain of
 * descriptors that the device works on.
 *
 * The rings and what they point at lie in the guest's RAM, where the guest may change everything at
 * any time: each field is read once and checked, loops end after as many rounds as the queue has
 * entries, and a pass goes as far as the ring went when it began (virtq_look()). Whatever breaks
 * the rules is VIRTQ_BAD: the queue is of no use then until it is started anew.
 *
 * Neither indirect descriptors nor event indexes: their features are not to be offered.
 */
#ifndef SLUICE_VMM_VIRTIO_QUEUE_H
#define SLUICE_VMM_VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/guest/ram.h"

struct virtq_desc;
struct virtq_avail;
struct virtq_used;

enum virtq_result {
    VIRTQ_OK,
    VIRTQ_NONE,
    VIRTQ_BAD,
};

struct virtq_chain {
    uint16_t head;
    uint16_t next;           /* descriptor; if `has_next` */
    uint16_t followed_count; /* descriptors so far */
    bool has_next;
    bool is_writable; /* the descriptor at hand, what is left of it: */
    uint32_t left;
    uint64_t ipa;
    uint32_t written; /* bytes that the device put in */
};

/* Bytes of a chain that are in one piece. */
struct virtq_run {
    uint8_t *bytes;
    uint32_t count; /* not 0 */
    bool is_writable;
};

struct virtq {
    const struct guest_ram *ram;
    uint32_t max_size;
    /* What the driver says, for virtq_start(). */
    uint32_t size;
    uint64_t desc_ipa;
    uint64_t avail_ipa;
    uint64_t used_ipa;
    bool is_ready;
    /* The rest is valid if it is. */
    const struct virtq_desc *desc;
    const struct virtq_avail *avail;
    struct virtq_used *used;
    uint16_t avail_next; /* the next chain to open */
    uint16_t avail_end;  /* behind the last that virtq_look() saw */
    uint16_t used_next;
    bool is_announced; /* the driver was told of all that was used, if it wanted to be */
    bool is_open;
    struct virtq_chain chain;
};

/* Not ready, and the driver said nothing yet. */
void virtq_reset(struct virtq *queue, const struct guest_ram *ram, uint32_t max_size);
/* Ready, from its beginning. False: size or addresses break the rules. */
bool virtq_start(struct virtq *queue);
void virtq_stop(struct virtq *queue);

/* Begins a pass. VIRTQ_NONE: there is no chain, nor one still open. */
enum virtq_result virtq_look(struct virtq *queue);
/* Opens the next chain of the pass, if none is open. */
enum virtq_result virtq_open(struct virtq *queue);
/* Of the open chain: where it goes on. VIRTQ_NONE: it is at its end. */
enum virtq_result virtq_run(struct virtq *queue, struct virtq_run *run);
/* The device has read, or written, the first `count` bytes of the run. */
void virtq_advance(struct virtq *queue, uint32_t count);
/* Gives the open chain back to the driver. */
void virtq_close(struct virtq *queue);
/* True: chains were given back since the last time, and the driver wants to be told. */
bool virtq_announce(struct virtq *queue);

#endif
