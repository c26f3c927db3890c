/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before every file of the kernel: what one core tells others goes through these, so each
 * is a place where another core may be faster. A loop that waits for another core ends only
 * because of that.
 */
#ifndef SLUICE_TESTS_MODEL_ATOMICS_H
#define SLUICE_TESTS_MODEL_ATOMICS_H

void model_yield(void);

#define MODEL_AT(pointer) (*(volatile __typeof__(*(pointer)) *)(pointer))

/* The old value, before `change` is made to it. */
#define MODEL_SWAP(pointer, change)                           \
    __extension__({                                           \
        __typeof__(*(pointer) + 0) model_old;                 \
        model_yield();                                        \
        model_old = MODEL_AT(pointer);                        \
        MODEL_AT(pointer) = (__typeof__(*(pointer)))(change); \
        model_old;                                            \
    })

#define __atomic_load_n(pointer, order)            (model_yield(), MODEL_AT(pointer))
#define __atomic_store_n(pointer, value, order)    (model_yield(), (void)(MODEL_AT(pointer) = (value)))
#define __atomic_test_and_set(pointer, order)      MODEL_SWAP(pointer, 1)
#define __atomic_clear(pointer, order)             (model_yield(), (void)(MODEL_AT(pointer) = 0))
#define __atomic_exchange_n(pointer, value, order) MODEL_SWAP(pointer, value)
#define __atomic_fetch_add(pointer, value, order)  MODEL_SWAP(pointer, model_old + (value))
#define __atomic_fetch_sub(pointer, value, order)  MODEL_SWAP(pointer, model_old - (value))
#define __atomic_fetch_or(pointer, value, order)   MODEL_SWAP(pointer, model_old | (value))
#define __atomic_fetch_and(pointer, value, order)  MODEL_SWAP(pointer, model_old &(value))
#define __atomic_compare_exchange_n(pointer, expected, value, weak, success, failure) \
    __extension__({                                                                   \
        bool model_equal;                                                             \
        model_yield();                                                                \
        model_equal = MODEL_AT(pointer) == *(expected);                               \
        if (model_equal) {                                                            \
            MODEL_AT(pointer) = (value);                                              \
        } else {                                                                      \
            *(expected) = MODEL_AT(pointer);                                          \
        }                                                                             \
        model_equal;                                                                  \
    })

#endif
