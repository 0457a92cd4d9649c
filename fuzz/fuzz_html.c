#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_read("a.html", SM_FORMAT_HTML, data, size);
    return 0;
}
