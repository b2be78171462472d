-- Search and list of the stock, past row-level security but never past the shop.
--
-- LIKE is not leakproof, so under a policy PostgreSQL may not use a trigram
-- index for it: every search would read every row. These functions run as the
-- tables' owner, whom the policy does not bind, and take the shop from
-- current_shop_id() and from nowhere else; without a scope that is loud.
-- They give ids and sums only; the rows are then read under the policy again.
--
-- The query is built as text with its values in it, because one prepared plan
-- cannot serve both a word that is in every piece (walk the list until the page
-- is full) and one that is in three (ask the trigrams). Every value goes
-- through format('%L'), the shop's through a bigint.
--
-- `words` are folded already (apps.inventory.search) and must all occur;
-- `states` is not empty; a NULL filter is no filter.
CREATE FUNCTION inventory_pieces_sql(
    shop bigint, words text[], states text[], metal text, category text, place bigint, tail text
) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
DECLARE
    conditions text := '';
    word text;
    state text;
    parts text[] := '{}';
BEGIN
    FOREACH word IN ARRAY words LOOP
        conditions := conditions || format(' AND p.search_text LIKE %L',
            '%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%');
    END LOOP;
    IF metal IS NOT NULL THEN
        conditions := conditions || format(' AND strpos(p.made_of, %L) > 0', metal);
    END IF;
    IF category IS NOT NULL THEN
        conditions := conditions || format(' AND p.category = %L', category);
    END IF;
    IF place IS NOT NULL THEN
        conditions := conditions || format(' AND p.place_id = %s', place);
    END IF;
    -- One branch a state: each is a stretch of the index that is in order already,
    -- so that with a limit of its own (`tail`) nothing is sorted.
    FOREACH state IN ARRAY states LOOP
        parts := parts || format(
            '(SELECT p.id, p.arrived_at FROM public.inventory_piece p'
            ' WHERE p.shop_id = %s AND p.state = %L%s%s)', shop, state, conditions, tail);
    END LOOP;
    RETURN array_to_string(parts, ' UNION ALL ');
END $$;

-- The ids of one page, in the order of the list: newest first, or oldest first.
-- After the row (after_at, after_id) where those are given, `skipped` rows
-- further, `most` rows at most.
CREATE FUNCTION inventory_find_pieces(
    words text[], states text[], metal text, category text, place bigint,
    after_at timestamptz, after_id bigint, newest_first boolean, skipped integer, most integer
) RETURNS TABLE (piece_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    shop bigint := current_shop_id();
    direction text := CASE WHEN newest_first THEN 'DESC' ELSE 'ASC' END;
    beyond text := '';
BEGIN
    IF after_at IS NOT NULL THEN
        beyond := format(' AND (p.arrived_at, p.id) %s (%L::timestamptz, %s)',
            CASE WHEN newest_first THEN '<' ELSE '>' END, after_at, after_id);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT f.id FROM (%s) f ORDER BY f.arrived_at %s, f.id %s OFFSET %s LIMIT %s',
        inventory_pieces_sql(shop, words, states, metal, category, place, format(
            '%s ORDER BY p.arrived_at %s, p.id %s LIMIT %s',
            beyond, direction, direction, skipped + most)),
        direction, direction, skipped, most);
END $$;

-- What all pieces of a result come to: {"pieces": 12, "carats": "1.20",
-- "metals": [{"metal": "gold", "net_g": "41.200", "fine_g": "30.900"}, …]}.
CREATE FUNCTION inventory_sum_pieces(
    words text[], states text[], metal text, category text, place bigint
) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    shop bigint := current_shop_id();
    found text := inventory_pieces_sql(shop, words, states, metal, category, place, '');
    sums jsonb;
BEGIN
    EXECUTE format($sums$
        WITH found AS MATERIALIZED (%1$s)
        SELECT jsonb_build_object(
            'pieces', (SELECT count(*) FROM found),
            'carats', (SELECT coalesce(sum(s.carats), 0)::text FROM public.inventory_piecestone s
                JOIN found ON found.id = s.piece_id WHERE s.shop_id = %2$s),
            'metals', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'metal', m.metal, 'net_g', m.net::text, 'fine_g', m.fine::text)
                    ORDER BY m.fine DESC), '[]')
                FROM (SELECT m.metal, sum(m.net_weight_g) AS net, sum(m.fine_weight_g) AS fine
                    FROM public.inventory_piecemetal m JOIN found ON found.id = m.piece_id
                    WHERE m.shop_id = %2$s GROUP BY m.metal) m))
        $sums$, found, shop) INTO sums;
    RETURN sums;
END $$;

REVOKE ALL ON FUNCTION inventory_pieces_sql(bigint, text[], text[], text, text, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION inventory_find_pieces(
    text[], text[], text, text, bigint, timestamptz, bigint, boolean, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION inventory_sum_pieces(text[], text[], text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION inventory_find_pieces(
    text[], text[], text, text, bigint, timestamptz, bigint, boolean, integer, integer)
    TO jewelry_app;
GRANT EXECUTE ON FUNCTION inventory_sum_pieces(text[], text[], text, text, bigint) TO jewelry_app;
