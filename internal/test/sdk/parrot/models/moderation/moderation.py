from dify_plugin.interfaces.model.moderation_model import ModerationModel

import service


class ParrotModeration(ModerationModel):
    @property
    def _invoke_error_mapping(self):
        return service.ERROR_MAPPING

    def validate_credentials(self, model: str, credentials) -> None:
        service.authenticate(credentials)

    def _invoke(self, model, credentials, text, user=None) -> bool:
        command, _, rest = text.partition(" ")
        if command == "fail":
            service.fail(rest)
        return "parrot soup" in text
