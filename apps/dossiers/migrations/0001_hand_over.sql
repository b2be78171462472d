-- What is still open goes on with whom a customer turned out to be, and contracts, cards and slips
-- whose balance can come back, as when the bill they paid is voided.
--
-- The serving role may change the customer of none of these documents. This function may, and
-- only from a customer that is merged to the one they were merged into, in the shop in scope.
-- What is finished stays as it was written: its readers ask for both (customers.same_person).
CREATE FUNCTION dossiers_hand_over(old bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    shop bigint := current_shop_id();
    into_whom bigint;
BEGIN
    SELECT merged_into_id INTO into_whom FROM customers_customer
        WHERE shop_id = shop AND id = old;
    IF into_whom IS NULL THEN
        RAISE EXCEPTION 'customer % was not merged', old USING ERRCODE = 'check_violation';
    END IF;
    UPDATE deposits_deposit SET customer_id = into_whom
        WHERE shop_id = shop AND customer_id = old;
    UPDATE deposits_membership SET customer_id = into_whom
        WHERE shop_id = shop AND customer_id = old;
    UPDATE credit_giftcard SET customer_id = into_whom
        WHERE shop_id = shop AND customer_id = old;
    UPDATE purchasing_oldgoldslip SET customer_id = into_whom
        WHERE shop_id = shop AND customer_id = old;
    UPDATE inventory_reservation SET customer_id = into_whom
        WHERE shop_id = shop AND customer_id = old AND ended_at IS NULL;
    UPDATE inventory_piece SET owner_id = into_whom
        WHERE shop_id = shop AND owner_id = old;
    UPDATE sales_opensale SET customer_id = into_whom
        WHERE shop_id = shop AND customer_id = old;
    UPDATE consignment_memo m SET party_id = into_whom
        WHERE m.shop_id = shop AND m.party_id = old AND EXISTS (
            SELECT 1 FROM consignment_memoline l
            WHERE l.shop_id = shop AND l.memo_id = m.id AND l.state = 'open');
END $$;

REVOKE ALL ON FUNCTION dossiers_hand_over(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dossiers_hand_over(bigint) TO jewelry_app;

-- A bill keeps the name that the law has on it; the mail it was sent to is not asked by any law.
CREATE FUNCTION dossiers_forget_mail(of_customer bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE forgotten bigint;
BEGIN
    UPDATE sales_sale s SET customer_email = '' FROM customers_customer c
        WHERE c.shop_id = current_shop_id() AND c.id = of_customer AND c.erased_at IS NOT NULL
          AND s.shop_id = c.shop_id AND s.customer_id = c.id AND s.customer_email <> '';
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

REVOKE ALL ON FUNCTION dossiers_forget_mail(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dossiers_forget_mail(bigint) TO jewelry_app;

-- Whatever a document of old still names them by, the books post to whom they turned out to be.
-- The row is locked as a foreign key locks it, so that a merge that is going on is waited for.
CREATE FUNCTION dossiers_follow_merge() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE into_whom bigint;
BEGIN
    SELECT merged_into_id INTO into_whom FROM customers_customer
        WHERE shop_id = NEW.shop_id AND id = NEW.party FOR KEY SHARE;
    NEW.party := coalesce(into_whom, NEW.party);
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_posting_follow_merge BEFORE INSERT ON ledger_posting
    FOR EACH ROW WHEN (NEW.party IS NOT NULL) EXECUTE FUNCTION dossiers_follow_merge();
