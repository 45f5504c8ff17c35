"""What `make bench-panels` asks of a customer: every panel as the screens show it, and each total count by itself."""

from profiles.timeline import EventCategory

AMOUNT = "{ amount currencyCode original { amount currencyCode rate rateDate } }"
CARD = f"{{ id externalId name brand imageUrl url category {{ id name }} price {AMOUNT} }}"
LIVE = """{
  id state startedAt endedAt currentUrl store { id name businessUnit { id number } } order { id number status }
  actions(first: 3) { nodes { type url occurredAt product { id name } } pageInfo { hasNextPage endCursor } }
}"""
EVENT = """{
  __typename id name category type description occurredAt receivedAt isLive
  businessUnit { id number name } store { id name }
  ... on ReceiptEvent { receipt { id number issuedAt status total { amount currencyCode } } }
  ... on OrderEvent { order { id number status total { amount currencyCode } items { product { id name } quantity } } }
  ... on MailingEvent { mailing { id name kind channel url campaign { id name url } } isControlGroup mailingUrl: url }
  ... on BrowseEvent { browsedUrl: url product { id name imageUrl } viewedCategory { id name } }
  ... on CartEvent { items { product { id name } quantity price { amount currencyCode } addedAt } }
  ... on LoyaltyEvent { amount }
  ... on LifecycleEvent { fromStage: from toStage: to }
  ... on ProfileEvent { actor }
}"""
METRICS = """{
  receiptCount firstReceiptAt lastReceiptAt daysSinceFirstReceipt daysSinceLastReceipt lastReceiptAmount AMOUNT
  receiptTotal AMOUNT averageReceipt AMOUNT averageItemsPerReceipt averageItemPricePerReceipt AMOUNT
  orderCount attributedOrderCount firstOrderAt secondOrderAt lastOrderAt daysSinceFirstOrder daysSinceLastOrder
  orderTotal AMOUNT averageOrder AMOUNT averageItemsPerOrder averageOrderItemPrice AMOUNT
  lastOrderValue { amount AMOUNT basis }
  totalSpent { net AMOUNT ordersTotal AMOUNT returnsTotal AMOUNT orderCount returnCount }
  daysSinceRegistration lastActivityAt visitCount firstVisitAt lastVisitAt
}""".replace("AMOUNT", AMOUNT)
ORDER = f"""{{
  id externalId number placedAt origin status deliveryStatus paymentStatus isReturned isAttributed productCount
  productCost {AMOUNT} subtotal {AMOUNT} discount {AMOUNT} tax {AMOUNT} shipping {AMOUNT} total {AMOUNT}
  source couponCode store {{ id name }} receipt {{ id number issuedAt }}
  attributes(block: ORDER_LIST) {{ definition {{ key label }} value }}
  items {{ productExternalId name quantity unitPrice {AMOUNT} total {AMOUNT} product {{ id name imageUrl url }} }}
}}"""
RECEIPT = f"""{{
  id externalId number issuedAt status paymentStatus productTotal {AMOUNT} store {{ id name }}
  attributes(block: RECEIPT_LIST) {{ definition {{ key label }} value }}
  items {{ productExternalId name quantity price {AMOUNT} total {AMOUNT} product {{ id name }} }}
}}"""
PAGE = "pageInfo { hasNextPage endCursor }"
ACTIVITY = f"{{ liveCursor {PAGE} edges {{ cursor node {EVENT} }} }}"
PURCHASED = f"{{ product {CARD} quantity orderCount receiptCount lastPurchasedAt }}"

IDENTITY = """externalId crmId firstName lastName name gender birthDate country city address subscriptionStatus
  createdAt updatedAt registeredAt subscribedAt version
  email { value warning } phone { value formatted type warning }"""

