-- The metals of a piece and its stones weigh no more than the piece, within
-- what the scale and the carat balance round (10 mg); checked at commit, when
-- all its rows are there. Stones: 1 carat is 0.2 g exactly.
--
-- Runs as the table's owner, so that the session's scope cannot hide a row.
CREATE FUNCTION inventory_demand_weights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_piece bigint := CASE TG_TABLE_NAME WHEN 'inventory_piece' THEN NEW.id
        ELSE (to_jsonb(NEW) ->> 'piece_id')::bigint END;
    gross numeric;
    metals numeric;
    stones numeric;
BEGIN
    SELECT gross_weight_g INTO gross FROM inventory_piece
        WHERE shop_id = NEW.shop_id AND id = of_piece;
    IF gross IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(net_weight_g), 0) INTO metals FROM inventory_piecemetal
        WHERE shop_id = NEW.shop_id AND piece_id = of_piece;
    SELECT coalesce(sum(carats), 0) * 0.2 INTO stones FROM inventory_piecestone
        WHERE shop_id = NEW.shop_id AND piece_id = of_piece;
    IF metals > gross OR metals + stones > gross + 0.010 THEN
        RAISE EXCEPTION 'piece % weighs % g gross, its metals % g and its stones % g',
            of_piece, gross, metals, stones
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inventory_piece_weights_possible';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER inventory_piece_weights_possible
    AFTER INSERT OR UPDATE OF gross_weight_g ON inventory_piece
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION inventory_demand_weights();
CREATE CONSTRAINT TRIGGER inventory_piece_weights_possible
    AFTER INSERT OR UPDATE ON inventory_piecemetal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION inventory_demand_weights();
CREATE CONSTRAINT TRIGGER inventory_piece_weights_possible
    AFTER INSERT OR UPDATE ON inventory_piecestone
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION inventory_demand_weights();
