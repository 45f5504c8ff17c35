"""The changes that can be made; each is one business action with one `input` and a payload with `userErrors`."""

import strawberry

from profiles.viewer import Scope
from resolvers.guard import guarded
from resolvers.mutations import consents, customers, events, notes, tags, views


@strawberry.type(description="The changes that can be made.")
class Mutation:
    update_customer = guarded(
        customers.update,
        needs=Scope.PROFILE_WRITE,
        description="Changes a customer's details, contacts, subscription status and own attributes. Where the values "
        "are the present ones nothing is written. Changing a value does not need the scope of reading it.",
    )
    add_tags = guarded(
        tags.add_tags,
        needs=Scope.TAGS_WRITE,
        description="Puts tags on a customer. Where all are there already nothing is written.",
    )
    remove_tags = guarded(
        tags.remove_tags,
        needs=Scope.TAGS_WRITE,
        description="Takes tags off a customer. Where none is there nothing is written.",
    )
    add_note = guarded(notes.add_note, needs=Scope.NOTES_WRITE, description="Writes a note about a customer.")
    update_note = guarded(notes.update_note, needs=Scope.NOTES_WRITE, description="Changes a note's text.")
    delete_note = guarded(notes.delete_note, needs=Scope.NOTES_WRITE, description="Deletes a note.")
    grant_consent = guarded(
        consents.grant, needs=Scope.CONSENTS_WRITE, description="Records that a customer gave a consent."
    )
    revoke_consent = guarded(
        consents.revoke, needs=Scope.CONSENTS_WRITE, description="Records that a customer took a consent back."
    )
    set_view = guarded(
        views.set_view,
        needs=Scope.ACCOUNT_WRITE,
        description="Chooses the attributes that a block of the screen shows, for everybody and from the next read on.",
    )
    record_events = guarded(
        events.record,
        needs=Scope.EVENTS_WRITE,
        description="Records what other systems say happened, late events too; receipts, orders and visits follow from "
        "them. A customer's email, phone or CRM id as key needs the scope `personal:read` too.",
    )
