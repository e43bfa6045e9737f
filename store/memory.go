package store

import (
	"context"
	"iter"
	"maps"
	"sync/atomic"
)

// Memory keeps buckets in memory: for tests, and as the model that shows what
// a Store does. Its buckets are trees that are never changed, only replaced,
// so a View reads one consistent state while an Update prepares the next, and
// rolling back is forgetting.
type Memory struct {
	state  atomic.Pointer[buckets]
	writer chan struct{} // holds one token: who has it may replace the state
	life   context.Context
	end    context.CancelFunc
}

// buckets is one committed state. Neither the map nor what it holds changes.
type buckets map[string]bucket

type bucket struct {
	keys *tree
	last uint64 // the counter
}

// NewMemory gives an empty store.
func NewMemory() *Memory {
	m := &Memory{writer: make(chan struct{}, 1)}
	m.life, m.end = context.WithCancel(context.Background())
	m.state.Store(&buckets{})
	return m
}

// View runs fn on the state of this moment.
func (m *Memory) View(ctx context.Context, fn func(Reader) error) error {
	if err := m.usable(ctx); err != nil {
		return err
	}
	return fn(memoryReader{*m.state.Load()})
}

// Update runs fn on a copy of the state's outline and makes that the state
// when fn succeeds.
func (m *Memory) Update(ctx context.Context, fn func(Writer) error) error {
	select {
	case m.writer <- struct{}{}:
		defer func() { <-m.writer }()
	case <-m.life.Done():
	case <-ctx.Done():
	}
	if err := m.usable(ctx); err != nil {
		return err
	}
	tx := memoryWriter{memoryReader{maps.Clone(*m.state.Load())}}
	if err := fn(tx); err != nil {
		return err
	}
	m.state.Store(&tx.now)
	return nil
}

func (m *Memory) usable(ctx context.Context) error {
	if m.life.Err() != nil {
		return ErrClosed
	}
	return ctx.Err()
}

// Lead gives at once a context that lasts until Close.
func (m *Memory) Lead(ctx context.Context) (context.Context, error) {
	return LeadAlone(ctx, m.life)
}

// Close waits for the Update under way and ends all use.
func (m *Memory) Close() error {
	m.end()
	m.writer <- struct{}{}
	<-m.writer
	return nil
}

type memoryReader struct{ now buckets }

// memoryWriter works on a state that nobody else sees yet.
type memoryWriter struct{ memoryReader }

func (tx memoryReader) Get(bucket, key string) []byte {
	return tx.now[bucket].keys.get(key)
}

func (tx memoryReader) Scan(bucket, from, to string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		tx.now[bucket].keys.scan(from, to, yield)
	}
}

func (tx memoryReader) Last(bucket string) (key string, value []byte, ok bool) {
	last := tx.now[bucket].keys.last()
	if last == nil {
		return "", nil, false
	}
	return last.key, last.value, true
}

func (tx memoryWriter) Put(bucket, key string, value []byte) error {
	if err := CheckKey(bucket, key); err != nil {
		return err
	}
	b := tx.now[bucket]
	b.keys = b.keys.put(key, append(make([]byte, 0, len(value)), value...))
	tx.now[bucket] = b
	return nil
}

func (tx memoryWriter) Delete(bucket, key string) error {
	if err := CheckKey(bucket, key); err != nil {
		return err
	}
	if b := tx.now[bucket]; b.keys.get(key) != nil {
		b.keys = b.keys.delete(key)
		tx.now[bucket] = b
	}
	return nil
}

func (tx memoryWriter) Next(bucket string) (uint64, error) {
	if err := CheckKey(bucket, "counter"); err != nil {
		return 0, err
	}
	b := tx.now[bucket]
	b.last++
	tx.now[bucket] = b
	return b.last, nil
}
