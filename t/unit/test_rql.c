/*
 * Filters: what parses and where it does not, what is true of a thing, what may
 * become true, out of memory, damaged text.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ditto_json.h"
#include "ditto_rql.h"
#include "ditto_subscription.h"
#include "unit_pool.h"


#define A(x)  "{\"attributes\":{\"a\":" x "}}"
#define F(x)  "{\"features\":{\"f\":" x "}}"

#define TWIN  "{\"topic\":\"a/b/things/twin/events/"
#define E(path, value)                                                        \
    TWIN "modified\",\"path\":\"" path "\",\"value\":" value                  \
    ",\"revision\":3}"
#define MERGED(path, value)                                                   \
    TWIN "merged\",\"path\":\"" path "\",\"value\":" value ",\"revision\":3}"
#define DELETED(path)                                                         \
    TWIN "deleted\",\"path\":\"" path "\",\"revision\":3}"
#define MESSAGE                                                               \
    "{\"topic\":\"a/b/things/live/messages/hi\",\"headers\":{"                \
    "\"content-type\":\"text/plain\"},\"path\":\"/outbox/messages/hi\","      \
    "\"value\":\"v\"}"
#define COMMAND                                                               \
    "{\"topic\":\"a/b/things/live/commands/modify\","                         \
    "\"path\":\"/attributes/x\",\"value\":5}"


#define WHOLE                                                                 \
    E("/", "{\"thingId\":\"a:b\",\"_modified\":\"2020-01-01T00:00:00Z\","    \
           "\"policyId\":null,\"features\":{\"f\":{\"foo\":1,\"properties\":"  \
           "{\"p\":1}}}}")


typedef struct {
    const char  *filter;
    const char  *thing;
    char         result;         /* true, false, eXception, or Error */
} test_match_t;


typedef struct {
    const char  *filter;
    size_t       offset;
    const char  *message;        /* its beginning */
} test_refused_t;


typedef struct {
    const char  *message;
    const char  *filter;
    const char  *fields;         /* extraFields; NULL: none */
    const char  *extra;          /* what is fetched */
    char         first;          /* phase 1: true, false, eXception */
    char         second;         /* phase 2, or - */
    const char  *selected;       /* NULL: no extra */
} test_phase_t;


typedef struct {
    ditto_scope_t        scope;
    ditto_scope_cache_t  cache;
    ditto_signal_t       signal;
} test_scope_t;


#define OBJECTS                                                               \
    "{\"attributes\":{\"list\":[{\"b\":true,\"list\":[{\"n\":42}]},"          \
    "{\"c\":null}],\"n\":42,\"d\":22.26,\"s\":\"ccc_string\"}}"
#define META                                                                  \
    "{\"thingId\":\"org.acme:foo-matching\",\"_metadata\":{\"attributes\":"   \
    "{\"sensorType\":\"self-pushing\"}},\"_revision\":2,"                     \
    "\"_modified\":\"2020-01-01T00:00:00.5Z\"}"


