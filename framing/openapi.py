"""What the JSON interface of `framing serve` takes and gives, as an OpenAPI 3.1 document."""

from __future__ import annotations

from typing import Any

from framing.version import __version__

Schema = dict[str, Any]


def document() -> Schema:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "framing serve",
            "version": __version__,
            "description": "Score texts, list the units of a labels folder, and add codes to it. A request that "
            "changes something is JSON; where the server listens on more than this machine, it needs the token.",
        },
        "paths": {
            "/api/score": {"post": _operation("Score a text", _SCORE, _ref("ScoredArticle"))},
            "/api/units": {
                "get": _operation(
                    "List the units of a coder, in their order",
                    None,
                    _object({"total": _INTEGER, "units": _list(_ref("Unit"))}),
                    [
                        _parameter("coder", _STRING, required=True),
                        _parameter("state", {"enum": ["all", "coded", "uncoded"], "default": "all"}),
                        _parameter("offset", _INTEGER | {"minimum": 0, "default": 0}),
                        _parameter("limit", _INTEGER | {"minimum": 1, "maximum": 1000, "default": 100}),
                    ],
                )
            },
            "/api/codes": {
                "post": _operation(
                    "Add codes of a coder, all of them or none; they are on the disk when the answer comes",
                    _object({"coder": _STRING, "codes": _list(_ref("Code"))}, ["coder", "codes"]),
                    _object({"saved": _INTEGER, "units": _list(_ref("Unit"))}),
                )
            },
            "/api/undo": {
                "post": _operation(
                    "Take back what a coder gave last",
                    _object({"coder": _STRING, "key": _STRING}, ["coder"]),
                    _object({"unit": _nullable(_STRING), "position": _nullable(_INTEGER)}),
                )
            },
            "/api/decisions": {
                "post": _operation(
                    "Decide a disputed unit",
                    _object(
                        {"unit": _STRING, "label": _nullable(_STRING), "reason": _STRING, "adjudicator": _STRING},
                        ["unit", "label", "reason", "adjudicator"],
                    ),
                    _object({"saved": _INTEGER, "disputes": _INTEGER}),
                )
            },
        },
        "components": {
            "schemas": {"Code": _CODE, "Unit": _UNIT, "ScoredArticle": _ARTICLE, "Error": _object({"error": _STRING})},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(summary: str, body: Schema | None, answer: Schema, parameters: list[Schema] | None = None) -> Schema:
    found: Schema = {"summary": summary, "responses": {"200": _json("done", answer)}}
    found["responses"] |= {
        "400": _json("cannot be: the error says what, where and what to do", _ref("Error")),
        "403": {"description": "asked by a page of another site"},
    }
    if body is not None:
        found["requestBody"] = _json("", body) | {"required": True}
        found["responses"]["413"] = {"description": "too large"}
    return found | ({"parameters": parameters} if parameters else {})


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _parameter(name: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


_STRING: Schema = {"type": "string"}
_INTEGER: Schema = {"type": "integer"}
_NUMBER: Schema = {"type": "number"}
_SCORE = _object(
    {"text": _STRING, "title": _STRING, "source": _STRING, "date": _STRING, "url": _STRING, "target": _STRING},
    ["text"],
)
_CODE = _object(
    {
        "unit": _STRING | {"description": "the id of the unit"},
        "label": _nullable(_STRING) | {"description": "a frame of the codebook; null: looked, and gave none (skip)"},
        "secondary": _nullable(_STRING),
        "sure": _nullable({"type": "boolean"}),
        "comment": _nullable(_STRING),
        "codebook_version": _INTEGER | {"description": "the version whose rules the coder saw; by default today's"},
        "key": _STRING | {"description": "1 to 64 letters, digits, - and _: sent twice, it is written once"},
    },
    ["unit", "label"],
)
_UNIT = _object(
    {"id": _STRING, "position": _INTEGER, "text": _STRING, "article": _nullable(_STRING), "date": _nullable(_STRING),
     "target": _nullable(_STRING), "code": {"oneOf": [_ref("Code"), {"type": "null"}]}}
)  # fmt: skip
_PARAGRAPH = _object(
    {"index": _INTEGER, "start": _INTEGER, "end": _INTEGER, "text": _STRING, "status": _STRING,
     "label": _nullable(_STRING), "probabilities": {"type": "object", "additionalProperties": _NUMBER},
     "logit": _nullable(_NUMBER), "intercept": _nullable(_NUMBER), "quoted": _NUMBER,
     "evidence": _list(_object({"text": _STRING, "start": _INTEGER, "end": _INTEGER, "weight": _NUMBER}))}
)  # fmt: skip
_ARTICLE = _object(
    {"id": _STRING, "title": _nullable(_STRING), "status": _STRING, "paragraphs": _list(_PARAGRAPH),
     "left_out": _list(_object({"start": _INTEGER, "end": _INTEGER, "reason": _STRING})),
     "shares": {"type": "object", "additionalProperties": _NUMBER},
     "model": {"type": "object", "description": "the model, how right it is, and what must be said of it"}}
)  # fmt: skip
