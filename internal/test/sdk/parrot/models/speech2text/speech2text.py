from typing import IO

from dify_plugin.interfaces.model.speech2text_model import Speech2TextModel

import service


class ParrotSpeech2Text(Speech2TextModel):
    @property
    def _invoke_error_mapping(self):
        return service.ERROR_MAPPING

    def validate_credentials(self, model: str, credentials) -> None:
        service.authenticate(credentials)

    def _invoke(self, model, credentials, file: IO[bytes], user=None) -> str:
        heard = file.read().decode()
        command, _, rest = heard.partition(" ")
        if command == "fail":
            service.fail(rest)
        return heard
