-- How the pooler learns whom to let in: it asks for one role's verifier, and may ask nothing else.
-- The operator makes the same in a cluster; here the search_path is pinned as well.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA pooler AUTHORIZATION pooler;
CREATE FUNCTION pooler.user_lookup(IN i_username text, OUT uname text, OUT phash text)
RETURNS record LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT usename, passwd FROM pg_catalog.pg_shadow
    WHERE usename = i_username INTO uname, phash;
    RETURN;
END;
$$;
REVOKE ALL ON FUNCTION pooler.user_lookup(text) FROM PUBLIC, pooler;
GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO pooler;
