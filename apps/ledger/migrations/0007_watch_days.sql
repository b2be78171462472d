-- An entry may not be dated in a closed period; one that is dated on a day whose totals are
-- written makes that day late, so that readers sum it themselves until it is summed again.
--
-- The shared lock keeps `apps.ledger.days` from summing a day while an entry of it is still
-- uncommitted: summing takes the same lock alone, and looks with a snapshot newer than that.
--
-- Runs as the owner, so that no scope can hide a lock or a mark.
CREATE FUNCTION ledger_books_key(shop bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT hashtextextended('ledger.books', shop)
$$;

CREATE FUNCTION ledger_watch_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    dated record;
    closed date;
    summed date;
BEGIN
    FOR dated IN
        SELECT DISTINCT e.shop_id, e.day FROM added a
        JOIN ledger_entry e ON e.shop_id = a.shop_id AND e.id = a.entry_id
        ORDER BY e.shop_id, e.day
    LOOP
        PERFORM pg_advisory_xact_lock_shared(ledger_books_key(dated.shop_id));
        SELECT through INTO closed FROM ledger_periodlock
            WHERE shop_id = dated.shop_id ORDER BY id DESC LIMIT 1;
        IF dated.day <= closed THEN
            RAISE EXCEPTION 'the books are closed through %', closed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_closed',
                      DETAIL = closed::text;
        END IF;
        SELECT day INTO summed FROM ledger_summedthrough WHERE shop_id = dated.shop_id;
        IF dated.day <= summed THEN
            INSERT INTO ledger_lateday (shop_id, day) VALUES (dated.shop_id, dated.day)
                ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_watch_days
    AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_watch_days();
