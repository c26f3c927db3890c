/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtual PL011 with a port and a vgic, and what a driver does with it. */
#ifndef SLUICE_TESTS_UNIT_VMM_DEV_PL011_RIG_H
#define SLUICE_TESTS_UNIT_VMM_DEV_PL011_RIG_H

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "tests/unit/vmm/fake/port.h"
#include "vmm/dev/pl011.h"

#define INTID 33
#define DEPTH 32u

enum offset {
    DR = 0x00,
    RSR = 0x04,
    FR = 0x18,
    ILPR = 0x20,
    IBRD = 0x24,
    FBRD = 0x28,
    LCR_H = 0x2c,
    CR = 0x30,
    IFLS = 0x34,
    IMSC = 0x38,
    RIS = 0x3c,
    MIS = 0x40,
    ICR = 0x44,
    DMACR = 0x48,
};

#define FR_MODEM 0x107u
#define FR_IDLE  0x097u /* CTS, DSR, DCD, RXFE, TXFE */
#define FR_BUSY  0x008u
#define FR_RXFE  0x010u
#define FR_TXFF  0x020u
#define FR_RXFF  0x040u
#define FR_TXFE  0x080u

#define FEN     0x10u
#define CR_ON   0x301u
#define CR_LBE  0x080u
#define INT_RX  0x010u
#define INT_TX  0x020u
#define INT_RT  0x040u
#define INT_BE  0x200u
#define INT_OE  0x400u
#define INT_CTS 0x002u

static const struct vm_config_vcpu vcpus[] = {{.id = 0}};

static struct vgic vgic;
static struct pl011 uart;
static struct fake_port port;
static struct console_port seam;
static struct console_device device;

static inline uint64_t read_sized(unsigned int offset, unsigned int size)
{
    struct mmio_access access = {.offset = offset, .size = size, .value = ~0UL};

    assert_true(pl011_ops.access(&uart, &access));
    return access.value;
}

static inline uint32_t read_reg(unsigned int offset)
{
    return (uint32_t)read_sized(offset, 4);
}

static inline void write_sized(unsigned int offset, unsigned int size, uint64_t value)
{
    struct mmio_access access = {.offset = offset, .size = size, .is_write = true, .value = value};

    assert_true(pl011_ops.access(&uart, &access));
}

static inline void write_reg(unsigned int offset, uint32_t value)
{
    write_sized(offset, 4, value);
}

static inline int setup(void **state)
{
    (void)state;
    fake_reset();
    fake_port_reset(&port);
    seam = fake_port_connect(&port);
    vgic_init(&vgic, vcpus, 1, INTID);
    assert_true(pl011_init(&uart, &seam, &vgic, INTID));
    device = pl011_console(&uart);
    vgic_set_control(&vgic, VGIC_ENABLE_GROUP0);
    vgic_set_enabled(&vgic, vgic_find(&vgic, 0, INTID), true);
    return 0;
}

/* And FIFOs on, as drivers have them. */
static inline int setup_fifo(void **state)
{
    (void)setup(state);
    write_reg(LCR_H, 0x60 | FEN);
    return 0;
}

static inline void type(const char *text)
{
    fake_port_type(&port, text);
    device.input(device.context);
}

static inline void print(const char *text)
{
    for (; *text != 0; text++) {
        write_reg(DR, (uint8_t)*text);
    }
}

static inline void make_room(uint32_t count)
{
    port.room = count;
    device.room(device.context);
}

static inline void assert_printed(const char *text)
{
    assert_int_equal(port.out_count, strlen(text));
    assert_memory_equal(port.out, text, strlen(text));
}

static inline bool is_interrupting(void)
{
    return uart.irq.virq->is_up;
}

#endif
