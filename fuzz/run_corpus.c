/*
 * Runs a fuzz target on every file of the folders given, without libFuzzer:
 * the plain test over its corpus.  A folder that is missing or holds no file
 * fails, since such a test would look at nothing.
 */
#include "base/base.h"

#include "fuzz_target.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILE_BYTES = 16 << 20 };

/* The number of files run, or -1 when one could not be read. */
static int run_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        fprintf(stderr, "语料文件夹 %s 打不开：请确认它存在\n", folder);
        return -1;
    }
    int n = 0;
    for (struct dirent *entry; n >= 0 && (entry = readdir(dir));) {
        sm_op op;
        sm_op_begin(&op);
        const char *path = sm_path(op.arena, folder, entry->d_name);
        struct stat st;
        sm_str bytes = { 0 };
        if (entry->d_name[0] == '.' || stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
            sm_op_end(&op);
            continue;
        }
        if (sm_file_read(&op, path, MAX_FILE_BYTES, &bytes) < 0) {
            fprintf(stderr, "%.*s\n", SM_ARG(op.msg));
            n = -1;
        } else {
            LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n);
            n++;
        }
        sm_op_end(&op);
    }
    closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "用法：%s <语料文件夹>…\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        int n = run_folder(argv[i]);
        if (n == 0)
            fprintf(stderr, "语料文件夹 %s 是空的：请放入至少一个文件\n", argv[i]);
        if (n <= 0)
            return 1;
        printf("%s: %d files\n", argv[i], n);
    }
    return 0;
}
