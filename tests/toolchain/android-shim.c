/* What bionic names or lays out otherwise than musl, as far as the core's tests meet it. Only for tests under qemu. */
#include <netdb.h>
#include <signal.h>
#include <string.h>

extern int *__errno_location(void);
int *__errno(void) { return __errno_location(); }

int __android_log_write(int priority, const char *tag, const char *text) { return 0; }
int __android_log_print(int priority, const char *tag, const char *format, ...) { return 0; }
int __system_property_get(const char *name, char *value) { value[0] = 0; return 0; }

/* sysconf: bionic numbers the page size and the counts of processors otherwise. */
long __real_sysconf(int);
long __wrap_sysconf(int name) {
    if (name == 39 || name == 40) name = 30;
    else if (name == 96) name = 83;
    else if (name == 97) name = 84;
    return __real_sysconf(name);
}

/* addrinfo: bionic has ai_canonname before ai_addr. */
int __real_getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    int error = __real_getaddrinfo(host, service, hints, result);
    if (error) return error;
    for (struct addrinfo *each = *result; each; each = each->ai_next) {
        void *address = each->ai_addr;
        each->ai_addr = (void *)each->ai_canonname;
        each->ai_canonname = address;
    }
    return 0;
}

/* sigset_t has 8 bytes on 64-bit bionic and 128 in musl; the fields of sigaction stand in another order. */
int __wrap_sigemptyset(void *set) { memset(set, 0, 8); return 0; }
int __wrap_sigaddset(unsigned long *set, int signal) { *set |= 1UL << (signal - 1); return 0; }

struct bionic_sigaction { int flags; void *handler; unsigned long mask; void *restorer; };
int __real_sigaction(int, const struct sigaction *, struct sigaction *);
int __wrap_sigaction(int signal, const struct bionic_sigaction *act, struct bionic_sigaction *old) {
    struct sigaction mine, before;
    memset(&mine, 0, sizeof mine);
    if (act) {
        mine.sa_flags = act->flags;
        mine.sa_handler = (void (*)(int))act->handler;
        memcpy(&mine.sa_mask, &act->mask, 8);
    }
    int error = __real_sigaction(signal, act ? &mine : 0, old ? &before : 0);
    if (!error && old) {
        old->flags = before.sa_flags;
        old->handler = (void *)before.sa_handler;
        memcpy(&old->mask, &before.sa_mask, 8);
        old->restorer = 0;
    }
    return error;
}
