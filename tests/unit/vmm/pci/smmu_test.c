/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions behind an SMMU: when its owner is asked for what, and what is made of the answer. */
#include <stdio.h>

#include "components/smmu/smmu.h"

#include "tests/unit/components/serial/fake/clock.h"
#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/pci/rig.h"

#define DISK    1 /* as the guest has them */
#define NVME    2
#define CHANNEL RIG_OWNER
#define STREAM  0x108 /* and the next */
#define LOG     16

static struct owner {
    struct {
        enum smmu_call what;
        uint64_t stream;
    } log[LOG];
    unsigned int count;
    bool is_attached[2];
    uint64_t attach_status;
    uint64_t detach_status;
    uint64_t faults[2];
    uint64_t address;
    uint64_t kind;
    uint32_t features; /* of the disk, the upper half */
} owner;

static bool is_master(unsigned int function)
{
    return (rig_config_space(function, PCI_COMMAND) & PCI_COMMAND_BUS_MASTER) != 0;
}

static microkit_msginfo answer(microkit_channel ch, microkit_msginfo info)
{
    uint64_t stream = microkit_mr_get(0);
    enum smmu_call what = (enum smmu_call)microkit_msginfo_get_label(info);
    uint64_t status = SMMU_OK;

    assert_int_equal(ch, CHANNEL);
    assert_int_equal(microkit_msginfo_get_count(info), 1);
    assert_in_range(stream, STREAM, STREAM + 1);
    memset(fake.mr, 0xa5, sizeof(fake.mr));
    assert_true(owner.count < LOG);
    owner.log[owner.count].what = what;
    owner.log[owner.count++].stream = stream;
    switch (what) {
    case SMMU_ATTACH:
        assert_false(is_master((unsigned int)(stream - STREAM)));
        status = owner.attach_status;
        owner.is_attached[stream - STREAM] = status == SMMU_OK;
        break;
    case SMMU_DETACH:
        assert_false(is_master((unsigned int)(stream - STREAM)));
        status = owner.detach_status;
        owner.is_attached[stream - STREAM] = false;
        break;
    case SMMU_FAULTS:
        fake.mr[SMMU_FAULTS_COUNT] = owner.faults[stream - STREAM];
        fake.mr[SMMU_FAULTS_ADDRESS] = owner.address;
        fake.mr[SMMU_FAULTS_KIND] = owner.kind;
        break;
    default:
        fail();
    }
    return microkit_msginfo_new(status, 0);
}

/* virtio's feature bits, 32 at a time. */
static void written(struct fake_pci_function *function, unsigned int bar, uint64_t offset)
{
    uint32_t select;

    if (bar == 4 && offset == VIRTIO_DEVICE_FEATURE_SELECT) {
        memcpy(&select, function->bars[4], sizeof(select));
        select = select == 1 ? owner.features : ~2U;
        memcpy(&function->bars[4][VIRTIO_DEVICE_FEATURE], &select, sizeof(select));
    }
}

static void reset(void)
{
    rig_reset();
    owner = (struct owner){
        .attach_status = SMMU_OK, .detach_status = SMMU_OK, .features = 1U << 1 | 1U};
    fake.answer = answer;
    fake_pci[RIG_DISK].on_bar_write = written;
    for (unsigned int i = 0; i < 2; i++) {
        rig_config.pci.functions[i].flags = VM_CONFIG_PCI_SMMU;
        rig_config.pci.functions[i].stream = STREAM + i;
        rig_config.pci.functions[i].smmu_channel = CHANNEL;
    }
}

static void start(void)
{
    reset();
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(owner.count, 2);
    assert_true(owner.is_attached[0] && owner.is_attached[1]);
    owner.count = 0;
}

static void use_both(void)
{
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    rig_write(NVME, PCI_COMMAND, 2, 0x0006);
    assert_true(is_master(RIG_DISK) && is_master(RIG_NVME));
}

static void attached_before_it_masters(void **state)
{
    (void)state;
    start();
    assert_false(is_master(RIG_DISK) || is_master(RIG_NVME));
    use_both();
    assert_int_equal(owner.count, 0);         /* what the guest does then costs no call */
    rig_pci.functions[0].is_attached = false; /* whatever the reason */
    rig_write(DISK, PCI_COMMAND, 2, 0x0006);
    assert_false(is_master(RIG_DISK));
    assert_string_equal(fake.console, "");
}

static void detached_when_it_stops(void **state)
{
    (void)state;
    start();
    use_both();
    fake_clock_run();
    pci_halt(&rig_pci);
    assert_int_equal(owner.count, 2);
    assert_int_equal(owner.log[0].what, SMMU_DETACH);
    assert_false(owner.is_attached[0] || owner.is_attached[1]);
    assert_false(is_master(RIG_DISK) || is_master(RIG_NVME));
    pci_halt(&rig_pci);
    assert_int_equal(owner.count, 2); /* once */
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(owner.count, 4);
    assert_true(owner.is_attached[0] && owner.is_attached[1]);
    use_both();
}

/* By FLR, and by the power state. */
static void reset_by_the_guest(void **state)
{
    (void)state;
    start();
    use_both();
    rig_write(NVME, RIG_NVME_PCIE + 8, 2, 0xa810);
    assert_int_equal(owner.count, 1);
    assert_int_equal(owner.log[0].stream, STREAM + 1);
    assert_false(owner.is_attached[1]);
    assert_false(is_master(RIG_NVME));
    fake_clock_wait(200);
    (void)rig_read(NVME, PCI_ID, 4);
    assert_true(owner.is_attached[1]);
    rig_write(NVME, PCI_COMMAND, 2, 0x0006);
    assert_true(is_master(RIG_NVME));
    assert_true(is_master(RIG_DISK));
}

