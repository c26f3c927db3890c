/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3 against its manual (IHI 0069H): what the kernel writes where, what list registers look
 * like, what signals, and machines that are another. How interrupts go is bind_test.c's.
 */
#include <string.h>

#include "tests/unit/kernel/support/cmocka_all.h"
#include "tests/unit/kernel/support/system.h"

#include "kernel/arch/gic.h"
#include "kernel/lib/log.h"

#define GICD   0x08000000UL
#define GICR   0x080a0000UL
#define FRAME  0x10000UL
#define FRAMES 4 /* redistributors */
#define CORE   2 /* this core's */
#define SPI    70
#define WRITES 512

#define PENDING (1UL << 62)
#define ACTIVE  (1UL << 63)
#define GROUP1  (1UL << 60)
#define HW      (1UL << 61)
#define EOI     (1UL << 41)

static struct {
    uint64_t address, value;
    unsigned int size;
} writes[WRITES];
static unsigned int write_count;
static uint64_t typer[FRAMES];
static uint32_t gicd_typer, gicd_pidr2, stuck;
static bool has_registers;
static uint64_t sent, vtr, hcr, vmcr, lists[4], active[4];
static uint32_t acknowledged, ended, deactivated;
static char text[512];
static jmp_buf halted;

uint32_t arch_read32(uint64_t paddr)
{
    return paddr == GICD + 0x0004 ? gicd_typer : paddr == GICD + 0xffe8 ? gicd_pidr2 : stuck;
}

/* GICR_TYPER; a frame with VLPIS has four parts. */
uint64_t arch_read64(uint64_t paddr)
{
    uint64_t at = GICR;

    for (unsigned int i = 0; i < FRAMES; i++) {
        if (paddr == at + 8) {
            return typer[i];
        }
        at += ((typer[i] & 2) != 0 ? 4 : 2) * FRAME;
    }
    fail_msg("nothing is at %lx", paddr);
    return 0;
}

static void record(uint64_t address, uint64_t value, unsigned int size)
{
    assert_true(write_count < WRITES);
    writes[write_count].address = address;
    writes[write_count].value = value;
    writes[write_count++].size = size;
}

void arch_write32(uint64_t paddr, uint32_t value)
{
    record(paddr, value, 4);
}

void arch_write64(uint64_t paddr, uint64_t value)
{
    record(paddr, value, 8);
}

void arch_write8(uint64_t paddr, uint8_t value)
{
    record(paddr, value, 1);
}

bool arch_gic_has_registers(void)
{
    return has_registers;
}

void arch_gic_init_cpu(void)
{
}

uint64_t arch_gic_acknowledge(void)
{
    return acknowledged;
}

void arch_gic_end(uint64_t intid)
{
    ended = (uint32_t)intid;
}

void arch_gic_deactivate(uint64_t value)
{
    deactivated = (uint32_t)value;
}

void arch_gic_send(uint64_t value)
{
    sent = value;
}

uint64_t arch_gic_hcr(void)
{
    return hcr;
}

void arch_gic_set_hcr(uint64_t value)
{
    hcr = value;
}

uint64_t arch_gic_vtr(void)
{
    return vtr;
}

uint64_t arch_gic_vmcr(void)
{
    return vmcr;
}

void arch_gic_set_vmcr(uint64_t value)
{
    vmcr = value;
}

uint64_t arch_gic_list(unsigned int index)
{
    return lists[index];
}

void arch_gic_set_list(unsigned int index, uint64_t value)
{
    lists[index] = value;
}

uint64_t arch_gic_active(unsigned int index)
{
    assert_true(index < 1U << ((vtr >> 26 & 7) - 4));
    return active[index];
}

void arch_gic_set_active(unsigned int index, uint64_t value)
{
    assert_true(index < 1U << ((vtr >> 26 & 7) - 4));
    active[index] = value;
}

uint64_t arch_gic_ended_lists(void)
{
    return 0;
}

uint64_t arch_gic_free_lists(void)
{
    return 0;
}

