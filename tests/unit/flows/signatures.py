"""Functions with many kinds of signature. Imported by the tests and by the generator of the golden schemas."""

# ruff: noqa: A002, ICN001, TC003, UP007, UP045
from __future__ import annotations

import dataclasses
import datetime
import enum
import inspect
import pathlib
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

from pydantic import BaseModel, Field, SecretStr
from typing_extensions import TypedDict


class Region(enum.Enum):
    EU = "eu"
    US = "us"


class Priority(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Window(BaseModel):
    """A span of days."""

    start: datetime.date
    days: int = Field(7, description="how many", ge=1)


class Report(BaseModel):
    title: str
    windows: list[Window] = []
    region: Region = Region.EU


class Tree(BaseModel):
    children: list[Tree] = []


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


class Span(NamedTuple):
    low: int
    high: int = 9


class Options(TypedDict, total=False):
    verbose: bool
    level: int


class Foreign:
    pass


def nothing(): ...
def untyped(a, b=2, c="x", d=None): ...
def scalars(a: int, b: float, c: str, d: bool, e: bytes): ...
def defaults(region: str = "EU", top: int = 10, ratio: float = 0.5, on: bool = True): ...
def optional(a: int | None = None, b: Optional[str] = None, c: Union[int, str] = 3): ...
def collections(a: list[int], b: dict[str, float], c: set[str], d: tuple[int, str], e: tuple[int, ...] = ()): ...
def bare(a: list, b: dict, c: tuple, d: set): ...
def literals(a: Literal["x", "y"] = "x", b: Literal[1, 2] = 1): ...
def enums(region: Region, priority: Priority = Priority.LOW): ...
def enum_default(region: Region = Region.EU): ...
def model(report: Report): ...
def model_default(window: Window = Window(start=datetime.date(2026, 1, 1))): ...  # noqa: B008
def models(reports: list[Report], by_name: dict[str, Window] | None = None): ...
def recursive(tree: Tree): ...
def dataclass(point: Point, points: list[Point] | None = None): ...
def named_tuple(span: Span): ...
def typed_dict(options: Options): ...
def times(a: datetime.datetime, b: datetime.date, c: datetime.time, d: datetime.timedelta = datetime.timedelta(1)): ...
def others(a: uuid.UUID, b: pathlib.Path, c: Decimal, d: SecretStr): ...
def anything(a: Any, b: object = None): ...
def foreign(a: Foreign, b: int = 1): ...
def foreign_default(a: Foreign = Foreign()): ...  # noqa: B008
def foreign_in_list(a: list[Foreign]): ...
def callables(a: Callable[[int], str], b: type = int): ...
def unresolved(a: NoSuchType, b: int = 2): ...  # noqa: F821
def constrained(a: Annotated[int, Field(ge=1, le=9)] = 3, b: Annotated[str, Field(min_length=2)] = "ab"): ...
def annotated_description(a: Annotated[int, Field(description="from the field")]): ...
def field_default(a: int = Field(default=3, description="from the field"), b: int = Field(...)): ...
def field_extra(a: int = Field(default=3, json_schema_extra={"position": 7, "unit": "m"})): ...
def positional_only(a: int, /, b: int = 1): ...
def keyword_only(a: int, *, b: int, c: int = 1): ...
def variadic(*args: int, **kwargs: str): ...
def mixed(a: int, /, b: str, *rest: int, c: bool = False, **more: Any): ...
def pydantic_names(schema: int, json: str = "x", copy: bool = False, model_config: int = 1, dict: int = 2): ...
def implicit(self, a: int): ...
def returns(a: int) -> dict[str, Foreign]: ...
async def asynchronous(a: int = 1): ...


def google(region: str, top: int = 10):
    """Report of a day.

    Args:
        region: where the data comes from
        top (int): how many rows
            are shown, at most

    Returns:
        The report.
    """


def google_partial(a, b, c=1):
    """One line.

    Args:
        b: only this one
    """


def google_none(a: int):
    """A text without any section."""


def google_star(a: int, *args: int, **kwargs: int):
    """Text.

    Args:
        a: one
        *args: many
        **kwargs: named
    """


def _is_signature(value: object) -> bool:
    return inspect.isfunction(value) and value.__module__ == __name__


ALL = [value for value in list(globals().values()) if _is_signature(value) and not value.__name__.startswith("_")]
