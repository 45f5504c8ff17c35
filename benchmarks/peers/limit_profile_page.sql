SELECT json_build_object('customer', json_build_object(
    'id', c.id::text, 'externalId', c.external_id, 'firstName', c.first_name, 'lastName', c.last_name,
    'gender', c.gender, 'birthDate', c.birth_date, 'city', c.city, 'createdAt', c.created_at,
    'segments', (
        SELECT coalesce(json_agg(json_build_object(
            'enteredAt', m.entered_at, 'segment', json_build_object('name', s.name)
        ) ORDER BY s.name), '[]')
        FROM segment_memberships m JOIN segments s ON s.id = m.segment_id
        WHERE m.customer_id = c.id AND m.left_at IS NULL
    ),
    'tags', (
        SELECT coalesce(json_agg(json_build_object('id', t.id::text, 'name', t.name) ORDER BY t.name), '[]')
        FROM customer_tags w JOIN tags t ON t.id = w.tag_id
        WHERE w.customer_id = c.id
    ),
    'notes', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', n.id::text, 'body', n.body, 'author', n.author, 'createdAt', n.created_at
        )), '[]')
        FROM (SELECT * FROM notes WHERE customer_id = c.id ORDER BY created_at DESC, id DESC LIMIT 5) n
    )),
    'consents', (
        SELECT coalesce(json_agg(json_build_object(
            'name', k.name, 'status', k.status, 'grantedAt', k.granted_at, 'source', k.source
        )), '[]')
        FROM customers_current_consents(c) k
    ),
    'interests', (
        SELECT coalesce(json_agg(json_build_object(
            'score', i.score, 'viewCount', i.view_count, 'lastViewedAt', i.last_viewed_at, 'expiresAt', i.expires_at,
            'category', json_build_object('name', i.category_name)
        )), '[]')
        FROM customers_open_interests(c) i
    ),
    'receipts', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', r.id::text, 'number', r.number, 'issuedAt', r.issued_at, 'status', r.status,
            'total', json_build_object('amount', (r.total_minor / 100.0)::numeric(20, 2)::text, 'currencyCode', r.currency),
            'items', (
                SELECT coalesce(json_agg(json_build_object(
                    'name', l.name, 'quantity', trim_scale(l.quantity_milli / 1000.0)::text,
                    'total', json_build_object('amount', (l.total_minor / 100.0)::numeric(20, 2)::text)
                ) ORDER BY l.line), '[]')
                FROM receipt_items l
                WHERE l.customer_id = c.id AND l.receipt_id = r.id
            )
        )), '[]')
        FROM (SELECT * FROM receipts WHERE customer_id = c.id ORDER BY issued_at DESC, id DESC LIMIT 10) r
    )),
    'orders', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', o.id::text, 'number', o.number, 'placedAt', o.placed_at, 'status', o.status,
            'total', json_build_object('amount', (o.total_minor / 100.0)::numeric(20, 2)::text, 'currencyCode', o.currency),
            'items', (
                SELECT coalesce(json_agg(json_build_object(
                    'name', l.name, 'quantity', trim_scale(l.quantity_milli / 1000.0)::text,
                    'total', json_build_object('amount', (l.total_minor / 100.0)::numeric(20, 2)::text)
                ) ORDER BY l.line), '[]')
                FROM order_items l
                WHERE l.customer_id = c.id AND l.order_id = o.id
            )
        )), '[]')
        FROM (SELECT * FROM orders WHERE customer_id = c.id ORDER BY placed_at DESC, id DESC LIMIT 10) o
    )),
    'timeline', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', e.id::text, 'category', e.category, 'name', e.name, 'description', e.description,
            'occurredAt', e.occurred_at
        )), '[]')
        FROM (SELECT * FROM timeline_events WHERE customer_id = c.id ORDER BY occurred_at DESC, id DESC LIMIT 20) e
    ))
))::text
FROM customers c
WHERE c.id = $1 AND c.erased_at IS NULL