void arch_gic_sync(void)
{
}

static void write(const char *from, unsigned int count)
{
    size_t size = strlen(text);

    if (count < sizeof(text) - size) {
        memcpy(text + size, from, count);
    }
}

static void halt(void)
{
    longjmp(halted, 1);
}

static const struct image_machine machine = {.gic_version = 3,
                                             .gicd = GICD,
                                             .gicr = GICR,
                                             .gicr_size = 10 * FRAME,
                                             .intid_count = 288,
                                             .maintenance_intid = 25,
                                             .hyp_timer_intid = 26,
                                             .virtual_timer_intid = 27};

/* 0x1020304 is the affinity of the last but one core; its redistributor is the third. */
static int setup(void **state)
{
    (void)state;
    host_reset();
    memset(text, 0, sizeof(text));
    log_init(write, halt);
    write_count = 0;
    gicd_typer = 8;
    gicd_pidr2 = 0x3b;
    stuck = 0;
    has_registers = true;
    vtr = 4UL << 26 | 3;
    typer[0] = 0;
    typer[1] = 1UL << 32 | 2; /* VLPIS */
    typer[CORE] = 0x01020304UL << 32;
    typer[3] = 3UL << 32 | 1 << 4; /* Last */
    host.mpidr = 0x0100020304;
    return 0;
}

/* The frame of this core's SGIs and PPIs: behind two redistributors, of which one has four frames.
 */
#define OWN (GICR + 6 * FRAME + FRAME)

static uint64_t last_write(uint64_t address)
{
    for (unsigned int i = write_count; i > 0; i--) {
        if (writes[i - 1].address == address) {
            return writes[i - 1].value;
        }
    }
    fail_msg("nothing was written to %lx", address);
    return 0;
}

static void start(void)
{
    gic_init(&machine);
    gic_init_cpu(1);
}

static void starts_off_and_inactive(void **state)
{
    (void)state;
    if (setjmp(halted) != 0) {
        fail_msg("%s", text);
    }
    start();
    assert_int_equal(writes[0].address, GICD); /* off, before anything is changed */
    assert_int_equal(writes[0].value, 0);
    assert_int_equal(last_write(GICD), 0x12); /* ARE, EnableGrp1 */
    for (uint64_t i = 4; i < 36; i += 4) {    /* the last of the 288 included */
        assert_int_equal(last_write(GICD + 0x080 + i), ~0U);
        assert_int_equal(last_write(GICD + 0x180 + i), ~0U);
        assert_int_equal(last_write(GICD + 0x380 + i), ~0U);
        assert_int_equal(last_write(GICD + 0x400 + i * 8), 0x80808080);
    }
    assert_int_equal(last_write(OWN + 0x080), ~0U);
    assert_int_equal(last_write(OWN - FRAME + 0x14), 0); /* awake */
    assert_int_equal(last_write(OWN + 0x100), 1U << 27);
    for (unsigned int i = 0; i < write_count; i++) { /* SGIs and PPIs are no distributor's */
        assert_int_not_equal(writes[i].address, GICD + 0x080);
        assert_int_not_equal(writes[i].address, GICD + 0x180);
        assert_true(writes[i].address < GICR || writes[i].address >= OWN - FRAME);
    }
}

static void is_routed_by_affinity(void **state)
{
    (void)state;
    start();
    gic->enable(SPI, true);
    assert_int_equal(last_write(GICD + 0x6000 + SPI * 8), 0x0100020304);
    assert_int_equal(last_write(GICD + 0xc00 + SPI / 16 * 4), 2U << SPI % 16 * 2);
    assert_int_equal(last_write(GICD + 0x100 + SPI / 32 * 4), 1U << SPI % 32);
    gic->set_target(SPI + 1, 1);
    assert_int_equal(last_write(GICD + 0x6000 + (SPI + 1) * 8), 0x0100020304);
    gic->send_ipi(1, GIC_IPI); /* Aff3 1, Aff2 2, Aff1 3, the fifth of the first sixteen, SGI 0 */
    assert_true(sent == (1UL << 48 | 2UL << 32 | 3UL << 16 | 1 << 4));
    host.mpidr = 0x13; /* the fourth of the second sixteen */
    typer[CORE] = 0x13UL << 32;
    gic->init_cpu(1);
    gic->send_ipi(1, GIC_POST);
    assert_true(sent == (1UL << 44 | (uint64_t)GIC_POST << 24 | 1 << 3));
}

