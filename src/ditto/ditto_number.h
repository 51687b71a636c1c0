/*
 * Numbers as the platform of Ditto reads, compares and prints them: integers
 * of 64 bits, doubles, and decimals of any length, which decide whether two
 * of them are equal.
 *
 * Ditto: spec "Finding the field value" and "Evaluation" of RQL.
 */

#ifndef _DITTO_NUMBER_H_INCLUDED_
#define _DITTO_NUMBER_H_INCLUDED_


#include "ditto_base.h"


#define DITTO_NUMBER_TEXT  40        /* bytes; any number as text fits */


typedef struct {
    bool     integer;                /* i counts, else d */
    int64_t  i;
    double   d;
} ditto_number_t;


/*
 * A decimal, read from a text that must outlive it.  The digits are those of
 * any script and may have a point between them.
 */
typedef struct {
    bool         negative;
    bool         zero;
    ditto_str_t  digits;             /* from the first one that is not 0 */
    int64_t      exponent;           /* of ten, of that digit */
} ditto_decimal_t;


/* "[+-]digits"; false: something else, or more than 64 bits. */
bool ditto_number_int64(ditto_str_t text, int64_t *n);

/*
 * The double next to "[+-]digits[.digits][e[+-]digits]", which is not checked;
 * infinite if it is too large.
 */
double ditto_number_double(ditto_str_t text);

/*
 * A number of JSON.  What is integral and fits 64 bits is an integer, 1e2 as
 * well, but by way of a double: 9007199254740993.0 is 9007199254740992.
 */
void ditto_number_read(ditto_str_t value, ditto_number_t *number);

/*
 * Writes at most DITTO_NUMBER_TEXT bytes, no final NUL, and returns how many:
 * the digits of an integer; of a double as Double.toString() of Java, so
 * 1.0E-5 and 1.5.
 */
size_t ditto_number_print(const ditto_number_t *number, char *text);

/* The same as BigDecimal.toString() of that text: 0.000010, 1.0E+19. */
size_t ditto_number_print_decimal(const ditto_number_t *number, char *text);

/* Negative, 0 or positive; infinite numbers are not compared. */
int ditto_number_compare(const ditto_number_t *a, const ditto_number_t *b);

/* What BigDecimal of Java reads; false: it does not. */
bool ditto_decimal_parse(ditto_str_t text, ditto_decimal_t *decimal);

int ditto_decimal_compare(const ditto_decimal_t *a, const ditto_decimal_t *b);


#endif /* _DITTO_NUMBER_H_INCLUDED_ */