/* The worked examples of spec "RQL", in their order, and what they leave. */
static const test_match_t  test_matches[] = {
    { "eq(attributes/a,7)", A("7.0"), 't' },
    { "eq(attributes/a,null)", A("null"), 't' },
    { "eq(attributes/a,null)", A("\"yes\""), 'f' },
    { "eq(attributes/a,\"yes\")", A("null"), 'f' },
    { "ne(attributes/a,\"yes\")", A("null"), 't' },
    { "ne(attributes/a,null)", A("\"yes\""), 't' },
    { "ge(attributes/a,null)", A("true"), 'f' },
    { "ge(attributes/a,null)", A("\"string\""), 'f' },
    { "le(attributes/a,null)", A("42"), 'f' },
    { "le(attributes/a,null)", A("null"), 'f' },
    { "ge(attributes/a,true)", A("true"), 't' },
    { "gt(attributes/a,true)", A("true"), 'f' },
    { "gt(attributes/a,false)", A("true"), 't' },
    { "lt(attributes/a,true)", A("false"), 't' },
    { "eq(attributes/a,7)", A("[1,3,7]"), 't' },
    { "in(attributes/a,\"this\")", A("[\"hello\",\"world\",\"this\"]"), 't' },
    { "ne(attributes/a,\"orl\")", A("[\"hello\",\"world\"]"), 't' },
    { "ilike(attributes/a,\"this-is*\")", A("\"THIS-IS-THE\""), 't' },
    { "like(attributes/a,\"this-is*\")", A("\"this-was\""), 'f' },
    { "eq(attributes/a,9223372036854775807)", A("9223372036854775806"), 'f' },
    { "eq(attributes/a,0.123)", A("0.1234"), 'f' },
    { "ge(attributes/n,37.8)", OBJECTS, 't' },
    { "ge(attributes/n,\"41\")", OBJECTS, 't' },
    { "ge(attributes/d,22)", OBJECTS, 't' },
    { "ge(attributes/s,\"b\")", OBJECTS, 't' },
    { "lt(_modified,time:now)", META, 't' },
    { "gt(_modified,time:now)", META, 'f' },
    { "in(attributes/n,1,2,3,42)", OBJECTS, 't' },
    { "in(attributes/d,1.0,2.0,3.0)", OBJECTS, 'f' },
    { "like(thingId,\"*matching*\")", META, 't' },
    { "eq(_metadata/attributes/sensorType,\"self-pushing\")", META, 't' },
    { "exists(_metadata/attributes)", META, 't' },
    { "exists(_metadata/attributes/x)", META, 'f' },
    { "empty(_metadata/attributes/x)", META, 't' },
    { "exists(_metadata/)", META, 'f' },
    { "empty(_metadata/)", META, 'f' },
    { "exists(attributes/list/b)", OBJECTS, 't' },
    { "exists(attributes/list/list/missing)", OBJECTS, 'f' },
    { "ge(attributes/list/list/n,41)", OBJECTS, 't' },
    { "eq(_namespace,\"org.acme\")", META, 't' },
    { "eq(_namespace,\"org.acme\")", A("1"), 'f' },
    { "not(eq(thingId,\"org.acme:foo-matching-missing\"))", META, 't' },
    { "empty(attributes/missing)", OBJECTS, 't' },
    { "empty(attributes/a)", A("\"\""), 't' },
    { "empty(attributes/a)", A("[ ]"), 't' },
    { "empty(attributes/a)", A("{ }"), 't' },
    { "empty(attributes/a)", A("null"), 't' },
    { "empty(attributes/a)", A("0"), 'f' },
    { "empty(attributes/a)", A("false"), 'f' },
    { "empty(attributes/a)", A("[[]]"), 'f' },
    { "empty(features/bar)", F("{\"properties\":{\"x\":1}}"), 't' },
    { "empty(features/f)", F("{\"properties\":{\"x\":1}}"), 'f' },
    { "eq(username,'te\\'st')", A("1"), 'E' },
    { "eq(attributes/a,'te\\'st')", A("\"te'st\""), 't' },
    { "eq(attributes/a,-0)", A("0"), 'E' },
    { "eq(attributes/a,012.7)", A("0"), 'E' },
    { "eq(attributes/a,.7)", A("0"), 'E' },
    { "eq(attributes/a,127.)", A("0"), 'E' },
    { "not(eq(attributes/a,1),eq(attributes/b,2))", A("0"), 'E' },
    { "exists(\"features/scanner\")", A("0"), 'E' },
    { "eq(thingId,foo:bar)", A("0"), 'E' },
    { "like(attributes/a,123*)", A("0"), 'E' },
    { "eq(attributes/a, 1)", A("1"), 'E' },
    { " eq(attributes/a,1)", A("1"), 't' },
    { "eq(attributes/a,1) ", A("1"), 'E' },
    { "eq(attributes/a,1 )", A("1"), 't' },
    { "eq( attributes/a,1)", A("1"), 'E' },
    { "eq(attributes/a ,1)", A("1"), 'f' },
    { "eq(/attributes/a,1)", A("1"), 't' },
    { "eq(//attributes/a,1)", A("1"), 'E' },
    { "eq(attributes/a,\"1.0\")", A("1"), 't' },
    { "eq(attributes/a,\"01\")", A("1"), 't' },
    { "eq(attributes/a,\"\xd9\xa1\")", A("1"), 't' },
    { "eq(attributes/a,1)", A("\"1.00\""), 't' },
    { "eq(attributes/a,1)", A("\"\\u0031e0\""), 't' },
    { "eq(attributes/a,10)", A("\" 10\""), 'f' },
    { "eq(attributes/a,true)", A("\"true\""), 't' },
    { "eq(attributes/a,true)", A("1"), 'f' },
    { "gt(attributes/a,\"abc\")", A("5"), 'f' },
    { "lt(attributes/a,\"abc\")", A("5"), 't' },
    { "gt(attributes/a,5)", A("true"), 't' },
    { "ge(attributes/a,\"10\")", A("\"9\""), 't' },
    { "ge(attributes/a,10)", A("\"9\""), 'f' },
    { "ge(attributes/a,\"10\")", A("9"), 'f' },
    { "gt(attributes/a,\"B\")", A("\"a\""), 't' },
    { "le(attributes/a,10)", A("\"abc\""), 'f' },
    { "ge(attributes/a,10)", A("\"abc\""), 't' },
    { "eq(attributes/a,null)", "{}", 'f' },
    { "ne(attributes/a,null)", "{}", 't' },
    { "ne(attributes/a,1)", "{}", 't' },
    { "ne(attributes/a,1)", A("[1,2]"), 'f' },
    { "eq(attributes/a,2)", A("[1,[2,3]]"), 't' },
    { "eq(attributes/a,4)", A("[[[ ],[1]],{\"x\":4},[ 3 , [4] ]]"), 't' },
    { "eq(attributes/a,4)", A("[[[ ],[1]],{\"x\":4},[3]]"), 'f' },
    { "eq(attributes/a,1)", A("{\"b\":1}"), 'f' },
    { "ne(attributes/a,1)", A("{\"b\":1}"), 't' },
    { "eq(attributes/a/b,2)", A("[{\"b\":1},{\"b\":2}]"), 't' },
    { "eq(attributes/a/b,1)", A("[[{\"b\":1}]]"), 'f' },
    { "eq(attributes/a/b,1)", A("[{\"b\":[1,2]}]"), 't' },
    { "eq(attributes/a/0,1)", A("[1,2]"), 'f' },
    { "eq(attributes/a,2)", "{\"attributes\":{\"a\":1,\"a\":2}}", 't' },
    { "eq(attributes/a,1)", "{\"attributes\":{\"\\u0061\":1}}", 't' },
    { "and(lt(attributes/a,3),gt(attributes/a,3))", A("[5,2]"), 't' },
    { "in(attributes/a,1,null)", A("1"), 't' },
    { "in(attributes/a,null,1)", A("1"), 'X' },
    { "in(attributes/a,2,null)", A("1"), 'X' },
    { "in(attributes/a,2,time:foo)", A("1"), 'X' },
    { "in(attributes/a,null)", A("null"), 'f' },
    { "in(attributes/a,null)", "{}", 'f' },
    { "or(eq(attributes/a,1),in(attributes/a,null))", A("1"), 't' },
    { "and(eq(attributes/a,2),in(attributes/a,null))", A("1"), 'f' },
    { "or(eq(attributes/a,2),in(attributes/a,null))", A("1"), 'X' },
    { "not(in(attributes/a,null))", A("1"), 'X' },
    { "in(attributes/a,\"1\",2,true)", A("1"), 't' },
    { "like(attributes/a,\"*\")", A("null"), 't' },
    { "like(attributes/a,\"null\")", A("null"), 'f' },
    { "like(attributes/a,\"*\")", A("{\"b\":1}"), 'f' },
    { "like(attributes/a,\"*\")", A("[]"), 'f' },
    { "like(attributes/a,\"*\")", "{}", 'f' },
    { "like(attributes/a,\"1*\")", A("123"), 't' },
    { "like(attributes/a,\"1\")", A("1.0"), 't' },
    { "like(attributes/a,\"*1.0*\")", A("1.0"), 'f' },
    { "like(attributes/a,\"*E*\")", A("0.00001"), 't' },
    { "like(attributes/a,\"12345678.9\")", A("12345678.9"), 'f' },
    { "like(attributes/a,\"1.23456789E7\")", A("12345678.9"), 't' },
    { "eq(attributes/a,\"12345678.9\")", A("12345678.9"), 't' },
    { "like(attributes/a,\"tr?e\")", A("true"), 't' },
    { "like(attributes/a,\"a*c\")", A("\"a\\nc\""), 'f' },
    { "like(attributes/a,\"a\\nc\")", A("\"a\\nc\""), 't' },
    { "like(attributes/a,\"*\\n*b\")", A("\"aa\\nab\""), 't' },
    { "like(attributes/a,\"*a\\n*\")", A("\"a\\na\""), 't' },
    { "like(attributes/a,\"a?c\")", A("\"a\\u2028c\""), 'f' },
    { "like(attributes/a,\"a?c\")", A("\"a\\u2027c\""), 't' },
    { "like(attributes/a,\"*\")", A("\"a\\u0085\""), 'f' },
    { "like(attributes/a,\"abc\")", A("\"abc\\n\""), 'f' },
    { "like(attributes/a,\"a.c\")", A("\"abc\""), 'f' },
    { "like(attributes/a,\"[ab]\")", A("\"a\""), 'f' },
    { "like(attributes/a,\"a\\\\*\")", A("\"a\\\\bb\""), 't' },
    { "like(attributes/a,\"a?b\")", A("\"a\\ud83d\\ude00b\""), 't' },
    { "like(attributes/a,\"a??b\")", A("\"a\\ud83d\\ude00b\""), 'f' },
    { "like(attributes/a,\"\")", A("\"\""), 't' },
    { "like(attributes/a,\"\")", A("\"x\""), 'f' },
    { "like(attributes/a,\"a**b*c\")", A("\"axxbyybzzc\""), 't' },
    { "like(attributes/a,\"*ab*ab\")", A("\"ab\""), 'f' },
    { "ilike(attributes/a,\"\\u00c4*\")", A("\"\\u00e4bc\""), 'f' },
    { "ilike(attributes/a,\"STRASSE\")", A("\"stra\\u00dfe\""), 'f' },
    { "ilike(attributes/a,\"[A\")", A("\"{a\""), 'f' },
    { "like(attributes/a,5)", A("5"), 'E' },
    { "like(_modified,time:now)", META, 'E' },
    { "exists(attributes/a)", A("null"), 't' },
    { "exists(attributes/a/b)", A("[{\"c\":1},{\"b\":2}]"), 't' },
    { "exists(attributes/a/b)", A("[]"), 'f' },
    { "exists(attributes/a/b)", A("null"), 'f' },
    { "empty(attributes/a/b)", A("[{\"b\":\"\"}]"), 'f' },
    { "empty(attributes/a/b)", A("[{\"c\":\"\"}]"), 't' },
    { "exists(attributes/)", A("1"), 't' },
    { "exists(attributes/)", "{\"attributes\":null}", 'f' },
    { "empty(attributes/)", "{\"attributes\":{}}", 't' },
    { "eq(attributes/,1)", A("1"), 'f' },
    { "eq(attributes//a,1)", A("1"), 'X' },
    { "exists(attributes//a)", A("1"), 't' },
    { "exists(attributes/a//b)", A("1"), 'X' },
    { "exists(attributes/a//b)", "{}", 'f' },
    { "exists(features/f)", F("{}"), 't' },
    { "exists(features/f)", F("null"), 't' },
    { "empty(features/f)", F("null"), 't' },
    { "exists(features/f/)", F("{}"), 'E' },
    { "exists(features/f/properties)", F("{\"properties\":{}}"), 't' },
    { "exists(features/f/properties/)", F("{\"properties\":{}}"), 't' },
    { "empty(features/f)", F("{}"), 't' },
    { "empty(features/f)", F("{\"properties\":{}}"), 'f' },
    { "empty(features/f)", F("{\"x\":1}"), 't' },
    { "eq(features/f/properties,1)", F("{}"), 'E' },
    { "eq(features/f,1)", F("{}"), 'E' },
    { "exists(features/f/properties/a\nb)", F("{}"), 'E' },
    { "eq(features/f/definition,\"a:b:2\")",
      F("{\"definition\":[\"a:b:1\",\"a:b:2\"]}"), 't' },
    { "eq(features/f/desiredProperties/x,1)",
      F("{\"desiredProperties\":{\"x\":1}}"), 't' },
    { "exists(features/*/properties/x)", F("{\"properties\":{\"x\":1}}"),
      'f' },
    { "eq(features/f/properties/a~1b,1)", F("{\"properties\":{\"a~1b\":1}}"),
      't' },
    { "exists(features/f~0/properties/x)",
      "{\"features\":{\"f~\":{\"properties\":{\"x\":1}}}}", 'f' },
    { "eq(features/f~0/properties/x,1)",
      "{\"features\":{\"f~\":{\"properties\":{\"x\":1}}}}", 't' },
    { "eq(attributes/a~0b,1)", "{\"attributes\":{\"a~b\":1}}", 't' },
    { "exists(_revision)", META, 'f' },
    { "empty(_revision)", META, 't' },
    { "gt(_revision,1)", META, 't' },
    { "exists(_modified)", META, 'f' },
    { "exists(_namespace)", META, 'f' },
    { "exists(_metadata)", META, 'f' },
    { "gt(_modified,\"2020-01-01T00:00:00Z\")", META, 'f' },
    { "eq(_modified,\"2020-01-01T00:00:00.500Z\")", META, 't' },
    { "gt(_modified,time:now-1h)", META, 'f' },
    { "ne(_modified,time:foo)", META, 't' },
    { "lt(_modified,time:foo)", META, 'f' },
    { "eq(attributes/a,time:foo)", A("null"), 't' },
    { "lt(_modified,time:now )", META, 'f' },
    { "gt(attributes/a,time:now_epoch_millis)", A("1e15"), 't' },
    { "gt(attributes/a,time:now_epoch_millis)", A("5"), 'f' },
    { "and(eq(attributes/a,1),  eq(attributes/a,\"1\"))", A("1"), 't' },
    { "and(eq(attributes/a,1) ,eq(attributes/b,2))", A("1"), 'E' },
    { "and()", A("1"), 'E' },
    { "and(eq(attributes/a,1))", A("1"), 't' },
    { "EQ(attributes/a,1)", A("1"), 'E' },
    { "eq(attributes/a,1e5)", A("1"), 'E' },
    { "eq(attributes/a,TRUE)", A("1"), 'E' },
    { "eq(attributes/a,+5)", A("5"), 't' },
    { "eq(attributes/a,-0.0)", A("0"), 't' },
    { "eq(attributes/a,9007199254740993.0)", A("9007199254740993"), 'f' },
    { "eq(attributes/a,9007199254740993)", A("9007199254740993"), 't' },
    { "eq(attributes/a,9007199254740993)", A("9007199254740993.0"), 'f' },
    { "lt(attributes/a,9007199254740993)", A("9007199254740993.0"), 't' },
    { "gt(attributes/a,9223372036854775807)", A("1e19"), 't' },
    { "eq(attributes/a,9223372036854775807)", A("9223372036854775808.0"),
      't' },
    { "eq(attributes/a,100)", A("1e2"), 't' },
    { "eq(attributes/a,1)", A("1e400"), 'X' },
    { "eq(attributes/a,null)", A("1e400"), 'f' },
    { "like(attributes/a,\"Inf*\")", A("1e400"), 't' },
    { "eq(attributes/a\\u002cb,1)", "{\"attributes\":{\"a,b\":1}}", 't' },
    { "eq(attributes/a(b,1)", "{\"attributes\":{\"a(b\":1}}", 't' },
    { "eq(attributes/a,'a\\\"b')", A("1"), 'E' },
    { "like(topic:full,\"*/messages/*\")", "{}", 't' },
    { "eq(time:now,\"x\")", "{}", 'E' },
    { "eq(header:foo,\"x\")", "{}", 'E' },
    { "eq(attributes,1)", "{}", 'E' },
    { "eq(namespace,\"a\")", "{}", 'E' },
    { "eq(attributes/a,thing:id)", A("1"), 'E' },
    { "ne(policyId,\"x\")", "{}", 't' },
    { "exists(topic:action)", "{}", 'f' },
    { "empty(topic:action)", "{}", 't' },
    { "eq(topic:subject,\"hi\")", "{}", 't' },
    { "empty(topic:subject)", "{}", 'f' },

    /* an object that is looked into twice is read once */
    { "and(ne(attributes/b,1),eq(attributes/a,2))",
      "{\"attributes\":{\"a\":1,\"a\":2}}", 't' },
    { "and(eq(attributes/17,7),eq(attributes/18,8),eq(attributes/1,1))",
      "{\"attributes\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,"
      "\"7\":7,\"8\":8,\"9\":9,\"10\":0,\"11\":1,\"12\":2,\"13\":3,"
      "\"14\":4,\"15\":5,\"16\":6,\"17\":7,\"18\":8}}", 't' },
    { "and(eq(attributes/a,1),eq(attributes/b,2),eq(attributes/c,3),"
      "eq(attributes/d/e/f/g,4),eq(attributes/d/h,5))",
      "{\"attributes\":{\"x\":\"\\\\\",\"y\":\"\\\"}\",\"a\":1,\"b\":2,"
      "\"c\":3,\"d\":{\"e\":{\"f\":{\"g\":4}},\"h\":5}}}", 't' },

    /* texts are compared by UTF-16 units */
    { "gt(attributes/a,\"\\ud83d\\ude00\")", A("\"\\uffee\""), 't' },
    { "lt(attributes/a,\"\\uffee\")", A("\"x\\ud83d\\ude00\""), 't' },
    { "lt(attributes/a,\"x\\uffee\")", A("\"x\\ud83d\\ude00\""), 't' },
    { "gt(attributes/a,\"\\ud7ff\")", A("\"\\ud83d\\ude00\""), 't' },
    { "lt(attributes/a,\"ab\")", A("\"a\""), 't' },

    /* numbers against texts, by what BigDecimal prints */
    { "eq(attributes/a,0.00001)", A("\"0.000010\""), 't' },
    { "lt(attributes/a,\"0.00001x\")", A("0.00001"), 't' },
    { "gt(attributes/a,\"0.0000\")", A("0.00001"), 't' },
    { "lt(attributes/a,\"0.0000x\")", A("0.00001"), 't' },
    { "gt(attributes/a,\"1e-2147483647\")", A("1"), 't' },
    { "gt(attributes/a,\"1e-2147483648\")", A("1"), 'f' },
    { "gt(attributes/a,\"1.0E*\")", A("1e19"), 't' },
    { "lt(attributes/a,\"1.0Ex\")", A("1e19"), 't' },
    { "lt(attributes/a,\"5x\")", A("5.0"), 't' },
};


