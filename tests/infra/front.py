"""What the simulated world does not have and Terraform asks for: tags, dashboards, attributes of target groups.

Stands in front of `headroom local` for Terraform alone; the functions never see it. Dashboards go to MiniStack; tags
are kept here as they are put, because the provider reads back what it wrote. Everything else is the world's own answer.
"""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from recorder import NOT_PASSED_ON, name_of

UPSTREAM_TIMEOUT_S = 40
CLOUDWATCH = "http://monitoring.amazonaws.com/doc/2010-08-01/"
BALANCING = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"


class Front:
    """Listens on a free loopback port; `world` and `ministack` are ports."""

    def __init__(self, world, ministack):
        self.world, self.ministack = world, ministack
        self.tags = {}
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"front": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def put(self, arn, tags):
        with self.lock:
            self.tags.setdefault(arn, {}).update(tags)

    def remove(self, arn, keys):
        with self.lock:
            for key in keys:
                self.tags.get(arn, {}).pop(key, None)

    def of(self, arn):
        with self.lock:
            return dict(self.tags.get(arn, {}))


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Terraform drops its connections when it ends; what matters is told by Terraform."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    front = None

    def log_message(self, format, *args):
        """What fails is told by Terraform."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        service, operation = name_of(self.path, self.headers, body)
        if service == "AnyScaleFrontendService":
            self.scaling(operation, body)
        elif service == "monitoring":
            self.cloudwatch(operation, dict(parse_qsl(body.decode())), body)
        elif operation in ("DescribeTags", "DescribeTargetGroupAttributes"):
            arns = [value for name, value in parse_qsl(body.decode()) if name.startswith("ResourceArns.")]
            untagged = "".join(f"<member><ResourceArn>{escape(arn)}</ResourceArn><Tags/></member>" for arn in arns)
            tags = f"<TagDescriptions>{untagged}</TagDescriptions>"
            self.xml(BALANCING, operation, tags if operation == "DescribeTags" else "<Attributes/>")
        else:
            self.send(*self.passed_on(self.front.world, body))

    def scaling(self, operation, body):
        asked = json.loads(body or b"{}")
        arn = asked.get("ResourceARN")
        if operation == "ListTagsForResource":
            self.json({"Tags": self.front.of(arn)})
        elif operation == "TagResource":
            self.front.put(arn, asked["Tags"])
            self.json({})
        elif operation == "UntagResource":
            self.front.remove(arn, asked["TagKeys"])
            self.json({})
        else:
            status, headers, content = self.passed_on(self.front.world, body)
            if operation == "RegisterScalableTarget" and status == 200 and asked.get("Tags"):
                self.front.put(json.loads(content)["ScalableTargetARN"], asked["Tags"])
            self.send(status, headers, content)

    def cloudwatch(self, operation, asked, body):
        arn = asked.get("ResourceARN")
        if operation.endswith(("Dashboard", "Dashboards")):
            self.send(*self.passed_on(self.front.ministack, body))
        elif operation == "ListTagsForResource":
            tags = "".join(
                f"<member><Key>{escape(key)}</Key><Value>{escape(value)}</Value></member>"
                for key, value in self.front.of(arn).items()
            )
            self.xml(CLOUDWATCH, operation, f"<Tags>{tags}</Tags>")
        elif operation == "TagResource":
            self.front.put(arn, pairs(asked))
            self.xml(CLOUDWATCH, operation, "")
        elif operation == "UntagResource":
            self.front.remove(arn, [value for key, value in asked.items() if key.startswith("TagKeys.")])
            self.xml(CLOUDWATCH, operation, "")
        else:
            status, headers, content = self.passed_on(self.front.world, body)
            if operation == "PutMetricAlarm" and status == 200:
                scope = self.headers["Authorization"].split("Credential=")[1].split("/")
                self.front.put(f"arn:aws:cloudwatch:{scope[2]}:{scope[0]}:alarm:{asked['AlarmName']}", pairs(asked))
            self.send(status, headers, content)

    def passed_on(self, port, body):
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=UPSTREAM_TIMEOUT_S)
        try:
            connection.request("POST", self.path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def json(self, answer):
        self.send(200, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(answer).encode())

    def xml(self, namespace, operation, inside):
        text = (
            f'<{operation}Response xmlns="{namespace}"><{operation}Result>{inside}</{operation}Result>'
            f"<ResponseMetadata><RequestId>front</RequestId></ResponseMetadata></{operation}Response>"
        )
        self.send(200, [("Content-Type", "text/xml")], text.encode())

    def send(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in NOT_PASSED_ON and name.lower() not in ("date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def pairs(asked):
    """`Tags.member.1.Key` and `.Value` of the Query protocol."""
    keys = {
        name.split(".")[2]: value
        for name, value in asked.items()
        if name.startswith("Tags.member.") and name.endswith(".Key")
    }
    return {key: asked.get(f"Tags.member.{number}.Value", "") for number, key in keys.items()}
