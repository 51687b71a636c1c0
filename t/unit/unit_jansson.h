/*
 * What the scanner must say of a text, told by jansson, a parser that has
 * nothing to do with ours.
 */

#ifndef _UNIT_JANSSON_H_INCLUDED_
#define _UNIT_JANSSON_H_INCLUDED_


#include <jansson.h>

#include "ditto_base.h"


/*
 * The tree of a text that the scanner must accept, NULL if it must refuse it.
 * The two parsers differ in this and in nothing else:
 *
 *     a fraction or an exponent   ours: any; jansson: what a double can hold.
 *                                 In the tree they are shortened
 *     half a surrogate pair as    ours: U+FFFD; jansson: refused
 *     \u escapes
 *     \u0000                      ours: a character; jansson: not in names.
 *                                 In the tree it is U+0001
 *     an empty name               ours: refused
 *     a NUL                       ours: refused; jansson overlooks it behind a
 *                                 number
 *     depth                       ours: 1000; jansson: 2048
 */
json_t *unit_jansson(ditto_str_t text);


#endif /* _UNIT_JANSSON_H_INCLUDED_ */
