#!/usr/bin/env python3
"""Validates Kubernetes manifests against Kubernetes' own JSON schema of one version.

  kubernetes_schema.py k8s.d.ts < manifests.yaml

The schema is read from the type declarations that the npm packages cdk8s-plus-NN are made of: they
are Kubernetes' JSON schema of version 1.NN said in TypeScript, an interface an object, each with the
name of its definition. What is said there is checked: names, types, what is required, and that
nothing else stands in an object. Whole numbers are not told from others.
"""

import re
import sys

import jsonschema
import yaml

SCALARS = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "any": {},
    "Date": {"type": "string"},
    "Quantity": {"type": ["string", "number"]},
    "IntOrString": {"type": ["string", "integer"]},
}


def schema_of(text):
    """The JSON schema of one TypeScript type."""
    text = text.strip()
    if text.endswith("[]"):
        return {"type": "array", "items": schema_of(text[:-2])}
    mapped = re.fullmatch(r"\{\s*\[key: string\]: (.*?);?\s*\}", text)
    if mapped:
        return {"type": "object", "additionalProperties": schema_of(mapped[1])}
    if text in SCALARS:
        return SCALARS[text]
    if re.fullmatch(r"\w+", text):
        return {"$ref": "#/definitions/" + text}
    raise ValueError("unknown type " + text)


def definitions_of(declarations):
    """All interfaces and enumerations, and the names of interfaces by their Kubernetes names."""
    definitions, names = {}, {}
    body = re.compile(r"@schema (\S+)\s*\*/\s*export (?:declare )?(interface|enum) (\w+) \{(.*?)\n\}", re.S)
    for path, kind, name, inside in body.findall(declarations):
        inside = re.sub(r"/\*.*?\*/", "", inside, flags=re.S)
        if kind == "enum":
            definitions[name] = {"enum": re.findall(r'= "(.*?)"', inside)}
            continue
        properties, required = {}, []
        for key, optional, type_text in re.findall(r"readonly '?([^'?:\s]+)'?(\??): ((?:\{[^}]*\}|[^;])+);", inside):
            properties[key] = schema_of(type_text)
            if not optional:
                required.append(key)
        definitions[name] = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            definitions[name]["required"] = required
        names.setdefault(path, name)
    return definitions, names


def kubernetes_name(document):
    group, _, version = document["apiVersion"].rpartition("/")
    group = group.removesuffix(".k8s.io").split(".")[0] or "core"
    return f"io.k8s.api.{group}.{version}.{document['kind']}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        declarations = file.read()
    definitions, names = definitions_of(declarations)
    # Guards against declarations that this reads wrong, and so checks nothing.
    assert definitions["PodSpec"]["required"] == ["containers"], "PodSpec was not read"
    assert len(definitions) >= declarations.count("\nexport interface ") > 400, "not all was read"
    failed, count = False, 0
    for document in yaml.safe_load_all(sys.stdin):
        if document is None:
            continue
        count += 1
        what = f"{document['apiVersion']} {document['kind']} {document['metadata']['name']}"
        if kubernetes_name(document) not in names:
            print(f"{what}: there is no such kind", file=sys.stderr)
            failed = True
            continue
        # apiVersion and kind are what the declarations leave out.
        inner = {key: value for key, value in document.items() if key not in ("apiVersion", "kind")}
        schema = {"$ref": "#/definitions/" + names[kubernetes_name(document)], "definitions": definitions}
        for error in jsonschema.Draft7Validator(schema).iter_errors(inner):
            print(f"{what}: {'/'.join(map(str, error.absolute_path))}: {error.message}", file=sys.stderr)
            failed = True
    print(f"{count} objects")
    sys.exit(1 if failed or count == 0 else 0)


if __name__ == "__main__":
    main()
