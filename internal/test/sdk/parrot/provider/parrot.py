from dify_plugin import ModelProvider

from service import authenticate


class Parrot(ModelProvider):
    def validate_provider_credentials(self, credentials: dict) -> None:
        authenticate(credentials)
