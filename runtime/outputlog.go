package runtime

import "time"

// LogStatus is the status of a step of a tool.
type LogStatus string

// The statuses that the host supports.
const (
	LogStart   LogStatus = "start"
	LogSuccess LogStatus = "success"
	LogError   LogStatus = "error"
)

// LogMessage is a step of a tool, which Dify shows to users while the tool runs.
type LogMessage struct {
	ID       string // generated if empty; a message with the ID of an earlier one replaces it
	Parent   string // ID of the step that contains this one; optional
	Label    string
	Status   LogStatus // LogSuccess if empty
	Error    string    // for LogError
	Data     map[string]any
	Metadata LogMetadata
}

// LogMetadata says how long a step took and what it cost. Leave out what is not known.
type LogMetadata struct {
	StartedAt   time.Time
	FinishedAt  time.Time
	Elapsed     time.Duration // from StartedAt to FinishedAt if 0
	TotalPrice  string        // a decimal number, such as "0.0012"
	Currency    string        // of TotalPrice, such as "USD"
	TotalTokens int
	Provider    string // of the model
}

// Log sends a step and returns its ID.
func (o *ToolOutput) Log(step LogMessage) (id string, err error) {
	if step.ID == "" {
		step.ID = newID()
	}
	if step.Status == "" {
		step.Status = LogSuccess
	}
	if step.Data == nil {
		step.Data = map[string]any{}
	}
	return step.ID, o.message("log", map[string]any{
		"id": step.ID, "parent_id": optional(step.Parent), "label": step.Label, "status": string(step.Status),
		"error": optional(step.Error), "data": step.Data, "metadata": step.Metadata.wire(),
	})
}

// wire returns the metadata that are known. Times are in seconds since 1970.
func (m LogMetadata) wire() map[string]any {
	wire := make(map[string]any)
	set := func(key string, known bool, value any) {
		if known {
			wire[key] = value
		}
	}
	if m.Elapsed == 0 && !m.StartedAt.IsZero() && !m.FinishedAt.IsZero() {
		m.Elapsed = m.FinishedAt.Sub(m.StartedAt)
	}
	set("started_at", !m.StartedAt.IsZero(), seconds(m.StartedAt))
	set("finished_at", !m.FinishedAt.IsZero(), seconds(m.FinishedAt))
	set("elapsed_time", m.Elapsed != 0, m.Elapsed.Seconds())
	set("total_price", m.TotalPrice != "", m.TotalPrice)
	set("currency", m.Currency != "", m.Currency)
	set("total_tokens", m.TotalTokens != 0, m.TotalTokens)
	set("provider", m.Provider != "", m.Provider)
	return wire
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
