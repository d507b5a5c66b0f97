"""A signature as a JSON schema, and arguments as the values that the signature means."""

import functools
import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from perijove.errors import ParameterError
from perijove.flows.definitions import function_name

_IMPLICIT = ("self", "cls")
_CONFIG = ConfigDict(arbitrary_types_allowed=True)
_NOTHING_GIVEN: dict[Any, Any] = {inspect.Parameter.VAR_POSITIONAL: (), inspect.Parameter.VAR_KEYWORD: {}}


class _Input(NamedTuple):
    """A parameter, as a model's field: ``field`` is its name there, another where pydantic allows that name to none."""

    position: int
    parameter: inspect.Parameter
    field: str
    annotation: Any

    @property
    def default(self) -> Any:
        """The default value, ``...`` for none; that of a pydantic ``Field(...)`` is the one written inside."""
        default = self.parameter.default
        if isinstance(default, FieldInfo):
            return ... if default.is_required() else default.get_default(call_default_factory=True)
        if default is inspect.Parameter.empty:
            return _NOTHING_GIVEN.get(self.parameter.kind, ...)
        return default


class _OpenWhereTypesAreForeign(GenerateJsonSchema):
    """A class that JSON knows nothing of is shown as anything, instead of refusing the whole signature."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012  (pydantic's own attribute)

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:  # noqa: ARG002
        return {}


def parameter_schema(fn: Callable[..., Any]) -> dict[str, Any]:
    """The function's parameters as an OpenAPI-style JSON schema, equal to what Prefect 3.9 computes of it. (Before, it
    took ``*args`` and ``**kwargs`` for a parameter of one item, and required.)

    ``properties`` have title, type, position, default and the docstring's description; models and enums lie under
    ``definitions``; a type that JSON has no word for is shown as any.
    """
    described = _descriptions(inspect.getdoc(fn))
    fields: dict[str, Any] = {}
    for entry in _inputs(fn):
        field = _field(entry, described.get(entry.parameter.name))
        annotation = entry.annotation if _has_schema(entry, field) else Any
        fields[entry.field] = (_accepted(entry, annotation), field)
    schema = _schema("Parameters", fields)
    return {
        "title": "Parameters",
        "type": "object",
        "properties": schema.get("properties", {}),
        **({"required": schema["required"]} if schema.get("required") else {}),
        "definitions": schema.get("$defs", {}),
    }


def bind(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, without the defaults. Raises ParameterError."""
    signature = _written_signature(fn)
    try:
        return dict(signature.bind(*args, **kwargs).arguments)
    except TypeError as error:
        raise ParameterError(f"{function_name(fn)}{signature} can't be called like this: {error}.") from None


