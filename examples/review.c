/* Reviews an official document:  review FILE */
#include <stdio.h>
#include <stdlib.h>

#include <sunmao/sunmao.h>

static void *read_file(const char *path, size_t *n)
{
    enum { MOST = 32 << 20 };
    FILE *f = fopen(path, "rb");
    char *bytes = f ? malloc(MOST) : NULL;
    *n = bytes ? fread(bytes, 1, MOST, f) : 0;
    if (f)
        fclose(f);
    return bytes;
}

int main(int argc, char **argv)
{
    char *json = NULL, *err = NULL;
    size_t n;

    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    void *bytes = read_file(argv[1], &n);
    int rc = sunmao_review(NULL, argv[1], bytes, n, NULL, &json, &err);
    if (rc == SUNMAO_OK)
        puts(json);
    else
        fprintf(stderr, "%s: %s\n", sunmao_rc_name(rc), err ? err : "");
    sunmao_free(json);
    sunmao_free(err);
    free(bytes);
    return rc == SUNMAO_OK ? 0 : 1;
}
