-- A signed close stays signed, and a number that was taken is never taken again.
--
-- Whoever opened a closed shift once more could let its Z report say less than its books, and a
-- series that is set back prints a number for the second time.
CREATE FUNCTION shops_keep_shift_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'shift % is closed and stays so', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'shops_shift_stays_closed';
END $$;

CREATE TRIGGER shops_shift_stays_closed BEFORE UPDATE ON shops_shift
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION shops_keep_shift_closed();

CREATE FUNCTION shops_keep_counting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is at number %, and never goes back to %',
        TG_TABLE_NAME, OLD.last_number, NEW.last_number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'shops_numbers_go_on';
END $$;

CREATE TRIGGER shops_numbers_go_on BEFORE UPDATE ON shops_series
    FOR EACH ROW WHEN (NEW.last_number < OLD.last_number)
    EXECUTE FUNCTION shops_keep_counting();

CREATE TRIGGER shops_numbers_go_on BEFORE UPDATE ON shops_register
    FOR EACH ROW WHEN (NEW.last_number < OLD.last_number)
    EXECUTE FUNCTION shops_keep_counting();
