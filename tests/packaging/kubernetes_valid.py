#!/usr/bin/env python3
"""Validates Kubernetes manifests against schemas that kubernetes_schema.py wrote.

  kubernetes_valid.py schema.json… < manifests.yaml

Ends with 1 where something is wrong, or where there is no object at all.
"""

import base64
import json
import re
import sys
from datetime import datetime

import jsonschema
import yaml

formats = jsonschema.FormatChecker(formats=())


@formats.checks("byte", raises=ValueError)
def is_base64(value):
    return not isinstance(value, str) or base64.b64decode(value, validate=True) is not None


@formats.checks("date-time", raises=ValueError)
def is_time(value):
    """RFC 3339: what Python takes is wider."""
    if not isinstance(value, str):
        return True
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return bool(re.fullmatch(form, value) and datetime.fromisoformat(value[:19]))


class Loader(yaml.SafeLoader):
    """As Kubernetes reads YAML: a time is a text, and no key stands in a map twice."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, "twice in one map: " + ", ".join(twice), node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def mistakes_of(document, schema):
    """What is wrong with one object, a line each."""
    kind = f"{document.get('apiVersion')} {document.get('kind')}"
    if kind not in schema["kinds"]:
        return [f"{kind}: there is no such kind"]
    root = {"$ref": "#/definitions/" + schema["kinds"][kind], "definitions": schema["definitions"]}
    validator = jsonschema.Draft7Validator(root, format_checker=formats)
    return [f"{kind}: {'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(document)]


def main():
    try:
        documents = [d for d in yaml.load_all(sys.stdin, Loader) if d is not None]
    except yaml.YAMLError as error:
        sys.exit(str(error))
    failed = not documents
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        for document in documents:
            for mistake in mistakes_of(document, schema):
                print(f"Kubernetes {schema['version']}: {mistake}", file=sys.stderr)
                failed = True
        print(f"{len(documents)} objects under Kubernetes {schema['version']}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
