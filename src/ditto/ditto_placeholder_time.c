/*
 * time:now and time:now_epoch_millis with offset and truncation.
 *
 *     now [(+|-)duration] ["[" unit "]"]
 *
 * spec: "time:"; weeks begin on Monday.
 */

#include "ditto_placeholder_private.h"
#include "ditto_headers.h"
#include "ditto_time.h"


#define DITTO_TIME_DAY     86400                       /* seconds */
#define DITTO_TIME_MILLIS  (INT64_MAX / 1000 - 1)      /* seconds */


typedef enum {
    DITTO_UNIT_NONE = 0,
    DITTO_UNIT_MILLI,
    DITTO_UNIT_SECOND,
    DITTO_UNIT_MINUTE,
    DITTO_UNIT_HOUR,
    DITTO_UNIT_DAY,
    DITTO_UNIT_WEEK,
    DITTO_UNIT_MONTH,
    DITTO_UNIT_YEAR
} ditto_time_unit_e;


typedef struct {
    ditto_str_t        name;
    ditto_time_unit_e  unit;
} ditto_time_unit_row_t;


typedef struct {
    int64_t            offset;       /* milliseconds */
    ditto_time_unit_e  unit;
    bool               millis;
} ditto_time_rule_t;


static ditto_time_unit_e ditto_time_unit(ditto_str_t name);
static void ditto_time_add(ditto_time_t *t, int64_t ms);
static void ditto_time_truncate(ditto_time_t *t, ditto_time_unit_e unit);
static int64_t ditto_time_floor(int64_t n, int64_t step);


static const ditto_time_unit_row_t  ditto_time_units[] = {
    { ditto_string(""), DITTO_UNIT_SECOND },
    { ditto_string("ms"), DITTO_UNIT_MILLI },
    { ditto_string("s"), DITTO_UNIT_SECOND },
    { ditto_string("m"), DITTO_UNIT_MINUTE },
    { ditto_string("h"), DITTO_UNIT_HOUR },
    { ditto_string("d"), DITTO_UNIT_DAY },
    { ditto_string("w"), DITTO_UNIT_WEEK },
    { ditto_string("mo"), DITTO_UNIT_MONTH },
    { ditto_string("y"), DITTO_UNIT_YEAR },
};


ditto_rc_t
ditto_time_compile(ditto_pool_t *pool, ditto_placeholder_t *placeholder,
    ditto_error_t *err)
{
    bool                minus;
    size_t              i, end;
    ditto_str_t         s;
    ditto_time_rule_t  *rule;
    static ditto_str_t  now = ditto_string("now");
    static ditto_str_t  millis = ditto_string("now_epoch_millis");

    s = placeholder->name;

    if (!ditto_str_starts(s, now)) {
        return ditto_placeholder_unresolved(s, err);
    }

    rule = ditto_zalloc(pool, sizeof(ditto_time_rule_t));
    if (rule == NULL) {
        return ditto_fail_memory(err);
    }

    rule->millis = ditto_str_starts(s, millis);

    i = rule->millis ? millis.len : now.len;

    if (i < s.len && (s.data[i] == '+' || s.data[i] == '-')) {
        minus = (s.data[i] == '-');
        end = ditto_str_chr(s, '[', i);

        if (ditto_duration_parse(ditto_str_sub(s, i + 1, end), &rule->offset,
                                 err)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }

        if (minus) {
            rule->offset = -rule->offset;
        }

        i = end;
    }

    if (i < s.len && s.data[i] == '[') {
        end = ditto_str_chr(s, ']', i);

        if (end != s.len) {
            rule->unit = ditto_time_unit(ditto_str_sub(s, i + 1, end));
        }

        if (rule->unit == DITTO_UNIT_NONE) {
            return ditto_placeholder_unresolved(s, err);
        }

        /* spec: what follows the bracket is ignored */
        i = s.len;
    }

    if (i != s.len) {
        return ditto_placeholder_unresolved(s, err);
    }

    placeholder->arg = rule;

    return DITTO_OK;
}


