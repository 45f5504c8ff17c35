"""A Strawberry field with a condition: asked once an operation where the operation is compiled."""

from typing import Any

from strawberry.types.field import StrawberryField
from strawberry.types.info import Info


class AdmittingField(StrawberryField):
    """A field that is answered only where `admits` says so; that is asked once an operation, not for each parent."""

    def admits(self, context: Any, name: str) -> bool:
        """Whether the field may be answered; where not, it is null. Raises what the client shall be told instead.

        `name` is the field's name in the schema. The outcome may depend on the context only.
        """
        raise NotImplementedError

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        if info is None:
            raise AssertionError("a field with a resolver always gets its info from strawberry")
        # Synchronous on purpose: an awaited check would let siblings fall into different batches.
        return super().get_result(source, info, args, kwargs) if self.admits(info.context, info.field_name) else None
