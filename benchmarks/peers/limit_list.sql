SELECT json_build_object('customers', json_build_object('nodes', coalesce(json_agg(json_build_object(
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
    'receipts', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', r.id::text, 'number', r.number, 'issuedAt', r.issued_at, 'status', r.status,
            'total', json_build_object('amount', (r.total_minor / 100.0)::numeric(20, 2)::text, 'currencyCode', r.currency)
        )), '[]')
        FROM (SELECT * FROM receipts WHERE customer_id = c.id ORDER BY issued_at DESC, id DESC LIMIT 3) r
    )),
    'timeline', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', e.id::text, 'category', e.category, 'name', e.name, 'description', e.description,
            'occurredAt', e.occurred_at
        )), '[]')
        FROM (SELECT * FROM timeline_events WHERE customer_id = c.id ORDER BY occurred_at DESC, id DESC LIMIT 5) e
    ))
)), '[]')))::text
FROM (
    SELECT * FROM customers
    WHERE (created_at, id) < ($1, $2) AND erased_at IS NULL
    ORDER BY created_at DESC, id DESC
    LIMIT 50
) c
