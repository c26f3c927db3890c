/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine at the console multiplexer, whose side of the region the test plays. */
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/machine.h"

#include "tests/unit/components/serial/fake/clock.h"
#include "vmm/log.h"

#define CHANNEL  9
#define UART     0x9000000UL
#define UART_CR  0x30
#define INTID    40
#define RAM_SIZE MACHINE_RAM_SIZE

static struct console_region region;
static struct ring out;
static struct ring in;
static struct ring log_ring;
static uint32_t command_count;

static void plug_in(uint32_t flags)
{
    machine_reset();
    memset(&region, 0, sizeof(region));
    ring_consumer_init(&out, &region.out, region.out_data, CONSOLE_OUT_SIZE);
    ring_producer_init(&in, &region.in, region.in_data, CONSOLE_IN_SIZE);
    ring_consumer_init(&log_ring, &region.log, region.log_data, CONSOLE_LOG_SIZE);
    command_count = 0;
    fake_clock.now = 100;
    machine_config.flags |= flags;
    machine_config.console =
        (struct vm_config_console){VM_CONFIG_CONSOLE_PL011, INTID, UART, PL011_FRAME_SIZE};
    machine_setup.console = &region;
    machine_setup.console_channel = CHANNEL;
    machine_create();
}

static int setup(void **state)
{
    (void)state;
    plug_in(0);
    return 0;
}

/* Other tests of the program have no multiplexer. */
static int teardown(void **state)
{
    (void)state;
    log_redirect(NULL, NULL);
    return 0;
}

static void command(enum console_command what)
{
    region.control.command = CONSOLE_COMMAND(++command_count, what);
    assert_true(vm_notified(&machine, CHANNEL));
    assert_int_equal(region.status.answered, region.control.command);
}

static void logged(const char *line)
{
    char text[CONSOLE_LOG_SIZE + 1] = {0};
    bool wake;

    (void)ring_read(&log_ring, text, CONSOLE_LOG_SIZE, &wake);
    if (strstr(text, line) == NULL) {
        fail_msg("'%s' is not in:\n%s", line, text);
    }
}

static void guest_stores(uint64_t ipa, uint32_t value)
{
    machine_context()->x1 = value;
    assert_true(machine_data_abort(ipa, machine_access(true, 2, 1)));
}

static void says_who_it_is(void **state)
{
    (void)state;
    assert_int_equal(region.status.magic, CONSOLE_MAGIC);
    assert_string_equal(region.status.name, "linux");
    assert_int_equal(region.status.kind, CONSOLE_GUEST);
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
    assert_int_equal(region.status.memory, RAM_SIZE);
    assert_int_equal(region.status.since, 100);
    assert_int_equal(region.status.starts, 1);
    assert_string_equal(fake.console, "");
    logged("started: kernel 0x40010000");
}

static void guest_prints_and_reads(void **state)
{
    char text[4] = {0};
    bool wake;

    (void)state;
    guest_stores(UART, 'h');
    guest_stores(UART, 'i');
    assert_int_equal(ring_read(&out, text, sizeof(text), &wake), 2);
    assert_string_equal(text, "hi");
    (void)ring_write(&in, "y", 1, &wake);
    assert_true(vm_notified(&machine, CHANNEL));
    assert_true(machine_data_abort(UART, machine_access(false, 2, 1)));
    assert_int_equal(machine_context()->x1, 'y');
}

static void stop_and_start(void **state)
{
    (void)state;
    fake_clock.now = 200;
    command(CONSOLE_STOP);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(region.status.state, CONSOLE_STATE_STOPPED);
    assert_int_equal(region.status.since, 200);
    logged("stopped\n");
    command(CONSOLE_START);
    assert_int_equal(region.status.state, CONSOLE_STATE_STARTING);
    machine_drain(0);
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
    assert_int_equal(region.status.starts, 2);
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    command(CONSOLE_START); /* it runs already */
    assert_int_equal(region.status.starts, 2);
}

static void restart_resets_the_device(void **state)
{
    (void)state;
    guest_stores(UART + UART_CR, 0);
    command(CONSOLE_RESTART);
    machine_drain(0);
    assert_int_equal(machine.state, VM_RUNNING);
    assert_true(machine_data_abort(UART + UART_CR, machine_access(false, 2, 1)));
    assert_int_equal(machine_context()->x1 & 1, 1); /* enabled again */
    command(CONSOLE_STOP);
    command(CONSOLE_RESTART); /* of one that does not run: the same as a start */
    machine_drain(0);
    assert_int_equal(region.status.starts, 3);
}

static void stop_while_it_starts(void **state)
{
    (void)state;
    command(CONSOLE_RESTART);
    command(CONSOLE_STOP);
    assert_int_equal(machine.state, VM_DRAINING); /* the vCPU is on its way through */
    machine_drain(0);
    assert_int_equal(region.status.state, CONSOLE_STATE_STOPPED);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    command(CONSOLE_START); /* nothing is left to drain */
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
    command(CONSOLE_RESTART);
    command(CONSOLE_STOP);
    command(CONSOLE_START); /* thought better of it */
    machine_drain(0);
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
}

