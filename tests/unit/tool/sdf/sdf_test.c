/* SPDX-License-Identifier: BSD-2-Clause */
/* The model that comes out of a description: defaults, order, references, positions. */
#include <stdio.h>

#include "tests/unit/tool/sdf/load.h"

#define PROGRAM "<program_image path=\"p\"/>"
#define PD(name, attributes, body) \
    "<protection_domain name=\"" name "\" " attributes ">" PROGRAM body "</protection_domain>"
#define SYSTEM(body) "<system>" body "</system>"

static void test_defaults(void **state)
{
    (void)state;
    struct sdf *sdf = load_text(SYSTEM(PD("a", "", "")));

    assert_non_null(sdf);
    assert_int_equal(sdf->pd_count, 1);
    const struct sdf_pd *pd = &sdf->pds[0];
    assert_string_equal(pd->name, "a");
    assert_int_equal(pd->parent, SDF_NONE);
    assert_int_equal(pd->priority, 0);
    assert_int_equal(pd->budget, 1000);
    assert_int_equal(pd->period, 1000);
    assert_false(pd->passive);
    assert_false(pd->smc);
    assert_true(pd->fpu);
    assert_int_equal(pd->stack_size, 0x2000);
    assert_int_equal(pd->cpu, 0);
    assert_null(pd->vm);
    assert_string_equal(pd->image_path, "p");
    assert_null(pd->image_path_for_symbols);
    sdf_free(sdf);
}

static void test_map_and_irq_defaults(void **state)
{
    (void)state;
    struct sdf *sdf = load_text(SYSTEM("<memory_region name=\"r\" size=\"0x1000\"/>" PD(
        "a", "", "<map mr=\"r\" vaddr=\"0x1000000\"/><irq irq=\"33\" id=\"2\"/>")));

    assert_non_null(sdf);
    const struct sdf_map *map = &sdf->pds[0].maps[0];
    assert_int_equal(map->perms, SDF_READ | SDF_WRITE);
    assert_true(map->cached);
    assert_null(map->setvar_vaddr);
    assert_int_equal(sdf->regions[map->region].map_count, 1);
    assert_false(sdf->pds[0].irqs[0].edge);
    sdf_free(sdf);
}

static void test_period_follows_budget(void **state)
{
    (void)state;
    struct sdf *sdf = load_text(SYSTEM(PD("a", "budget=\"5000\"", "")));

    assert_non_null(sdf);
    assert_int_equal(sdf->pds[0].period, 5000);
    sdf_free(sdf);
}

static void test_parents_come_first(void **state)
{
    (void)state;
    struct sdf *sdf = load_text(
        SYSTEM(PD("a", "", PD("b", "id=\"3\"", PD("c", "id=\"3\"", "")) PD("d", "id=\"4\"", ""))
                   PD("e", "", "")));
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    static const size_t parents[] = {SDF_NONE, 0, 1, 0, SDF_NONE};

    assert_non_null(sdf);
    assert_int_equal(sdf->pd_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(sdf->pds[i].name, names[i]);
        assert_int_equal(sdf->pds[i].parent, parents[i]);
    }
    sdf_free(sdf);
}

static void test_vcpu_runs_on_its_pds_core(void **state)
{
    (void)state;
    struct sdf *sdf = load_text(
        SYSTEM(PD("a", "cpu=\"1\"",
                  "<virtual_machine name=\"vm\"><vcpu id=\"0\"/><vcpu id=\"1\" cpu=\"0\"/>"
                  "</virtual_machine>")));

    assert_non_null(sdf);
    assert_int_equal(sdf->pds[0].vm->vcpus[0].cpu, 1);
    assert_int_equal(sdf->pds[0].vm->vcpus[1].cpu, 0);
    sdf_free(sdf);
}

/* A channel may name PDs that stand behind it. */
static void test_references_forward(void **state)
{
    (void)state;
    struct sdf *sdf =
        load_text(SYSTEM("<channel><end pd=\"b\" id=\"1\"/><end pd=\"a\" id=\"2\"/>"
                         "</channel>" PD("a", "", "<map mr=\"r\" vaddr=\"0x1000\"/>")
                             PD("b", "", "") "<memory_region name=\"r\" size=\"0x1000\"/>"));

    assert_non_null(sdf);
    assert_int_equal(sdf->channels[0].ends[0].pd, 1);
    assert_int_equal(sdf->channels[0].ends[1].pd, 0);
    assert_true(sdf->channels[0].ends[0].notify);
    assert_false(sdf->channels[0].ends[0].pp);
    sdf_free(sdf);
}

static uint64_t page_size_of(const char *region, const char *map)
{
    char text[512];

    (void)snprintf(text, sizeof(text), SYSTEM("<memory_region name=\"r\" %s/>" PD("a", "", "%s")),
                   region, map);
    struct sdf *sdf = load_text(text);
    assert_non_null(sdf);
    uint64_t page_size = sdf->regions[0].page_size;
    sdf_free(sdf);
    return page_size;
}

