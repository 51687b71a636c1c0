/*
 * Upper and lower case of the characters beyond ASCII.
 */

#ifndef _DITTO_CASE_TABLE_H_INCLUDED_
#define _DITTO_CASE_TABLE_H_INCLUDED_


#include "ditto_base.h"


/* Every step-th character of first .. last is moved by delta. */
typedef struct {
    uint32_t  first;
    uint32_t  last;
    uint32_t  step;
    int32_t   delta;
} ditto_case_run_t;


/* A character whose upper case is several. */
typedef struct {
    uint16_t  c;
    uint16_t  upper[3];          /* 0: no more */
} ditto_case_special_t;


/* All sorted by character. */
extern const ditto_case_run_t      ditto_case_lowers[];
extern const size_t                ditto_case_lowers_n;
extern const ditto_case_run_t      ditto_case_uppers[];
extern const size_t                ditto_case_uppers_n;
extern const ditto_case_special_t  ditto_case_specials[];
extern const size_t                ditto_case_specials_n;


#endif /* _DITTO_CASE_TABLE_H_INCLUDED_ */
