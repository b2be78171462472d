-- A finished document is finished: when its transaction commits it has the lines it was written
-- with, their sums are its own, and the lines of the bill that they took back are ended. None can
-- be added to it later.
--
-- Runs as the table's owner, so that neither the scope nor the policy of the session that wrote
-- can hide a row from the count.
CREATE FUNCTION returns_demand_finished() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    document bigint := CASE TG_TABLE_NAME WHEN 'returns_document' THEN (to_jsonb(NEW) ->> 'id')::bigint
                                          ELSE (to_jsonb(NEW) ->> 'document_id')::bigint END;
    said record;
    found record;
BEGIN
    SELECT line_count, total - round_off AS refunded, sale_id INTO said
        FROM returns_document WHERE shop_id = NEW.shop_id AND id = document;
    SELECT count(*) AS lines, coalesce(sum(line.refunded), 0) AS refunded,
           count(*) FILTER (WHERE sold.live OR sold.sale_id <> said.sale_id) AS strangers
        INTO found
        FROM returns_documentline AS line
        JOIN sales_saleline AS sold ON sold.shop_id = line.shop_id AND sold.id = line.sale_line_id
        WHERE line.shop_id = NEW.shop_id AND line.document_id = document;
    IF said.line_count IS DISTINCT FROM found.lines
        OR said.refunded IS DISTINCT FROM found.refunded OR found.strangers > 0 THEN
        RAISE EXCEPTION 'document % has % lines of % (% of them not ended), not the % of % it was written with',
            document, found.lines, found.refunded, found.strangers, said.line_count, said.refunded
            USING ERRCODE = 'check_violation', CONSTRAINT = 'returns_document_finished';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER returns_document_finished AFTER INSERT ON returns_document
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION returns_demand_finished();
CREATE CONSTRAINT TRIGGER returns_documentline_finished AFTER INSERT ON returns_documentline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION returns_demand_finished();

-- The serving role may end a line of a bill; at the commit a document must have taken it.
CREATE FUNCTION returns_demand_document() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM returns_documentline WHERE shop_id = NEW.shop_id AND sale_line_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'line % was ended by no document', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'returns_saleline_ended_by_document';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER returns_saleline_ended_by_document AFTER UPDATE ON sales_saleline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.live AND NOT NEW.live) EXECUTE FUNCTION returns_demand_document();
