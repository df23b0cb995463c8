from dify_plugin.errors.trigger import EventIgnoreError
from dify_plugin.interfaces.trigger import Event, Variables


class Seen(Event):
    def _on_event(self, request, parameters, payload):
        bird = parameters.get("bird")
        if bird == "fail":
            raise Exception("no bird")
        if bird and bird != payload.get("bird", ""):
            raise EventIgnoreError()
        return Variables(
            variables={
                "bird": payload.get("bird", ""),
                "count": payload.get("count", 0),
                "request": request.method + " " + request.path + " " + request.get_data().decode(),
                "key": (self.runtime.credentials or {}).get("api_key", ""),
                "pond": self.runtime.subscription.properties.get("pond", ""),
            }
        )

    def _fetch_parameter_options(self, parameter):
        raise Exception("no places")