static const test_refused_t  test_refusals[] = {
    { "", 0, "Unexpected end of input, expected a function (line 1, column "
      "1):\n\n^" },
    { " ", 1, "Unexpected end of input, expected a function (line 1, column "
      "2):\n \n ^" },
    { "nope(attributes/a,1)", 2, "Invalid input 'p', expected a function "
      "(line 1, column 3):\nnope(attributes/a,1)\n  ^" },
    { "eq(", 3, "Unexpected end of input, expected ',' (line 1, column 4)" },
    { "eq(attributes/a,)", 16, "Invalid input ')', expected a value" },
    { "eq(attributes/a,tim)", 19, "Invalid input ')', expected a value" },
    { "eq(attributes/a,-01)", 18, "Invalid input '1'" },
    { "eq(attributes/a,-)", 17, "Invalid input ')', expected a digit" },
    { "eq(attributes/a,1.)", 18, "Invalid input ')', expected a digit" },
    { "eq(attributes/a\\u12,1)", 19, "Invalid input ',', expected a "
      "hexadecimal digit (line 1, column 20)" },
    { "eq(attributes/a\\xb,1)", 16, "Invalid input 'x', expected an escape" },
    { "eq(attributes/a,\"a)", 19, "Unexpected end of input, expected the end "
      "of the string" },
    { "eq(attributes/a,'a\\\"b')", 19, "Invalid input '\"', expected an "
      "escape" },
    { "eq(attributes/a,1)\n", 18, "Invalid input '\\n', expected the end" },
    { "eq(attributes/a,1)\x01", 18, "Invalid input '\\u0001'" },
    { "eq(attributes/\xf0\x9f\x98\x80,1)x", 21, "Invalid input 'x', expected "
      "the end (line 1, column 20)" },
    { "\n eq(attributes/a,x)", 18, "Invalid input 'x', expected a value (line "
      "2, column 18):\n eq(attributes/a,x)\n                 ^" },
    { "eq(a)b,\xc3\xa4)", 4, "Invalid input ')'" },
    { "or(eq(foo,1),eq(bar,2))", 6, "Unknown property name: foo" },
    { "eq(/,1)", 3, "Unknown property name: " },
    { "and(like(attributes/a,5),eq(foo,1))", 22, "In the like predicate only "
      "string values are allowed." },
    { "ilike(attributes/a,null)", 19, "In the ilike predicate only string "
      "values are allowed." },
    { "eq(attributes/a,99999999999999999999", 16, "Unknown error during "
      "parsing predicate: For input string: \"99999999999999999999\"" },
    { "eq(attributes/a,time:)", 16, "Unknown error during parsing predicate: "
      "Placeholder was not in expected format <prefix:name>!" },
    { "eq(attributes/a,time:a\nb)", 16, "Unknown error during parsing "
      "predicate: Placeholder" },
};


