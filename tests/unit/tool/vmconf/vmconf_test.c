/* SPDX-License-Identifier: BSD-2-Clause */
/* vmconf_derive() as a whole: what a good system gives, and what each refusal says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "tests/unit/tool/vmconf/fixture.h"

static int setup(void **state)
{
    static struct fixture fixture;

    fixture_start(&fixture);
    assert_string_equal(fixture_messages, "");
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_end(*state);
    return 0;
}

static void expect_refusal(struct fixture *fixture, const char *message)
{
    fixture_derive(fixture);
    assert_string_equal(fixture_messages, message);
}

static void test_configuration(void **state)
{
    struct vm_config *config = &fixture_derive(*state)->config;

    assert_string_equal(fixture_messages, "");
    assert_int_equal(config->magic, VM_CONFIG_MAGIC);
    assert_string_equal(config->name, "linux");
    assert_int_equal(config->gic_version, 2);
    assert_int_equal(config->virtual_timer_intid, 27);
    assert_int_equal(config->gicd_ipa, 0x8000000);
    assert_int_equal(config->vcpu_count, 1);
    assert_int_equal(config->ram_count, 1);
    assert_int_equal(config->ram[0].ipa, 0x40000000);
    assert_int_equal(config->flags, VM_CONFIG_POWEROFF_MACHINE);
    assert_int_equal(config->irq_count, 2);
    assert_int_equal(config->irqs[1].intid, 48);
    assert_int_equal(config->irqs[1].channel, 2);
    assert_int_equal(config->irqs[1].flags, VM_CONFIG_IRQ_EDGE);
}

static void test_devices(void **state)
{
    struct vm_config *config = &fixture_derive(*state)->config;

    assert_int_equal(config->device_count, 2); /* the second transport is left out */
    assert_int_equal(config->devices[0].kind, VM_CONFIG_DEVICE_PL011);
    assert_int_equal(config->devices[0].vaddr, 0x130000000);
    assert_int_equal(config->devices[1].kind, VM_CONFIG_DEVICE_VIRTIO_MMIO);
    assert_int_equal(config->devices[1].ipa, 0xa000000);
    assert_int_equal(config->devices[1].size, 0x200);
    assert_int_equal(config->devices[1].intid, 48);
    assert_int_equal(config->devices[1].vaddr, 0x130001000);
}

static void test_placement(void **state)
{
    struct vm_config_load *load = &fixture_derive(*state)->config.load;

    assert_int_equal(load->kernel_ipa, 0x40000000);
    assert_int_equal(load->kernel_span, 0x1000000);
    assert_int_equal(load->initrd_ipa, 0x41000000);
    assert_int_equal(load->initrd_size, 0xff000);
    assert_int_equal(load->dtb_ipa, 0x41200000);
    assert_int_equal(load->dtb_size, 0x200000);
}