PANELS: dict[str, str] = {
    "identity": IDENTITY,
    "kind": "kind",
    "sources": "sources { id name lastReceivedAt }",
    "attributes": "attributes(block: PROFILE) { definition { key label } value number boolean date dateTime }",
    "reachability": "reachability { channel isReachable reasons }",
    "metrics": f"metrics {METRICS}",
    "loyalty": """loyalty {
      accrued active pendingActivation pendingDeactivation nextDeactivationAt nextDeactivationAmount points
    }""",
    "rfm": "rfm { segment recency frequency monetary }",
    "lifecycle": "lifecycle { stage atRiskAt lapsedAt probabilityAlive }",
    "receipts": f"receipts(first: 10) {{ {PAGE} nodes {RECEIPT} }}",
    "receipts, totalCount": "receipts { totalCount }",
    "orders": f"orders(first: 10) {{ {PAGE} nodes {ORDER} }}",
    "orders, totalCount": "orders { totalCount }",
    "purchasedProducts": f"purchasedProducts(first: 10) {{ {PAGE} nodes {PURCHASED} }}",
    "purchasedProducts, totalCount": "purchasedProducts { totalCount }",
    "favoriteProducts": f"favoriteProducts(first: 5) {PURCHASED}",
    "favoriteStores": "favoriteStores { store { id externalId name } receiptCount }",
    "recentlyViewed": f"recentlyViewed(first: 10) {{ product {CARD} viewedAt }}",
    "recommendations": f"recommendations(first: 10) {{ product {CARD} score reason }}",
    "interests": "interests { category { id name } score viewCount lastViewedAt expiresAt status }",
    "interests, satisfied and expired too": "interests(includeSatisfied: true) { category { id } score status }",
    "affinities": "affinities(first: 10) { attribute value score }",
    "affinities to one attribute": 'affinities(attribute: "category", first: 10) { attribute value score }',
    "cart": f"cart {{ status total {AMOUNT} updatedAt items {{ product {CARD} quantity price {AMOUNT} addedAt }} }}",
    "wishlist": f"wishlist {{ total {AMOUNT} items {{ product {CARD} price {AMOUNT} addedAt }} }}",
    "abandonedCart": f"abandonedCart {{ product {{ id imageUrl url }} name price {AMOUNT} addedAt }}",
    "lastActivity": "lastActivity { id name category description occurredAt }",
    "liveSession": f"liveSession {LIVE}",
    "segments": "segments { segment { id name } enteredAt }",
    "segments, past ones too": "segments(includePast: true) { segment { id name } enteredAt leftAt }",
    "tags": "tags { id name }",
    "targetAudiences": "targetAudiences { id name }",
    "notes": f"notes(first: 10) {{ {PAGE} edges {{ cursor node {{ id body author createdAt updatedAt }} }} }}",
    "notes, totalCount": "notes { totalCount }",
    "mailings": f"""mailings {{ {PAGE} nodes {{
      mailing {{ id name channel kind url campaign {{ id name url }} }} participatedAt isControlGroup
    }} }}""",
    "mailings, totalCount": "mailings { totalCount }",
    "promoCodes": f"""promoCodes {{ {PAGE} nodes {{
      code issuedAt isReissued redeemedAt
      origin {{ __typename ... on Mailing {{ id name url }} ... on Campaign {{ id name url }} }}
    }} }}""",
    "promoCodes, totalCount": "promoCodes { totalCount }",
    "polls": f"polls {{ {PAGE} nodes {{ poll {{ id name resultsUrl }} answeredAt }} }}",
    "polls, totalCount": "polls { totalCount }",
    "channelSubscriptions": "channelSubscriptions { channel isSubscribed changedAt }",
    "subscriptions": """subscriptions {
      category { id name isActive } isSubscribed channels { channel isSubscribed changedAt }
    }""",
    "consents": "consents { id name status grantedAt revokedAt source channels }",
    "consents, with histories": "consents { id name status history(first: 2) { status at source actor } }",
    "changes": f"changes(first: 10) {{ {PAGE} nodes {{ id at actor field before after }} }}",
    "changes, totalCount": "changes { totalCount }",
    "timeline": f"timeline(first: 20) {ACTIVITY}",
    "timeline, totalCount": "timeline { totalCount }",
} | {
    f"timeline, {category}": f"timeline(filter: {{ categories: [{category}] }}, first: 2) {ACTIVITY}"
    for category in EventCategory
}  # fmt: skip
"""By the name of the row in the report, what is asked. Pages are such that the short history fills them."""


def document(asked: str) -> str:
    """The document that asks for it, of the customer `$id`."""
    return f"query Panel($id: ID!) {{ customer(by: {{ id: $id }}) {{ {asked} }} }}"
