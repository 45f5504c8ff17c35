"""Loaders: one question asked about many keys at once; this file is the list of them."""

from typing import Any, Generic, TypeVar, overload

from loaders.affinities import StrongestAffinities
from loaders.attributes import CustomAttributes
from loaders.base import Asking, Loader
from loaders.cart import LeftBehind, OpenCarts
from loaders.catalog import (
    BusinessUnitById,
    CategoryById,
    CategoryList,
    CategoryListCount,
    EveryBusinessUnit,
    ProductById,
    ProductList,
    ProductListCount,
    StoreById,
    StoreList,
    StoreListCount,
)
from loaders.changes import ChangeById, ChangeCount, LatestChanges
from loaders.consents import ConsentHistories, Consents
from loaders.customers import CustomerById, CustomerByIdentifier
from loaders.data_sources import EverySource, SourcesOf
from loaders.finding import FewAsTyped, FoundCount, FoundCustomers, FoundSums
from loaders.interests import StrongestInterests
from loaders.lifecycle import LifecycleOf
from loaders.loyalty import Balances
from loaders.mailings import (
    CampaignById,
    LatestMailings,
    MailingById,
    MailingCount,
    MailingList,
    MailingListCount,
)
from loaders.metrics import MetricsOf
from loaders.notes import LatestNotes, NoteById, NoteCount
from loaders.orders import ItemsOfOrder, LatestOrders, OrderById, OrderCount
from loaders.polls import LatestPolls, PollById, PollCount, PollList, PollListCount
from loaders.promo_codes import LatestPromoCodes, PromoCodeCount
from loaders.purchases import FavoriteProducts, FavoriteStores, LatestPurchasedProducts, PurchasedProductCount
from loaders.receipts import ItemsOfReceipt, LatestReceipts, ReceiptById, ReceiptCount
from loaders.recently_viewed import RecentlyViewed
from loaders.recommendations import BestRecommendations
from loaders.rfm import RfmOf
from loaders.segments import Memberships, SegmentById, SegmentList, SegmentListCount
from loaders.subscriptions import CategoryChoices, CategorySubscriptions, ChannelChoices
from loaders.tags import TagById, TagList, TagListCount, TagsOf
from loaders.target_audiences import (
    TargetAudienceById,
    TargetAudienceList,
    TargetAudienceListCount,
    TargetAudiencesOf,
)
from loaders.tick import Tick
from loaders.timeline import (
    EventById,
    EventCount,
    LatestEvents,
    LatestLiveSession,
    SessionActionCount,
    SessionActions,
    SessionById,
)
from loaders.views import ChosenViews
from loaders.wishlist import Wishlists

L = TypeVar("L", bound=Loader[Any, Any, Any])


class loader(Generic[L]):  # noqa: N801 - reads as a declaration
    """Declares a loader of the operation; it is made when first asked for, since most operations use a few."""

    def __init__(self, kind: type[L]) -> None:
        self._kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, loaders: None, owner: type) -> "loader[L]": ...
    @overload
    def __get__(self, loaders: "Loaders", owner: type) -> L: ...
    def __get__(self, loaders: "Loaders | None", owner: type) -> "loader[L] | L":
        if loaders is None:
            return self
        made = self._kind(loaders.tick, loaders.asking)
        # The instance attribute hides this descriptor from now on.
        loaders.__dict__[self._name] = made
        return made


class Loaders:
    """The loaders of one operation. A line a loader; grouped by panel."""

    customer_by_id = loader(CustomerById)
    customer_by_identifier = loader(CustomerByIdentifier)
    custom_attributes = loader(CustomAttributes)
    channel_choices = loader(ChannelChoices)
    category_choices = loader(CategoryChoices)
    chosen_views = loader(ChosenViews)
    category_subscriptions = loader(CategorySubscriptions)
    sources_of = loader(SourcesOf)
    every_source = loader(EverySource)

    found_customers = loader(FoundCustomers)
    found_count = loader(FoundCount)
    found_sums = loader(FoundSums)
    few_as_typed = loader(FewAsTyped)

    memberships = loader(Memberships)
    segment_by_id = loader(SegmentById)
    segment_list = loader(SegmentList)
    segment_list_count = loader(SegmentListCount)

    tags_of = loader(TagsOf)
    tag_by_id = loader(TagById)
    tag_list = loader(TagList)
    tag_list_count = loader(TagListCount)

    target_audiences_of = loader(TargetAudiencesOf)
    target_audience_by_id = loader(TargetAudienceById)
    target_audience_list = loader(TargetAudienceList)
    target_audience_list_count = loader(TargetAudienceListCount)

    latest_notes = loader(LatestNotes)
    note_count = loader(NoteCount)
    note_by_id = loader(NoteById)

    latest_mailings = loader(LatestMailings)
    mailing_count = loader(MailingCount)
    mailing_by_id = loader(MailingById)
    campaign_by_id = loader(CampaignById)
    mailing_list = loader(MailingList)
    mailing_list_count = loader(MailingListCount)

    open_carts = loader(OpenCarts)
    left_behind = loader(LeftBehind)
    wishlists = loader(Wishlists)

    latest_promo_codes = loader(LatestPromoCodes)
    promo_code_count = loader(PromoCodeCount)

    latest_polls = loader(LatestPolls)
    poll_count = loader(PollCount)
    poll_by_id = loader(PollById)
    poll_list = loader(PollList)
    poll_list_count = loader(PollListCount)

    latest_receipts = loader(LatestReceipts)
    receipt_count = loader(ReceiptCount)
    receipt_by_id = loader(ReceiptById)
    items_of_receipt = loader(ItemsOfReceipt)

    latest_orders = loader(LatestOrders)
    order_count = loader(OrderCount)
    order_by_id = loader(OrderById)
    items_of_order = loader(ItemsOfOrder)

    latest_purchased_products = loader(LatestPurchasedProducts)
    purchased_product_count = loader(PurchasedProductCount)
    favorite_products = loader(FavoriteProducts)
    favorite_stores = loader(FavoriteStores)
    best_recommendations = loader(BestRecommendations)

    business_unit_by_id = loader(BusinessUnitById)
    every_business_unit = loader(EveryBusinessUnit)
    store_by_id = loader(StoreById)
    category_by_id = loader(CategoryById)
    product_by_id = loader(ProductById)
    store_list = loader(StoreList)
    store_list_count = loader(StoreListCount)
    category_list = loader(CategoryList)
    category_list_count = loader(CategoryListCount)
    product_list = loader(ProductList)
    product_list_count = loader(ProductListCount)

    consents = loader(Consents)
    consent_histories = loader(ConsentHistories)

    latest_changes = loader(LatestChanges)
    change_count = loader(ChangeCount)
    change_by_id = loader(ChangeById)

    metrics_of = loader(MetricsOf)
    balances = loader(Balances)
    rfm_of = loader(RfmOf)
    lifecycle_of = loader(LifecycleOf)

    latest_events = loader(LatestEvents)
    event_count = loader(EventCount)
    event_by_id = loader(EventById)
    session_by_id = loader(SessionById)
    latest_live_session = loader(LatestLiveSession)
    session_actions = loader(SessionActions)
    session_action_count = loader(SessionActionCount)

    recently_viewed = loader(RecentlyViewed)
    strongest_interests = loader(StrongestInterests)

    strongest_affinities = loader(StrongestAffinities)

    def __init__(self, tick: Tick, asking: Asking) -> None:
        self.tick = tick
        self.asking = asking
