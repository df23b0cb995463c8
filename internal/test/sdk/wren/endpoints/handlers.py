import json

from dify_plugin import Endpoint
from werkzeug import Response


class Say(Endpoint):
    """Answer with the values in the path and the rest of the request, as JSON."""

    def _invoke(self, r, values, settings) -> Response:
        match r.args.get("do"):
            case "fail":
                raise Exception("the wren flies away")
            case "tea":
                return Response("tea", status=418)
        return Response(
            json.dumps(
                {
                    "method": r.method,
                    "values": values,
                    "query": r.args.to_dict(flat=False),
                    "body": r.get_data(as_text=True),
                    "token": settings["token"] == "t",
                    "type": r.headers.get("Content-Type", ""),
                },
                default=str,
            ),
            content_type="application/json",
        )
