import json

from dify_plugin.entities import I18nObject, ParameterOption
from dify_plugin.entities.trigger import EventDispatch, Subscription, UnsubscribeResult
from dify_plugin.errors.trigger import SubscriptionError, TriggerDispatchError, TriggerProviderCredentialValidationError, UnsubscribeError
from dify_plugin.interfaces.trigger import Trigger, TriggerSubscriptionConstructor
from werkzeug import Response


class Heron(Trigger):
    def _dispatch_event(self, subscription, request):
        do = request.args.get("do", "")
        if answer := self.answer(do, subscription, request):
            return EventDispatch(response=answer)
        secret = subscription.properties.get("secret")
        if not secret or request.headers.get("X-Heron-Token") != secret:
            return EventDispatch(response=Response("refused", status=401))
        try:
            payload = json.loads(request.get_data())
        except ValueError as e:
            raise TriggerDispatchError(str(e)) from e
        events = {"seen": ["seen"], "left": ["left"], "both": ["seen", "left"], "twice": ["seen", "seen"]}
        return EventDispatch(user_id=request.args.get("user", ""), events=events.get(do, []), payload=payload, response=Response("ok"))

    def answer(self, do, subscription, request):
        if do == "challenge":
            return Response(request.args.get("challenge"), content_type="text/html; charset=utf-8")
        if do == "created":
            return Response('{"a":1}', status=201, content_type="application/json", headers={"X-Heron": "grüße"})
        if do == "empty":
            return Response(status=204)
        if do == "fail":
            raise TriggerDispatchError("no bird")
        if do == "typed":
            raise ValueError("no value")
        if do == "report":
            return self.report(subscription, request)
        return None

    def report(self, subscription, request):
        properties = subscription.properties
        report = {
            "method": request.method,
            "path": request.path,
            "a": request.args.getlist("a"),
            "host": request.host,
            "header": request.headers.get("X-Note", ""),
            "body": request.get_data().decode(),
            "key": (self.runtime.credentials or {}).get("api_key", ""),
            "endpoint": subscription.endpoint,
            "secret": properties.get("secret", ""),
            "pond": properties.get("pond", ""),
            "topic": (subscription.parameters or {}).get("topic", ""),
        }
        return Response(json.dumps(report), content_type="application/json")


class HeronConstructor(TriggerSubscriptionConstructor):
    def _validate_api_key(self, credentials):
        if credentials.get("api_key") == "wrong":
            raise TriggerProviderCredentialValidationError("the key is wrong")

    def _create_subscription(self, endpoint, parameters, credentials, credential_type):
        topic = parameters["topic"]
        if topic == "fail":
            raise SubscriptionError("no topic for " + credentials["api_key"])
        properties = {"secret": "secret of " + topic, "pond": "sea", "hook": 7}
        return Subscription(endpoint=endpoint, parameters=parameters, properties=properties)

    def _refresh_subscription(self, subscription, credentials, credential_type):
        if subscription.properties.get("pond") == "dry":
            raise SubscriptionError("the pond is dry")
        return Subscription(
            expires_at=subscription.expires_at + 1000,
            endpoint=subscription.endpoint,
            parameters=subscription.parameters,
            properties=subscription.properties,
        )

    def _delete_subscription(self, subscription, credentials, credential_type):
        if not subscription.properties.get("hook"):
            raise UnsubscribeError("no hook at " + subscription.endpoint)
        return UnsubscribeResult(success=True, message="")

    def _fetch_parameter_options(self, parameter, credentials, credential_type):
        if parameter != "place":
            raise ValueError("no choices")
        key = credentials["api_key"]
        return [
            ParameterOption(value="pond", label=I18nObject(en_US="Pond of " + key)),
            ParameterOption(value="sea", label=I18nObject(en_US="Sea")),
        ]
