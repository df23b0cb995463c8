from collections.abc import Generator

from dify_plugin import OAICompatText2SpeechModel
from dify_plugin.interfaces.model.tts_model import TTSModel

import service


class ParrotTTS(TTSModel):
    @property
    def _invoke_error_mapping(self):
        return service.ERROR_MAPPING

    def get_customizable_model_schema(self, model, credentials):
        if not model.startswith("form"):
            return None
        return OAICompatText2SpeechModel.get_customizable_model_schema(self, model, credentials)

    def validate_credentials(self, model: str, credentials) -> None:
        service.authenticate(credentials)

    def _invoke(
        self, model, tenant_id, credentials, content_text, voice, user=None
    ) -> Generator[bytes, None, None]:
        command, _, rest = content_text.partition(" ")
        if command == "fail":
            service.fail(rest)
        return (f"{voice}:{word};".encode() for word in content_text.split(" "))
