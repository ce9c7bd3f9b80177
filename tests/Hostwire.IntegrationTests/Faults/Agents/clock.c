// Loaded into an agent (LD_PRELOAD): its wall clock is off by as many microseconds as the file RIG_CLOCK says, 8 bytes, which may change at any time.
// Only the wall clock, which is what an administrator or NTP sets; the clocks that timers go by cannot be set on a real host either.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

__attribute__((constructor)) static void map(void) {
    const char *path = getenv("RIG_CLOCK");
    int file = path == NULL ? -1 : open(path, O_RDONLY);
    void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offset = mapped;
    if (file >= 0) close(file);
}

static int64_t now_micros(int64_t micros) { return micros + (offset == NULL ? 0 : *offset); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t micros = now_micros((int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000);
        time->tv_sec = micros / 1000000;
        time->tv_nsec = micros % 1000000 * 1000 + time->tv_nsec % 1000;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &precise);
    time->tv_sec = precise.tv_sec;
    time->tv_usec = precise.tv_nsec / 1000;
    return result;
}

time_t time(time_t *to) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (to != NULL) *to = precise.tv_sec;
    return precise.tv_sec;
}
