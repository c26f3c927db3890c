/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine whose virtio console is where the configuration says: at an address, or on its bridge.
 */
#include "vmm/virtio/transport.h"

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"

#define CONSOLE   0xa000000UL
#define INTID     40
#define ECAM      0x9100000UL
#define BAR0      0xa000000UL
#define BAR1      0xa001000UL
#define FRAME     0xa002000UL
#define DEVICE    2u /* of the console */
#define FUNCTION  (ECAM + (DEVICE << 15))
#define MSI_FIRST 48u

#define STATUS (BAR0 + 0x14) /* device_status */

static uint64_t load(uint64_t ipa, unsigned int log2_size)
{
    assert_true(machine_data_abort(ipa, machine_access(false, log2_size, 1)));
    return machine_context()->x1;
}

static void store(uint64_t ipa, unsigned int log2_size, uint64_t value)
{
    machine_context()->x1 = value;
    assert_true(machine_data_abort(ipa, machine_access(true, log2_size, 1)));
}

static void configure(void)
{
    machine_reset();
    machine_config.console =
        (struct vm_config_console){VM_CONFIG_CONSOLE_VIRTIO, INTID, CONSOLE, 0x1000};
}

static void configure_pci(void)
{
    configure();
    machine_config.msi = (struct vm_config_msi){.ipa = FRAME, .first = MSI_FIRST, .count = 3};
    machine_config.pci = (struct vm_config_pci){
        .ecam_ipa = ECAM,
        .ecam_size = 0x100000,
        .function_count = 1,
        .piece_count = 2,
        .functions = {{.name = "console",
                       .kind = VM_CONFIG_PCI_CONSOLE,
                       .physical = VM_CONFIG_PCI_NOWHERE,
                       .virtual = DEVICE << 3,
                       .pins = 1}},
        .pieces = {{.ipa = BAR0, .size = 0x1000}, {.ipa = BAR1, .size = 0x1000, .bar = 1}},
    };
}

static void at_an_address(void **state)
{
    (void)state;
    configure();
    machine_create();
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(load(CONSOLE, 2), 0x74726976);
    assert_int_equal(load(CONSOLE + 8, 2), 3);
}

static void on_the_bridge(void **state)
{
    (void)state;
    configure_pci();
    machine_create();
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(load(FUNCTION, 2), 0x10431af4);
    assert_int_equal(load(FUNCTION + 2, 1), 0x1043);
    assert_int_equal(load(FUNCTION + 0x10, 2), BAR0);
    assert_int_equal(load(FUNCTION + 0x14, 2), BAR1);
    assert_int_equal(load(FUNCTION + (1 << 12), 2), 0xffffffff); /* it is alone */
    assert_int_equal(load(FUNCTION + (1 << 15), 2), 0xffffffff);
    assert_int_equal(load(STATUS, 0), 0xff); /* no memory enable yet */
    store(FUNCTION + 4, 1, 6);
    assert_int_equal(load(STATUS, 0), 0);
    assert_int_equal(load(BAR1 + 8, 3), 1UL << 32); /* masked */
    assert_int_equal(load(FRAME + 8, 2), MSI_FIRST << 16 | 3);
}

static void without_vectors(void **state)
{
    (void)state;
    configure_pci();
    machine_config.msi.count = 0;
    machine_config.pci.piece_count = 1;
    machine_create();
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(load(FUNCTION + 0x14, 2), 0);
}

static void restarted(void **state)
{
    (void)state;
    configure_pci();
    machine_create();
    store(FUNCTION + 4, 1, 6);
    store(FUNCTION + 0x10, 2, 0xffffffff);
    store(STATUS, 0, 1);
    store(BAR1 + 8, 2, 49);
    vm_restart(&machine);
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_int_equal(load(FUNCTION + 4, 2), 0x00100000);
    assert_int_equal(load(FUNCTION + 0x10, 2), BAR0);
    store(FUNCTION + 4, 1, 6);
    assert_int_equal(load(STATUS, 0), 0);
    assert_int_equal(load(BAR1 + 8, 2), 0);
}

/* Each ends in a machine that does not run and a line. */
static void places_that_cannot_be(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 5; i++) {
        configure_pci();
        switch (i) {
        case 0:
            machine_config.console.intid = 1020;
            break;
        case 1:
            machine_config.pci.pieces[0].ipa = MACHINE_GICD;
            break;
        case 2:
            machine_config.pci.pieces[1].ipa = BAR0;
            break;
        case 3:
            machine_config.pci.functions[0].virtual = 256;
            break;
        default:
            machine_config.pci.pieces[0].ipa = FRAME;
            break;
        }
        machine_create();
        assert_int_not_equal(machine.state, VM_RUNNING);
        assert_true(strlen(fake.console) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_an_address),         cmocka_unit_test(on_the_bridge),
        cmocka_unit_test(without_vectors),       cmocka_unit_test(restarted),
        cmocka_unit_test(places_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
