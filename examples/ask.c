/* Asks one question of a data directory:  ask DIR QUESTION */
#include <stdio.h>

#include <sunmao/sunmao.h>

int main(int argc, char **argv)
{
    sunmao_options options = SUNMAO_OPTIONS_INIT;
    sunmao *s = NULL;
    char *json = NULL, *err = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: %s DIR QUESTION\n", argv[0]);
        return 2;
    }
    options.data_dir = argv[1];
    options.read_only = 1;
    int rc = sunmao_open(&options, &s, &err);
    if (rc == SUNMAO_OK)
        rc = sunmao_ask(s, argv[2], NULL, &json, &err);
    if (rc == SUNMAO_OK)
        puts(json);
    else
        fprintf(stderr, "%s: %s\n", sunmao_rc_name(rc), err ? err : "");
    sunmao_free(json);
    sunmao_free(err);
    sunmao_close(s);
    return rc == SUNMAO_OK ? 0 : 1;
}
