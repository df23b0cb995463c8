package redact

import "slices"

// protocolWords are words of Dify's protocol: the fields, events, actions, kinds, credential
// types and error types that messages and logs are made of. A secret that is one of them would
// make messages unreadable.
var protocolWords = []string{
	"action", "actions", "api-key", "app_id", "argument", "arguments", "backwards_response", "conversation", "conversation_id",
	"credential", "credential_type", "credentials", "datasource", "dynamic_parameter", "endpoint", "endpoint_id", "error_type", "events",
	"expires_at", "heartbeat", "invoke", "message", "message_id", "metadata", "model_type", "oauth2", "parameter", "parameters", "plugin",
	"properties", "provider", "raw_http_request", "redirect_uri", "request", "response", "result", "results", "session", "session_id",
	"settings", "stream", "subscription", "system_credentials", "tool_parameters", "trigger", "unauthorized", "user_id",

	"validate_tool_credentials", "validate_provider_credentials", "validate_model_credentials", "validate_datasource_credentials",
	"validate_trigger_credentials", "get_authorization_url", "get_credentials", "refresh_credentials", "invoke_endpoint",
	"subscribe_trigger", "unsubscribe_trigger", "refresh_trigger", "fetch_parameter_options", "invoke_tool", "get_tool_runtime_parameters",

	"ToolProviderCredentialValidationError", "ToolProviderOAuthError", "CredentialsValidateFailedError",
	"DatasourceCredentialValidationError", "DatasourceOAuthError", "TriggerProviderCredentialValidationError", "TriggerProviderOAuthError",
	"SubscriptionError", "UnsubscribeError", "EndpointSetupFailedError", "InvokeError", "InvokeConnectionError",
	"InvokeServerUnavailableError", "InvokeRateLimitError", "InvokeAuthorizationError", "InvokeBadRequestError", "TimeoutError",
	"ValidationError", "ValueError",
}

// IsProtocolWord reports whether s is a word of the protocol.
func IsProtocolWord(s string) bool { return slices.Contains(protocolWords, s) }
