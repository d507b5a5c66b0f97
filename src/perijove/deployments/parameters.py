"""A run's parameters: read from ``name=value`` words and held against the flow's schema before anything changes."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_jsonable_python

from perijove import json_schema
from perijove.client.calls import encode
from perijove.deployments.words import did_you_mean
from perijove.errors import ParameterError, UsageError
from perijove.schemas.base import JsonObject


def read(pairs: Iterable[str], schema: JsonObject | None) -> JsonObject:
    """``name=value`` words as parameters.

    A value is read as JSON where the schema takes it so, else as the text that it is: ``top=3`` is a number, but the
    text ``'3'`` where the schema wants a string. Raises UsageError for a word without ``=``.
    """
    return {name: _value(name, text, schema) for name, text in map(_pair, pairs)}


def as_words(parameters: JsonObject) -> list[str]:
    """Parameters as the words that ``read`` reads."""
    return [f"{name}={json.dumps(value)}" for name, value in parameters.items()]


def jsonable(parameters: Mapping[str, Any]) -> JsonObject:
    """The parameters as they go over the wire. Raises ParameterError for a value that JSON can't hold."""
    return {name: _jsonable(name, value) for name, value in parameters.items()}


def check(parameters: JsonObject, schema: JsonObject | None, *, of: str) -> None:
    """Raise ParameterError unless the parameters fit. ``of`` names the flow or deployment that they are for.

    Ones that are required and absent are passed over: a run may bring them.
    """
    check_names(parameters, schema, of=of)
    if schema and (problem := _problem(parameters, {**schema, "required": []})):
        raise ParameterError(f"{of} refuses parameter {problem}.")


def check_names(parameters: Iterable[str], schema: JsonObject | None, *, of: str) -> None:
    """Raise ParameterError for a parameter that the flow has not; a schema that names none, or allows others, takes
    any."""
    known = (schema or {}).get("properties") or {}
    if not known or (schema or {}).get("additionalProperties"):
        return
    for name in parameters:
        if name not in known:
            hint = did_you_mean(name, known) or f" It has: {', '.join(known)}."
            raise ParameterError(f"{of} has no parameter {name!r}.{hint}")


def _jsonable(name: str, value: Any) -> Any:
    try:
        encode({name: value})
        made = to_jsonable_python(value)
    except (UsageError, PydanticSerializationError) as error:
        raise ParameterError(f"Parameter {name!r}: {error}") from None
    _check_finite(name, made)
    return made


def _check_finite(name: str, value: Any) -> None:
    """Raise ParameterError for a number that a server would be told as null. Prefect's client refuses it, too."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise ParameterError(
            f"Parameter {name!r} holds NaN or an infinity, which JSON has no form for. "
            "None says that there is no value, where the flow takes it."
        ) from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, text = word.partition("=")
    if not equals or not name:
        raise UsageError(f"A parameter is written name=value, not {word!r}.")
    return name.strip(), text


def _value(name: str, text: str, schema: JsonObject | None) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return text
    return text if not _fits(name, value, schema) and _fits(name, text, schema) else value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _fits(name: str, value: Any, schema: JsonObject | None) -> bool:
    return not schema or _problem({name: value}, {**schema, "required": []}) is None


def _problem(parameters: JsonObject, schema: JsonObject) -> str | None:
    """What is wrong, as ``'top': 'x' is not of type 'integer'``."""
    try:
        problem = next(iter(json_schema.problems(parameters, schema)), None)
    except ValueError as error:
        raise ParameterError(f"The parameter schema is no JSON Schema that can be used: {error}.") from None
    return problem and f"{problem.place!r}: {problem.message}"
