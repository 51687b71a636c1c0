
#include "load.h"

#include <time.h>


/*
 * Times in ns, in 128 steps for each power of two: what is read from them is
 * wrong by less than 1 %.
 */
#define LOAD_STEP_BITS  7
#define LOAD_STEPS      (1 << LOAD_STEP_BITS)
#define LOAD_POWERS     36                     /* up to 2^43 ns */


static uint64_t  load_times[LOAD_POWERS * LOAD_STEPS];


static size_t
load_step(uint64_t ns)
{
    int     power;
    size_t  i;

    if (ns < LOAD_STEPS) {
        return (size_t) ns;
    }

    power = 63 - __builtin_clzll(ns) - LOAD_STEP_BITS;

    /* its first bit is 1 and need not be kept */
    i = ((size_t) power + 1) * LOAD_STEPS + ((ns >> power) & (LOAD_STEPS - 1));

    return i < LOAD_POWERS * LOAD_STEPS ? i : LOAD_POWERS * LOAD_STEPS - 1;
}


/* The middle of a step, in ms. */
static double
load_step_ms(size_t i)
{
    int     power;
    double  from;

    if (i < LOAD_STEPS) {
        return (double) i / 1e6;
    }

    power = (int) (i / LOAD_STEPS) - 1;
    from = (double) ((uint64_t) (LOAD_STEPS + i % LOAD_STEPS) << power);

    return (from + (double) ((uint64_t) 1 << power) / 2) / 1e6;
}


static double
load_quantile(double q)
{
    size_t    i;
    uint64_t  all, n;

    all = 0;

    for (i = 0; i < LOAD_POWERS * LOAD_STEPS; i++) {
        all += load_times[i];
    }

    n = 0;

    for (i = 0; i < LOAD_POWERS * LOAD_STEPS; i++) {
        n += load_times[i];

        if (n > (uint64_t) ((double) all * q)) {
            return load_step_ms(i);
        }
    }

    return 0;
}


/*
 * Nanoseconds on a CPU, as the scheduler counts them: of the process with all
 * threads it ever had, and of its first one.
 */
static load_cpu_t
load_cpu(const char *watch)
{
    char                path[80];
    FILE               *f;
    clockid_t           clock;
    load_cpu_t          cpu;
    const char         *pid;
    struct timespec     t;
    unsigned long long  ns;

    pid = strchr(watch, '=') + 1;

    if (clock_getcpuclockid((pid_t) atoi(pid), &clock) != 0
        || clock_gettime(clock, &t) != 0)
    {
        load_die(watch);
    }

    snprintf(path, sizeof(path), "/proc/%.20s/task/%.20s/schedstat", pid, pid);

    f = fopen(path, "r");

    if (f == NULL || fscanf(f, "%llu", &ns) != 1) {
        load_die(path);
    }

    fclose(f);

    cpu.all = (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
    cpu.first = ns;

    return cpu;
}


void
load_measure_begin(load_t *l)
{
    int  i;

    for (i = 0; i < l->o.watched; i++) {
        l->cpu[i] = load_cpu(l->o.watch[i]);
    }

    l->measuring = 1;
    l->sent = -l->next;
    l->measured_at = load_now();
}


void
load_measure_end(load_t *l)
{
    int         i;
    load_cpu_t  cpu;

    l->measured_to = load_now();
    l->measuring = 0;
    l->sent += l->next;

    for (i = 0; i < l->o.watched; i++) {
        cpu = load_cpu(l->o.watch[i]);
        l->cpu[i].all = cpu.all - l->cpu[i].all;
        l->cpu[i].first = cpu.first - l->cpu[i].first;
    }
}


void
load_measure_answer(load_t *l, int status, double seconds)
{
    if (!l->measuring) {
        return;
    }

    l->status[status >= 0 && status < LOAD_STATUS ? status : 0]++;
    load_times[load_step((uint64_t) (seconds * 1e9))]++;
}


void
load_measure_print(load_t *l)
{
    int          i;
    long         answered;
    double       seconds;
    const char  *comma, *name;

    seconds = l->measured_to - l->measured_at;
    answered = 0;

    for (i = 0; i < LOAD_STATUS; i++) {
        answered += l->status[i];
    }

    printf("{\"requests\":%ld,\"answered\":%ld,\"seconds\":%.6f,"
           "\"rate\":%.0f,\"status\":{",
           l->o.seconds > 0 ? l->sent : l->o.requests, answered, seconds,
           (double) answered / (seconds > 0 ? seconds : 1e-9));

    comma = "";

    for (i = 0; i < LOAD_STATUS; i++) {
        if (l->status[i] != 0) {
            printf("%s\"%d\":%ld", comma, i, l->status[i]);
            comma = ",";
        }
    }

    printf("},\"unsent\":%ld,\"closed\":%ld,\"broken\":%ld,\"late\":%ld,"
           "\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"cpu\":{",
           l->o.seconds > 0 ? 0 : l->o.requests - l->next,
           l->closed, l->broken, l->late,
           load_quantile(0.5), load_quantile(0.99));

    comma = "";

    for (i = 0; i < l->o.watched; i++) {
        name = l->o.watch[i];

        printf("%s\"%.*s\":{\"ns\":%llu,\"first_thread_ns\":%llu}", comma,
               (int) (strchr(name, '=') - name), name,
               (unsigned long long) l->cpu[i].all,
               (unsigned long long) l->cpu[i].first);
        comma = ",";
    }

    puts("}}");
}