static void test_page_size_is_the_largest_that_fits(void **state)
{
    (void)state;
    assert_int_equal(page_size_of("size=\"0x1000\"", ""), 0x1000);
    assert_int_equal(page_size_of("size=\"0x400000\"", ""), 0x200000);
    assert_int_equal(page_size_of("size=\"0x201000\"", ""), 0x1000);
    assert_int_equal(page_size_of("size=\"0x200000\"", "<map mr=\"r\" vaddr=\"0x40200000\"/>"),
                     0x200000);
    assert_int_equal(page_size_of("size=\"0x200000\"", "<map mr=\"r\" vaddr=\"0x40201000\"/>"),
                     0x1000);
    assert_int_equal(page_size_of("size=\"0x200000\" phys_addr=\"0x40001000\"", ""), 0x1000);
    assert_int_equal(page_size_of("size=\"0x200000\" page_size=\"0x1000\"", ""), 0x1000);
}

/* vmconf runs before the device trees that it makes exist. */
static void test_missing_prefill_is_left_open(void **state)
{
    (void)state;
    struct sdf *sdf = load_text(SYSTEM("<memory_region name=\"r\" prefill_path=\"to/come\"/>" PD(
        "a", "", "<map mr=\"r\" vaddr=\"0x1000\" perms=\"r\" setvar_prefill_size=\"s\"/>")));

    assert_non_null(sdf);
    assert_null(sdf->regions[0].prefill_file);
    assert_string_equal(sdf->regions[0].prefill_path, "to/come");
    assert_int_equal(sdf->regions[0].prefill_size, 0);
    assert_int_not_equal(sdf->regions[0].size, 0);
    sdf_free(sdf);
}

static void test_positions(void **state)
{
    (void)state;
    struct sdf *sdf =
        load_text("<!-- one -->\n<system>\n  <memory_region name=\"r\"\n size=\"0x1000\"/>"
                  "<memory_region name=\"s\" size=\"0x1000\"/>\n" PD("a", "", "") "</system>");

    assert_non_null(sdf);
    assert_int_equal(sdf->regions[0].pos.row, 3);
    assert_int_equal(sdf->regions[0].pos.col, 3);
    assert_string_equal(sdf->regions[0].pos.tag, "memory_region");
    assert_int_equal(sdf->regions[1].pos.row, 4);
    assert_int_equal(sdf->regions[1].pos.col, 17);
    sdf_free(sdf);
}

/* Each of these breaks one thing; nothing that depends on it is complained about as well. */
static void test_one_mistake_is_one_error(void **state)
{
    static const char *const texts[] = {
        SYSTEM("<memory_region name=\"r\" size=\"x\"/>" PD("a", "",
                                                           "<map mr=\"r\" vaddr=\"0x1000\"/>")),
        SYSTEM("<memory_region name=\"r\" size=\"0x1000\" phys_addr=\"x\"/>"
               "<memory_region name=\"s\" size=\"0x1000\" phys_addr=\"0\"/>" PD("a", "", "")),
        SYSTEM(PD("a", "", "<irq irq=\"33\" id=\"x\"/><irq irq=\"34\" id=\"0\"/>")),
        SYSTEM(PD("a", "", PD("b", "id=\"99\"", "") PD("c", "id=\"0\"", ""))),
        SYSTEM(PD("a", "priority=\"5\"", "") PD(
            "b", "priority=\"x\"",
            "") "<channel><end pd=\"a\" id=\"0\" pp=\"true\"/><end pd=\"b\" id=\"0\"/></channel>"),
        SYSTEM("<memory_region name=\"r\" size=\"0x1000\"/>"
               "<memory_region name=\"s\" size=\"0x1000\"/>" PD(
                   "a", "", "<map mr=\"r\" vaddr=\"x\"/><map mr=\"s\" vaddr=\"0\"/>")),
        SYSTEM(PD("a", "", "<virtual_machine name=\"vm\"><vcpu id=\"x\"/></virtual_machine>")),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_null(load_text(texts[i]));
        assert_int_equal(load_messages.error_count, 1);
    }
}

static void test_free_of_nothing(void **state)
{
    (void)state;
    sdf_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_map_and_irq_defaults),
        cmocka_unit_test(test_period_follows_budget),
        cmocka_unit_test(test_parents_come_first),
        cmocka_unit_test(test_vcpu_runs_on_its_pds_core),
        cmocka_unit_test(test_references_forward),
        cmocka_unit_test(test_page_size_is_the_largest_that_fits),
        cmocka_unit_test(test_missing_prefill_is_left_open),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_one_mistake_is_one_error),
        cmocka_unit_test(test_free_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
