"""What the data sources have. provider/service.go is the same in Go."""

from dify_plugin.errors.tool import DatasourceCredentialValidationError as Refused


def authenticate(credentials) -> None:
    if not credentials.get("api_key", "").startswith("key-"):
        raise Refused("the magpie does not know this key")


def fail(command: str) -> None:
    if command == "fail":
        raise Exception("the magpie bites")