static void knows_ppis_of_its_own_core(void **state)
{
    (void)state;
    start();
    gic->set_active(27, true);
    assert_int_equal(last_write(OWN + 0x300), 1U << 27);
    gic->set_enabled(27, false);
    assert_int_equal(last_write(OWN + 0x180), 1U << 27);
    gic->set_enabled(SPI, false);
    assert_int_equal(last_write(GICD + 0x180 + SPI / 32 * 4), 1U << SPI % 32);
    gic->clear_pending(SPI);
    assert_int_equal(last_write(GICD + 0x280 + SPI / 32 * 4), 1U << SPI % 32);
    gic->set_pending(SPI);
    assert_int_equal(last_write(GICD + 0x200 + SPI / 32 * 4), 1U << SPI % 32);
}

static void acknowledges(void **state)
{
    (void)state;
    start();
    for (uint32_t intid = 1020; intid < 1024; intid++) {
        acknowledged = intid;
        assert_false(gic_is_interrupt(gic->acknowledge()));
    }
    ended = deactivated = ~0U;
    acknowledged = 8192; /* an LPI */
    assert_true(gic_is_interrupt(gic->acknowledge()));
    assert_int_equal(ended, ~0U);
    acknowledged = GIC_IPI;
    assert_int_equal(gic->acknowledge(), GIC_IPI);
    assert_int_equal(ended, GIC_IPI);
    assert_int_equal(deactivated, GIC_IPI);
}

static void lists_are_the_manuals(void **state)
{
    struct gic_virq virq = {.intid = SPI, .priority = 20, .group = 1, .source = 3};
    uint64_t direct = PENDING | GROUP1 | HW | 160UL << 48 | (uint64_t)SPI << 32 | SPI;

    (void)state;
    start();
    assert_true(gic->list_encode(virq) == (PENDING | GROUP1 | 160UL << 48 | EOI | SPI));
    assert_true(gic->list_encode_direct(virq) == direct);
    assert_true(gic->list_activate(direct) == ((direct & ~PENDING) | ACTIVE));
    assert_true(gic->list_is_direct(direct) && !gic->list_is_direct(gic->list_encode(virq)));
    assert_int_equal(gic->list_intid(direct), SPI);
    assert_int_equal(gic->list_priority(direct), 20);
    assert_true(gic->list_is_used(EOI | SPI)); /* ended, and not told */
    assert_false(gic->list_is_used(direct & ~PENDING));
    virq.group = 0;
    virq.priority = 0;
    assert_true(gic->list_encode(virq) == (PENDING | EOI | SPI));
}

/* EOIs of what is in no list register; the other bits stay. */
static void unlisted_are_counted_once(void **state)
{
    (void)state;
    start();
    gic->set_notice(GIC_NOTICE_UNLISTED);
    assert_int_equal(hcr, 5); /* En, LRENPIE */
    assert_int_equal(gic->take_unlisted(), 0);
    hcr |= 31UL << 27;
    assert_int_equal(gic->take_unlisted(), 31);
    assert_int_equal(hcr, 5);
    assert_int_equal(gic->take_unlisted(), 0);
}

static struct gic_vcpu vcpu_with(uint64_t list, uint64_t control)
{
    return (struct gic_vcpu){.list = {list}, .vmcr = control};
}

static bool signals(struct gic_vcpu vcpu)
{
    return gic->is_signalling(&vcpu);
}

