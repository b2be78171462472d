-- A finished bill is finished: when its transaction commits it has the pieces and the payments
-- it was written with, and none can be added to it later.
--
-- Runs as the table's owner, so that neither the scope nor the policy of the session that wrote
-- can hide a row from the count.
CREATE FUNCTION sales_demand_finished() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    bill bigint := CASE TG_TABLE_NAME WHEN 'sales_sale' THEN (to_jsonb(NEW) ->> 'id')::bigint
                                      ELSE (to_jsonb(NEW) ->> 'sale_id')::bigint END;
    said record;
    lines integer;
    tenders integer;
BEGIN
    SELECT line_count, tender_count INTO said
        FROM sales_sale WHERE shop_id = NEW.shop_id AND id = bill;
    SELECT count(*) INTO lines FROM sales_saleline WHERE shop_id = NEW.shop_id AND sale_id = bill;
    SELECT count(*) INTO tenders FROM sales_tender WHERE shop_id = NEW.shop_id AND sale_id = bill;
    IF said.line_count IS DISTINCT FROM lines OR said.tender_count IS DISTINCT FROM tenders THEN
        RAISE EXCEPTION 'sale % has % lines and % tenders, not the % and % it was written with',
            bill, lines, tenders, coalesce(said.line_count::text, 'unknown number'),
            coalesce(said.tender_count::text, 'unknown number')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sales_sale_finished';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER sales_sale_finished AFTER INSERT ON sales_sale
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales_demand_finished();
CREATE CONSTRAINT TRIGGER sales_saleline_finished AFTER INSERT ON sales_saleline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales_demand_finished();
CREATE CONSTRAINT TRIGGER sales_tender_finished AFTER INSERT ON sales_tender
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales_demand_finished();

-- A later document takes a piece back by ending its line; a line never comes alive again.
CREATE FUNCTION sales_refuse_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'line % was taken back and stays so', NEW.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'sales_saleline_stays_ended';
END $$;

CREATE TRIGGER sales_saleline_stays_ended BEFORE UPDATE ON sales_saleline
    FOR EACH ROW WHEN (NEW.live AND NOT OLD.live) EXECUTE FUNCTION sales_refuse_revival();
