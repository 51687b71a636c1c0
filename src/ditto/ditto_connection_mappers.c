/*
 * Payload mappings: which definitions Ditto would register, and whether every
 * mapper that is named exists.
 *
 * Ditto: connectivity-mapping; spec section "Mapper resolution and errors".
 */

#include "ditto_connection_check.h"
#include "ditto_decode.h"
#include "ditto_json.h"


#define DITTO_SCRIPT_MAX  50000      /* UTF-16 units, which Ditto calls bytes */


/* DITTO_DECLINED: Ditto leaves such a definition out. */
typedef ditto_rc_t (*ditto_mapper_pt)(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition);


typedef struct {
    ditto_str_t      alias;
    ditto_str_t      class_name;     /* without its package */
    ditto_mapper_pt  configure;      /* NULL: anything will do */
} ditto_mapper_row_t;


static const ditto_mapper_row_t *ditto_mapper_find(ditto_str_t engine);
static bool ditto_mapper_default(ditto_str_t id);
static ditto_rc_t ditto_mapper_known(ditto_check_t *ck,
    const ditto_array_t *custom, const ditto_array_t *mappers,
    const char *place, size_t index);
static ditto_rc_t ditto_mapper_javascript(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition);
static ditto_rc_t ditto_mapper_normalized(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition);
static ditto_rc_t ditto_mapper_status(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition);
static ditto_rc_t ditto_mapper_creation(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition);
static ditto_rc_t ditto_mapper_option(ditto_check_t *ck, ditto_str_t options,
    const char *name, ditto_str_t *value);
static size_t ditto_mapper_units(ditto_str_t text);


static const ditto_str_t  ditto_mapper_package =
    ditto_string("org.eclipse.ditto.connectivity.service.mapping.");


static const ditto_mapper_row_t  ditto_mapper_rows[] = {
    { ditto_string("Ditto"), ditto_string("DittoMessageMapper"), NULL },
    { ditto_string("JavaScript"),
      ditto_string("javascript.JavaScriptMessageMapperRhino"),
      ditto_mapper_javascript },
    { ditto_string("Normalized"), ditto_string("NormalizedMessageMapper"),
      ditto_mapper_normalized },
    { ditto_string("ConnectionStatus"),
      ditto_string("ConnectionStatusMessageMapper"), ditto_mapper_status },
    { ditto_string("RawMessage"), ditto_string("RawMessageMapper"), NULL },
    { ditto_string("ImplicitThingCreation"),
      ditto_string("ImplicitThingCreationMessageMapper"),
      ditto_mapper_creation },
    { ditto_string("UpdateTwinWithLiveResponse"),
      ditto_string("UpdateTwinWithLiveResponseMessageMapper"), NULL },
    { ditto_string("CloudEvents"), ditto_string("CloudEventsMapper"), NULL },
};


/* Usable without a definition, in the order of Ditto's sentence. */
static const ditto_str_t  ditto_mapper_defaults[] = {
    ditto_string("UpdateTwinWithLiveResponse"),
    ditto_string("Normalized"),
    ditto_string("Ditto"),
    ditto_string("CloudEvents"),
    ditto_string("RawMessage"),
};