#define G4    "gt(attributes/y,4)"
#define P4    "gt(features/f/properties/p,4)"
#define P(v)  F("{\"properties\":{\"p\":" v "}}")
#define Y(v)  "{\"attributes\":{\"y\":" v "}}"
#define X5    E("/attributes/x", "5")
#define MANY                                                                  \
    MERGED("/", "{\"features\":{\"f\":{\"properties\":{\"p\":7}},"            \
                "\"g\":null}}")
#define AT2020                                                                \
    TWIN "modified\",\"path\":\"/attributes/x\",\"value\":5,\"revision\":3,"  \
    "\"timestamp\":\"2020-01-01T00:00:00Z\"}"


/* The worked cases of spec "Target topics", and what they leave. */
static const test_phase_t  test_phases[] = {
    { X5, "gt(attributes/x,4)", NULL, NULL, 't', '-', NULL },
    { X5, G4, NULL, NULL, 'f', '-', NULL },
    { X5, G4, "attributes/y", Y("5"), 't', 't', Y("5") },
    { X5, G4, "attributes/y", Y("1"), 't', 'f', NULL },
    { X5, G4, "attributes/y", "{}", 't', 'f', NULL },
    { X5, G4, "attributes", Y("5"), 't', 't', Y("5") },
    { X5, "gt(attributes/yy,4)", "attributes/y",
      "{\"attributes\":{\"yy\":5}}", 't', 't', "{}" },
    { X5, "eq(thingId,\"a:b\")", NULL, NULL, 't', '-', NULL },
    { X5, "gt(_revision,2)", NULL, NULL, 't', '-', NULL },
    { X5, "gt(_revision,2)", "_revision", "{\"_revision\":1}", 't', 't',
      "{\"_revision\":1}" },
    { AT2020, "lt(_modified,time:now)", NULL, NULL, 't', '-', NULL },
    { X5, "lt(_modified,time:now)", NULL, NULL, 'f', '-', NULL },
    { AT2020, "eq(_modified,\"2020-01-01T00:00:00Z\")", "_modified",
      "{\"_modified\":\"2021-01-01T00:00:00Z\"}", 't', 'f', NULL },
    { AT2020, "eq(_modified,\"2020-01-01T00:00:00Z\")", "attributes/y",
      "{ }", 't', 't', "{}" },
    { X5, "eq(attributes/x,5)", "attributes/x", "{\"attributes\":{\"x\":6}}",
      't', 't', "{\"attributes\":{\"x\":6}}" },
    { X5, "eq(attributes/x,6)", "attributes/x", "{\"attributes\":{\"x\":6}}",
      't', 'f', NULL },
    { E("/attributes/x", "{\"q\":1}"), "exists(attributes/x/r)",
      "attributes/x", "{\"attributes\":{\"x\":{\"r\":1}}}", 't', 't',
      "{\"attributes\":{\"x\":{\"r\":1}}}" },
    { E("/attributes/x/y", "1"), "eq(attributes/x/z,1)", "attributes/x",
      "{\"attributes\":{\"x\":{\"z\":1}}}", 't', 't',
      "{\"attributes\":{\"x\":{\"z\":1}}}" },
    { E("/attributes/x/y", "1"), "eq(attributes/x/z,1)", "attributes/x",
      "{\"attributes\":{\"x\":[{\"z\":1}]}}", 't', 'f', NULL },
    { E("/attributes/x/y", "1"), "exists(attributes/x)", NULL, NULL, 't', '-',
      NULL },
    { E("/attributes/x/y", "1"), "empty(attributes/x)", NULL, NULL, 'f', '-',
      NULL },
    { E("/attributes/x/y", "1"), "eq(attributes/x,1)", NULL, NULL, 'f', '-',
      NULL },
    { WHOLE, "exists(policyId)", NULL, NULL, 'f', '-', NULL },
    { WHOLE, "eq(_modified,\"2020-01-01T00:00:00Z\")", NULL, NULL, 't', '-',
      NULL },
    { WHOLE, "eq(features/f/properties/p,1)", NULL, NULL, 't', '-', NULL },
    { TWIN "created\",\"path\":\"/\",\"value\":{\"thingId\":\"a:b\","
      "\"_created\":\"2020-01-01T00:00:00Z\"},\"revision\":3}",
      "eq(_created,\"2020-01-01T00:00:00Z\")", "attributes/y", Y("5"), 't',
      'f', NULL },
    { E("/attributes/x", "{}"), "empty(attributes/x)", "attributes/x",
      "{\"attributes\":{\"x\":{}}}", 't', 't',
      "{\"attributes\":{\"x\":{}}}" },
    { E("/attributes/x", "{}"), "empty(attributes/x)", "attributes/x",
      "{\"attributes\":{\"x\":{\"r\":1}}}", 't', 'f', NULL },
    { E("/attributes", "null"), G4, "attributes/y", Y("5"), 't', 't',
      Y("5") },
    { X5, P4, "features/f/properties/p", P("5"), 'f', 't', P("5") },
    { X5, P4, "features/f/properties", P("5"), 'f', 't', P("5") },
    { X5, P4, "features/f", P("5"), 't', 't', P("5") },
    { X5, P4, "features", P("5"), 't', 't', P("5") },
    { X5, "exists(features/f/properties)", "features/f/properties", P("5"),
      't', 't', P("5") },
    { X5, "eq(features/f/definition,\"a:b:1\")", "features/f/definition",
      F("{\"definition\":[\"a:b:1\"]}"), 't', 't',
      F("{\"definition\":[\"a:b:1\"]}") },
    { X5, "eq(policyId,\"a:p\")", "policyId", "{\"policyId\":\"a:p\"}", 'f',
      't', "{\"policyId\":\"a:p\"}" },
    { E("/features/f/definition", "[\"a:b:1\"]"),
      "exists(features/f/definition)", NULL, NULL, 'f', '-', NULL },
    { E("/features/f/definition", "[\"a:b:1\"]"), "eq(_revision,3)",
      "_revision", "{\"_revision\":1}", 'f', 't', "{\"_revision\":1}" },
    { E("/features", "{\"f\":{},\"g\":{}}"), "eq(feature:id,\"f\")", NULL,
      NULL, 't', '-', NULL },
    { E("/features", "{\"f\":{},\"g\":{}}"), "eq(feature:id,\"g\")", NULL,
      NULL, 'f', '-', NULL },
    { E("/features/f/properties/p", "1"), "eq(feature:id,\"f\")", NULL, NULL,
      't', '-', NULL },
    { DELETED("/attributes/x"), "exists(attributes/x)", NULL, NULL, 'f', '-',
      NULL },
    { DELETED("/attributes/x"), "not(exists(attributes/x))", NULL, NULL, 't',
      '-', NULL },
    { DELETED("/attributes/x"), "ne(attributes/x,1)", NULL, NULL, 't', '-',
      NULL },
    { DELETED("/attributes/x"), "eq(resource:path,\"/attributes/x\")", NULL,
      NULL, 't', '-', NULL },
    { DELETED("/features/f"), "eq(feature:id,\"f\")", NULL, NULL, 't', '-',
      NULL },
    { MERGED("/attributes", "{\"x\":null,\"y\":1}"), "exists(attributes/x)",
      NULL, NULL, 'f', '-', NULL },
    { MERGED("/attributes/x", "null"), "exists(attributes/x)", NULL, NULL,
      't', '-', NULL },
    { MERGED("/attributes/x", "null"), "empty(attributes/x)", NULL, NULL, 't',
      '-', NULL },
    { MANY, "gt(features/f/properties/p,6)", NULL, NULL, 't', '-', NULL },
    { MANY, "eq(feature:id,\"f\")", NULL, NULL, 't', '-', NULL },
    { MANY, "eq(feature:id,\"g\")", NULL, NULL, 'f', '-', NULL },
    { MERGED("/policyId", "null"), "eq(topic:action,\"merged\")", NULL, NULL,
      'X', '-', NULL },
    { MERGED("/attributes", "5"), "eq(topic:action,\"merged\")", NULL, NULL,
      'X', '-', NULL },
    { MERGED("/", "5"), "eq(topic:action,\"merged\")", NULL, NULL, 'X', '-',
      NULL },
    { MERGED("/", "{\"_modified\":\"2020-01-01T02:00:00+02:00\"}"),
      "eq(_modified,\"2020-01-01T00:00:00Z\")", NULL, NULL, 't', '-', NULL },
    { MESSAGE, "eq(thingId,\"a:b\")", NULL, NULL, 'f', '-', NULL },
    { MESSAGE, "eq(thing:id,\"a:b\")", NULL, NULL, 't', '-', NULL },
    { MESSAGE, "eq(entity:namespace,\"a\")", NULL, NULL, 't', '-', NULL },
    { MESSAGE, "eq(topic:subject,\"hi\")", NULL, NULL, 't', '-', NULL },
    { MESSAGE, "eq(resource:path,\"/outbox/messages/hi\")", NULL, NULL, 't',
      '-', NULL },
    { MESSAGE, "eq(attributes/a,1)", "attributes/a", A("1"), 't', 't',
      A("1") },
    { COMMAND, "eq(attributes/x,5)", NULL, NULL, 'f', '-', NULL },
    { COMMAND, "eq(topic:action,\"modify\")", NULL, NULL, 't', '-', NULL },
    { "{\"topic\":\"a/b/things/live/events/modified\",\"path\":"
      "\"/attributes/x\",\"value\":5,\"revision\":3}", "eq(attributes/x,5)",
      NULL, NULL, 't', '-', NULL },
    { E("/attributes/a~b", "5"), "eq(attributes/a~b,5)", NULL, NULL, 't', '-',
      NULL },
    { E("/attributes/a~b", "5"), "eq(attributes/a~0b,5)", NULL, NULL, 't',
      '-', NULL },
    { E("/attributes/a~1b", "5"), "eq(attributes/a~1b,5)", NULL, NULL, 't',
      '-', NULL },
    { E("/attributes/a~0b", "5"), "eq(attributes/a~0b,5)", NULL, NULL, 'f',
      '-', NULL },

    /* keys that a thing cannot have */
    { E("/attributes/\xc3\xa4", "5"), "exists(thingId)", NULL, NULL, 'X', '-',
      NULL },
    { E("/attributes/x", "{\"a/b\":5}"), "exists(thingId)", NULL, NULL, 'X',
      '-', NULL },
    { E("/attributes/x", "[{\"a/b\":5}]"), "exists(thingId)", NULL, NULL, 't',
      '-', NULL },
    { E("/features/\xc3\xa4/properties/x", "5"), "exists(thingId)", NULL,
      NULL, 'X', '-', NULL },
    { E("/features/\xc3\xa4/properties", "{}"), "exists(thingId)", NULL, NULL,
      'X', '-', NULL },
    { E("/features/f/properties/x", "{\"\xc3\xa4\":5}"), "exists(thingId)",
      NULL, NULL, 'X', '-', NULL },
    { DELETED("/attributes/\xc3\xa4"), "exists(thingId)", NULL, NULL, 't',
      '-', NULL },

    /* phase 1 evaluates all, phase 2 what it needs */
    { X5, "or(eq(attributes/x,5),in(attributes/x,null))", NULL, NULL, 'X',
      '-', NULL },
    { X5, "or(eq(attributes/x,5),in(attributes/x,null))", "attributes/x",
      "{\"attributes\":{\"x\":1}}", 't', 't', "{\"attributes\":{\"x\":1}}" },
    { X5, "exists(attributes/a//b)", NULL, NULL, 'X', '-', NULL },
    { X5, "exists(attributes/a//b)", "attributes/a", Y("1"), 'X', 'X', NULL },
    { X5, "eq(attributes//x,5)", "attributes", Y("1"), 't', 'X', NULL },

    /* three values */
    { X5, "and(" G4 ",eq(attributes/x,6))", "attributes/y", Y("5"), 'f', 'f',
      NULL },
    { X5, "or(" G4 ",eq(attributes/x,6))", "attributes/y", Y("5"), 't', 't',
      Y("5") },
    { X5, "not(or(" G4 ",eq(attributes/x,5)))", "attributes/y", Y("1"), 'f',
      'f', NULL },
    { X5, "not(" G4 ")", "attributes/y", Y("5"), 't', 'f', NULL },

    /* placeholders in extraFields */
    { X5, "eq(attributes/y,1)", "attributes/{{ header:nope }}", Y("1"), 'f',
      '-', NULL },
    { X5, "eq(attributes/b,1)", "attributes/{{ thing:name }}",
      "{\"attributes\":{\"b\":1,\"c\":2}}", 'f', 't',
      "{\"attributes\":{\"b\":1}}" },
    { X5, "exists(thingId)", "{{ thing:name }}/x", "{}", 't', 'X', NULL },

    /* what goes into the message */
    { X5, NULL, "features/*/properties/p",
      "{\"features\":{\"f\":{\"properties\":{\"p\":1,\"q\":2}},"
      "\"g\":{\"properties\":{\"q\":3}},\"h\":{\"properties\":{\"p\":1.50}}}}",
      't', 't',
      "{\"features\":{\"f\":{\"properties\":{\"p\":1}},"
      "\"h\":{\"properties\":{\"p\":1.50}}}}" },
    { X5, NULL, "attributes/a/b,attributes/c,attributes/c/d,attributes/a",
      "{\"attributes\":{\"c\":{\"d\":1,\"e\":2},\"a\":{\"b\":1,\"f\":2}}}",
      't', 't',
      "{\"attributes\":{\"a\":{\"b\":1,\"f\":2},\"c\":{\"d\":1,\"e\":2}}}" },
    { X5, NULL, "attributes/a/b",
      "{\"attributes\":{\"a\":[{\"b\":1,\"c\":2},3,null,[{\"b\":4}]]}}", 't',
      't', "{\"attributes\":{\"a\":[{\"b\":1},3,{},[{\"b\":4}]]}}" },
    { X5, NULL, "attributes/a/b", A("null"), 't', 't', "{}" },
};


