-- Customers by any part of what they are found by, past row-level security but never past the shop.
--
-- LIKE is not leakproof, so under a policy PostgreSQL may not use a trigram index for it. This
-- function runs as the tables' owner and takes the shop from current_shop_id() and from nowhere
-- else; without a scope that is loud. It gives ids only; the rows are then read under the policy.
--
-- The query is built as text with its values in it, because one prepared plan cannot serve both a
-- single letter (walk the list until the page is full) and a word that three have (ask the
-- trigrams). `words` are folded already (apps.customers.search) and must all occur. The
-- row (at_name, at_id) is the mark that a page stands beyond.
CREATE FUNCTION customers_find(
    words text[], of_kind text, at_name text, at_id bigint, backwards boolean, most integer
) RETURNS TABLE (customer_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    shop bigint := current_shop_id();
    direction text := CASE WHEN backwards THEN 'DESC' ELSE 'ASC' END;
    conditions text := '';
    beyond text := '';
    found text;
    word text;
BEGIN
    FOREACH word IN ARRAY words LOOP
        conditions := conditions || format(' AND c.search_text LIKE %L',
            '%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%');
    END LOOP;
    IF of_kind <> '' THEN
        conditions := conditions || format(' AND c.kind = %L', of_kind);
    END IF;
    IF at_name IS NOT NULL THEN
        beyond := format(' AND (c.name, c.id) %s (%L, %s)',
            CASE WHEN backwards THEN '<' ELSE '>' END, at_name, at_id);
    END IF;
    found := format(
        'SELECT c.id, c.name FROM public.customers_customer c'
        ' WHERE c.shop_id = %s AND c.merged_into_id IS NULL%s%s', shop, conditions, beyond);
    -- Where the trigrams can be asked they are, and what they find is sorted: the planner believes
    -- that a name is found anywhere in a list by names, and would walk from A to reach Zahra.
    IF EXISTS (SELECT FROM unnest(words) AS w WHERE length(w) >= 3) THEN
        found := format('WITH found AS MATERIALIZED (%s) SELECT c.id, c.name FROM found c', found);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT f.id FROM (%s) f ORDER BY f.name %s, f.id %s LIMIT %s',
        found, direction, direction, most);
END $$;

REVOKE ALL ON FUNCTION customers_find(text[], text, text, bigint, boolean, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_find(text[], text, text, bigint, boolean, integer)
    TO jewelry_app;

-- Papers go with whoever showed them: to the customer they turned out to be, or, once somebody is
-- erased and the law keeps the paper no longer, away. Nothing else moves or removes a paper.
CREATE FUNCTION customers_papers_follow(old bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE moved bigint;
BEGIN
    UPDATE customers_identitypaper p SET customer_id = c.merged_into_id
        FROM customers_customer c
        WHERE c.id = old AND c.shop_id = current_shop_id() AND c.merged_into_id IS NOT NULL
          AND p.shop_id = c.shop_id AND p.customer_id = c.id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;

CREATE FUNCTION customers_forget_papers(of_customer bigint, seen_before timestamptz)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE forgotten bigint;
BEGIN
    DELETE FROM customers_identitypaper p USING customers_customer c
        WHERE c.id = of_customer AND c.shop_id = current_shop_id() AND c.erased_at IS NOT NULL
          AND p.shop_id = c.shop_id AND p.customer_id = c.id AND p.seen_at < seen_before;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

REVOKE ALL ON FUNCTION customers_papers_follow(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION customers_forget_papers(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_papers_follow(bigint) TO jewelry_app;
GRANT EXECUTE ON FUNCTION customers_forget_papers(bigint, timestamptz) TO jewelry_app;
