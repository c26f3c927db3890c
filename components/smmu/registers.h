/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an SMMUv3 is made of: registers, stream table entries (STE), context descriptors (CD),
 * commands and events. Arm System Memory Management Unit architecture specification, IHI 0070,
 * chapters 3 to 7; fields are those of 64-bit words.
 */
#ifndef SLUICE_COMPONENTS_SMMU_REGISTERS_H
#define SLUICE_COMPONENTS_SMMU_REGISTERS_H

#define SMMU_PAGE      0x1000UL
#define SMMU_REGISTERS 0x20000UL /* two pages of 64 KiB */

/* 6.3: registers. 32 bits, but for those called BASE, which have 64. */
#define SMMU_IDR0            0x00000
#define SMMU_IDR1            0x00004
#define SMMU_IDR5            0x00014
#define SMMU_CR0             0x00020
#define SMMU_CR0ACK          0x00024
#define SMMU_CR1             0x00028
#define SMMU_CR2             0x0002c
#define SMMU_GBPA            0x00044
#define SMMU_IRQ_CTRL        0x00050
#define SMMU_IRQ_CTRLACK     0x00054
#define SMMU_GERROR          0x00060
#define SMMU_GERRORN         0x00064
#define SMMU_STRTAB_BASE     0x00080
#define SMMU_STRTAB_BASE_CFG 0x00088
#define SMMU_CMDQ_BASE       0x00090
#define SMMU_CMDQ_PROD       0x00098
#define SMMU_CMDQ_CONS       0x0009c
#define SMMU_EVENTQ_BASE     0x000a0
#define SMMU_EVENTQ_PROD     0x100a8
#define SMMU_EVENTQ_CONS     0x100ac

#define IDR0_S2P            (1U << 0)
#define IDR0_S1P            (1U << 1)
#define IDR0_TTF_AARCH64    (1U << 3) /* of two bits: AArch64's tables, with or without AArch32's */
#define IDR0_HYP            (1U << 9)
#define IDR0_TTENDIAN(x)    ((x) >> 21 & 0x3U)
#define IDR0_TTENDIAN_BIG   3U /* alone */
#define IDR0_STALL_MODEL(x) ((x) >> 24 & 0x3U)
#define IDR0_STALL_FORCED   2U
#define IDR0_ST_LEVEL(x)    ((x) >> 27 & 0x3U)
#define IDR0_ST_TWO_LEVELS  1U

#define IDR1_SIDSIZE(x) ((x)&0x3fU)
#define IDR1_EVENTQS(x) ((x) >> 16 & 0x1fU)
#define IDR1_CMDQS(x)   ((x) >> 21 & 0x1fU)
#define IDR1_PRESET     (3U << 29) /* queues or tables have fixed addresses */

#define IDR5_OAS(x) ((x)&0x7U)
#define IDR5_GRAN4K (1U << 4)

#define CR0_SMMUEN   (1U << 0)
#define CR0_EVENTQEN (1U << 2)
#define CR0_CMDQEN   (1U << 3)

/* Everything is written and read past the caches: nothing else to say. */
#define CR1_NOT_CACHED 0U

/* Others' TLB maintenance is none of ours; StreamIDs that there are not are not recorded. */
#define CR2_PTM (1U << 2)

#define GBPA_ABORT  (1U << 20)
#define GBPA_UPDATE (1U << 31)

#define IRQ_GERROR (1U << 0)
#define IRQ_EVENTQ (1U << 2)

#define GERROR_CMDQ       (1U << 0)
#define GERROR_EVENTQ_ABT (1U << 2)
#define GERROR_SFM        (1U << 8)
#define GERROR_ALL        0x3fdU

#define STRTAB_RA           (1UL << 62)
#define STRTAB_CFG_TWO      (1U << 16)
#define STRTAB_CFG_SPLIT(x) ((uint32_t)(x) << 6)
#define QUEUE_RA            (1UL << 62) /* reads of the command queue, writes of the event queue */
#define CMDQ_CONS_INDEX     0xfffffU
#define EVENTQ_OVERFLOW     (1U << 31) /* in PROD the SMMU's, in CONS ours: differ after one */

/* 3.3.1: a descriptor of the first level */
#define L1STD_SPAN(log2_entries) ((uint64_t)(log2_entries) + 1)

/* 5.2: STE. Aborts: valid, and Config 0. */
#define STE_SIZE         64
#define STE0_VALID       1UL
#define STE0_CONFIG_S1   (5UL << 1)
#define STE0_CONFIG_S2   (6UL << 1)
#define STE1_SHCFG_INPUT (1UL << 44)
#define STE2_VMID(x)     ((uint64_t)(x))
#define STE2_T0SZ(x)     ((uint64_t)(x) << 32)
#define STE2_SL0(x)      ((uint64_t)(x) << 38)
#define STE2_PS(x)       ((uint64_t)(x) << 48)
#define STE2_AA64        (1UL << 51)
#define STE2_R           (1UL << 58) /* faults are recorded */

/* 5.4: CD */
#define CD_SIZE     64
#define CD0_T0SZ(x) ((uint64_t)(x))
#define CD0_T1SZ(x) ((uint64_t)(x) << 16)
#define CD0_TG1_4K  (2UL << 22)
#define CD0_EPD1    (1UL << 30)
#define CD0_VALID   (1UL << 31)
#define CD0_IPS(x)  ((uint64_t)(x) << 32)
#define CD0_AA64    (1UL << 41)
#define CD0_R       (1UL << 45) /* faults are recorded, */
#define CD0_A       (1UL << 46) /* and abort */
#define CD0_ASET    (1UL << 47)
#define CD0_ASID(x) ((uint64_t)(x) << 48)
#define CD3_MAIR    0x04ffUL /* attribute 0: normal, write-back; 1: Device-nGnRE */

/* Chapter 4: commands */
#define CMD_SIZE           16
#define CMD_SID(x)         ((uint64_t)(x) << 32)
#define CMD_VMID(x)        ((uint64_t)(x) << 32)
#define CMD_ASID(x)        ((uint64_t)(x) << 48)
#define CMD_CFGI_STE       0x03UL
#define CMD_CFGI_ALL       0x04UL
#define CMD_CFGI_CD_ALL    0x06UL
#define CMD_TLBI_NH_ASID   0x11UL
#define CMD_TLBI_EL2_ALL   0x20UL
#define CMD_TLBI_S12_VMALL 0x28UL
#define CMD_TLBI_NSNH_ALL  0x30UL
#define CMD_SYNC           0x46UL
#define CMD1_LEAF          1UL
#define CMD1_ALL           31UL

/* Chapter 7: events */
#define EVENT_SIZE          32
#define EVENT_TYPE(word0)   ((uint32_t)(word0)&0xffU)
#define EVENT_STREAM(word0) ((uint32_t)((word0) >> 32))
#define EVENT_IS_READ       (1UL << 35) /* word 1 */
#define EVENT_TRANSLATION   0x10U
#define EVENT_PERMISSION    0x13U /* and what is between them: faults of the function's own */

#endif
