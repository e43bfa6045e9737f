package runner

import (
	"context"
	"runtime"
	"sync"

	"tebiki/escalation"
	"tebiki/store"
)

// load makes the state of what is stored.
func load(ctx context.Context, st store.Store, rules *escalation.Rules) (*escalation.State, error) {
	state := escalation.NewState(rules)
	err := st.View(ctx, func(tx store.Reader) error {
		incidents, err := readOpen(tx)
		if err != nil {
			return err
		}
		for _, inc := range incidents {
			state.LoadIncident(inc)
		}
		for key, value := range tx.Scan(bucketAlert, "", "") {
			m, err := decodeHead(key, value)
			if err != nil {
				return err
			}
			state.LoadMember(m)
		}
		for key, value := range tx.Scan(bucketTrace, "", "") {
			t, err := decodeTrace(key, value)
			if err != nil {
				return err
			}
			state.LoadTrace(t)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	state.LoadDone()
	return state, nil
}

// readOpen decodes the incidents that are not closed, on all cores: with
// many it is what a start waits for.
func readOpen(tx store.Reader) ([]*escalation.Incident, error) {
	var keys []string
	var values [][]byte
	for key, value := range tx.Scan(bucketOpen, "", "") {
		keys, values = append(keys, key), append(values, value)
	}
	out := make([]*escalation.Incident, len(values))
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(values) && errs[w] == nil; i += workers {
				out[i], errs[w] = decodeIncident(keys[i], values[i])
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
