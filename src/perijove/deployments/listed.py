"""Lists that show themselves as tables and become pandas frames: what %runs, %deployments and %schedules give."""

import importlib
from abc import abstractmethod
from typing import Any, ClassVar, SupportsIndex, TypeVar, cast, overload

from perijove.deployments.table import Shown
from perijove.errors import UsageError

T = TypeVar("T")


class Listed(Shown, list[T]):
    """A list of one kind of thing; a slice of it is one, too. ``columns`` are the names of its rows' values."""

    columns: ClassVar[tuple[str, ...]]

    @staticmethod
    @abstractmethod
    def record(one: Any) -> dict[str, Any]:
        """One thing's values by the columns' names: instants in UTC and lengths of time stay what they are."""

    def to_frame(self) -> Any:
        """The list as a ``pandas.DataFrame``, a row each. Raises UsageError where there is no pandas."""
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            raise UsageError("A frame needs pandas, which isn't here: pip install pandas.") from None
        return pandas.DataFrame([self.record(one) for one in self], columns=list(self.columns))

    @overload
    def __getitem__(self, place: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> "Listed[T]": ...
    def __getitem__(self, place: SupportsIndex | slice) -> Any:
        found = super().__getitem__(place)
        return cast("Any", type(self))(found) if isinstance(place, slice) else found
