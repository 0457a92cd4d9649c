/* A body for a call that takes one: the first line names the call, the rest is sent to a real
 * server, as a person who may make it.  Whatever comes, the answer is JSON and no fault of ours. */
#include "fuzz_target.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/server.h"

static const struct call {
    const char *name, *path;
    sm_role role;
} calls[] = {
    { "ask", "/v1/ask", SM_ROLE_PUBLIC },
    { "feedback", "/v1/feedback", SM_ROLE_PUBLIC },
    { "handover", "/v1/conversations/%s/handover", SM_ROLE_PUBLIC },
    { "message", "/v1/conversations/%s/messages", SM_ROLE_PUBLIC },
    { "login", "/v1/login", SM_ROLE_PUBLIC },
    { "password", "/v1/me/password", SM_ROLE_AUDITOR },
    { "take", "/v1/desk/1/take", SM_ROLE_OPERATOR },
    { "answer", "/v1/desk/1/answer", SM_ROLE_OPERATOR },
    { "forward", "/v1/desk/1/forward", SM_ROLE_OPERATOR },
    { "close", "/v1/desk/1/close", SM_ROLE_OPERATOR },
    { "unanswered", "/v1/unanswered", SM_ROLE_KEEPER },
    { "settle", "/v1/tasks/1/settle", SM_ROLE_KEEPER },
    { "import", "/v1/import?kind=item&name=a.jsonl&strict=1", SM_ROLE_KEEPER },
    { "user", "/v1/users", SM_ROLE_ADMINISTRATOR },
    { "change", "/v1/users/4", SM_ROLE_ADMINISTRATOR },
};

static struct {
    sm_op op;
    sm_sunmao *s;
    sm_settings settings;
    sm_server *server;
    sm_login *login[SM_N_ROLES];
    const char *dir, *socket, *session;
} here;

static void must(sm_rc rc)
{
    if (rc < 0)
        fprintf(stderr, "%s: %.*s\n", sm_rc_name(rc), SM_ARG(here.op.msg));
    fuzz_must(rc == SM_OK);
}

static sm_str send_body(sm_op *op, const struct call *call, sm_str body)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    sm_buf b;
    memcpy(un.sun_path, here.socket, strlen(here.socket) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fuzz_must(fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0);
    const sm_login *l = here.login[call->role];
    const char *gap = strstr(call->path, "%s");
    sm_str path = gap ? sm_strf(op->arena, "%.*s%s%s", (int)(gap - call->path), call->path,
                                here.session, gap + 2)
                      : sm_str_of(call->path);
    sm_buf_init(&b, 1 << 22);
    sm_buf_addf(&b, "POST %.*s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n",
                SM_ARG(path), body.n);
    if (l)
        sm_buf_addf(&b, "Cookie: sunmao_login=%.*s\r\nX-CSRF-Token: %.*s\r\n", SM_ARG(l->token),
                    SM_ARG(l->csrf));
    sm_buf_addf(&b, "\r\n");
    sm_buf_add(&b, body);
    for (size_t at = 0; at < b.n;) {
        ssize_t n = send(fd, b.p + at, b.n - at, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* refused unread */
        at += (size_t)n;
    }
    sm_buf_done(&b);
    sm_buf_init(&b, 1 << 24);
    char part[4096];
    for (ssize_t n; (n = recv(fd, part, sizeof(part), 0)) > 0;)
        sm_buf_add(&b, (sm_str){ part, (size_t)n });
    close(fd);
    sm_str reply = sm_str_dup(op->arena, sm_buf_str(&b));
    sm_buf_done(&b);
    return reply;
}

static json_t *check_reply(sm_op *op, sm_str reply)
{
    json_t *j;
    int64_t status = 0;
    size_t at = sm_str_find(reply, SM_STR("\r\n\r\n"), 0);
    fuzz_must(sm_str_starts(reply, SM_STR("HTTP/1.1 ")) && at != SIZE_MAX);
    fuzz_must(sm_str_to_int(sm_str_sub(reply, 9, 12), &status));
    fuzz_must(status >= 200 && status < 600 && status != 500);
    fuzz_must(sm_json_parse(op, sm_str_sub(reply, at + 4, reply.n), "reply", &j) == SM_OK);
    fuzz_must(status < 400 || sm_json_str(json_object_get(j, "error"), "code").n > 0);
    return j;
}

static void stop(void)
{
    sm_server_close(here.server);
    sm_sunmao_close(here.s);
    char command[256];
    snprintf(command, sizeof(command), "rm -rf '%s'", here.dir);
    if (strncmp(here.dir, "/tmp/sunmao-fuzz-", 17) == 0 && system(command) != 0)
        fprintf(stderr, "%s stays\n", here.dir);
    sm_op_end(&here.op);
}

static void add_people(void)
{
    sm_db *db;
    must(sm_sunmao_record_db(&here.op, here.s, &db));
    for (int k = SM_ROLE_PUBLIC + 1; k < SM_N_ROLES; k++) {
        sm_user u = { .name = sm_strf(here.op.arena, "fuzz%d", k), .role = (sm_role)k };
        must(sm_user_add_with(&here.op, db, SM_STR("fuzz"), &u, SM_STR("Fuzz-2026-pass")));
        must(sm_login_open(&here.op, db, u.name, SM_STR("Fuzz-2026-pass"), &here.login[k]));
    }
}

static void start(void)
{
    sm_op_begin(&here.op);
    char *dir = sm_cstr(here.op.arena, SM_STR("/tmp/sunmao-fuzz-XXXXXX"));
    fuzz_must(mkdtemp(dir) != NULL);
    here.dir = dir;
    here.socket = sm_path(here.op.arena, dir, "socket");
    must(sm_sunmao_open(&here.op,
                        &(sm_sunmao_options){ .data_dir = dir, .today = sm_date_of(2026, 11, 23) },
                        &here.s));
    add_people();
    sm_settings_init(&here.settings);
    here.settings.listen = sm_strf(here.op.arena, "unix:%s", here.socket).p;
    here.settings.rate = false;
    must(sm_server_open(&here.op, here.s, &here.settings, NULL, &here.server));
    json_t *j =
        check_reply(&here.op, send_body(&here.op, &calls[0], SM_STR("{\"text\":\"转人工\"}")));
    here.session = sm_cstr(here.op.arena, sm_json_str(j, "session"));
    atexit(stop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sm_op op;
    sm_str body = { (const char *)data, size }, name;
    if (!here.server)
        start();
    if (!sm_str_cut(&body, '\n', &name))
        return 0;
    for (size_t i = 0; i < SM_LEN(calls); i++)
        if (sm_str_eq(name, sm_str_of(calls[i].name))) {
            sm_op_begin(&op);
            check_reply(&op, send_body(&op, &calls[i], body));
            sm_op_end(&op);
        }
    return 0;
}
