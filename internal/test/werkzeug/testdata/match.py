"""Reads sets of rules and requests, a JSON object a line, and writes what Werkzeug makes of them.

A request's target is what a request line has. Like Dify's SDK, this unquotes it first, and takes
everything but a match for "not found".
"""

import json
import re
import sys
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule


class OnlyMatches(Rule):
    """A rule that builds no URLs, which takes most of the time."""

    def _compile_builder(self, append_unknown=True):
        return lambda rule, *args: ("", "")


def prepare(rules):
    routes = Map()
    for i, (method, pattern) in enumerate(rules):
        routes.add(OnlyMatches(pattern, methods=[method], endpoint=i))
    for rule in routes.iter_rules():
        for part in rule._parts:
            if not part.static:
                re.compile(part.content)
    return routes


def encode(value):
    return value if isinstance(value, float) and abs(value) < float("inf") else str(value)


def match(routes, method, target):
    path, _, _ = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
    }
    try:
        endpoint, values = routes.bind_to_environ(environ).match()
    except HTTPException:
        return None
    return [endpoint, {name: encode(value) for name, value in values.items()}]


for line in sys.stdin:
    work = json.loads(line)
    try:
        routes = prepare(work["rules"])
        answer = {"results": [match(routes, *request) for request in work["requests"] or []]}
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
