"""DynamoDB's condition and update expressions, as far as the functions use them.

Conditions: AND, OR, NOT, parentheses, the six comparisons, attribute_exists, attribute_not_exists, begins_with.
Updates: SET (with + - and if_not_exists), ADD of numbers, REMOVE. Anything else raises, so that the stub never
answers a question that it did not understand.
"""

import re
from decimal import Decimal

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+\-]|[#:A-Za-z_][A-Za-z0-9_.]*)")
_COMPARE = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def plain(value):
    """A comparable Python value of a typed attribute: {"N": "3"} is Decimal(3)."""
    if value is None:
        return None
    kind, inner = next(iter(value.items()))
    return Decimal(inner) if kind == "N" else inner


class Expression:
    """One expression over one item (None: the item does not exist)."""

    def __init__(self, text, request, item):
        self.names = request.get("ExpressionAttributeNames") or {}
        self.values = request.get("ExpressionAttributeValues") or {}
        self.item = item or {}
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found:
                raise ValueError(f"expression not understood at {text[at:]!r}")
            self.tokens.append(found.group(1))
            at = found.end()

    def peek(self):
        return self.tokens[0] if self.tokens else ""

    def next(self, wanted=None):
        token = self.tokens.pop(0) if self.tokens else ""
        if wanted is not None and token.upper() != wanted:
            raise ValueError(f"{wanted} expected in expression, {token!r} found")
        return token

    def name(self, token):
        return self.names[token] if token.startswith("#") else token

    # conditions

    def condition(self):
        """True when the item satisfies the condition."""
        answer = self.any_of()
        if self.tokens:
            raise ValueError(f"unread rest of the condition: {self.tokens}")
        return answer

    def any_of(self):
        answer = self.all_of()
        while self.peek().upper() == "OR":
            self.next()
            right = self.all_of()
            answer = answer or right
        return answer

    def all_of(self):
        answer = self.single()
        while self.peek().upper() == "AND":
            self.next()
            right = self.single()
            answer = answer and right
        return answer

    def single(self):
        token = self.peek()
        if token.upper() == "NOT":
            self.next()
            return not self.single()
        if token == "(":
            self.next()
            answer = self.any_of()
            self.next(")")
            return answer
        if token in ("attribute_exists", "attribute_not_exists"):
            self.next()
            self.next("(")
            present = self.name(self.next()) in self.item
            self.next(")")
            return present == (token == "attribute_exists")
        if token == "begins_with":
            self.next()
            self.next("(")
            left, _ = self.operand(), self.next(",")
            right = self.operand()
            self.next(")")
            return left is not None and plain(left).startswith(plain(right))
        left = self.operand()
        if self.peek().upper() == "BETWEEN":
            self.next()
            low, _ = self.operand(), self.next("AND")
            high = self.operand()
            return left is not None and plain(low) <= plain(left) <= plain(high)
        compare = _COMPARE[self.next()]
        right = self.operand()
        return left is not None and right is not None and compare(plain(left), plain(right))

    def operand(self):
        token = self.next()
        if token.startswith(":"):
            return self.values[token]
        if token == "if_not_exists":
            self.next("(")
            name, _ = self.name(self.next()), self.next(",")
            other = self.operand()
            self.next(")")
            return self.item.get(name, other)
        return self.item.get(self.name(token))

    # updates

    def update(self):
        """The item after the update; the item itself is left as it was."""
        changed = dict(self.item)
        clause = ""
        while self.tokens:
            if self.peek().upper() in ("SET", "ADD", "REMOVE"):
                clause = self.next().upper()
            name = self.name(self.next())
            if clause == "SET":
                self.next("=")
                changed[name] = self.sum()
            elif clause == "ADD":
                changed[name] = {"N": str(plain(changed.get(name, {"N": "0"})) + plain(self.operand()))}
            elif clause == "REMOVE":
                changed.pop(name, None)
            else:
                raise ValueError("update expressions begin with SET, ADD or REMOVE")
            if self.peek() == ",":
                self.next()
        return changed

    def sum(self):
        left = self.operand()
        while self.peek() in ("+", "-"):
            sign = 1 if self.next() == "+" else -1
            left = {"N": str(plain(left) + sign * plain(self.operand()))}
        return left
