"""Rows of documents in the shape of `SalesDay` and `TaxDay`: one query for each kind of document.

What came back counts negative. Every query takes the same words: a period, a till, and which of
its days count.
"""

from typing import Final

# Which documents: of the period, and of no day that is summed. To sum days, `through` is the end
# of time and `days` are those.
_DAYS: Final = (
    "{s}.day BETWEEN %(since)s AND %(until)s"
    " AND ({s}.day > %(through)s OR {s}.day = ANY(%(days)s))"
    " AND (%(register)s::bigint IS NULL OR {s}.register_id = %(register)s)"
)

# The snapshot is what was sold, whatever the piece became later. Money stands with its first metal.
_SALES: Final = f"""
    SELECT s.day, s.register_id, s.sold_by_id AS seller_id,
        coalesce(l.snapshot->>'category', '') AS category, coalesce(m.part->>'metal', '') AS metal,
        count(*) FILTER (WHERE m.first) AS pieces,
        coalesce(sum((m.part->>'net_weight_g')::numeric), 0) AS net_g,
        coalesce(sum((m.part->>'fine_weight_g')::numeric), 0) AS fine_g,
        coalesce(sum(l.metal) FILTER (WHERE m.first), 0) AS metal_amount,
        coalesce(sum(l.making) FILTER (WHERE m.first), 0) AS making,
        coalesce(sum(l.stones) FILTER (WHERE m.first), 0) AS stones,
        coalesce(sum(l.extras) FILTER (WHERE m.first), 0) AS extras,
        coalesce(sum(l.discount) FILTER (WHERE m.first), 0) AS discount,
        coalesce(sum(l.tax) FILTER (WHERE m.first), 0) AS tax,
        coalesce(sum(l.total) FILTER (WHERE m.first), 0) AS total,
        coalesce(sum(l.cost) FILTER (WHERE m.first), 0) AS cost
    FROM sales_sale s
    JOIN sales_saleline l ON l.shop_id = s.shop_id AND l.sale_id = s.id
    CROSS JOIN LATERAL (
        SELECT part, n = 1 AS first
        FROM jsonb_array_elements(l.snapshot->'metals') WITH ORDINALITY AS metals(part, n)
        UNION ALL
        SELECT NULL, true WHERE coalesce(jsonb_array_length(l.snapshot->'metals'), 0) = 0
    ) AS m
    WHERE {_DAYS.format(s="s")}
    GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - our own words

_SALES_TAX: Final = f"""
    SELECT s.day, s.register_id, t.tax->>'label' AS label,
        (t.tax->>'percent')::numeric AS percent,
        coalesce(p.part->>'label', t.tax->>'label') AS part,
        coalesce((p.part->>'percent')::numeric, (t.tax->>'percent')::numeric) AS part_percent,
        coalesce(p.n, 1) AS position, (t.tax->>'shown')::boolean AS shown,
        count(*) AS documents,
        -- Without the tax, where the prices hold it.
        sum(CASE WHEN coalesce(p.n, 1) > 1 THEN 0
            WHEN (t.tax->>'included')::boolean
                THEN (t.tax->>'base')::numeric - (t.tax->>'amount')::numeric
            ELSE (t.tax->>'base')::numeric END) AS base,
        sum(coalesce((p.part->>'amount')::numeric, (t.tax->>'amount')::numeric)) AS amount
    FROM sales_sale s
    CROSS JOIN LATERAL jsonb_array_elements(s.terms->'taxes') AS t(tax)
    LEFT JOIN LATERAL jsonb_array_elements(t.tax->'parts') WITH ORDINALITY AS p(part, n) ON true
    WHERE {_DAYS.format(s="s")}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608 - our own words

