package watch

import (
	"bytes"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

// Load counts the open tickets that each assignee has, by the tracker's ids.
// Sub-tickets are part of their ticket, and what is fixed is no work of its
// assignee any more. Tickets that were there before the tracker was watched
// count once they change.
//
// Nearly all tickets that were ever seen are closed: what does not say that it
// is open is not even decoded.
func Load(tx store.Reader) (map[string]int, error) {
	out, open := map[string]int{}, []byte(`"status":"`+tracker.Open+`"`)
	for _, value := range tx.Scan(bucketTicket, "", "") {
		if !bytes.Contains(value, open) {
			continue
		}
		var s Seen
		if _, err := store.Decode(value, 1, &s); err != nil {
			return nil, err
		}
		if s.Parent == "" && s.Status == tracker.Open && s.Assignee != "" {
			out[s.Assignee]++
		}
	}
	return out, nil
}