static void expect_line(const char *line)
{
    assert_string_equal(fake.console, line);
}

static void refused(void **state)
{
    static const struct {
        uint64_t status;
        const char *line;
    } cases[] = {
        {SMMU_NOT_YOURS, "the stream is not this guest's"},
        {SMMU_BAD_CALL, "the call is of another version"},
        {SMMU_FAILED, "the hardware does not do it"},
        {0, "it has no channel for calls to it"},
        {0xffffffff, "nobody knows why"},
        {SMMU_FAILED + 1, "nobody knows why"},
    };
    char line[256];

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reset();
        owner.attach_status = cases[i].status;
        rig_create();
        assert_false(pci_prepare(&rig_pci));
        (void)snprintf(line, sizeof(line),
                       "[linux] disk (01:01.0): expected the SMMU's owner to attach stream 0x108, "
                       "found: %s\n"
                       "[linux] nvme (00:02.0): expected the SMMU's owner to attach stream 0x109, "
                       "found: %s\n",
                       cases[i].line, cases[i].line);
        expect_line(line);
        rig_write(NVME, PCI_COMMAND, 2, 0x0006);
        assert_false(is_master(RIG_DISK) || is_master(RIG_NVME));
    }
}

/* RAM is not used again before it is sure that the function does not reach it. */
static void not_detached(void **state)
{
    (void)state;
    start();
    use_both();
    fake_clock_run();
    owner.detach_status = SMMU_FAILED;
    pci_halt(&rig_pci);
    assert_false(is_master(RIG_DISK) || is_master(RIG_NVME));
    fake.console[0] = '\0';
    assert_false(pci_prepare(&rig_pci));
    expect_line("[linux] disk (01:01.0): expected the SMMU's owner to detach stream 0x108, found: "
                "the hardware does not do it\n"
                "[linux] nvme (00:02.0): expected the SMMU's owner to detach stream 0x109, found: "
                "the hardware does not do it\n");
    for (unsigned int i = 0; i < owner.count; i++) {
        assert_int_equal(owner.log[i].what, SMMU_DETACH);
    }
    owner.detach_status = SMMU_OK;
    assert_true(pci_prepare(&rig_pci));
    use_both();
}

static void past_the_smmu(void **state)
{
    (void)state;
    reset();
    owner.features = 1;
    rig_create();
    assert_false(pci_prepare(&rig_pci));
    expect_line("[linux] disk (01:01.0): expected a device whose DMA is confined (feature 33, "
                "ACCESS_PLATFORM), found one that goes past the SMMU\n");
    assert_int_equal(owner.count, 1);
    assert_false(owner.is_attached[0]);
    reset();
    rig_config.pci.pieces[1].vaddr = 0;
    rig_create();
    assert_false(pci_prepare(&rig_pci));
    expect_line("[linux] disk (01:01.0): expected virtio's registers mapped for the VMM, to see "
                "whether its DMA is confined, found none\n");
    reset();
    fake_pci[RIG_DISK].config[PCI_CAPABILITIES / 4] = 0; /* one of before version 1 */
    rig_create();
    assert_false(pci_prepare(&rig_pci));
    assert_false(owner.is_attached[0]);
}

static void not_behind_one(void **state)
{
    (void)state;
    reset();
    owner.features = 0;
    rig_config.pci.functions[0].flags = 0;
    rig_create();
    assert_true(pci_prepare(&rig_pci));
    assert_int_equal(owner.count, 1);
    use_both();
    assert_false(pci_has_channel(&rig_pci, CHANNEL + 1));
    assert_true(pci_has_channel(&rig_pci, CHANNEL));
}

static void faults(void **state)
{
    (void)state;
    start();
    assert_int_equal(pci_count_faults(&rig_pci), 0);
    expect_line("");
    owner.faults[0] = 1;
    owner.address = 0x12345000;
    owner.kind = SMMU_FAULT_WRITE;
    assert_int_equal(pci_count_faults(&rig_pci), 1);
    expect_line("[linux] disk (01:01.0): DMA refused: writing 0x12345000 is not this guest's RAM "
                "(1 so far)\n");
    owner.faults[0] = 7; /* too early for another line */
    assert_int_equal(pci_count_faults(&rig_pci), 7);
    fake.console[0] = '\0';
    fake_clock_wait(1000);
    assert_int_equal(pci_count_faults(&rig_pci), 7); /* nothing new */
    expect_line("");
    owner.faults[0] = 8;
    owner.kind = SMMU_FAULT_READ | SMMU_FAULT_SUPPRESSED;
    assert_int_equal(pci_count_faults(&rig_pci), 8);
    expect_line("[linux] disk (01:01.0): DMA refused: reading 0x12345000 is not this guest's RAM "
                "(8 so far, and no more are counted)\n");
    fake.console[0] = '\0';
    owner.faults[1] = 1;
    owner.kind = 0;
    assert_int_equal(pci_count_faults(&rig_pci), 9);
    expect_line("[linux] nvme (00:02.0): DMA refused: the SMMU finds its tables wrong "
                "(1 so far)\n");
}

static void an_owner_that_does_not_answer(void **state)
{
    (void)state;
    start();
    fake.answer = NULL;
    assert_int_equal(pci_count_faults(&rig_pci), 0);
    expect_line("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attached_before_it_masters),
        cmocka_unit_test(detached_when_it_stops),
        cmocka_unit_test(reset_by_the_guest),
        cmocka_unit_test(refused),
        cmocka_unit_test(not_detached),
        cmocka_unit_test(past_the_smmu),
        cmocka_unit_test(not_behind_one),
        cmocka_unit_test(faults),
        cmocka_unit_test(an_owner_that_does_not_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
