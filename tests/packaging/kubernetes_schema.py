#!/usr/bin/env python3
"""Writes Kubernetes' schema of one version as JSON Schema, from the project's own client for JavaScript.

  kubernetes_schema.py client-node.tgz > schema.json

The npm package @kubernetes/client-node is generated from the OpenAPI document of one version of Kubernetes, and keeps
what that says: of each object the members by their name on the wire, each with its type and format (models/*.js), which
of them are required (models/*.d.ts), and which path makes an object of which kind (apis/*Api.js). `kinds` of what is
written names the definition of each kind. Nothing else may stand in an object, as with kubectl's --validate=strict.
"""

import json
import re
import sys
import tarfile

STRING = {"type": "string"}
# By format first: it says more than the type.
FORMATS = {
    "int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "double": {"type": "number"},
    "int-or-string": {"type": ["integer", "string"]},
    "byte": {"type": "string", "format": "byte"},
    "date-time": {"type": "string", "format": "date-time"},
    "date-time-micro": {"type": "string", "format": "date-time"},
}
SCALARS = {"string": STRING, "boolean": {"type": "boolean"}, "number": {"type": "number"}, "any": {}}


def schema_of(text, form):
    """The schema of a member of the type and format that the client's table names."""
    array = re.fullmatch(r"Array<(.*)>", text)
    if array:
        return {"type": "array", "items": schema_of(array[1], form)}
    mapped = re.fullmatch(r"\{ \[key: string\]: (.*); \}", text)
    if mapped:
        return {"type": "object", "additionalProperties": schema_of(mapped[1], form)}
    if form:
        return FORMATS[form]
    if text in SCALARS:
        return SCALARS[text]
    if not re.fullmatch(r"\w*V\d\w+", text):
        raise ValueError("unknown type " + text)
    return {"$ref": "#/definitions/" + text}


def definition_of(name, table, declaration):
    """An object: its members of the table, and from the declaration which of them are required."""
    declared = dict(re.findall(r"^    '(\w+)'(\??): ", declaration, re.M))
    attributes = json.loads(table)
    if set(declared) != {attribute["name"] for attribute in attributes}:
        raise ValueError(name + ": table and declaration name different members")
    properties = {a["baseName"]: schema_of(a["type"], a["format"]) for a in attributes}
    definition = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [a["baseName"] for a in attributes if not declared[a["name"]]]
    if required:
        definition["required"] = required
    return definition


def kinds_of(api):
    """What can be made by a POST, by `apiVersion kind`."""
    made = re.compile(
        r"async create(?:Namespaced)?(\w+)\((?:(?!\n    async ).)*?"
        r"localVarPath = '/apis?/([^'{]+?)/(?:namespaces/\{namespace\}/)?[a-z]+'"
        r"(?:(?!\n    async ).)*?serialize\(body, \"(\w+)\"",
        re.S,
    )
    return {f"{version} {kind}": model for kind, version, model in made.findall(api)}


def main():
    files = {}
    with tarfile.open(sys.argv[1]) as package:
        for member in package:
            if re.fullmatch(r"package/dist/gen/(models|apis)/\w+\.(d\.ts|js)", member.name):
                files[member.name.removeprefix("package/dist/gen/")] = package.extractfile(member).read().decode()
    # The package also holds leftovers of versions before, of what the API has no more: objects of other versions, and
    # the kinds that are made of them.
    spec = "OpenAPI spec version: v"
    version = re.search(spec + r"([\d.]+)", files["models/V1Pod.js"])[1]
    definitions, kinds = {}, {}
    for path, text in files.items():
        if path.startswith("apis/") and path.endswith("Api.js"):
            kinds.update(kinds_of(text))
        table = re.search(r"^(?:exports\.)?(\w+)\.attributeTypeMap = (\[.*?^\]|\[\]);", text, re.S | re.M)
        if path.startswith("models/") and table and f"{spec}{version}\n" in text:
            definitions[table[1]] = definition_of(table[1], table[2], files[path.removesuffix(".js") + ".d.ts"])
    kinds = {kind: model for kind, model in kinds.items() if model in definitions}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "version": version,
        "kinds": kinds,
        "definitions": definitions,
    }
    # Guards against a package that this reads wrong, and so checks nothing.
    text = json.dumps(schema)
    missing = set(re.findall(r'"#/definitions/(\w+)"', text)) - set(definitions)
    if missing or len(definitions) < 500 or len(kinds) < 60:
        sys.exit(f"read wrong: {len(definitions)} objects, {len(kinds)} kinds, without {sorted(missing)}")
    print(text)


if __name__ == "__main__":
    main()