ditto_rc_t
ditto_check_mappers(ditto_check_t *ck)
{
    size_t                             i;
    ditto_rc_t                         rc;
    ditto_array_t                      custom;
    const ditto_source_t              *s;
    const ditto_target_t              *t;
    const ditto_mapper_row_t          *row;
    const ditto_mapping_definition_t  *d;

    ditto_array_init(&custom, ck->pool, sizeof(ditto_str_t));

    for (i = 0, d = ck->connection->definitions.elts;
         i < ck->connection->definitions.nelts; i++)
    {
        row = ditto_mapper_find(d[i].engine);

        if (row == NULL) {
            continue;
        }

        rc = (row->configure == NULL) ? DITTO_OK : row->configure(ck, &d[i]);

        if (rc == DITTO_ERROR) {
            return ditto_check_at(ck, "/mappingDefinitions", 0, 0);
        }

        if (rc == DITTO_OK
            && ditto_check_collect(&custom, d[i].id) != DITTO_OK)
        {
            return ditto_fail_memory(ck->err);
        }
    }

    for (i = 0, s = ck->connection->sources.elts;
         i < ck->connection->sources.nelts; i++)
    {
        if (ditto_mapper_known(ck, &custom, &s[i].payload_mapping,
                               "/sources/#/payloadMapping/#", i)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    for (i = 0, t = ck->connection->targets.elts;
         i < ck->connection->targets.nelts; i++)
    {
        if (ditto_mapper_known(ck, &custom, &t[i].payload_mapping,
                               "/targets/#/payloadMapping/#", i)
            != DITTO_OK)
        {
            return DITTO_ERROR;
        }
    }

    return DITTO_OK;
}


bool
ditto_check_defined(const ditto_check_t *ck, ditto_str_t mapper)
{
    size_t                             i;
    const ditto_mapping_definition_t  *d;

    for (i = 0, d = ck->connection->definitions.elts;
         i < ck->connection->definitions.nelts; i++)
    {
        if (ditto_str_eq(d[i].id, mapper)) {
            return true;
        }
    }

    return false;
}


static const ditto_mapper_row_t *
ditto_mapper_find(ditto_str_t engine)
{
    size_t                     i;
    ditto_str_t                class_name = ditto_null_string;
    const ditto_mapper_row_t  *row;

    if (ditto_str_starts(engine, ditto_mapper_package)) {
        class_name = ditto_str_sub(engine, ditto_mapper_package.len,
                                   engine.len);
    }

    for (i = 0; i < sizeof(ditto_mapper_rows) / sizeof(ditto_mapper_rows[0]);
         i++)
    {
        row = &ditto_mapper_rows[i];

        if (ditto_str_eq(engine, row->alias)
            || ditto_str_eq(class_name, row->class_name))
        {
            return row;
        }
    }

    return NULL;
}


static bool
ditto_mapper_default(ditto_str_t id)
{
    size_t  i;

    for (i = 0; i < sizeof(ditto_mapper_defaults)
                    / sizeof(ditto_mapper_defaults[0]); i++)
    {
        if (ditto_str_eq(id, ditto_mapper_defaults[i])) {
            return true;
        }
    }

    return false;
}


static ditto_rc_t
ditto_mapper_known(ditto_check_t *ck, const ditto_array_t *custom,
    const ditto_array_t *mappers, const char *place, size_t index)
{
    size_t              i, j;
    ditto_str_t         names;
    const ditto_str_t  *id, *c;

    for (i = 0, id = mappers->elts; i < mappers->nelts; i++) {

        for (j = 0, c = custom->elts; j < custom->nelts; j++) {
            if (ditto_str_eq(c[j], id[i])) {
                break;
            }
        }

        if (j < custom->nelts || ditto_mapper_default(id[i])) {
            continue;
        }

        if (ditto_check_join(ck, custom, ", ", &names) != DITTO_OK) {
            return DITTO_ERROR;
        }

        (void) ditto_check_fail(ck, id[i], names,
                                "The mapper <%1> could not be loaded.",
                                "Make sure to only use either the specified "
                                "mappingDefinitions names [%2] or fallback "
                                "mapper names [UpdateTwinWithLiveResponse, "
                                "Normalized, Ditto, CloudEvents, "
                                "RawMessage].");

        return ditto_check_at(ck, place, index, i);
    }

    return DITTO_OK;
}


/* spec: JavaScript, "script size" */
static ditto_rc_t
ditto_mapper_javascript(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition)
{
    size_t       i, units[2];
    ditto_rc_t   rc;
    ditto_buf_t  buf;
    ditto_str_t  script, sizes[2];

    static const char *const  names[] = { "incomingScript", "outgoingScript" };

    for (i = 0; i < 2; i++) {

        rc = ditto_mapper_option(ck, definition->options, names[i], &script);
        if (rc == DITTO_ERROR) {
            return DITTO_ERROR;
        }

        units[i] = (rc == DITTO_OK) ? ditto_mapper_units(script) : 0;

        ditto_buf_init(&buf, ck->pool, 20);
        ditto_buf_int(&buf, (int64_t) units[i]);

        if (ditto_buf_done(&buf, &sizes[i]) != DITTO_OK) {
            return ditto_fail_memory(ck->err);
        }
    }

    if (units[0] <= DITTO_SCRIPT_MAX && units[1] <= DITTO_SCRIPT_MAX) {
        return DITTO_OK;
    }

    return ditto_check_fail(ck, sizes[0], sizes[1],
                            "The message mapper configuration failed due to: "
                            "The script size was bigger than the allowed "
                            "<50000> bytes: incoming script size was <%1> "
                            "bytes, outgoing script size was <%2> bytes",
                            "Check the configuration options of your mapper "
                            "for errors.");
}


static ditto_rc_t
ditto_mapper_normalized(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition)
{
    ditto_rc_t     rc;
    ditto_str_t    fields;
    ditto_array_t  pointers;

    rc = ditto_mapper_option(ck, definition->options, "fields", &fields);

    if (rc != DITTO_OK || fields.len == 0) {
        return (rc == DITTO_ERROR) ? DITTO_ERROR : DITTO_OK;
    }

    ditto_array_init(&pointers, ck->pool, sizeof(ditto_str_t));

    if (ditto_selector_parse(ck->pool, fields, &pointers, ck->err)
        != DITTO_OK)
    {
        return ditto_fail_as(ck->pool, ck->err,
                             DITTO_E_CONNECTION_CONFIGURATION);
    }

    return DITTO_OK;
}


static ditto_rc_t
ditto_mapper_status(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition)
{
    ditto_str_t  id;

    return ditto_mapper_option(ck, definition->options, "thingId", &id);
}


/* The option "thing" is an object, or the text of one. */
static ditto_rc_t
ditto_mapper_creation(ditto_check_t *ck,
    const ditto_mapping_definition_t *definition)
{
    ditto_rc_t   rc;
    ditto_str_t  thing, id;

    static const ditto_str_t  name = ditto_string("thingId");

    rc = ditto_mapper_option(ck, definition->options, "thing", &thing);
    if (rc != DITTO_OK) {
        return rc;
    }

    if (ditto_json_validate(thing, ck->err) != DITTO_OK) {
        return ditto_fail_as(ck->pool, ck->err,
                             DITTO_E_CONNECTION_CONFIGURATION);
    }

    thing = ditto_str_trim(thing);

    if (ditto_json_type(thing) != DITTO_JSON_OBJECT) {
        (void) ditto_fail(ck->err, DITTO_E_JSON_INVALID, thing, thing);
        ck->err->message = "<%1> is not a valid JSON object!";
        return ditto_fail_as(ck->pool, ck->err,
                             DITTO_E_CONNECTION_CONFIGURATION);
    }

    return ditto_json_member(thing, name, &id);
}


/*
 * An option as text, whatever its type.  DITTO_DECLINED: there is none.
 * spec: Payload mapping
 */
static ditto_rc_t
ditto_mapper_option(ditto_check_t *ck, ditto_str_t options, const char *name,
    ditto_str_t *value)
{
    if (options.len == 0 || ditto_json_type(options) != DITTO_JSON_OBJECT
        || ditto_json_member(options, ditto_str(name), value) != DITTO_OK)
    {
        return DITTO_DECLINED;
    }

    if (ditto_json_type(*value) == DITTO_JSON_STRING
        && ditto_json_text(ck->pool, *value, value) != DITTO_OK)
    {
        return ditto_fail_memory(ck->err);
    }

    return DITTO_OK;
}


static size_t
ditto_mapper_units(ditto_str_t text)
{
    size_t    at, size, units;
    uint32_t  c;

    for (at = 0, units = 0; at < text.len; at += size) {
        size = ditto_decode_char(text, at, &c);
        units += (size == 4) ? 2 : 1;
    }

    return units;
}