static void signals_what_is_not_masked(void **state)
{
    uint64_t list = PENDING | GROUP1 | 160UL << 48 | SPI;
    struct gic_vcpu vcpu = vcpu_with(list, 0xffUL << 24 | 2);

    (void)state;
    start();
    assert_true(signals(vcpu));
    assert_false(signals(vcpu_with(list, 0xffUL << 24 | 1))); /* the other group */
    assert_false(signals(vcpu_with(list, 160UL << 24 | 2)));  /* the mask */
    assert_true(signals(vcpu_with(list, 161UL << 24 | 2)));
    assert_false(signals(vcpu_with(list | ACTIVE, vcpu.vmcr)));
    vcpu.active[0] = 1UL << (32 + 20); /* priority 160, of group 1 */
    assert_false(signals(vcpu));
    vcpu.active[0] = 1UL << 20; /* … of group 0 */
    assert_false(signals(vcpu));
    vcpu.active[0] = 1UL << 21;
    assert_true(signals(vcpu));
    vcpu.list[0] += 8UL << 48;
    assert_false(signals(vcpu));
    vcpu.vmcr |= 5UL << 18; /* BPR1: 168 is as good as 160 */
    assert_true(signals(vcpu));
    vcpu.vmcr |= 1UL << 4; /* BPR0 counts for both */
    assert_false(signals(vcpu));
    vcpu.vmcr |= 4UL << 21;
    assert_true(signals(vcpu));
}

/* Cores with more bits of priority have more registers for those that are active. */
static void has_all_active_priorities(void **state)
{
    struct gic_vcpu vcpu = vcpu_with(PENDING | GROUP1 | 160UL << 48 | SPI, 0xffUL << 24 | 2);

    (void)state;
    vtr = 6UL << 26 | 3; /* seven bits */
    start();
    vcpu.active[2] = 1UL << 16; /* 160 / 2 is 80 */
    assert_false(signals(vcpu));
    gic->vcpu_load(&vcpu);
    assert_true(active[2] == 1UL << 16);
    active[3] = 5;
    gic->vcpu_save(&vcpu);
    assert_int_equal(vcpu.active[3], 5);
    vcpu = vcpu_with(vcpu.list[0], vcpu.vmcr);
    vcpu.active[2] = 1UL << 17;
    assert_true(signals(vcpu));
}

static void expect_panic(const char *words)
{
    if (setjmp(halted) == 0) {
        start();
        fail_msg("no panic: %s", words);
    }
    assert_non_null(strstr(text, words));
    memset(text, 0, sizeof(text));
}

static void another_machine(void **state)
{
    setup(state);
    has_registers = false; /* a GICv2: nothing of it is read */
    expect_panic("expected GICv3 at 8000000, found another");
    setup(state);
    gicd_pidr2 = 0x2b;
    expect_panic("expected GICv3 at 8000000, found another");
    setup(state);
    gicd_typer = 7;
    expect_panic("expected 288 interrupts, found 256");
    setup(state);
    host.mpidr = 5; /* behind the last one */
    expect_panic("expected a redistributor of core 5, found none");
    setup(state);
    typer[3] = 3UL << 32; /* there is no last one: the region ends */
    host.mpidr = 5;
    expect_panic("expected a redistributor of core 5, found none");
    setup(state);
    stuck = ~0U;
    expect_panic("expected bits 80000000 of 8000000 to clear");
    setup(state);
    vtr = 4UL << 26 | 1;
    expect_panic("expected 3 list registers, found 2");
    setup(state);
    vtr = 7UL << 26 | 3;
    expect_panic("expected 5 to 7 bits");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(starts_off_and_inactive),
                                       TEST(is_routed_by_affinity),
                                       TEST(knows_ppis_of_its_own_core),
                                       TEST(acknowledges),
                                       TEST(unlisted_are_counted_once),
                                       TEST(lists_are_the_manuals),
                                       TEST(signals_what_is_not_masked),
                                       TEST(has_all_active_priorities),
                                       TEST(another_machine)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
