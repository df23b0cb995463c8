from dify_plugin.interfaces.trigger import Event, Variables


class Left(Event):
    def _on_event(self, request, parameters, payload):
        return Variables(variables={"bird": payload.get("bird", "")})
