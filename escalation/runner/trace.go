package runner

import (
	"encoding/binary"
	"fmt"
	"time"

	"tebiki/escalation"
)

// traceSize is the length of a stored trace: the version, 2, and the times of
// the newest recovery, of the newest problem before it, and of the newest low
// problem that has not recovered (not in version 1), in Unix nanoseconds, 8
// bytes each, big-endian. The key is the time at which it came,
// in the same form, and the fingerprint.
const (
	traceSize  = 25
	traceSize1 = 17 // of version 1
)

func putTrace(t escalation.Trace) put {
	key := string(binary.BigEndian.AppendUint64(nil, uint64(t.Came.UnixNano()))) + string(t.Fingerprint[:])
	if t.Gone {
		return put{bucket: bucketTrace, key: key}
	}
	value := binary.BigEndian.AppendUint64([]byte{2}, uint64(t.Good.UnixNano()))
	value = binary.BigEndian.AppendUint64(value, uint64(t.Bad.UnixNano()))
	value = binary.BigEndian.AppendUint64(value, uint64(t.Low.UnixNano()))
	return put{bucketTrace, key, value}
}

func decodeTrace(key string, value []byte) (escalation.Trace, error) {
	switch {
	case len(key) != 24 || len(value) < traceSize1 || value[0] == 2 && len(value) < traceSize:
		return escalation.Trace{}, fmt.Errorf("the times of an alert under %x are cut short: restore a backup", key)
	case value[0] != 1 && value[0] != 2:
		return escalation.Trace{}, fmt.Errorf("the times of an alert under %x were written in version %d, this program reads 2: start the newer program again", key, value[0])
	}
	at := func(b []byte) time.Time { return time.Unix(0, int64(binary.BigEndian.Uint64(b))) }
	t := escalation.Trace{Fingerprint: escalation.Fingerprint([]byte(key[8:])), Came: at([]byte(key)), Good: at(value[1:]), Bad: at(value[9:]), Low: time.Unix(0, 0)}
	if value[0] == 2 {
		t.Low = at(value[17:])
	}
	return t, nil
}