static void test_scope(unit_pool_t *up, test_scope_t *ts, const char *text);
static char test_result(ditto_rc_t rc);


static void
test_match(void **state)
{
    size_t          i;
    char            result;
    ditto_rql_t    *rql;
    unit_pool_t     up;
    ditto_error_t   err;
    test_scope_t    ts;

    (void) state;

    for (i = 0; i < sizeof(test_matches) / sizeof(test_matches[0]); i++) {
        unit_pool_init(&up);
        test_scope(&up, &ts, MESSAGE);
        ts.scope.extra = unit_str(&up, test_matches[i].thing);

        if (ditto_rql_compile(&up.pool, unit_str(&up, test_matches[i].filter),
                              NULL, 0, &rql, &err)
            != DITTO_OK)
        {
            assert_int_equal(err.code, DITTO_E_RQL_INVALID);
            result = 'E';

        } else {
            result = test_result(ditto_rql_match(rql, &ts.scope, &err));
        }

        if (result != test_matches[i].result) {
            fail_msg("%s of %s: %c", test_matches[i].filter,
                     test_matches[i].thing, result);
        }

        unit_pool_free(&up);
    }
}


static void
test_refused(void **state)
{
    size_t          i;
    ditto_buf_t     buf;
    ditto_rql_t    *rql;
    ditto_str_t     message;
    unit_pool_t     up;
    ditto_error_t   err;

    (void) state;

    for (i = 0; i < sizeof(test_refusals) / sizeof(test_refusals[0]); i++) {
        unit_pool_init(&up);

        assert_int_equal(ditto_rql_compile(&up.pool,
                                    unit_str(&up, test_refusals[i].filter),
                                           NULL, 0, &rql, &err),
                         DITTO_ERROR);
        assert_int_equal(err.code, DITTO_E_RQL_INVALID);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_error_message(&buf, &err);
        ditto_buf_char(&buf, '\0');
        assert_int_equal(ditto_buf_done(&buf, &message), DITTO_OK);

        if (err.offset != test_refusals[i].offset
            || !ditto_str_starts(message, ditto_str(test_refusals[i].message)))
        {
            fail_msg("%s: %s at %zu", test_refusals[i].filter, message.data,
                     err.offset);
        }

        unit_pool_free(&up);
    }
}


