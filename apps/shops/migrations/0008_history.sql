-- The history of what a shop's people changed, written by triggers (apps.core.history.KeepHistory).
--
-- The serving role reads it in its own shop and writes nothing of it: the functions below run as
-- the owner of the tables. Who changed a row is what the request's scope said in app.actor.
REVOKE INSERT, UPDATE, DELETE ON shops_change FROM jewelry_app;
REVOKE UPDATE, DELETE ON shops_pinfailure FROM jewelry_app;

CREATE FUNCTION shops_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    hidden text[] := string_to_array(TG_ARGV[0], ',');
    ignored text[] := string_to_array(TG_ARGV[1], ',');
    named text[] := string_to_array(TG_ARGV[2], ','); -- written with every change
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    whole jsonb := coalesce(becomes, was);
    actor jsonb := coalesce(nullif(current_setting('app.actor', true), ''), '{}')::jsonb;
    in_shop bigint;
    old_values jsonb;
    new_values jsonb;
BEGIN
    in_shop := CASE TG_TABLE_NAME
        WHEN 'shops_shop' THEN (whole ->> 'id')::bigint
        WHEN 'shops_apitoken' THEN
            (SELECT shop_id FROM shops_member WHERE id = (whole ->> 'member_id')::bigint)
        ELSE (whole ->> 'shop_id')::bigint
    END;
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (hidden) THEN '"…"'::jsonb ELSE value END)
        INTO old_values FROM jsonb_each(was)
        WHERE key <> ALL (ignored)
          AND CASE WHEN TG_OP = 'UPDATE'
                   THEN becomes -> key IS DISTINCT FROM value OR key = ANY (named)
                   ELSE value NOT IN ('null'::jsonb, '""'::jsonb) END;
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (hidden) THEN '"…"'::jsonb ELSE value END)
        INTO new_values FROM jsonb_each(becomes)
        WHERE key <> ALL (ignored)
          AND CASE WHEN TG_OP = 'UPDATE' THEN was -> key IS DISTINCT FROM value
                   ELSE value NOT IN ('null'::jsonb, '""'::jsonb) END;
    INSERT INTO shops_change
        (shop_id, "table", "row", op, who_id, source, till_id, address, request, login, at,
         before, after)
    VALUES (
        in_shop, TG_TABLE_NAME, (whole ->> 'id')::bigint, left(TG_OP, 1),
        (SELECT id FROM shops_member
            WHERE id = (actor ->> 'member')::bigint AND shop_id = in_shop),
        left(coalesce(actor ->> 'source', ''), 120),
        (SELECT id FROM shops_register
            WHERE id = (actor ->> 'till')::bigint AND shop_id = in_shop),
        left(coalesce(actor ->> 'address', ''), 45),
        left(coalesce(actor ->> 'request', ''), 64),
        session_user, clock_timestamp(),
        coalesce(old_values, '{}'), coalesce(new_values, '{}')
    );
    RETURN NULL;
END $$;

-- An erased person is erased from the history too: that a change happened stays, what it said goes.
CREATE FUNCTION shops_redact_history(of_table text, of_row bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE redacted bigint;
BEGIN
    IF of_table NOT LIKE 'customers\_%' AND of_table NOT LIKE 'dossiers\_%' THEN
        RAISE EXCEPTION 'the history of % is not a person''s', of_table
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE shops_change SET
        before = (SELECT coalesce(jsonb_object_agg(key, '…'), '{}')
                  FROM jsonb_object_keys(shops_change.before) AS key),
        after = (SELECT coalesce(jsonb_object_agg(key, '…'), '{}')
                 FROM jsonb_object_keys(shops_change.after) AS key)
        WHERE shop_id = current_shop_id() AND "table" = of_table AND "row" = of_row;
    GET DIAGNOSTICS redacted = ROW_COUNT;
    RETURN redacted;
END $$;

-- Somebody always answers for a shop: its last owner neither leaves nor becomes anything else.
CREATE FUNCTION shops_keep_an_owner() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Two owners who dismiss each other at once wait for one another here.
    PERFORM 1 FROM shops_shop WHERE id = OLD.shop_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT 1 FROM shops_member
                   WHERE shop_id = OLD.shop_id AND role = 'owner' AND let_go_at IS NULL) THEN
        RAISE EXCEPTION 'shop % would have no owner', OLD.shop_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shops_member_owner_stays';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER shops_member_owner_stays AFTER UPDATE ON shops_member
    FOR EACH ROW WHEN (OLD.role = 'owner' AND OLD.let_go_at IS NULL
                       AND (NEW.role <> 'owner' OR NEW.let_go_at IS NOT NULL))
    EXECUTE FUNCTION shops_keep_an_owner();
