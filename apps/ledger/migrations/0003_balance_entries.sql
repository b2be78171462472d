-- An entry sums to zero in each commodity when its transaction commits.
--
-- Runs as the table's owner, so that neither the scope nor the policy of the
-- session that posted can hide a row from the sum.
CREATE FUNCTION ledger_demand_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE off record;
BEGIN
    SELECT commodity, sum(amount) AS by_amount INTO off
        FROM ledger_posting
        WHERE shop_id = NEW.shop_id AND entry_id = NEW.entry_id
        GROUP BY commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % is off by % %', NEW.entry_id, off.by_amount, off.commodity
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_entry_balances
    AFTER INSERT OR UPDATE ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_demand_balance();
