-- An entry sums to zero in each commodity when its transaction commits, and has the
-- postings it was written with: none can be added to a finished one.
--
-- Runs as the table's owner, so that neither the scope nor the policy of the
-- session that posted can hide a row from the sum.
CREATE OR REPLACE FUNCTION ledger_demand_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    off record;
    said integer;
    found_there integer;
BEGIN
    SELECT commodity, sum(amount) AS by_amount INTO off
        FROM ledger_posting
        WHERE shop_id = NEW.shop_id AND entry_id = NEW.entry_id
        GROUP BY commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % is off by % %', NEW.entry_id, off.by_amount, off.commodity
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    SELECT e.size, (SELECT count(*) FROM ledger_posting p
                    WHERE p.shop_id = e.shop_id AND p.entry_id = e.id)
        INTO said, found_there
        FROM ledger_entry e WHERE e.shop_id = NEW.shop_id AND e.id = NEW.entry_id;
    IF said IS NULL OR said <> found_there THEN
        RAISE EXCEPTION 'ledger entry % has % postings, not the % it was written with',
            NEW.entry_id, found_there, coalesce(said::text, 'unknown number')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_finished';
    END IF;
    RETURN NULL;
END $$;
