package phone

import (
	"context"
	"errors"
	"io"
	"time"
)

// ErrHungUp is what a Line's methods give once nobody is on it any more.
var ErrHungUp = errors.New("the caller has hung up")

// A Line is somebody who has called in and is on the telephone. Its methods
// are not to be called at the same time. Their errors are ErrHungUp, the
// context's, or an *adapters.Error.
type Line interface {
	ID() string     // unique for the call
	Caller() string // the number as the network gave it; "" when it did not
	// Say speaks to the end.
	Say(ctx context.Context, lang string, say []Sentence) error
	// Ask speaks until a key is pressed, and collects keys. "" means that
	// none was pressed.
	Ask(ctx context.Context, lang string, q Question) (keys string, err error)
	// Record keeps what is said until silence, a key, the hangup or the
	// limit. What was kept before a hangup is there, without an error.
	Record(ctx context.Context, limit time.Duration) (Recording, error)
	// Connect rings an endpoint and brings both together until one of them
	// hangs up. The outcome is Heard when they have talked.
	Connect(ctx context.Context, to string, ring time.Duration) (Outcome, error)
}

// A Question is what is asked, and how it is answered.
type Question struct {
	Say    []Sentence
	Keys   int  // how many there are at most
	Hash   bool // "#" ends them sooner, and is not given
	Repeat int  // how often it is said again when nothing is pressed
}

// A Recording is what somebody has said.
type Recording struct {
	Duration time.Duration // 0 when nobody speaks in it
	WAV      io.ReadCloser // 8 kHz, mono, 16 bit; the reader closes it
}

// LongestVisit is how long somebody who has called in may be on the line. It
// is far more than an answerer takes, and ends what an answerer forgets.
const LongestVisit = 12 * time.Hour

// An Answerer speaks with whoever calls in. The line is hung up when it
// returns.
type Answerer interface {
	Answer(ctx context.Context, l Line)
}

// A Receiver takes calls in, and gives them to an answerer.
type Receiver interface {
	SetAnswerer(Answerer)
}
