"""What a bundle holds as JSON, in the form of the test vectors."""

from .canonical import ROLES, parse_value, value_of_cell


def value_json(value):
    """The VALUE of the vectors: all bytes, tag included, for what has no other form."""
    kind, content = parse_value(value)
    if kind == "null":
        return {"null": True}
    if kind == "integer":
        return {"integer": content}
    if kind == "dot":
        return {"dot": str(content)}
    if kind == "text":
        try:
            return {"text": content.decode("utf-8")}
        except UnicodeDecodeError:
            pass
    return {"bytes": value.hex()}


def cell_json(cell):
    return value_json(value_of_cell(cell))


def vector_json(vector):
    return [str(dot) for dot in vector]


def birth_json(birth):
    return {
        "epoch": f"{birth.epoch:016x}",
        "place": f"{birth.place:016x}",
        "role": ROLES[birth.role],
        "parents": vector_json(birth.parents),
    }


def record_json(record):
    return {
        "collection": record.collection,
        "id": str(record.id),
        "vector": vector_json(record.vector),
        "fields": {
            name: [
                {"dot": str(dot), "time": time, "value": value_json(value)}
                for dot, time, value in siblings
            ]
            for name, siblings in record.fields.items()
        },
    }


def event_json(collection, dot, cells):
    return {
        "collection": collection.name,
        "dot": str(dot),
        "cells": {
            column.name: cell_json(cell)
            for column, cell in zip(collection.columns, cells)
            if cell is not None
        },
    }


def delta_json(content):
    delta = content.delta
    return {
        "partition": str(delta.partition),
        "base": vector_json(delta.base),
        "target": vector_json(delta.target),
        "digest": f"{delta.digest:016x}",
        "births": [birth_json(birth) for birth in delta.births],
        "records": [record_json(record) for record in content.records()],
        "events": [event_json(*event) for event in content.events()],
    }


def bundle_json(bundle):
    manifest = bundle.head.manifest
    return {
        "sender": f"{manifest.sender:016x}",
        "reader": f"{manifest.reader:016x}",
        "number": manifest.number,
        "made": manifest.made,
        "deltas": [delta_json(content) for content in bundle.contents],
        "receipts": [
            {
                "partition": str(receipt.partition),
                "received": vector_json(receipt.received),
                "safe": vector_json(receipt.safe),
                **({"refused": receipt.refused} if receipt.refused else {}),
            }
            for receipt in manifest.receipts
        ],
    }


def catalogue_json(catalogue):
    return {
        "identity": f"{catalogue.identity:016x}",
        "entries": [
            {"key": key.decode("utf-8"), "attributes": [value_json(value) for value in values]}
            for key, values in catalogue.entries
        ],
    }
