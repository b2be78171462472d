-- Nobody's store credit is below zero when a transaction commits, whichever document spent it.
--
-- What keeps two spenders apart is the lock on the customer's row; this finds a document that
-- forgot it, or forgot to look. Runs as the table's owner, so that no scope hides a posting.
CREATE FUNCTION credit_demand_store_credit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE overspent numeric;
BEGIN
    SELECT sum(amount) INTO overspent
        FROM ledger_posting
        WHERE shop_id = NEW.shop_id AND party = NEW.party
            AND account = NEW.account AND commodity = NEW.commodity;
    IF overspent > 0 THEN
        RAISE EXCEPTION 'the store credit of customer % would be % % below zero',
            NEW.party, overspent, NEW.commodity
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_store_credit_not_negative';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER credit_store_credit_not_negative
    AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.account = 'store-credit' AND NEW.party IS NOT NULL AND NEW.amount > 0)
    EXECUTE FUNCTION credit_demand_store_credit();
