"""One DynamoDB table in memory: enough state that a duplicate is answered as a duplicate.

Keys are `pk` and `sk`; the sparse index `due` is kept by looking at every item, which is fine for a bench.
"""

import json

from stub_expression import Expression, plain

_PREFIX = "com.amazonaws.dynamodb.v20120810#"


class Refused(Exception):
    """A modelled error: HTTP 400 with DynamoDB's own shape."""

    def __init__(self, kind, **members):
        super().__init__(kind)
        self.body = json.dumps({"__type": _PREFIX + kind, "message": kind, **members}).encode()


class Table:
    """Items by (pk, sk)."""

    def __init__(self):
        self.items = {}

    def answer(self, operation, request):
        """The answer's members; raises Refused for conditions that do not hold, KeyError for unknown calls."""
        return _OPERATIONS[operation](self, request)

    def _get(self, key):
        return self.items.get((key["pk"]["S"], key["sk"]["S"]))

    def get_item(self, request):
        item = self._get(request["Key"])
        return {"Item": item} if item else {}

    def batch_get(self, request):
        responses = {}
        for table, wanted in request["RequestItems"].items():
            found = (self._get(key) for key in wanted["Keys"])
            responses[table] = [item for item in found if item]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def transact_get(self, request):
        found = [self._get(entry["Get"]["Key"]) for entry in request["TransactItems"]]
        return {"Responses": [{"Item": item} if item else {} for item in found]}

    def query(self, request):
        condition = request["KeyConditionExpression"]
        rows = []
        for item in self.items.values():
            if Expression(condition, request, item).condition():
                keep = request.get("FilterExpression")
                if not keep or Expression(keep, request, item).condition():
                    rows.append(item)
        order = "due" if request.get("IndexName") else "sk"
        rows.sort(key=lambda item: plain(item[order]), reverse=request.get("ScanIndexForward") is False)
        rows = rows[: request.get("Limit", len(rows))]
        return {"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}

    def _check(self, request, item):
        condition = request.get("ConditionExpression")
        return not condition or Expression(condition, request, item).condition()

    def _write(self, request, item):
        """What stands at the key after this write; `None`: nothing."""
        if "Item" in request:
            return request["Item"]
        if "UpdateExpression" in request:
            return Expression(request["UpdateExpression"], request, {**request["Key"], **(item or {})}).update()
        return None

    def write(self, request):
        key = request.get("Item") or request["Key"]
        item = self._get(key)
        if not self._check(request, item):
            old = {"Item": item} if item and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else {}
            raise Refused("ConditionalCheckFailedException", **old)
        self._store(key, self._write(request, item))
        wanted = {"ALL_OLD": item, "ALL_NEW": self._get(key)}.get(request.get("ReturnValues"))
        return {"Attributes": wanted} if wanted else {}

    def _store(self, key, item):
        place = (key["pk"]["S"], key["sk"]["S"])
        if item is None:
            self.items.pop(place, None)
        else:
            self.items[place] = item

    def transact(self, request):
        reasons, writes = [], []
        for entry in request["TransactItems"]:
            kind, action = next(iter(entry.items()))
            key = action.get("Item") or action["Key"]
            item = self._get(key)
            reason = {"Code": "None"}
            if not self._check(action, item):
                reason = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
                if item and action.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                    reason["Item"] = item
            reasons.append(reason)
            if kind != "ConditionCheck":
                writes.append((key, action, item))
        if any(reason["Code"] != "None" for reason in reasons):
            raise Refused("TransactionCanceledException", CancellationReasons=reasons)
        for key, action, item in writes:
            self._store(key, self._write(action, item))
        return {}


_OPERATIONS = {
    "GetItem": Table.get_item,
    "BatchGetItem": Table.batch_get,
    "TransactGetItems": Table.transact_get,
    "Query": Table.query,
    "PutItem": Table.write,
    "UpdateItem": Table.write,
    "DeleteItem": Table.write,
    "TransactWriteItems": Table.transact,
}
