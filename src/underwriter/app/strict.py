"""Files that people write, read strictly: what each key may hold stands beside it, once.

A model's field says in words what is allowed; the same words stand in the refusal and in the
page of the docs, so neither can drift from the check.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from underwriter.app.toml_text import Place, TomlText, shown, suggestion
from underwriter.core.errors import InputError


class Strict(BaseModel):
    """A table of a file: no unknown key, no coercion, no NaN, never changed once read."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


M = TypeVar("M", bound=Strict)
_CONFLICT = "conflict"
_KEY = "[key]"  # pydantic's word, at the end of a place, for what a table is called


def key(allowed: str, default: Any = ..., **limits: Any) -> Any:  # noqa: ANN401  as pydantic's Field
    """A field that allows what `allowed` says in words and `limits` in pydantic's terms."""
    return Field(default, description=allowed, **limits)


def conflict(place: Place, found: str, allowed: str) -> PydanticCustomError:
    """What a validator raises where keys that are fine alone do not go together."""
    return PydanticCustomError(_CONFLICT, "conflict", {"at": place, "found": found, "is": allowed})


def validated(model: type[M], source: TomlText) -> M:
    """The file as `model`; InputError for the first thing in it that is not allowed."""
    try:
        return model.model_validate(tuples(source.content))
    except ValidationError as problem:
        faults = [_refusal(model, source, error) for error in problem.errors()]
        raise min(faults, key=lambda fault: fault[:2]).error from problem


def is_conflict(problem: ValidationError) -> bool:
    """Whether all that is wrong is that keys which are fine alone do not go together."""
    return all(error["type"] == _CONFLICT for error in problem.errors())


class Key(NamedTuple):
    """One key of a model: its dotted name, what is allowed, its default (`...` for none)."""

    name: str
    allowed: str
    default: object


def keys_of(model: type[Strict], above: str = "") -> Iterator[Key]:
    """Every key of a model and of the tables in it, in their order."""
    for name, field in model.model_fields.items():
        table = _table_of(field)
        if table is None or field.description:
            default = ... if field.is_required() else field.get_default(call_default_factory=True)
            yield Key(above + name, field.description or "", default)
        if table is not None:
            yield from keys_of(table, f"{above}{name}.")


class _Refusal(NamedTuple):
    """One fault of a file; a missing key is told last: another, misspelt, may be meant for it."""

    missing: bool
    line: int
    error: InputError


def _refusal(model: type[Strict], source: TomlText, error: ErrorDetails) -> _Refusal:
    """A fault that pydantic found, as our one line."""
    place: Place = error["loc"]
    if error["type"] == _CONFLICT:
        told = error["ctx"]
        place = (*place, *told["at"])
        found, allowed = told["found"], told["is"]
    elif error["type"] == "extra_forbidden":
        found, allowed = f"found unknown key {place[-1]}", _keys_beside(model, place)
    elif place and place[-1] == _KEY:  # a table is called what it may not be
        place = place[:-1]
        found, allowed = f"found {place[-1]} in {_names(place[:-1])[:-1]}", _expected(model, place)
    elif error["type"] == "missing":
        found, allowed = f"found no {_names(place)[:-1]}", _expected(model, place)
    else:
        found = f"found {_names(place)[:-1]} = {shown(error['input'])}"
        allowed = _expected(model, place)
    line = source.line(place)
    return _Refusal(error["type"] == "missing", line, source.error(place, found, allowed))


def _keys_beside(model: type[Strict], place: Place) -> str:
    """The keys that are allowed where an unknown one was found, and the one it may have meant."""
    around = _names(_in_model(model, place)[:-1])
    below = [key.name[len(around) :] for key in keys_of(model) if key.name.startswith(around)]
    names = dict.fromkeys(name.split(".")[0] for name in below)
    where = f" in [{_names(place[:-1])[:-1]}]" if around else ""
    return f"allowed keys{where}: {suggestion(str(place[-1]), names)}"


def _in_model(model: type[Strict], place: Place) -> Place:
    """A place as `keys_of` names it: without what a file itself calls its tables, [own.KO]."""
    kept: list[str | int] = []
    inside: type[Strict] | None = model
    named = False  # whether this part is such a name
    for part in place:
        if named or isinstance(part, int) or inside is None:
            named = False
            continue
        kept.append(part)
        field = inside.model_fields.get(part)
        inside = _table_of(field) if field else None
        named = field is not None and get_origin(field.annotation) is dict and inside is not None
    return tuple(kept)


def _names(place: Place) -> str:
    """The names of a place with a dot after each: its positions are left out."""
    return "".join(f"{part}." for part in place if isinstance(part, str))


def _expected(model: type[Strict], place: Place) -> str:
    """What the field at `place`, or the nearest one around it, allows."""
    said = {key.name: key.allowed for key in keys_of(model)}
    name = _names(_in_model(model, place))[:-1]
    while name and name not in said:
        name = name.rpartition(".")[0]
    return f"expected {said.get(name) or f'a table [{_names(place)[:-1]}]'}"


def _table_of(field: FieldInfo) -> type[Strict] | None:
    """The model that a field holds, alone, optional or several of."""
    for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
        if isinstance(part, type) and issubclass(part, Strict):
            return part
    return None


def tuples(value: Any) -> Any:  # noqa: ANN401  whatever TOML can hold
    """The same content with tuples for arrays: what is read is never changed."""
    if isinstance(value, dict):
        return {name: tuples(item) for name, item in value.items()}
    return tuple(tuples(item) for item in value) if isinstance(value, list) else value
