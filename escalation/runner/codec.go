package runner

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"tebiki/escalation"
	"tebiki/store"
)

const (
	bucketOpen    = "incident"
	bucketClosed  = "incident.closed"
	bucketAlert   = "incident.alert"
	bucketHistory = "incident.history"
	bucketLow     = "alert.low"
	bucketTrace   = "alert.trace"
	bucketProbe   = "incident.probe"
)

// A put is what is to be stored under a key; without a value the key goes.
type put struct {
	bucket, key string
	value       []byte
}

// encode gives everything that is to be stored of the changes.
func encode(c *escalation.Changes) ([]put, error) {
	puts := make([]put, 0, len(c.Incidents)+len(c.Members)+len(c.History))
	for _, inc := range c.Incidents {
		bucket := bucketOpen
		if inc.Status == escalation.Closed {
			bucket = bucketClosed
		}
		puts = append(puts, put{bucket, store.Seq(uint64(inc.ID)), encodeIncident(inc)})
	}
	for i := range c.Members {
		m := &c.Members[i]
		value, err := encodeMember(m)
		if err != nil {
			return nil, fmt.Errorf("alert %d of %s: %w", m.Seq, m.Incident, err)
		}
		puts = append(puts, put{bucketAlert, numbered(m.Incident, m.Seq), value})
	}
	for _, t := range c.Traces {
		puts = append(puts, putTrace(t))
	}
	for _, l := range c.History {
		value, err := store.Encode(1, l)
		if err != nil {
			return nil, fmt.Errorf("line %d of %s: %w", l.N, l.Incident, err)
		}
		puts = append(puts, put{bucketHistory, numbered(l.Incident, l.N), value})
	}
	return puts, nil
}

func putAll(tx store.Writer, puts []put) error {
	for _, p := range puts {
		if err := p.write(tx); err != nil {
			return err
		}
	}
	return nil
}

func (p put) write(tx store.Writer) error {
	if p.value == nil {
		return tx.Delete(p.bucket, p.key)
	}
	return tx.Put(p.bucket, p.key, p.value)
}

func putLow(tx store.Writer, alerts []escalation.Alert) error {
	for _, a := range alerts {
		n, err := tx.Next(bucketLow)
		if err != nil {
			return err
		}
		if err := store.Put(tx, bucketLow, store.Seq(n), 1, a); err != nil {
			return err
		}
	}
	return nil
}

// newestIncident is the version in which incidents are written.
const newestIncident = 2

func encodeIncident(inc *escalation.Incident) []byte {
	f := fields{writing: true, buf: append(make([]byte, 0, 512), newestIncident)}
	f.incident(inc)
	return f.buf
}

// decodeIncident reads an incident and makes sure that it is the key's.
func decodeIncident(key string, value []byte) (*escalation.Incident, error) {
	n, err := store.ParseSeq(key)
	if err != nil {
		return nil, fmt.Errorf("read an incident: %w", err)
	}
	id, inc := escalation.ID(n), new(escalation.Incident)
	if err := decodeInto(inc, value); err != nil {
		return nil, fmt.Errorf("read the incident %s: %w", id, err)
	}
	if inc.ID != id {
		return nil, fmt.Errorf("read the incident %s: what is stored there is of %s: restore a backup", id, inc.ID)
	}
	return inc, nil
}

func decodeInto(inc *escalation.Incident, value []byte) error {
	if len(value) == 0 || value[0] != newestIncident {
		_, err := store.Decode(value, 1, inc)
		return err
	}
	f := fields{buf: value[1:]}
	f.incident(inc)
	if f.err == nil && len(f.buf) > 0 {
		f.err = errCut
	}
	return f.err
}

// numbered is the key of the n-th thing of an incident.
func numbered(id escalation.ID, n uint32) string {
	var b [12]byte
	binary.BigEndian.PutUint64(b[:8], uint64(id))
	binary.BigEndian.PutUint32(b[8:], n)
	return string(b[:])
}

// headSize is the length of what stands before an alert's JSON:
//
//	 0  version, 2
//	 1  fingerprint, 16 bytes
//	17  1 when it is bad, else 0
//	18  count, 4 bytes big-endian
//	22  number of its newest signal in the incident, 8 bytes
//	30  first and last signal, Unix nanoseconds, 8 bytes each
//	46  when the source saw the newest problem, Unix nanoseconds, 8 bytes: not in version 1
//
// At the start a million of these are read and no JSON at all.
const (
	headSize  = 54
	headSize1 = 46 // of version 1
)

func encodeMember(m *escalation.Member) ([]byte, error) {
	alert, err := json.Marshal(&m.Alert)
	if err != nil {
		return nil, err
	}
	b := make([]byte, headSize, headSize+len(alert))
	b[0] = 2
	copy(b[1:], m.Fingerprint[:])
	if m.Firing {
		b[17] = 1
	}
	binary.BigEndian.PutUint32(b[18:], m.Count)
	binary.BigEndian.PutUint64(b[22:], m.Signal)
	binary.BigEndian.PutUint64(b[30:], uint64(m.First.UnixNano()))
	binary.BigEndian.PutUint64(b[38:], uint64(m.Last.UnixNano()))
	binary.BigEndian.PutUint64(b[46:], uint64(m.Bad.UnixNano()))
	return append(b, alert...), nil
}

// sizeOfHead is where the alert's JSON begins, in whatever version.
func sizeOfHead(value []byte) int {
	if len(value) > 0 && value[0] == 1 {
		return headSize1
	}
	return headSize
}

// decodeHead reads all of a member but its alert.
func decodeHead(key string, value []byte) (escalation.Member, error) {
	if len(key) != 12 || len(value) < sizeOfHead(value) {
		return escalation.Member{}, fmt.Errorf("the alert under %x is cut short: restore a backup", key)
	}
	if value[0] != 1 && value[0] != 2 {
		return escalation.Member{}, fmt.Errorf("the alert under %x was written in version %d, this program reads 2: start the newer program again", key, value[0])
	}
	m := escalation.Member{
		Incident:    escalation.ID(binary.BigEndian.Uint64([]byte(key[:8]))),
		Seq:         binary.BigEndian.Uint32([]byte(key[8:])),
		Fingerprint: escalation.Fingerprint(value[1:17]),
		Firing:      value[17] == 1,
		Count:       binary.BigEndian.Uint32(value[18:]),
		Signal:      binary.BigEndian.Uint64(value[22:]),
		First:       time.Unix(0, int64(binary.BigEndian.Uint64(value[30:]))),
		Last:        time.Unix(0, int64(binary.BigEndian.Uint64(value[38:]))),
		Bad:         time.Unix(0, 0),
	}
	if value[0] == 2 {
		m.Bad = time.Unix(0, int64(binary.BigEndian.Uint64(value[46:])))
	}
	return m, nil
}

func decodeMember(key string, value []byte) (escalation.Member, error) {
	m, err := decodeHead(key, value)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(value[sizeOfHead(value):], &m.Alert); err != nil {
		return m, fmt.Errorf("alert %d of %s: %w", m.Seq, m.Incident, err)
	}
	return m, nil
}