static void test_tree(void **state)
{
    const void *fdt = fixture_derive(*state)->fdt;
    int chosen = fdt_path_offset(fdt, "/chosen");
    int length;

    assert_true(chosen > 0);
    assert_string_equal(fdt_getprop(fdt, chosen, "stdout-path", NULL), "/pl011@9000000:115200");
    assert_null(fdt_getprop(fdt, chosen, "kaslr-seed", &length));
    const fdt64_t *end = fdt_getprop(fdt, chosen, "linux,initrd-end", &length);
    assert_int_equal(length, 8);
    assert_int_equal(fdt64_ld(end), 0x410ff000);
    assert_true(fdt_path_offset(fdt, "/pl011@9000000") > 0);
    assert_true(fdt_path_offset(fdt, "/apb-pclk") > 0);
    assert_true(fdt_path_offset(fdt, "/virtio_mmio@a000000") > 0);
    assert_int_equal(fdt_path_offset(fdt, "/virtio_mmio@a000200"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(fdt, "/sluice"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(fdt, "/__symbols__"), -FDT_ERR_NOTFOUND);
}

static void test_second_guest_keeps_machine(void **state)
{
    struct fixture *fixture = *state;
    fixture->pds[PD_VMM].smc = false;

    assert_int_equal(fixture_derive(fixture)->config.flags, 0);
}

static void test_bootargs(void **state)
{
    struct fixture *fixture = *state;
    fixture->extra.bootargs = "console=ttyAMA0 quiet";
    const void *fdt = fixture_derive(fixture)->fdt;

    assert_string_equal(fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", NULL),
                        "console=ttyAMA0 quiet");
}

static void test_missing_gic(void **state)
{
    struct fixture *fixture = *state;
    fixture->vm.map_count = MAP_OF_GICV;

    expect_refusal(fixture, "Error: the guest has no GIC CPU interface: map the board's virtual "
                            "one (a region with phys_addr=\"0x8040000\") into it, usually at "
                            "0x8010000 on 'virtual_machine'\n");
}

static void test_ram_not_identical(void **state)
{
    struct fixture *fixture = *state;
    fixture->regions[REGION_RAM].has_phys_addr = false;

    expect_refusal(fixture, "Error: /virtio_mmio@a000000 masters DMA with physical addresses, so "
                            "the guest's RAM must be mapped 1:1: give region 'ram' "
                            "phys_addr=\"0x40000000\", the address of this map on 'map'\n");
}

static void test_ram_may_lie_anywhere_without_dma(void **state)
{
    struct fixture *fixture = *state;
    fixture->regions[REGION_RAM].has_phys_addr = false;
    fixture->vm_maps[MAP_OF_VIRTIO] = fixture->vm_maps[MAP_OF_GICV];
    fixture->vm.map_count--;
    fixture->pds[PD_VMM].irq_count = 1;

    expect_refusal(fixture, "");
}

static void test_unused_page(void **state)
{
    struct fixture *fixture = *state;
    fixture->pds[PD_VMM].irq_count = 1;

    expect_refusal(fixture,
                   "Error: no device of the guest has registers in 0xa000000..0xa001000 of region "
                   "'virtio' (virtio_mmio@a000000: its interrupt 48 is not declared by an <irq>; "
                   "virtio_mmio@a000200: its interrupt 49 is not declared by an <irq>) on 'map'\n");
}

static void test_moved_device(void **state)
{
    struct fixture *fixture = *state;
    fixture->vm_maps[MAP_OF_SERIAL].vaddr = 0xb000000;

    expect_refusal(fixture,
                   "Error: no device of the guest has registers in 0x9000000..0x9001000 of region "
                   "'serial' (pl011@9000000: its registers 0x9000000..0x9001000 are not all mapped "
                   "at their own address) on 'map'\n"
                   "Error: interrupt 33 belongs to no device of the guest (it is /pl011@9000000's, "
                   "but its registers 0x9000000..0x9001000 are not all mapped at their own "
                   "address) on 'irq'\n");
}

static void test_unused_irq(void **state)
{
    struct fixture *fixture = *state;
    fixture->vm_maps[MAP_OF_SERIAL] = fixture->vm_maps[MAP_OF_GICV];
    fixture->vm.map_count--;

    expect_refusal(fixture, "Error: interrupt 33 belongs to no device of the guest (it is "
                            "/pl011@9000000's, but its registers are not mapped into the guest) "
                            "on 'irq'\n");
}

static void test_own_irq(void **state)
{
    struct fixture *fixture = *state;
    fixture->irqs[0].intid = 100;
    fixture->irqs[0].setvar_id = "timer_channel";
    fixture->vm_maps[MAP_OF_SERIAL] = fixture->vm_maps[MAP_OF_GICV];
    fixture->vm.map_count--;
    struct guest *guest = fixture_derive(fixture);

    assert_string_equal(fixture_messages, "");
    assert_int_equal(guest->config.irq_count, 1);
}

static void test_trigger(void **state)
{
    struct fixture *fixture = *state;
    fixture->irqs[0].edge = true;
    fixture->irqs[1].edge = false;

    expect_refusal(fixture, "Error: interrupt 33 of /pl011@9000000 needs trigger=\"level\" on "
                            "'irq'\nError: interrupt 48 of /virtio_mmio@a000000 needs "
                            "trigger=\"edge\" on 'irq'\n");
}

static void test_partly_outside_ram(void **state)
{
    struct fixture *fixture = *state;
    fixture->regions[REGION_RAM].phys_addr = 0x7c000000;

    expect_refusal(fixture, "Error: region 'ram' at 0x7c000000..0x84000000 is partly outside of "
                            "the board's RAM on 'memory_region'\n");
}

static void test_unresettable(void **state)
{
    struct fixture *fixture = *state;
    fixture->pd_maps[1].perms = 1;

    expect_refusal(fixture, "Warning: /pl011@9000000 cannot be reset when the guest restarts: map "
                            "region 'serial' into protection domain 'vmm', too, with perms=\"rw\" "
                            "cached=\"false\" on 'map'\n");
}

static void test_names(void **state)
{
    struct fixture *fixture = *state;
    fixture->vm.name = "../linux";
    fixture->regions[REGION_DTB].prefill_path = "../linux.dtb";

    expect_refusal(fixture, "Error: virtual machine '../linux' gives files their names: use "
                            "letters, digits and ._+- on 'virtual_machine'\n");
}

static void test_missing_prefill(void **state)
{
    struct fixture *fixture = *state;
    fixture->regions[REGION_KERNEL].prefill_file = NULL;

    expect_refusal(fixture, "Error: prefill file 'Image' is not found on the search paths on "
                            "'memory_region'\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_configuration),
        TEST(test_devices),
        TEST(test_placement),
        TEST(test_tree),
        TEST(test_second_guest_keeps_machine),
        TEST(test_bootargs),
        TEST(test_missing_gic),
        TEST(test_ram_not_identical),
        TEST(test_ram_may_lie_anywhere_without_dma),
        TEST(test_unused_page),
        TEST(test_moved_device),
        TEST(test_unused_irq),
        TEST(test_own_irq),
        TEST(test_trigger),
        TEST(test_partly_outside_ram),
        TEST(test_unresettable),
        TEST(test_names),
        TEST(test_missing_prefill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