static void off_by_itself_and_on_by_command(void **state)
{
    (void)state;
    assert_false(machine_smc(0x84000008, 0, 0, 0));
    assert_int_equal(region.status.state, CONSOLE_STATE_OFF);
    command(CONSOLE_STOP); /* it is off */
    assert_int_equal(region.status.state, CONSOLE_STATE_OFF);
    command(CONSOLE_START);
    machine_drain(0);
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
}

static void waits_for_its_command(void **state)
{
    (void)state;
    plug_in(VM_CONFIG_NO_AUTOSTART);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(region.status.state, CONSOLE_STATE_STOPPED);
    command(CONSOLE_START);
    assert_true(fake.vcpus[MACHINE_VCPU].is_running);
    assert_int_equal(region.status.starts, 1);
}

static void watchdog_restarts(void **state)
{
    (void)state;
    command(CONSOLE_EXPIRED);
    logged("the guest's watchdog has expired\n");
    machine_drain(0);
    assert_int_equal(region.status.starts, 2);
    plug_in(VM_CONFIG_NO_RESTART);
    command(CONSOLE_EXPIRED);
    assert_int_equal(region.status.state, CONSOLE_STATE_STOPPED);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
}

/* Armed while the guest runs, and refreshed by it. */
static void watchdog_runs_while_the_guest_does(void **state)
{
    const uint64_t second = 1000000; /* ticks of the fake clock */

    (void)state;
    machine_reset();
    memset(&region, 0, sizeof(region));
    fake_clock.now = 100;
    machine_config.watchdog = (struct vm_config_watchdog){
        .refresh_ipa = UART + 0x1000, .control_ipa = UART + 0x2000, .seconds = 10};
    machine_setup.console = &region;
    machine_setup.console_channel = CHANNEL;
    machine_create();
    assert_in_range(region.status.watchdog, 100 + 100 * second, 102 + 100 * second);
    fake_clock.now = 5 * second;
    guest_stores(UART + 0x1000, 1);
    assert_in_range(region.status.watchdog, 15 * second, 15 * second + 2);
    command_count = 0;
    command(CONSOLE_STOP);
    assert_int_equal(region.status.watchdog, 0);
    command(CONSOLE_START);
    machine_drain(0);
    assert_in_range(region.status.watchdog, 105 * second, 105 * second + 2);
}

static void unknown_commands(void **state)
{
    (void)state;
    command(CONSOLE_PING);
    command((enum console_command)200);
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
    assert_int_equal(region.status.starts, 1);
}

static void guest_that_cannot_go_on(void **state)
{
    const seL4_Word word = 0;

    (void)state;
    assert_false(machine_fault(99, &word, 1));
    assert_int_equal(region.status.state, CONSOLE_STATE_FAILED);
    command(CONSOLE_START);
    machine_drain(0);
    assert_int_equal(region.status.state, CONSOLE_STATE_RUNNING);
}

static void virtio_console_is_there(void **state)
{
    (void)state;
    plug_in(0);
    machine_reset();
    machine_config.console =
        (struct vm_config_console){VM_CONFIG_CONSOLE_VIRTIO, INTID, UART, 0x1000};
    machine_setup.console = &region;
    machine_setup.console_channel = CHANNEL;
    machine_create();
    assert_int_equal(machine.state, VM_RUNNING);
    assert_true(machine_data_abort(UART, machine_access(false, 2, 1)));
    assert_int_equal(machine_context()->x1, 0x74726976); /* "virt" */
    region.control.columns = 80;
    region.control.rows = 25;
    assert_true(vm_notified(&machine, CHANNEL));
    assert_true(machine_data_abort(UART + 0x100, machine_access(false, 1, 1)));
    assert_int_equal(machine_context()->x1, 80);
}

static void device_that_cannot_be(void **state)
{
    (void)state;
    machine_reset();
    machine_config.console =
        (struct vm_config_console){VM_CONFIG_CONSOLE_PL011, INTID, MACHINE_GICD, 0x1000};
    machine_create();
    assert_int_equal(machine.state, VM_FAILED);
    assert_false(fake.vcpus[MACHINE_VCPU].is_running);
    machine_reset();
    machine_config.console = (struct vm_config_console){77, INTID, UART, 0x1000};
    machine_create();
    assert_int_equal(machine.state, VM_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_who_it_is),
        TEST(guest_prints_and_reads),
        TEST(stop_and_start),
        TEST(restart_resets_the_device),
        TEST(stop_while_it_starts),
        TEST(off_by_itself_and_on_by_command),
        TEST(waits_for_its_command),
        TEST(watchdog_restarts),
        TEST(watchdog_runs_while_the_guest_does),
        TEST(unknown_commands),
        TEST(guest_that_cannot_go_on),
        TEST(virtio_console_is_there),
        TEST(device_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
