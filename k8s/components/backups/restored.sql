-- What must be true of a database that came back: it is the shop's, and its books balance.
-- One row a claim: what, whether it holds, what was seen. Run as a superuser, whom no policy hides
-- a row from.
SELECT 'the schema is there' AS claim, count(*) > 0 AS holds, count(*) || ' migrations' AS seen
FROM django_migrations
UNION ALL
SELECT 'every ledger entry balances in each commodity', count(*) = 0, count(*) || ' do not'
FROM (
    SELECT FROM ledger_posting GROUP BY entry_id, commodity HAVING sum(amount) <> 0
) unbalanced
UNION ALL
SELECT 'every shop has an entry for each sale', count(*) = 0, count(*) || ' shops have not'
FROM (
    SELECT FROM shops_shop shop
    WHERE (SELECT count(*) FROM sales_sale WHERE shop_id = shop.id)
        <> (SELECT count(*) FROM ledger_entry WHERE shop_id = shop.id AND what = 'sale')
) unequal;
