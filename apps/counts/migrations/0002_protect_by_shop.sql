-- A count that was approved or given up stays as it was.
CREATE FUNCTION counts_refuse_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'count % has ended', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'counts_stockcount_ended';
END $$;

CREATE TRIGGER counts_stockcount_ended BEFORE UPDATE ON counts_stockcount
    FOR EACH ROW WHEN (OLD.state <> 'counting') EXECUTE FUNCTION counts_refuse_ended();
