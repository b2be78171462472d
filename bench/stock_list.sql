-- A shop's worth of pieces, numbered %(first)s to %(last)s, in the shop in scope.
-- Names, marks and weights repeat as they do in a real shop; every fifth piece has a certificate.
INSERT INTO inventory_piece (
    tag, name, category, gross_weight_g, making_mode, making_value, making_basis,
    wastage_mode, wastage_value, cost, place_id, state, arrived_at, search_text, made_of
)
SELECT tag, name, category, 12, 'percent_of_metal', 10, 'net', 'none', 0, 500,
    (SELECT array_agg(id ORDER BY id) FROM inventory_place)[1 + n %% 12],
    CASE WHEN n %% 97 = 0 THEN 'reserved' WHEN n %% 6 = 0 THEN 'sold' ELSE 'in_stock' END,
    timestamptz '2024-01-01' + n * interval '9 minutes',
    lower(tag || ' ' || name || ' ' || category ||
        CASE WHEN n %% 5 = 0 THEN ' GIA' || 6200000000 + n * 7919 ELSE '' END),
    (ARRAY['gold', 'gold', 'gold', 'silver', 'platinum', 'palladium'])[1 + n %% 6]
FROM (
    SELECT n, chr((65 + n %% 20)::int) || 100000 + n AS tag,
        (ARRAY['Plain', 'Twisted', 'Hinged', 'Halo', 'Rope', 'Figaro', 'Signet', 'Cluster',
            'Eternity', 'Filigree', 'Teardrop', 'Initial'])[1 + n / 7 %% 12] || ' ' ||
        (ARRAY['ring', 'band', 'chain', 'bangle', 'pendant', 'studs', 'bracelet', 'coin'])
            [1 + n %% 8] || ', ' || (40 + n %% 30) || ' mm' AS name,
        (ARRAY['Ring', 'Ring', 'Chain', 'Bangle', 'Pendant', 'Earrings', 'Bracelet', 'Coin'])
            [1 + n %% 8] AS category
    FROM generate_series(%(first)s, %(last)s) AS n
) made;
INSERT INTO inventory_piecemetal (
    piece_id, position, metal, fineness, net_weight_g, fine_weight_g
)
SELECT id, 0, made_of, 9000, 10 + id %% 1000 / 1000.0,
    round((10 + id %% 1000 / 1000.0) * 0.9, 3)
FROM inventory_piece p
WHERE NOT EXISTS (SELECT FROM inventory_piecemetal m WHERE m.piece_id = p.id);
INSERT INTO inventory_piecestone (
    piece_id, position, kind, count, carats, certificate, price_mode, price_value
)
SELECT id, 0, 'diamond', 1, 0.25, 'GIA' || id, 'fixed', 300 FROM inventory_piece p
WHERE id %% 5 = 0 AND NOT EXISTS (SELECT FROM inventory_piecestone s WHERE s.piece_id = p.id)
