package runner

import (
	"fmt"

	"tebiki/escalation"
	"tebiki/store"
)

// A Low is an alert that waits for the morning.
type Low struct {
	Key   string // in its bucket
	Alert escalation.Alert
}

// LowAfter reads up to n of the alerts that wait for the morning, oldest first,
// after a key ("" for all).
func LowAfter(tx store.Reader, after string, n int) ([]Low, error) {
	from := after
	if from != "" {
		from += "\x00"
	}
	var out []Low
	for key, value := range tx.Scan(bucketLow, from, "") {
		if len(out) == n {
			break
		}
		low := Low{Key: key}
		if _, err := store.Decode(value, 1, &low.Alert); err != nil {
			return nil, fmt.Errorf("the low alert under %x: %w", key, err)
		}
		out = append(out, low)
	}
	return out, nil
}

// RemoveLow takes an alert out, once its ticket holds it.
func RemoveLow(tx store.Writer, key string) error { return tx.Delete(bucketLow, key) }
