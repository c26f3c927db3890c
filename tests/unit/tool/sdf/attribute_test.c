/* SPDX-License-Identifier: BSD-2-Clause */
/* Attribute values: what is a number, an id, a boolean, and what is not. */
#include "tool/sdf/attribute.h"

#include <stdio.h>

#include "tests/unit/tool/sdf/load.h"

struct fixture {
    struct sdf_messages messages;
    struct xml_attribute attribute;
    struct xml_element element;
};

static struct fixture *with(struct fixture *fixture, const char *value)
{
    *fixture = (struct fixture){
        .messages = {.path = "test"},
        .attribute = {.name = "n", .value = value},
        .element = {.pos = {.row = 1, .col = 1, .tag = "e"}},
    };
    fixture->element.attributes = &fixture->attribute;
    return fixture;
}

#define ABSENT 77u

static uint64_t number(const char *value, size_t errors)
{
    struct fixture fixture;

    with(&fixture, value);
    uint64_t result = attribute_number(&fixture.messages, &fixture.element, "n", ABSENT);
    assert_int_equal(fixture.messages.error_count, errors);
    return result;
}

static void test_numbers(void **state)
{
    (void)state;
    assert_int_equal(number("0", 0), 0);
    assert_int_equal(number("4096", 0), 4096);
    assert_int_equal(number("0x1000", 0), 0x1000);
    assert_int_equal(number("0xABCdef", 0), 0xabcdef);
    assert_int_equal(number("0x20_000_000", 0), 0x20000000);
    assert_int_equal(number("1_000", 0), 1000);
    assert_int_equal(number("010", 0), 10);
    assert_int_equal(number("0xfffffffffffffff0", 0), 0xfffffffffffffff0);
    assert_int_equal(number("18446744073709551600", 0), 18446744073709551600u);
}

static void test_not_numbers(void **state)
{
    static const char *const values[] = {
        "",
        " 1",
        "1 ",
        "-1",
        "+1",
        "0x",
        "_",
        "0x_",
        "1k",
        "0xg",
        "abc",
        "1.0",
        "x1",
        "0b1",
        "0x-1",
        "1,0",
        "\xc3",
        "0x10000000000000000",
        "99999999999999999999999",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_int_equal(number(values[i], 1), ABSENT);
    }
}

static void test_absent_number(void **state)
{
    struct fixture fixture;

    (void)state;
    with(&fixture, "1");
    assert_int_equal(attribute_number(&fixture.messages, &fixture.element, "m", ABSENT), ABSENT);
    assert_int_equal(fixture.messages.error_count, 0);
    attribute_required_number(&fixture.messages, &fixture.element, "m");
    assert_int_equal(fixture.messages.error_count, 1);
}

static uint32_t id(const char *value, size_t errors)
{
    struct fixture fixture;

    with(&fixture, value);
    uint32_t result = attribute_id(&fixture.messages, &fixture.element, "n", 1, 61);
    assert_int_equal(fixture.messages.error_count, errors);
    return result;
}

static void test_ids(void **state)
{
    (void)state;
    assert_int_equal(id("1", 0), 1);
    assert_int_equal(id("61", 0), 61);
    assert_int_equal(id("007", 0), 7);
    assert_int_equal(id("0", 1), 1);
    assert_int_equal(id("62", 1), 1);
    assert_int_equal(id("0x1", 1), 1);
    assert_int_equal(id("1_0", 1), 1);
    assert_int_equal(id("4294967297", 1), 1);
    assert_int_equal(id("", 1), 1);
}

static void test_booleans(void **state)
{
    struct fixture fixture;

    (void)state;
    assert_true(attribute_bool(&fixture.messages, &with(&fixture, "true")->element, "n", false));
    assert_false(attribute_bool(&fixture.messages, &with(&fixture, "false")->element, "n", true));
    assert_true(attribute_bool(&fixture.messages, &with(&fixture, "false")->element, "m", true));
    assert_int_equal(fixture.messages.error_count, 0);
    assert_true(attribute_bool(&fixture.messages, &with(&fixture, "True")->element, "n", true));
    assert_int_equal(fixture.messages.error_count, 1);
}

static void test_unused_attribute(void **state)
{
    struct fixture fixture;

    (void)state;
    with(&fixture, "1");
    attribute_finish(&fixture.messages, &fixture.element);
    assert_int_equal(fixture.messages.error_count, 1);
    with(&fixture, "1");
    assert_non_null(attribute_text(&fixture.element, "n"));
    attribute_finish(&fixture.messages, &fixture.element);
    assert_int_equal(fixture.messages.error_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_not_numbers),
        cmocka_unit_test(test_absent_number), cmocka_unit_test(test_ids),
        cmocka_unit_test(test_booleans),      cmocka_unit_test(test_unused_attribute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
