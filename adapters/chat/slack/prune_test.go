package slack

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/store"
)

func TestOldMessagesAreForgotten(t *testing.T) {
	st := store.NewMemory()
	s := &Slack{opt: Options{Store: st}, log: slog.New(slog.DiscardHandler)}
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	const each = 1200 // more than a batch
	for i := range each {
		for age, name := range []string{"new", "old"} {
			at := now.Add(-time.Duration(age*500)*24*time.Hour + time.Duration(i)*time.Second)
			rec := record{Channel: "C1", TS: fmt.Sprintf("%d.%06d", at.Unix(), i)}
			if i == 0 {
				rec.TS, rec.Pending, rec.Asked = "", "p", at // its post was never answered
			}
			if err := s.remember(t.Context(), chat.Message{To: "#c", Key: fmt.Sprint(name, i)}, rec); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []int{each, 0} {
		if n, err := s.prune(t.Context(), now.Add(-400*24*time.Hour)); n != want || err != nil {
			t.Errorf("%d were forgotten, want %d: %v", n, want, err)
		}
	}
	for bucket, want := range map[string]int{messageBucket: each, atBucket: each - 1} {
		left := 0
		_ = st.View(t.Context(), func(tx store.Reader) error {
			for range tx.Scan(bucket, "", "") {
				left++
			}
			return nil
		})
		if left != want {
			t.Errorf("%s holds %d, want %d", bucket, left, want)
		}
	}
}
