package asterisktest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// TestStorm lets everything go wrong at any time, and holds what must be true
// when it is over: each call has ended, nothing is left of it, and what each
// person heard has an end.
func TestStorm(t *testing.T) {
	for seed := range uint64(8) {
		bubble(t, func(t *testing.T, a *Asterisk) { storm(t, a, rand.New(rand.NewPCG(seed, 1))) }, WithSeed(seed))
	}
}

func storm(t *testing.T, a *Asterisk, rng *rand.Rand) {
	connect(t, a)
	seconds := func(n int) time.Duration { return time.Duration(rng.IntN(n*1000)) * time.Millisecond }
	endings := []Ending{Answers, Answers, Answers, Never, Busy, Congested, Rejects, Unallocated}
	var all sync.WaitGroup
	for i := range 30 {
		to := fmt.Sprintf("%s/p%d@phones", []string{"Local", "PJSIP"}[i%2], i)
		s := Script{Answer: seconds(3), Ending: endings[rng.IntN(len(endings))]}
		for range rng.IntN(4) {
			s.Then = append(s.Then, []Step{{After: seconds(4), Key: "1#"}, {After: seconds(4), Say: seconds(3)}, {After: seconds(9), HangUp: true}}[rng.IntN(3)])
		}
		a.Person(to, s)
		begin, id, acts := seconds(10), fmt.Sprint("c", i), rng.Perm(6)
		all.Go(func() {
			time.Sleep(begin)
			use(a, to, id, acts)
		})
	}
	all.Go(func() {
		for range 12 {
			time.Sleep(seconds(4))
			misfortune(a, rng.IntN(8))
		}
		a.Return()
		a.Resume()
	})
	all.Wait()
	for _, id := range a.Channels() {
		want(t, a, 204, "DELETE", "/channels/"+id, nil)
	}
	time.Sleep(time.Hour)
	if left := a.Channels(); len(left) != 0 {
		t.Errorf("the channels %q are left", left)
	}
	for _, c := range a.Calls() {
		if c.Ended.IsZero() {
			t.Errorf("a call has not ended: %+v", c)
		}
		for _, h := range c.Heard {
			if h.How == "" {
				t.Errorf("what was heard has no end: %+v", c)
			}
		}
	}
}

// use makes a call and does things with it, some of which fail.
func use(a *Asterisk, to, id string, acts []int) {
	_, _, _ = send(a, master, "POST", "/channels", originate(to, id))
	for _, act := range acts {
		time.Sleep(2 * time.Second)
		method, path, body := "POST", "", obj(nil)
		switch act {
		case 0:
			path, body = "/play/p"+id, obj{"media": []string{"sound:beep", "tone:ring", "digits:12"}}
		case 1:
			path, body = "/record", obj{"name": "r" + id, "format": "wav", "maxSilenceSeconds": 2, "terminateOn": "#"}
		case 2:
			method = "DELETE"
		case 3:
			path, body = "/play", obj{"media": "sound:missing"}
		default:
			_, _, _ = send(a, master, "DELETE", "/playbacks/p"+id, nil)
			continue
		}
		_, _, _ = send(a, master, method, "/channels/"+id+path, body)
	}
}

func misfortune(a *Asterisk, which int) {
	switch which {
	case 0:
		a.Die()
	case 1:
		a.Disconnect()
	case 2:
		a.Hang()
	case 3:
		a.DropSockets()
	case 4:
		a.SendUnknown()
	case 5:
		a.Dial("03", Script{Patience: time.Second})
	default:
		a.Resume()
		a.Return()
	}
}
