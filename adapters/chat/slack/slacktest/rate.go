package slacktest

import "time"

// A Rate allows Burst calls at once and one more each Every. The zero Rate
// allows everything.
type Rate struct {
	Every time.Duration
	Burst int
}

// Rates are the limits of a workspace.
type Rates struct {
	Channel             Rate // of chat.postMessage, for each channel
	Tier2, Tier3, Tier4 Rate // of each method by its tier
}

// SlackRates are the documented ones.
func SlackRates() Rates {
	return Rates{
		Channel: Rate{time.Second, 4},
		Tier2:   Rate{time.Minute / 20, 20},
		Tier3:   Rate{time.Minute / 50, 50},
		Tier4:   Rate{time.Minute / 100, 100},
	}
}

// A bucket counts the calls that are still allowed at a time.
type bucket struct {
	left float64
	at   time.Time
}

// take uses one call, or tells how long to wait for it.
func (b *bucket) take(r Rate, now time.Time) (wait time.Duration) {
	b.left = min(float64(r.Burst), b.left+float64(now.Sub(b.at))/float64(r.Every))
	b.at = now
	if b.left >= 1 {
		b.left--
		return 0
	}
	return time.Duration((1 - b.left) * float64(r.Every))
}

// overRate uses one of the calls that are allowed, or tells how long to wait.
// The lock is held.
func (ws *Workspace) overRate(name string, m method, c *call) time.Duration {
	rate, key := ws.rates.of(m.tier), name
	if m.tier == perChannel {
		key += " " + ws.address(c.text("channel"))
	}
	if rate.Every <= 0 {
		return 0
	}
	now := time.Now()
	if ws.buckets[key] == nil {
		ws.buckets[key] = &bucket{float64(rate.Burst), now}
	}
	return ws.buckets[key].take(rate, now)
}

// address makes one of the two names that direct messages have.
func (ws *Workspace) address(channel string) string {
	if ws.people[channel] != nil {
		return ws.direct(channel).ID
	}
	return channel
}

type tier int

const (
	unlimited tier = iota
	tier2
	tier3
	tier4
	perChannel
)

func (r Rates) of(t tier) Rate {
	return [...]Rate{{}, r.Tier2, r.Tier3, r.Tier4, r.Channel}[t]
}
