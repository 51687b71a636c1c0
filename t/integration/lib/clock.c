/*
 * A clock that tests can set: LD_PRELOAD of an nginx.  CLOCK_REALTIME is as
 * many seconds ahead as the file DITTO_CLOCK says, an int64_t; it is read at
 * every look.
 */

#define _GNU_SOURCE

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>


static const volatile int64_t  *clock_ahead;


__attribute__((constructor))
static void
clock_init(void)
{
    int    fd;
    void  *p;

    fd = (getenv("DITTO_CLOCK") != NULL) ? open(getenv("DITTO_CLOCK"),
                                                O_RDONLY)
                                         : -1;
    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);

    if (p != MAP_FAILED) {
        clock_ahead = p;
    }
}


/* A sanitizer calls it before clock_init(). */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int  rc;

    rc = (int) syscall(SYS_clock_gettime, id, ts);

    if (rc == 0 && id == CLOCK_REALTIME && clock_ahead != NULL) {
        ts->tv_sec += *clock_ahead;
    }

    return rc;
}
