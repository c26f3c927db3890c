/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fake of the contract recorded, and how tests play kernel and guest. */
#ifndef SLUICE_TESTS_UNIT_VMM_FAKE_FAKE_H
#define SLUICE_TESTS_UNIT_VMM_FAKE_FAKE_H

#include <microkit.h>

#define FAKE_CHILDREN  62
#define FAKE_CHANNELS  62
#define FAKE_LISTS     4
#define FAKE_LISTS_MAX 40 /* with MICROKIT_HAS_VCPU_ACTIVE */
#define FAKE_VCPU_REGS 24

enum fake_list_state {
    FAKE_LIST_EMPTY,
    FAKE_LIST_PENDING,
    FAKE_LIST_ACTIVE,
};

struct fake_list {
    enum fake_list_state state;
    seL4_Uint16 intid;
    seL4_Uint8 priority;
    seL4_Uint8 group;
    seL4_Uint8 source; /* with MICROKIT_HAS_VCPU_LIST */
};

/* With MICROKIT_HAS_VCPU_SGI. */
struct fake_sgi {
    seL4_Bool is_enabled;
    seL4_Uint8 priority;
    seL4_Uint8 group;
    seL4_Uint8 sources;
};

struct fake_vcpu {
    seL4_UserContext context;
    seL4_Word regs[FAKE_VCPU_REGS];
    struct fake_list lists[FAKE_LISTS_MAX];
    struct fake_sgi sgis[16];
    seL4_Uint8 number; /* the same */
    seL4_Word affinity, sgir;
    unsigned int restart_count;
    unsigned int stop_count;
    unsigned int vppi_ack_count;
    bool is_running;
};

struct fake {
    seL4_Word mr[120];
    /* Who answers protected calls, in mr; NULL: nobody, as on a channel that is not for calls. */
    microkit_msginfo (*answer)(microkit_channel ch, microkit_msginfo info);
    struct fake_vcpu vcpus[FAKE_CHILDREN];
    unsigned int ack_count[FAKE_CHANNELS];
    unsigned int notify_count[FAKE_CHANNELS];
    unsigned int inject_count;
    bool gives_nothing_back;     /* with MICROKIT_HAS_VCPU_LIST: as if the guest had taken it all */
    bool guest_is_faster;        /* the same: it takes what is asked back just before */
    unsigned int clear_count[3]; /* by MICROKIT_IRQ_* */
    unsigned int smc_count;
    seL4_ARM_SMCContext smc;
    bool has_no_seed;
    unsigned int random_count;
    char console[4096];
    unsigned int published_count; /* cache_publish() */
    uint64_t published_bytes;
    unsigned int cleaned_count; /* cache_clean() */
    uint64_t cleaned_bytes;
};

extern struct fake fake;

/* Word `index` of the n-th call of microkit_random(), from 1 on. */
#define FAKE_RANDOM(n, index) (0x8877665544332210UL + 0x100000001UL * (n) + 4 * (index))

/* Everything as at the start of a program. */
void fake_reset(void);

/* The guest reads GICC_IAR: the pending interrupt of highest priority becomes active. Returns its
 * list register, or -1. No interrupt is masked by one that is active. */
int fake_take(unsigned int vcpu);
/* The guest writes GICC_EOIR for what is in list register `index`; the maintenance fault is the
 * caller's to deliver. */
void fake_end(unsigned int vcpu, unsigned int index);
/* The list register that holds `intid`, or -1. */
int fake_find(unsigned int vcpu, unsigned int intid);

#endif