static void
test_both_phases(void **state)
{
    char                   first, second;
    size_t                 i, j;
    ditto_rc_t             rc;
    ditto_buf_t            buf;
    ditto_str_t            extra, text;
    unit_pool_t            up;
    ditto_array_t          pointers;
    ditto_error_t          err;
    test_scope_t           ts;
    const test_phase_t    *t;
    ditto_subscription_t   entry;

    (void) state;

    for (i = 0; i < sizeof(test_phases) / sizeof(test_phases[0]); i++) {
        t = &test_phases[i];

        unit_pool_init(&up);
        test_scope(&up, &ts, t->message);

        ditto_buf_init(&buf, &up.pool, 0);
        ditto_buf_str(&buf, ditto_topic_name(ts.signal.target_topic));
        ditto_buf_char(&buf, '?');

        if (t->filter != NULL) {
            ditto_buf_text(&buf, "filter=");

            for (j = 0; t->filter[j] != '\0'; j++) {
                assert_true(t->filter[j] != '&' && t->filter[j] != '%'
                            && t->filter[j] != '+');
                ditto_buf_char(&buf, t->filter[j]);
            }
        }

        if (t->fields != NULL) {
            ditto_buf_text(&buf, "&extraFields=");
            ditto_buf_text(&buf, t->fields);
        }

        assert_int_equal(ditto_buf_done(&buf, &text), DITTO_OK);
        assert_int_equal(ditto_subscription_compile(&up.pool, text, &entry,
                                                    &err), DITTO_OK);
        assert_int_equal(ditto_subscription_check_filter(&up.pool, &entry,
                                                         &err), DITTO_OK);

        first = test_result(ditto_subscription_match(&entry, &ts.scope, &err));
        second = '-';
        extra.data = NULL;
        extra.len = 0;

        rc = ditto_subscription_fields(&entry, 1, &ts.scope, &pointers, &err);

        if (rc == DITTO_OK) {
            ts.scope.extra = unit_str(&up, t->extra);
            rc = ditto_subscription_enrich(&entry, 1, &ts.scope, &extra, &err);
            second = test_result(rc);

        } else if (rc == DITTO_ERROR) {
            second = 'X';
        }

        if (first != t->first || second != t->second
            || (extra.data == NULL) != (t->selected == NULL)
            || (t->selected != NULL
                && !ditto_str_eq(extra, ditto_str(t->selected))))
        {
            fail_msg("%s of %s: %c %c %.*s", t->filter, t->message, first,
                     second, (int) extra.len, extra.data);
        }

        unit_pool_free(&up);
    }
}


