/* SPDX-License-Identifier: BSD-2-Clause */
/* What a core has acknowledged and cannot deal with yet comes again: interrupt_defer(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/dev/gic.h"
#include "kernel/irq/route.h"
#include "kernel/trap/trap.h"

#define LEVEL 40
#define EDGE  41

static char done[128];

static void note(const char *what, uint32_t intid)
{
    size_t used = strlen(done);

    (void)snprintf(done + used, sizeof(done) - used, "%s %u, ", what, intid);
}

static void set_pending(uint32_t intid)
{
    note("pending", intid);
}

static void drop(uint32_t intid)
{
    note("drop", intid);
}

static void deactivate(uint32_t intid)
{
    note("deactivate", intid);
}

static const struct gic_ops recorder = {
    .set_pending = set_pending, .drop = drop, .deactivate = deactivate};

static int begin(void **state)
{
    static const struct image_irq irqs[] = {{.intid = LEVEL, .pd = 0},
                                            {.intid = EDGE, .pd = 0, .edge = 1}};

    (void)state;
    gic = &recorder;
    route_init(irqs, 2);
    done[0] = '\0';
    cpus[0].acknowledged = GIC_SPURIOUS;
    return 0;
}

static void what_stays_active_is_put_back(void **state)
{
    (void)state;
    interrupt_defer(&cpus[0], LEVEL);
    interrupt_defer(&cpus[0], 27); /* a timer's, whose line is up */
    assert_string_equal(done, "drop 40, deactivate 40, drop 27, deactivate 27, ");
    assert_int_equal(cpus[0].acknowledged, GIC_SPURIOUS);
}

/* Acknowledging took the edge: it is made pending before the interrupt may come again. */
static void an_edge_is_not_lost(void **state)
{
    (void)state;
    interrupt_defer(&cpus[0], EDGE);
    assert_string_equal(done, "pending 41, drop 41, deactivate 41, ");
    assert_int_equal(cpus[0].acknowledged, GIC_SPURIOUS);
}

static void what_is_never_active_is_kept(void **state)
{
    static const uint32_t intids[] = {GIC_IPI, ABI_FIRST_LPI};

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        interrupt_defer(&cpus[0], intids[i]);
        assert_string_equal(done, "");
        assert_int_equal(cpus[0].acknowledged, intids[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_stays_active_is_put_back, begin),
        cmocka_unit_test_setup(an_edge_is_not_lost, begin),
        cmocka_unit_test_setup(what_is_never_active_is_kept, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
