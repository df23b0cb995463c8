from dify_plugin.interfaces.datasource import DatasourceProvider

from service import authenticate


class DriveProvider(DatasourceProvider):
    def _validate_credentials(self, credentials) -> None:
        authenticate(credentials)
