-- The same check as before, by plans that stay right while the tables grow.
--
-- A session plans these three queries once. Planned on small tables they read
-- a whole table, or a whole shop's stretch of an index, for each piece: then
-- 10,000 pieces in one transaction ran into the time limit of the role. So no
-- table is read from end to end here; a piece is looked up by its id alone,
-- which only the primary key can do; and its parts are asked for in their
-- order, which only the index by piece can give.
CREATE OR REPLACE FUNCTION inventory_demand_weights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    of_piece bigint := CASE TG_TABLE_NAME WHEN 'inventory_piece' THEN NEW.id
        ELSE (to_jsonb(NEW) ->> 'piece_id')::bigint END;
    gross numeric;
    metals numeric;
    stones numeric;
BEGIN
    SELECT gross_weight_g INTO gross FROM inventory_piece WHERE id = of_piece;
    IF gross IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(part.net_weight_g), 0) INTO metals FROM (
        SELECT net_weight_g FROM inventory_piecemetal
        WHERE shop_id = NEW.shop_id AND piece_id = of_piece ORDER BY position LIMIT 32767) part;
    SELECT coalesce(sum(part.carats), 0) * 0.2 INTO stones FROM (
        SELECT carats FROM inventory_piecestone
        WHERE shop_id = NEW.shop_id AND piece_id = of_piece ORDER BY position LIMIT 32767) part;
    IF metals > gross OR metals + stones > gross + 0.010 THEN
        RAISE EXCEPTION 'piece % weighs % g gross, its metals % g and its stones % g',
            of_piece, gross, metals, stones
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inventory_piece_weights_possible';
    END IF;
    RETURN NULL;
END $$;
