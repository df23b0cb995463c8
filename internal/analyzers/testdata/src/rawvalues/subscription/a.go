package subscription

import "github.com/difygen/difygen/internal/analyzers/testdata/src/forge"

func read(call *forge.DispatchCall, event *forge.PushCall, sub *forge.Subscription) []any {
	return []any{
		call.Subscription.Properties.Values()["webhook_secret"].(string), // want `read the field WebhookSecret of SubscriptionProperties, not the key "webhook_secret" of Values`
		event.Subscription.Extra["hook_id"],                              // want `read the field HookID of Properties: Extra has only what no field has, so "hook_id" is never set`
		sub.Extra["webhook_secret"],                                      // want `read the field WebhookSecret of Properties`
		sub.Wire().Properties.Reveal()["hook_id"],                        // want `read the field HookID of SubscriptionProperties`
		sub.Extra["hook"],
		sub.Properties.HookID,
	}
}
