/* SPDX-License-Identifier: BSD-2-Clause */
/* See console.h. */
#include "vmm/console.h"

#include <stddef.h>

#include "components/serial/clock.h"

#include "vmm/log.h"
#include "vmm/vm.h"

static uint32_t port_write(void *context, const uint8_t *bytes, uint32_t count)
{
    return console_client_write(context, bytes, count);
}

static uint32_t port_room(void *context)
{
    return console_client_room(context);
}

static uint32_t port_read(void *context, uint8_t *bytes, uint32_t count)
{
    return console_client_read(context, bytes, count);
}

static bool port_take_break(void *context)
{
    return console_client_take_break(context);
}

static void log_to_client(void *context, const char *line)
{
    console_client_log(context, line);
}

static uint64_t ram_size(const struct vm_config *config)
{
    uint64_t size = 0;

    for (unsigned int i = 0; i < config->ram_count; i++) {
        size += config->ram[i].size;
    }
    return size;
}

void vm_console_connect(struct vm *vm, void *region, microkit_channel channel)
{
    struct console_client *client = &vm->console.client;

    console_client_init(client, region, channel, CONSOLE_GUEST, vm->config->name);
    console_client_set_memory(client, ram_size(vm->config));
    vm->console.port = (struct console_port){.write = port_write,
                                             .room = port_room,
                                             .read = port_read,
                                             .take_break = port_take_break,
                                             .context = client};
    if (console_client_is_connected(client)) {
        log_redirect(log_to_client, client);
    }
}

static bool create_pl011(struct vm *vm, const struct vm_config_console *config)
{
    struct vm_console *console = &vm->console;
    const struct mmio_device device = {.name = "PL011",
                                       .ipa = config->ipa,
                                       .size = config->size,
                                       .ops = &pl011_ops,
                                       .context = &console->pl011};

    if (!pl011_init(&console->pl011, &console->port, &vm->vgic, config->intid)) {
        return false;
    }
    console->device = pl011_console(&console->pl011);
    return mmio_bus_add(&vm->bus, &device);
}

static bool create_virtio(struct vm *vm, const struct vm_config_console *config)
{
    struct vm_console *console = &vm->console;
    const struct virtio_place place = {.name = "virtio console",
                                       .kind = VM_CONFIG_PCI_CONSOLE,
                                       .intid = config->intid,
                                       .ipa = config->ipa,
                                       .size = config->size};

    virtio_console_init(&console->virtio, &console->port, &vm->virtio);
    console->device = virtio_console_device(&console->virtio);
    return virtio_transport_connect(&console->transport, &console->virtio.virtio, &place, vm);
}

typedef bool (*create_t)(struct vm *vm, const struct vm_config_console *config);

static const create_t kinds[] = {
    [VM_CONFIG_CONSOLE_PL011] = create_pl011,
    [VM_CONFIG_CONSOLE_VIRTIO] = create_virtio,
};

static bool create_console(struct vm *vm)
{
    const struct vm_config_console *config = &vm->config->console;

    if (config->kind == VM_CONFIG_CONSOLE_NONE) {
        return true;
    }
    return config->kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[config->kind](vm, config);
}

static uint64_t watchdog_now(void *context)
{
    (void)context;
    return clock_now();
}

static void watchdog_deadline(void *context, uint64_t when)
{
    console_client_set_watchdog(context, when);
}

static bool create_watchdog(struct vm *vm)
{
    struct vm_console *console = &vm->console;
    const struct mmio_device refresh = {.name = "watchdog",
                                        .ipa = vm->config->watchdog.refresh_ipa,
                                        .size = WATCHDOG_FRAME_SIZE,
                                        .ops = &watchdog_refresh_ops,
                                        .context = &console->watchdog};
    const struct mmio_device control = {.name = "watchdog",
                                        .ipa = vm->config->watchdog.control_ipa,
                                        .size = WATCHDOG_FRAME_SIZE,
                                        .ops = &watchdog_control_ops,
                                        .context = &console->watchdog};

    console->watchdog_machine = (struct watchdog_machine){.now = watchdog_now,
                                                          .frequency = clock_frequency(),
                                                          .deadline = watchdog_deadline,
                                                          .context = &console->client};
    watchdog_init(&console->watchdog, &console->watchdog_machine);
    return vm->config->watchdog.seconds == 0 ||
           (mmio_bus_add(&vm->bus, &refresh) && mmio_bus_add(&vm->bus, &control));
}

bool vm_console_create_devices(struct vm *vm)
{
    return create_console(vm) && create_watchdog(vm);
}

void vm_console_reset(struct vm *vm)
{
    struct vm_console *console = &vm->console;

    if (console->device.reset != NULL) {
        if (vm->config->console.kind == VM_CONFIG_CONSOLE_VIRTIO) {
            virtio_transport_reset(&console->transport);
        }
        console->device.reset(console->device.context);
    }
    console->columns = 0;
    console->rows = 0;
}

void vm_console_tell_state(struct vm *vm)
{
    static const enum console_state states[] = {
        [VM_STOPPED] = CONSOLE_STATE_STOPPED,  [VM_OFF] = CONSOLE_STATE_OFF,
        [VM_FAILED] = CONSOLE_STATE_FAILED,    [VM_DRAINING] = CONSOLE_STATE_STARTING,
        [VM_LOADING] = CONSOLE_STATE_STARTING, [VM_RUNNING] = CONSOLE_STATE_RUNNING,
    };

    console_client_set_state(&vm->console.client, states[vm->state]);
    if (vm->console.watchdog.machine == NULL) {
        return; /* not created yet, or not at all */
    }
    watchdog_reset(&vm->console.watchdog);
    if (vm->state == VM_RUNNING && vm->config->watchdog.seconds != 0) {
        watchdog_start(&vm->console.watchdog, vm->config->watchdog.seconds);
    }
}

void vm_console_tell_faults(struct vm *vm)
{
    console_client_set_faults(&vm->console.client, pci_count_faults(&vm->pci));
}

static void expired(struct vm *vm)
{
    log_line(vm->config->name, "the guest's watchdog has expired");
    vm_reset(vm);
}

static void nothing(struct vm *vm)
{
    (void)vm;
}

static void obey(struct vm *vm, enum console_command command)
{
    static void (*const commands[])(struct vm * vm) = {
        [CONSOLE_NOTHING] = nothing,    [CONSOLE_PING] = vm_console_tell_faults,
        [CONSOLE_RESTART] = vm_restart, [CONSOLE_STOP] = vm_stop,
        [CONSOLE_START] = vm_start,     [CONSOLE_EXPIRED] = expired,
    };

    if ((size_t)command < sizeof(commands) / sizeof(commands[0])) {
        commands[command](vm);
    }
}

static void tell_size(struct vm_console *console)
{
    uint16_t columns;
    uint16_t rows;

    if (console->device.resize == NULL || !console_client_size(&console->client, &columns, &rows) ||
        (columns == console->columns && rows == console->rows)) {
        return;
    }
    console->columns = columns;
    console->rows = rows;
    console->device.resize(console->device.context, columns, rows);
}

bool vm_console_notified(struct vm *vm, microkit_channel ch)
{
    struct vm_console *console = &vm->console;

    if (!console_client_is_connected(&console->client) || ch != console->client.channel) {
        return false;
    }
    obey(vm, console_client_command(&console->client));
    if (vm->state == VM_RUNNING && console->device.input != NULL) {
        tell_size(console);
        console->device.input(console->device.context);
        console->device.room(console->device.context);
    }
    return true;
}
