/* A zip as it comes; anything else becomes the main part of a sound zip, so
 * that the fuzzer need not keep checksums right to reach the XML. */
#include "fuzz_target.h"

#include <zip.h>

static void read_as_main_part(const uint8_t *data, size_t size)
{
    zip_error_t err;
    zip_error_init(&err);
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, &err);
    fuzz_must(archive);
    zip_source_keep(archive);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, &err);
    fuzz_must(zip);
    zip_source_t *part = zip_source_buffer(zip, data, size, 0);
    zip_int64_t at = zip_file_add(zip, "word/document.xml", part, ZIP_FL_ENC_UTF_8);
    fuzz_must(at >= 0 && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0);
    fuzz_must(zip_close(zip) == 0 && zip_source_open(archive) == 0);
    zip_stat_t st;
    fuzz_must(zip_source_stat(archive, &st) == 0);
    uint8_t *bytes = malloc(st.size);
    fuzz_must(bytes && zip_source_read(archive, bytes, st.size) == (zip_int64_t)st.size);
    fuzz_read("a.docx", SM_FORMAT_DOCX, bytes, st.size);
    free(bytes);
    zip_source_close(archive);
    zip_source_free(archive);
    zip_error_fini(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 2 && data[0] == 'P' && data[1] == 'K')
        fuzz_read("a.docx", SM_FORMAT_DOCX, data, size);
    else
        read_as_main_part(data, size);
    return 0;
}
