/* SPDX-License-Identifier: BSD-2-Clause */
/* Gives a fuzzer each file that is named, once: for compilers without libFuzzer, and for coverage.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* libFuzzer's, for harnesses with a mutator of their own; nothing is mutated here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data;
    (void)max_size;
    return size;
}

/* Returns NULL if it cannot be read. */
static uint8_t *read_all(FILE *file, size_t *size)
{
    uint8_t *bytes;
    long end;

    if (fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
        return NULL;
    }
    *size = (size_t)end;
    bytes = malloc(*size + 1);
    if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        size_t size = 0;
        uint8_t *bytes = file != NULL ? read_all(file, &size) : NULL;

        if (bytes == NULL) {
            perror(argv[i]);
            return EXIT_FAILURE;
        }
        (void)fclose(file);
        (void)LLVMFuzzerTestOneInput(bytes, size);
        free(bytes);
    }
    return EXIT_SUCCESS;
}
