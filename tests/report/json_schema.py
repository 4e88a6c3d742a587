"""The part of JSON Schema that our schemas use: what a value breaks of one, in words."""

from collections.abc import Iterator
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def breaks(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:  # noqa: ANN401
    """Where and how `value` does not keep to `schema`."""
    return list(_breaks(value, schema, root, at))


def _breaks(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:  # noqa: ANN401
    if "$ref" in schema:
        yield from _breaks(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in schema and all(breaks(value, each, root) for each in schema["anyOf"]):
        yield f"{at}: {value!r} fits none of {schema['anyOf']}"
    kind = schema.get("type")
    if kind and not isinstance(value, TYPES[kind]):
        yield f"{at}: {value!r} is not a {kind}"
    elif kind == "object":
        yield from _object(value, schema, root, at)
    elif kind == "array":
        for i, each in enumerate(value):
            yield from _breaks(each, schema.get("items", {}), root, f"{at}[{i}]")


def _object(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name} is missing"
    known = schema.get("properties", {})
    for name, each in value.items():
        inside = known.get(name, schema.get("additionalProperties", {}))
        yield from _breaks(each, inside if isinstance(inside, dict) else {}, root, f"{at}.{name}")
