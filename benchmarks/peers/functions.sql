-- What cannot be read off the tables by columns alone, as functions of a customer: PostGraphile shows them as fields, and
-- the hand-written limit calls them. Their answers are compared with the gateway's before anything is timed.

CREATE TYPE open_interest AS (
    category_name text, score double precision, view_count integer, last_viewed_at timestamptz, expires_at timestamptz
);

-- Ruling 8: views of the last 30 days (the newest 1,000 of them), halved every 15 days, without the categories that were
-- bought from since; the strongest ten.
CREATE FUNCTION customers_open_interests(customer customers) RETURNS SETOF open_interest LANGUAGE sql STABLE AS $$
    WITH seen AS (
        SELECT occurred_at, viewed_category_id
        FROM timeline_events
        WHERE customer_id = customer.id AND viewed_category_id IS NOT NULL AND occurred_at > now() - interval '30 days'
        ORDER BY occurred_at DESC, id DESC
        LIMIT 1000
    ), viewed AS (
        SELECT
            viewed_category_id AS category_id,
            sum(0.5 ^ (extract(epoch FROM greatest(now() - occurred_at, interval '0'))::double precision / 1296000)) AS score,
            count(*)::integer AS view_count,
            max(occurred_at) AS last_viewed_at
        FROM seen
        GROUP BY viewed_category_id
    )
    SELECT c.name, v.score, v.view_count, v.last_viewed_at, v.last_viewed_at + interval '30 days'
    FROM viewed v
    JOIN categories c ON c.id = v.category_id
    WHERE NOT EXISTS (
        SELECT FROM purchased_products p
        WHERE p.customer_id = customer.id AND p.category_id = v.category_id AND p.last_purchased_at >= v.last_viewed_at
    )
    ORDER BY v.score DESC, v.last_viewed_at DESC, c.name, c.id
    LIMIT 10
$$;

CREATE TYPE current_consent AS (name text, status text, granted_at timestamptz, source text);

-- The newest change of each name is its state; when it was last granted is of the whole history.
CREATE FUNCTION customers_current_consents(customer customers) RETURNS SETOF current_consent LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (name) name, status, granted_at, source
    FROM (
        SELECT name, status, source, at, id, max(at) FILTER (WHERE status = 'GRANTED') OVER (PARTITION BY name) AS granted_at
        FROM consent_changes
        WHERE customer_id = customer.id
    ) changes
    ORDER BY name, at DESC, id DESC
$$;