def validate(fn: Callable[..., Any], parameters: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """The given parameters, checked against the function's annotations and coerced to them; defaults are not added.

    ``partial``: some may still be missing. Raises ParameterError, which says of every parameter what is wrong with it.
    """
    inputs = _inputs(fn)
    _refuse_unknown(fn, inputs, parameters)
    if not partial:
        _refuse_missing(fn, inputs, parameters)
    if not parameters:
        return {}
    try:
        model = _model(fn).model_validate(dict(parameters))
    except ValidationError as error:
        raise ParameterError("; ".join(_sentence(fn, problem) for problem in error.errors())) from None
    return {entry.parameter.name: getattr(model, entry.field) for entry in inputs if entry.parameter.name in parameters}


def complete(fn: Callable[..., Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with the defaults of those that are missing, in the signature's order."""
    bound = inspect.BoundArguments(_written_signature(fn), dict(parameters))
    bound.apply_defaults()
    return {name: _written_default(value) for name, value in bound.arguments.items()}


def arguments(fn: Callable[..., Any], parameters: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The positional and keyword arguments with which the function gets these (complete) parameters."""
    bound = inspect.BoundArguments(_written_signature(fn), dict(parameters))
    return bound.args, bound.kwargs


@functools.lru_cache(maxsize=1024)
def _written_signature(fn: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(fn)


@functools.lru_cache(maxsize=1024)
def _inputs(fn: Callable[..., Any]) -> list[_Input]:
    return [
        _Input(
            position,
            parameter,
            field=f"{name.lstrip('_')}__" if hasattr(BaseModel, name) or name.startswith("_") else name,
            annotation=Any if parameter.annotation is parameter.empty else parameter.annotation,
        )
        for position, (name, parameter) in enumerate(_signature(fn).parameters.items())
        if name not in _IMPLICIT
    ]


def _signature(fn: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(fn, eval_str=True)
    except (NameError, TypeError):
        return inspect.signature(fn)


def _field(entry: _Input, description: str | None) -> Any:
    written = entry.parameter.default if isinstance(entry.parameter.default, FieldInfo) else None
    extra = written.json_schema_extra if written and isinstance(written.json_schema_extra, dict) else {}
    name = entry.parameter.name
    return Field(
        default=entry.default,
        title=name,
        description=(written.description if written else None) or description,
        alias=name if entry.field != name else None,
        json_schema_extra={"position": entry.position, **extra},
    )


def _has_schema(entry: _Input, field: Any) -> bool:
    try:
        _schema("Parameter", {entry.field: (entry.annotation, field)})
    except (ValueError, TypeError, PydanticUserError):
        return False
    return True


def _schema(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    model = create_model(name, __config__=_CONFIG, **fields)
    try:
        adapter = TypeAdapter(model)
    except PydanticUndefinedAnnotation as error:
        raise TypeError(error.message) from None
    return adapter.json_schema(
        by_alias=True, ref_template="#/definitions/{model}", schema_generator=_OpenWhereTypesAreForeign
    )


def _descriptions(docstring: str | None) -> dict[str, str]:
    if not docstring:
        return {}
    from docstring_parser import parse  # 0.04 s, which only a deployment needs

    return {entry.arg_name: entry.description for entry in parse(docstring).params if entry.description}


_NO_TYPE = (PydanticUserError, PydanticUndefinedAnnotation, TypeError, ValueError)
"""What pydantic raises for an annotation that it can make nothing of."""


@functools.lru_cache(maxsize=256)
def _model(fn: Callable[..., Any]) -> type[BaseModel]:
    """A model with the function's parameters as its fields, each of which may be missing."""
    try:
        return _model_of(fn, [entry.annotation for entry in _inputs(fn)])
    except _NO_TYPE:  # that one at least is none: a model for each is what finding out which ones costs
        return _model_of(fn, [entry.annotation if _is_type(entry.annotation) else Any for entry in _inputs(fn)])


def _model_of(fn: Callable[..., Any], annotations: list[Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for entry, annotation in zip(_inputs(fn), annotations, strict=True):
        alias = entry.parameter.name if entry.field != entry.parameter.name else None
        fields[entry.field] = (_accepted(entry, annotation), Field(default=None, alias=alias))
    return create_model(function_name(fn), __config__=_CONFIG, **fields)


def _is_type(annotation: Any) -> bool:
    try:
        create_model("Parameter", __config__=_CONFIG, it=(annotation, ...))
    except _NO_TYPE:
        return False
    return True


def _accepted(entry: _Input, annotation: Any) -> Any:
    """What a parameter of this annotation takes: that of each item where it takes many."""
    if entry.parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return tuple.__class_getitem__((annotation, ...))
    if entry.parameter.kind is inspect.Parameter.VAR_KEYWORD:
        return dict.__class_getitem__((str, annotation))
    return annotation


def _written_default(value: Any) -> Any:
    """A default that was written as pydantic's ``Field(default=...)`` is the one inside."""
    if isinstance(value, FieldInfo) and not value.is_required():
        return value.get_default(call_default_factory=True)
    return value


def _refuse_unknown(fn: Callable[..., Any], inputs: list[_Input], parameters: Mapping[str, Any]) -> None:
    known = [entry.parameter.name for entry in inputs]
    for name in parameters:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(known) or 'none'}."
            raise ParameterError(f"{function_name(fn)}() has no parameter {name!r}: {hint}")


def _refuse_missing(fn: Callable[..., Any], inputs: list[_Input], parameters: Mapping[str, Any]) -> None:
    many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    missing = [
        repr(entry.parameter.name)
        for entry in inputs
        if entry.default is ... and entry.parameter.kind not in many and entry.parameter.name not in parameters
    ]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise ParameterError(f"{function_name(fn)}() needs a value for the parameter{plural} {', '.join(missing)}.")


def _sentence(fn: Callable[..., Any], problem: Any) -> str:
    name, *path = (str(part) for part in problem["loc"])
    where = f" ({'.'.join(path)})" if path else ""
    return f"{function_name(fn)}() can't take {name}={_short(problem['input'])}{where}: {problem['msg']}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