# What came back, of the seller of the bill, with what was given back for it: a void undoes its
# bill as it was, a return what its rules give back. A buy-back is a purchase and undoes nothing.
_BACK: Final = f"""
    SELECT d.day, d.register_id, s.sold_by_id AS seller_id,
        coalesce(l.snapshot->>'category', '') AS category, coalesce(m.part->>'metal', '') AS metal,
        -count(*) FILTER (WHERE m.first) AS pieces,
        -coalesce(sum(round((m.part->>'net_weight_g')::numeric * r.share, 3)), 0) AS net_g,
        -coalesce(sum(round((m.part->>'fine_weight_g')::numeric * r.share, 3)), 0) AS fine_g,
        -coalesce(sum(coalesce(r.metal, l.metal)) FILTER (WHERE m.first), 0) AS metal_amount,
        -coalesce(sum(coalesce(r.making, l.making)) FILTER (WHERE m.first), 0) AS making,
        -coalesce(sum(coalesce(r.stones, l.stones)) FILTER (WHERE m.first), 0) AS stones,
        -coalesce(sum(coalesce(r.extras, l.extras)) FILTER (WHERE m.first), 0) AS extras,
        -coalesce(sum(coalesce(r.discount, l.discount)) FILTER (WHERE m.first), 0) AS discount,
        -coalesce(sum(b.tax) FILTER (WHERE m.first), 0) AS tax,
        -coalesce(sum(b.refunded) FILTER (WHERE m.first), 0) AS total,
        -coalesce(sum(b.worth) FILTER (WHERE m.first), 0) AS cost
    FROM returns_document d
    JOIN returns_documentline b ON b.shop_id = d.shop_id AND b.document_id = d.id
    JOIN sales_saleline l ON l.shop_id = b.shop_id AND l.id = b.sale_line_id
    JOIN sales_sale s ON s.shop_id = l.shop_id AND s.id = l.sale_id
    CROSS JOIN LATERAL (
        -- NULL sums of a document without parts, a void: the line itself counts then.
        SELECT coalesce((b.result->>'metal_share')::numeric, 1) AS share,
            sum(given) FILTER (WHERE kind = 'metal') AS metal,
            CASE WHEN count(*) > 0 THEN
                coalesce(sum(given) FILTER (WHERE kind IN ('making', 'wastage')), 0) END AS making,
            CASE WHEN count(*) > 0 THEN
                coalesce(sum(given) FILTER (WHERE kind = 'stone'), 0) END AS stones,
            CASE WHEN count(*) > 0 THEN
                coalesce(sum(given) FILTER (WHERE kind IN ('extra', 'profit', 'price')), 0)
            END AS extras,
            -- What is given back of a charge is already less its discount.
            CASE WHEN count(*) > 0 THEN 0 END AS discount
        FROM (
            SELECT p->>'kind' AS kind, (p->>'refunded')::numeric AS given
            FROM jsonb_array_elements(b.result->'parts') AS parts(p)
        ) AS given
    ) AS r
    CROSS JOIN LATERAL (
        SELECT part, n = 1 AS first
        FROM jsonb_array_elements(l.snapshot->'metals') WITH ORDINALITY AS metals(part, n)
        UNION ALL
        SELECT NULL, true WHERE coalesce(jsonb_array_length(l.snapshot->'metals'), 0) = 0
    ) AS m
    WHERE d.kind <> 'buy_back' AND {_DAYS.format(s="d")}
    GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - our own words

# The taxes that documents gave back, by rate, as they keep them.
_BACK_TAX: Final = f"""
    SELECT d.day, d.register_id, t.tax->>'label' AS label,
        (t.tax->>'percent')::numeric AS percent,
        coalesce(p.part->>'label', t.tax->>'label') AS part,
        coalesce((p.part->>'percent')::numeric, (t.tax->>'percent')::numeric) AS part_percent,
        coalesce(p.n, 1) AS position, (t.tax->>'shown')::boolean AS shown,
        -count(*) AS documents,
        -sum(CASE WHEN coalesce(p.n, 1) > 1 THEN 0
            WHEN (t.tax->>'included')::boolean
                THEN (t.tax->>'base')::numeric - (t.tax->>'amount')::numeric
            ELSE (t.tax->>'base')::numeric END) AS base,
        -sum(coalesce((p.part->>'amount')::numeric, (t.tax->>'amount')::numeric)) AS amount
    FROM returns_document d
    CROSS JOIN LATERAL jsonb_array_elements(d.terms->'taxes') AS t(tax)
    LEFT JOIN LATERAL jsonb_array_elements(t.tax->'parts') WITH ORDINALITY AS p(part, n) ON true
    WHERE d.kind <> 'buy_back' AND {_DAYS.format(s="d")}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608 - our own words

SOLD: Final = (_SALES, _BACK)
TAXED: Final = (_SALES_TAX, _BACK_TAX)
