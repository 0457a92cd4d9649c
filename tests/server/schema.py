"""share/openapi.json: its operations, and whether a value is as a schema there says (the keywords it uses)."""
import json
import os

from server import SOURCE

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
WORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref"}
NOTES = {"description", "format"}


class Api:
    def __init__(self, path=os.path.join(SOURCE, "share", "openapi.json")):
        with open(path, encoding="utf-8") as f:
            self.doc = json.load(f)

    def operations(self):
        """((method, path), operation) …, methods as on the wire."""
        for path, methods in self.doc["paths"].items():
            for method, operation in methods.items():
                yield (method.upper(), path), operation

    def resolve(self, schema):
        while "$ref" in schema:
            at = self.doc
            for step in schema["$ref"].removeprefix("#/").split("/"):
                at = at[step]
            schema = at
        return schema

    def response(self, operation, status):
        """What the operation says of that status, and whether it names it."""
        named = str(status) in operation["responses"]
        return self.resolve(operation["responses"].get(str(status), operation["responses"]["default"])), named

    def problems(self, value, schema, at="$"):
        """In words, none when the value fits."""
        schema = self.resolve(schema)
        unknown = set(schema) - WORDS - NOTES
        if unknown:
            return [f"{at}: the test does not know {unknown}"]
        if "anyOf" in schema:
            tried = [self.problems(value, s, at) for s in schema["anyOf"]]
            return [] if not all(tried) else [f"{at}: fits none of {len(tried)}: {min(tried, key=len)}"]
        if "type" in schema and not TYPES[schema["type"]](value):
            return [f"{at}: {json.dumps(value, ensure_ascii=False)[:80]} is no {schema['type']}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at}: {value!r} is none of {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            found.append(f"{at}: {value!r} is not {schema['const']!r}")
        if isinstance(value, dict):
            known = schema.get("properties", {})
            found += [f"{at}.{k}: missing" for k in schema.get("required", []) if k not in value]
            if schema.get("additionalProperties", True) is False:
                found += [f"{at}.{k}: not described" for k in value if k not in known]
            for k in value:
                if k in known:
                    found += self.problems(value[k], known[k], f"{at}.{k}")
        if isinstance(value, list) and "items" in schema:
            for i, one in enumerate(value):
                found += self.problems(one, schema["items"], f"{at}[{i}]")
        return found
