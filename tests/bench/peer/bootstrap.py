"""A minimal Lambda runtime loop for the Python peer: next, handle, respond.

It stands in for Lambda's own Python runtime, which does the same over the same API.
"""

import http.client
import json
import os
import sys

import handler

_PREFIX = "/2018-06-01/runtime/invocation/"


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", _PREFIX + "next")
        answer = api.getresponse()
        event = json.loads(answer.read())
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            body, outcome = json.dumps(handler.handle(event)), "response"
        except Exception as error:  # the runtime's own duty: any failure of the handler is reported, not fatal
            print(repr(error), file=sys.stderr, flush=True)
            body, outcome = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}), "error"
        api.request("POST", f"{_PREFIX}{request_id}/{outcome}", body)
        api.getresponse().read()


if __name__ == "__main__":
    main()
