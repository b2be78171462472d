-- A slip has the items it was written with when its transaction commits: what the seller
-- signed cannot be added to. Runs as the table's owner, so that no policy hides a row.
CREATE FUNCTION purchasing_demand_all_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said integer;
    found_there integer;
BEGIN
    SELECT s.size, (SELECT count(*) FROM purchasing_oldgolditem i
                    WHERE i.shop_id = s.shop_id AND i.slip_id = s.id)
        INTO said, found_there
        FROM purchasing_oldgoldslip s WHERE s.shop_id = NEW.shop_id AND s.id = NEW.slip_id;
    IF said IS DISTINCT FROM found_there THEN
        RAISE EXCEPTION 'slip % has % items, not the % it was written with',
            NEW.slip_id, found_there, said
            USING ERRCODE = 'check_violation', CONSTRAINT = 'purchasing_slip_finished';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION purchasing_demand_all_items() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER purchasing_slip_finished AFTER INSERT ON purchasing_oldgolditem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purchasing_demand_all_items();

ALTER TABLE purchasing_photo ADD CONSTRAINT purchasing_photo_small
    CHECK (octet_length(content) BETWEEN 1 AND 500000);