/* The order is Ditto's, whatever the order of the entries. */
static void
test_winner(void **state)
{
    size_t                 i, j, n;
    ditto_str_t            extra, *pointer;
    unit_pool_t            up;
    ditto_array_t          pointers;
    ditto_error_t          err;
    test_scope_t           ts;
    ditto_subscription_t   entries[5];

    static const char  *texts[] = {
        "_/_/things/twin/events",
        "_/_/things/twin/events?filter=eq(attributes/y,2)"
            "&extraFields=attributes/y",
        "_/_/things/twin/events?filter=eq(attributes/y,1)"
            "&extraFields=attributes/z,policyId",
        "_/_/things/twin/events?namespaces=x&extraFields=policyId",
        "_/_/things/live/messages?extraFields=definition",
    };

    (void) state;

    n = sizeof(texts) / sizeof(texts[0]);

    for (i = 0; i < n; i++) {
        unit_pool_init(&up);
        test_scope(&up, &ts, X5);

        for (j = 0; j < n; j++) {
            assert_int_equal(ditto_subscription_compile(&up.pool,
                                                        ditto_str(
                                                        texts[(i + j) % n]),
                                                        &entries[j], &err),
                             DITTO_OK);
        }

        assert_int_equal(ditto_subscription_fields(entries, n, &ts.scope,
                                                   &pointers, &err),
                         DITTO_OK);
        assert_int_equal(pointers.nelts, 3);
        pointer = pointers.elts;

        for (j = 0; j < 3; j++) {
            assert_true(ditto_str_eq(pointer[j], ditto_str("/attributes/y"))
                        || ditto_str_eq(pointer[j],
                                        ditto_str("/attributes/z"))
                        || ditto_str_eq(pointer[j], ditto_str("/policyId")));
        }

        ts.scope.extra = ditto_str("{\"policyId\":\"a:p\",\"attributes\":{"
                                   "\"y\":2,\"z\":3}}");
        assert_int_equal(ditto_subscription_enrich(entries, n, &ts.scope,
                                                   &extra, &err), DITTO_OK);
        assert_true(ditto_str_eq(extra, ditto_str(Y("2"))));

        ts.scope.extra = ditto_str("{\"policyId\":\"a:p\",\"attributes\":{"
                                   "\"y\":1,\"z\":3}}");
        assert_int_equal(ditto_subscription_enrich(entries, n, &ts.scope,
                                                   &extra, &err), DITTO_OK);
        assert_true(ditto_str_eq(extra,
                                 ditto_str("{\"attributes\":{\"z\":3},"
                                           "\"policyId\":\"a:p\"}")));

        /* namespaces count in phase 1 only */

        ts.scope.extra = ditto_str("{\"policyId\":\"a:p\",\"attributes\":{"
                                   "\"y\":3,\"z\":3}}");
        assert_int_equal(ditto_subscription_enrich(entries, n, &ts.scope,
                                                   &extra, &err), DITTO_OK);
        assert_true(ditto_str_eq(extra, ditto_str("{\"policyId\":"
                                                  "\"a:p\"}")));

        unit_pool_free(&up);
    }

    /* an entry without fields wins last, and shows none */

    unit_pool_init(&up);
    test_scope(&up, &ts, X5);

    for (j = 0; j < 2; j++) {
        assert_int_equal(ditto_subscription_compile(&up.pool,
                                                    ditto_str(texts[j]),
                                                    &entries[j], &err),
                         DITTO_OK);
    }

    ts.scope.extra = ditto_str(Y("3"));
    assert_int_equal(ditto_subscription_enrich(entries, 2, &ts.scope, &extra,
                                               &err), DITTO_OK);
    assert_null(extra.data);
    assert_int_equal(ditto_subscription_enrich(entries + 1, 1, &ts.scope,
                                               &extra, &err), DITTO_DECLINED);
    assert_int_equal(ditto_subscription_fields(entries, 1, &ts.scope,
                                               &pointers, &err),
                     DITTO_DECLINED);

    unit_pool_free(&up);
}


static void
test_depth(void **state)
{
    char            text[5 * DITTO_RQL_DEPTH + 64];
    size_t          i, n, depth;
    ditto_rql_t    *rql;
    unit_pool_t     up;
    ditto_error_t   err;
    test_scope_t    ts;

    (void) state;

    for (depth = DITTO_RQL_DEPTH - 1; depth <= DITTO_RQL_DEPTH; depth++) {
        unit_pool_init(&up);
        test_scope(&up, &ts, X5);

        for (i = 0, n = 0; i < depth; i++, n += 4) {
            memcpy(text + n, "not(", 4);
        }

        memcpy(text + n, "exists(thingId)", 15);
        memset(text + n + 15, ')', depth);

        if (depth == DITTO_RQL_DEPTH) {
            assert_int_equal(ditto_rql_compile(&up.pool,
                                               unit_span(&up, text,
                                                         n + 15 + depth),
                                               NULL, 0, &rql, &err),
                             DITTO_ERROR);
            assert_int_equal(err.code, DITTO_E_RQL_INVALID);

        } else {
            assert_int_equal(ditto_rql_compile(&up.pool,
                                               unit_span(&up, text,
                                                         n + 15 + depth),
                                               NULL, 0, &rql, &err),
                             DITTO_OK);
            assert_int_equal(ditto_rql_possible(rql, &ts.scope, &err),
                             depth % 2 == 0 ? DITTO_OK : DITTO_DECLINED);
        }

        unit_pool_free(&up);
    }
}


