"""Events of the simulated AWS, taken to the functions the way EventBridge would take them.

`headroom local` posts each event here. MiniStack's PutEvents refuses `aws.*` sources, as AWS does, so EventBridge's
three steps are made one by one, each from what is deployed and nothing from what we know: the rule's own pattern
decides (DescribeRule, TestEventPattern), its own targets are used (ListTargetsByRule), and each function's own policy
must let EventBridge in (GetPolicy). Whichever is taken away, no event arrives.
"""

import concurrent.futures
import fnmatch
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# An event is some kilobytes; nothing else is posted here.
BODY_MAX = 256 * 1024


class Relay:
    """Listens on a free loopback port; each event is routed by what is deployed, and kept with what became of it."""

    def __init__(self, delivers=True):
        # A test that sends the events itself only has them recorded.
        self._delivers = delivers
        self._arrived = []
        self._clients = None
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"relay": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def open(self, clients):
        """From now on events are routed; before, nothing is deployed that could take them."""
        self._clients = clients

    def take(self, event):
        """Routes one event. What fails here is posted again by its sender."""
        if self._clients is None:
            return
        functions, refused = route(self._clients, event)
        if self._delivers:
            deliver(self._clients, functions, event)
        with self._lock:
            self._arrived.append((event, functions, refused))

    def alarms(self, name, state):
        """Events of an alarm that went to a state, oldest first: event, functions it was sent to, why not to others."""
        with self._lock:
            arrived = list(self._arrived)
        return [
            found
            for found in arrived
            if found[0]["detail-type"] == "CloudWatch Alarm State Change"
            and found[0]["detail"]["alarmName"] == name
            and found[0]["detail"]["state"]["value"] == state
        ]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    relay = None

    def log_message(self, format, *args):
        """The relay's record is the log."""

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_MAX:
            self.send_error(413)
            return
        try:
            self.relay.take(json.loads(self.rfile.read(length)))
        except Exception as error:  # said to the sender, who tries again
            self.send_error(502, str(error).splitlines()[0][:100])
            return
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()


def route(clients, event):
    """The functions that the deployed rules would send `event` to, and why not, where they would not."""
    functions, refused = [], []
    text = json.dumps(event)
    for rule in clients("events").list_rules()["Rules"]:
        deployed = clients("events").describe_rule(Name=rule["Name"])
        pattern = deployed.get("EventPattern")
        if not pattern or deployed["State"] != "ENABLED":
            continue
        if not clients("events").test_event_pattern(EventPattern=pattern, Event=text)["Result"]:
            refused.append(f"the pattern of rule {rule['Name']} does not match")
            continue
        for target in clients("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            function = target["Arn"].split(":function:")[-1]
            if permitted(clients, function, deployed["Arn"]):
                functions.append(function)
            else:
                refused.append(f"the policy of {function} does not let rule {rule['Name']} invoke it")
    return functions, refused or ["no rule has an event pattern"]


def permitted(clients, function, rule_arn):
    """Whether the function's policy allows EventBridge to invoke it for this rule."""
    api = clients("lambda")
    try:
        statements = json.loads(api.get_policy(FunctionName=function)["Policy"])["Statement"]
    except api.exceptions.ResourceNotFoundException:
        return False
    return any(_allows(statement, rule_arn) for statement in statements)


def _allows(statement, rule_arn):
    conditions = statement.get("Condition", {})
    sources = [v for operator in conditions.values() for k, v in operator.items() if k.lower() == "aws:sourcearn"]
    return (
        statement["Effect"] == "Allow"
        and statement["Principal"].get("Service") == "events.amazonaws.com"
        and statement["Action"] == "lambda:InvokeFunction"
        and all(fnmatch.fnmatchcase(rule_arn, source) for source in sources)
    )


def deliver(clients, functions, event, times=1, at_once=False):
    """Sends the event asynchronously, as EventBridge does; separate connections when they go at once."""
    payload = json.dumps(event).encode()

    def send(function):
        answer = clients("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
        return answer["ResponseMetadata"]["RequestId"]

    jobs = [function for _ in range(times) for function in functions]
    if not at_once:
        return [send(function) for function in jobs]
    with concurrent.futures.ThreadPoolExecutor(len(jobs) or 1) as pool:
        return list(pool.map(send, jobs))
