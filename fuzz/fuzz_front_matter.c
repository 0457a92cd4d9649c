#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("a.md", SM_FORMAT_MARKDOWN, data, size);
    fuzz_read("a", SM_FORMAT_AUTO, data, size);
    return 0;
}