ditto_rc_t
ditto_time_resolve(const ditto_placeholder_t *placeholder,
    const ditto_scope_t *scope, ditto_values_t *values, ditto_error_t *err)
{
    ditto_buf_t               buf;
    ditto_str_t               text;
    ditto_time_t              t;
    const ditto_time_rule_t  *rule;

    rule = placeholder->arg;
    t = scope->now;

    ditto_time_add(&t, rule->offset);
    ditto_time_truncate(&t, rule->unit);

    if (t.sec < DITTO_TIME_MIN || t.sec > DITTO_TIME_MAX
        || rule->offset == INT64_MAX || rule->offset == -INT64_MAX
        || (rule->millis
            && (t.sec < -DITTO_TIME_MILLIS || t.sec > DITTO_TIME_MILLIS)))
    {
        /* beyond any instant, spec: fails at run time only */
        return ditto_placeholder_unresolved(placeholder->name, err);
    }

    ditto_buf_init(&buf, scope->pool, 40);

    if (rule->millis) {
        ditto_buf_int(&buf, t.sec * 1000 + t.nsec / 1000000);

    } else {
        ditto_time_render(&buf, t);
    }

    if (ditto_buf_done(&buf, &text) != DITTO_OK) {
        return ditto_fail_memory(err);
    }

    return ditto_placeholder_value(scope, text, values, err);
}


static ditto_time_unit_e
ditto_time_unit(ditto_str_t name)
{
    size_t  i;

    for (i = 0;
         i < sizeof(ditto_time_units) / sizeof(ditto_time_units[0]);
         i++)
    {
        if (ditto_str_eq(ditto_time_units[i].name, name)) {
            return ditto_time_units[i].unit;
        }
    }

    return DITTO_UNIT_NONE;
}


static void
ditto_time_add(ditto_time_t *t, int64_t ms)
{
    int64_t  sec, nsec;

    sec = ms / 1000;
    nsec = (int64_t) t->nsec + ms % 1000 * 1000000;

    if (nsec < 0) {
        nsec += 1000000000;
        sec--;

    } else if (nsec >= 1000000000) {
        nsec -= 1000000000;
        sec++;
    }

    t->sec += sec;
    t->nsec = (uint32_t) nsec;
}


static void
ditto_time_truncate(ditto_time_t *t, ditto_time_unit_e unit)
{
    int64_t       days;
    ditto_date_t  date;

    if (unit == DITTO_UNIT_NONE) {
        return;
    }

    if (unit == DITTO_UNIT_MILLI) {
        t->nsec -= t->nsec % 1000000;
        return;
    }

    t->nsec = 0;

    if (t->sec < DITTO_TIME_MIN || t->sec > DITTO_TIME_MAX) {
        return;
    }

    days = ditto_time_floor(t->sec, DITTO_TIME_DAY) / DITTO_TIME_DAY;

    switch (unit) {

    case DITTO_UNIT_MINUTE:
        t->sec = ditto_time_floor(t->sec, 60);
        return;

    case DITTO_UNIT_HOUR:
        t->sec = ditto_time_floor(t->sec, 3600);
        return;

    case DITTO_UNIT_DAY:
        break;

    case DITTO_UNIT_WEEK:
        /* 1970-01-01 was a Thursday */
        days = ditto_time_floor(days + 3, 7) - 3;
        break;

    case DITTO_UNIT_MONTH:
    case DITTO_UNIT_YEAR:
        date = ditto_time_date(days);
        date.day = 1;

        if (unit == DITTO_UNIT_YEAR) {
            date.month = 1;
        }

        days = ditto_time_days(date);
        break;

    default:
        return;
    }

    t->sec = days * DITTO_TIME_DAY;
}


/* The greatest multiple of step that is not above n. */
static int64_t
ditto_time_floor(int64_t n, int64_t step)
{
    int64_t  rest;

    rest = n % step;

    return n - rest - (rest < 0 ? step : 0);
}
