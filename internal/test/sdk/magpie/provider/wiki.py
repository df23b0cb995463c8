from dify_plugin.interfaces.datasource import DatasourceProvider

from service import authenticate


class WikiProvider(DatasourceProvider):
    def _validate_credentials(self, credentials) -> None:
        authenticate(credentials)
