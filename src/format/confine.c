#include "format/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "confine.c knows the system calls of x86-64 and AArch64"
#endif

enum { MAX_FILTER = 400, PDF_FILES = 64, X32 = 0x40000000 };

/* -------------------------------------------------------------- resources */

static sm_rc limit(sm_op *op, __rlimit_resource_t what, rlim_t most)
{
    struct rlimit old;
    if (getrlimit(what, &old) == 0) {
        struct rlimit now = { SM_MIN(most, old.rlim_max), SM_MIN(most, old.rlim_max) };
        if (setrlimit(what, &now) == 0)
            return SM_OK;
    }
    return sm_fail(op, SM_E_UNAVAILABLE, "不能给读取文件的进程设上限（%s）", strerror(errno));
}

sm_rc sm_confine_limits(sm_op *op)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    syscall(SYS_close_range, 3U, ~0U, 0);
    sm_rc rc = limit(op, RLIMIT_CPU, SM_CONFINE_SECONDS);
    if (rc == SM_OK)
        rc = limit(op, RLIMIT_CORE, 0);
#ifndef SM_ARENA_MALLOC /* a sanitizer's shadow takes terabytes of addresses */
    if (rc == SM_OK)
        rc = limit(op, RLIMIT_AS, (rlim_t)SM_CONFINE_MB << 20);
#endif
    return rc;
}

/* ----------------------------------------------------------------- calls */

/* What memory, time and the end of a process need. */
static const int plain_calls[] = {
    SYS_read,           SYS_write,        SYS_writev,          SYS_close,         SYS_fstat,
    SYS_newfstatat,     SYS_lseek,        SYS_munmap,          SYS_mremap,        SYS_brk,
    SYS_madvise,        SYS_futex,        SYS_sched_yield,     SYS_clock_gettime, SYS_gettimeofday,
    SYS_getrandom,      SYS_sysinfo,      SYS_getpid,          SYS_gettid,        SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall, SYS_exit,          SYS_exit_group,
#ifdef SM_ARENA_MALLOC /* what a sanitizer does when it reports */
    SYS_sigaltstack,    SYS_prctl,        SYS_getrlimit,       SYS_prlimit64,
#endif
};

/* What starts another program and waits for it; that it makes no files is its rlimits' doing. */
static const int start_calls[] = {
    SYS_clone,
    SYS_execve,
    SYS_wait4,
    SYS_pipe2,
    SYS_dup3,
    SYS_memfd_create,
    SYS_chdir,
    SYS_getppid,
    SYS_prctl,
    SYS_close_range,
    SYS_prlimit64,
    SYS_getrlimit,
    SYS_setrlimit,
    SYS_ppoll,
    SYS_pread64,
    SYS_faccessat,
    SYS_readlinkat,
    SYS_statx,
    SYS_fcntl,
    SYS_getdents64,
    SYS_set_tid_address,
    SYS_set_robust_list,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_uname,
    SYS_getcwd,
    SYS_sched_getaffinity,
    SYS_clock_nanosleep,
    SYS_sigaltstack,
    SYS_statfs,
    SYS_fstatfs,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
#ifdef __x86_64__
    SYS_dup2,
    SYS_poll,
    SYS_access,
    SYS_readlink,
    SYS_arch_prctl,
    SYS_stat,
#endif
};

struct filter {
    struct sock_filter code[MAX_FILTER];
    unsigned short n;
};

static void add(struct filter *f, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
    if (f->n < MAX_FILTER)
        f->code[f->n++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void load(struct filter *f, size_t at)
{
    add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)at, 0, 0);
}

static void answer(struct filter *f, uint32_t action)
{
    add(f, BPF_RET | BPF_K, action, 0, 0);
}

static void load_call(struct filter *f)
{
    load(f, offsetof(struct seccomp_data, nr));
}

/* The lower half of an argument: both architectures are little-endian. */
static void load_argument(struct filter *f, unsigned i)
{
    load(f, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
}

static void allow(struct filter *f, const int *call, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call[i], 0, 1);
        answer(f, SECCOMP_RET_ALLOW);
    }
}

/* Allowed unless argument i has one of these bits: then `otherwise`. */
static void allow_without(struct filter *f, int call, unsigned i, uint32_t bits, uint32_t otherwise)
{
    add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
    load_argument(f, i);
    add(f, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    answer(f, otherwise);
    answer(f, SECCOMP_RET_ALLOW);
}

/* Signals to itself: how abort ends. */
static void allow_abort(struct filter *f)
{
    add(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 4);
    load_argument(f, 0);
    add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1);
    answer(f, SECCOMP_RET_ALLOW);
    answer(f, SECCOMP_RET_KILL_PROCESS);
}

static void build(struct filter *f, bool starts)
{
    load(f, offsetof(struct seccomp_data, arch));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    answer(f, SECCOMP_RET_KILL_PROCESS);
    load_call(f);
#ifdef __x86_64__
    add(f, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
    answer(f, SECCOMP_RET_KILL_PROCESS);
#endif
    allow(f, plain_calls, SM_LEN(plain_calls));
    uint32_t no = SECCOMP_RET_ERRNO | EPERM;
    if (starts) {
        allow(f, start_calls, SM_LEN(start_calls));
        allow_without(f, SYS_openat, 2, O_CREAT | O_TRUNC, no);
        static const int memory[] = { SYS_mmap, SYS_mprotect };
        allow(f, memory, SM_LEN(memory));
        answer(f, no);
        return;
    }
    allow_without(f, SYS_mmap, 2, PROT_EXEC, SECCOMP_RET_KILL_PROCESS);
    load_call(f);
    allow_without(f, SYS_mprotect, 2, PROT_EXEC, SECCOMP_RET_KILL_PROCESS);
    load_call(f);
    allow_abort(f);
    load_call(f);
    /* libc looks for tables and settings that it can do without */
    static const int opens[] = { SYS_openat,
#ifdef __x86_64__
                                 SYS_open, SYS_readlink, SYS_access
#endif
    };
    for (size_t i = 0; i < SM_LEN(opens); i++) {
        add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)opens[i], 0, 1);
        answer(f, no);
    }
    answer(f, SECCOMP_RET_KILL_PROCESS);
}

sm_rc sm_confine_calls(sm_op *op, size_t pdf_bytes)
{
    static struct filter f;
    bool starts = pdf_bytes > 0;
    /* pdftotext gets its input as a file in memory */
    sm_rc rc = limit(op, RLIMIT_FSIZE, pdf_bytes);
    if (rc == SM_OK)
        rc = limit(op, RLIMIT_NOFILE, starts ? PDF_FILES : 0);
    if (rc < 0)
        return rc;
    build(&f, starts);
    struct sock_fprog program = { .len = f.n, .filter = f.code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        return SM_OK;
    return sm_fail(op, SM_E_UNAVAILABLE,
                   "本机不能限制读取文件的进程（seccomp：%s），为安全起见不予读取；"
                   "请管理员换用支持 seccomp 的内核",
                   strerror(errno));
}