/* What is nested as deep as a message may be is walked, not descended. */
static void
test_nested(void **state)
{
    char           *text;
    size_t          i, n, depth;
    ditto_buf_t     buf;
    ditto_rql_t    *rql;
    unit_pool_t     up;
    ditto_error_t   err;
    test_scope_t    ts;

    (void) state;

    depth = DITTO_JSON_DEPTH - 2;
    n = 20 * depth + 200;
    text = malloc(n);
    assert_non_null(text);

    unit_pool_init(&up);
    test_scope(&up, &ts, MESSAGE);

    strcpy(text, "{\"attributes\":{\"a\":");
    n = strlen(text);
    memset(text + n, '[', depth);
    text[n + depth] = '7';
    memset(text + n + depth + 1, ']', depth);
    strcpy(text + n + 2 * depth + 1, "}}");
    ts.scope.extra = unit_str(&up, text);

    assert_int_equal(ditto_rql_compile(&up.pool,
                                       ditto_str("eq(attributes/a,7)"), NULL,
                                       0, &rql, &err), DITTO_OK);
    assert_int_equal(ditto_rql_match(rql, &ts.scope, &err), DITTO_OK);

    /* arrays of objects, the pointer as deep as they are */

    ditto_buf_init(&buf, &up.pool, 0);
    ditto_buf_text(&buf, "eq(attributes");
    strcpy(text, "{\"attributes\":");
    n = strlen(text);

    for (i = 0; i < depth / 2; i++) {
        memcpy(text + n, "{\"b\":[", 6);
        n += 6;
        ditto_buf_text(&buf, "/b");
    }

    text[n++] = '1';

    for (i = 0; i < depth / 2; i++) {
        memcpy(text + n, "]}", 2);
        n += 2;
    }

    strcpy(text + n, "}");
    ts.scope.extra = unit_str(&up, text);
    ditto_buf_text(&buf, ",1)");

    assert_int_equal(ditto_rql_compile(&up.pool,
                                       unit_span(&up, buf.data, buf.len), NULL,
                                       0, &rql, &err), DITTO_OK);
    assert_int_equal(ditto_rql_match(rql, &ts.scope, &err), DITTO_OK);

    unit_pool_free(&up);
    free(text);
}


/* A pattern that is slow where every star is tried again. */
static void
test_stars(void **state)
{
    char           *text;
    size_t          n;
    ditto_rql_t    *rql;
    unit_pool_t     up;
    ditto_error_t   err;
    test_scope_t    ts;

    (void) state;

    n = 200000;
    text = malloc(n + 64);
    assert_non_null(text);

    unit_pool_init(&up);
    test_scope(&up, &ts, MESSAGE);

    strcpy(text, "{\"attributes\":{\"a\":\"");
    memset(text + strlen(text) + 1, '\0', 1);
    memset(text + 20, 'a', n);
    strcpy(text + 20 + n, "\"}}");
    ts.scope.extra = unit_str(&up, text);

    assert_int_equal(ditto_rql_compile(&up.pool,
                     ditto_str("like(attributes/a,\"*a*a*a*a*a*a*a*a*a*b\")"),
                     NULL, 0, &rql, &err), DITTO_OK);
    assert_int_equal(ditto_rql_match(rql, &ts.scope, &err), DITTO_DECLINED);

    unit_pool_free(&up);
    free(text);
}


/* Filters with bytes changed, cut, doubled: refused or evaluated. */
static void
test_damaged(void **state)
{
    char            text[512];
    size_t          i, j, n, at;
    uint32_t        seed;
    ditto_rql_t    *rql;
    unit_pool_t     up;
    ditto_error_t   err;
    test_scope_t    ts;

    static const char  bytes[] = "()\",'\\/*?:tu0159.-+ \n\xc3\xa4\xf0~{}ae";

    (void) state;

    seed = 1;

    for (i = 0; i < sizeof(test_matches) / sizeof(test_matches[0]); i++) {
        for (j = 0; j < 60; j++) {
            n = strlen(test_matches[i].filter);
            assert_true(n < sizeof(text) - 2);
            memcpy(text, test_matches[i].filter, n);

            seed = seed * 1103515245 + 12345;
            at = (seed >> 8) % (n + 1);

            if (j % 3 == 0) {
                n = at;

            } else if (j % 3 == 1 && at < n) {
                text[at] = bytes[(seed >> 20) % (sizeof(bytes) - 1)];

            } else {
                memmove(text + at + 1, text + at, n - at);
                text[at] = bytes[(seed >> 20) % (sizeof(bytes) - 1)];
                n++;
            }

            unit_pool_init(&up);
            test_scope(&up, &ts, j % 2 ? MESSAGE : X5);
            ts.scope.extra = unit_str(&up, test_matches[i].thing);

            if (ditto_rql_compile(&up.pool, unit_span(&up, text, n), NULL, 0,
                                  &rql, &err)
                == DITTO_OK)
            {
                (void) ditto_rql_possible(rql, &ts.scope, &err);
                (void) ditto_rql_match(rql, &ts.scope, &err);

            } else {
                assert_int_equal(err.code, DITTO_E_RQL_INVALID);
                assert_true(err.offset <= n);
            }

            unit_pool_free(&up);
        }
    }
}


static void
test_memory_setup(unit_pool_t *up, void *ctx)
{
    test_scope_t  *ts = ctx;

    test_scope(up, ts, MERGED("/attributes", "{\"a\\u0062\":\"\\u0041\"}"));
}


static ditto_rc_t
test_memory_call(unit_pool_t *up, void *ctx, ditto_error_t *err)
{
    ditto_rc_t             rc;
    ditto_str_t            text, extra, none = ditto_null_string;
    test_scope_t          *ts = ctx;
    ditto_array_t          pointers;
    ditto_subscription_t   entry;

    text = unit_str(up, "_/_/things/twin/events?filter=and(lt(_modified,"
                    "time:now),in(attributes/a\\u0062,\"\\u0041\",1),"
                    "eq(topic:full,\"a/b/things/twin/events/merged\"),"
                    "like(attributes/ab,\"*\"),eq(attributes/y/z,1),"
                    "not(exists(_metadata/x)),eq(_namespace,'a'))"
                    "&extraFields=attributes/y/z,_modified,features/*,"
                    "attributes/{{ thing:name }}");

    ts->scope.extra = none;

    if (ditto_subscription_compile(&up->pool, text, &entry, err) != DITTO_OK) {
        return DITTO_ERROR;
    }

    assert_non_null(entry.rql);

    rc = ditto_subscription_match(&entry, &ts->scope, err);

    if (rc == DITTO_ERROR) {
        return DITTO_ERROR;
    }

    assert_int_equal(rc, DITTO_DECLINED);

    rc = ditto_subscription_fields(&entry, 1, &ts->scope, &pointers, err);

    if (rc != DITTO_OK) {
        return rc;
    }

    ts->scope.extra = unit_str(up, "{\"attributes\":{\"y\":[{\"z\":1}]},"
                               "\"_modified\":\"2020-01-01T02:00:00+02:00\""
                               ",\"features\":{\"f\\u0031\":{}}}");

    rc = ditto_subscription_enrich(&entry, 1, &ts->scope, &extra, err);

    assert_true(rc != DITTO_OK || extra.data != NULL);

    return rc;
}


static void
test_memory(void **state)
{
    test_scope_t  ts;

    (void) state;

    assert_in_range(unit_every_allocation(test_memory_setup, test_memory_call,
                                          &ts),
                    40, 300);
}


static void
test_scope(unit_pool_t *up, test_scope_t *ts, const char *text)
{
    ditto_error_t  err;

    memset(ts, 0, sizeof(test_scope_t));

    assert_int_equal(ditto_signal_parse(&up->pool, unit_str(up, text),
                                        &ts->signal, &err), DITTO_OK);

    ts->scope.pool = &up->pool;
    ts->scope.cache = &ts->cache;
    ts->scope.signal = &ts->signal;
    ts->scope.connection_id = ditto_str("c");
    ts->scope.now.sec = 1700000000;
}


static char
test_result(ditto_rc_t rc)
{
    return (rc == DITTO_OK) ? 't' : (rc == DITTO_DECLINED) ? 'f' : 'X';
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_both_phases),
        cmocka_unit_test(test_winner),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_stars),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
