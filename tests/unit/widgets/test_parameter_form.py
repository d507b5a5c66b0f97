"""What the kernel keeps of what is typed into a form."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, SecretStr

from perijove.deployments.listing import NamedDeployment
from perijove.flows.parameters import parameter_schema
from perijove.widgets.parameter_form import ParameterForm

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Account(BaseModel):
    user: str = "me"
    word: SecretStr = SecretStr("")


def load(tokens: list[SecretStr] = [], accounts: list[Account] = []) -> None: ...  # noqa: B006


def _form() -> ParameterForm:
    stored: dict[str, Any] = {"id": uuid4(), "created": NOW, "updated": NOW, "flow_id": uuid4()}
    schema = parameter_schema(load)
    return ParameterForm(
        NamedDeployment(name="prod", flow_name="load", parameter_openapi_schema=schema, **stored), None
    )


def _typed(form: ParameterForm, **secrets: str) -> None:
    for place, text in secrets.items():
        form._hear(None, {"type": "secret", "place": place.replace("__", "."), "text": text}, None)


def test_a_secret_stays_with_its_item_when_one_before_it_is_removed() -> None:
    form = _form()
    form.typed = {**form.typed, "tokens": ["", "", ""]}
    _typed(form, tokens__0="a", tokens__1="b", tokens__2="c")
    form._hear(None, {"type": "removed", "place": "tokens", "number": 1}, None)
    form.typed = {**form.typed, "tokens": ["", ""]}
    assert form.read().parameters == {"tokens": ["a", "c"]}


def test_so_does_one_that_is_deep_in_an_item() -> None:
    form = _form()
    _typed(form, tokens__0="a", accounts__0__word="x", accounts__1__word="y")
    form._hear(None, {"type": "removed", "place": "accounts", "number": 0}, None)
    form.typed = {"tokens": [""], "accounts": [{"user": "you", "word": ""}]}
    assert form.read().parameters == {"tokens": ["a"], "accounts": [{"user": "you", "word": "y"}]}
