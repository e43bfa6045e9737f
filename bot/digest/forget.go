package digest

import (
	"slices"
	"strings"
	"time"

	"tebiki/store"
)

// How long it is remembered which ticket a kind and day has, and what is known
// of a kind that comes no more. A template may make a kind of every alert, so
// neither may grow for ever.
const (
	keepMade = 31 * 24 * time.Hour
	keepKind = 400 * 24 * time.Hour // more than a year: some things come every summer
)

// forget removes what is too old at a time.
func forget(tx store.Writer, team string, now time.Time) error {
	for _, key := range until(tx, bucketMade, team, now.Add(-keepMade)) {
		if err := tx.Delete(bucketMade, key); err != nil {
			return err
		}
	}
	for _, key := range until(tx, bucketLast, team, now.Add(-keepKind)) {
		if err := tx.Delete(bucketLast, key); err != nil {
			return err
		}
		kind := key[strings.LastIndexByte(key, '/')+1:]
		if err := tx.Delete(bucketKind, kindKey(team, kind)); err != nil {
			return err
		}
	}
	return nil
}

// until lists the keys of a team whose day is before a time.
func until(tx store.Reader, bucket, team string, before time.Time) (keys []string) {
	for key := range tx.Scan(bucket, team+"/", team+"/"+before.Format(time.DateOnly)) {
		keys = append(keys, key)
	}
	return keys
}

// moveKind notes which day is the newest of a kind.
func moveKind(tx store.Writer, team, kind, from, to string) error {
	if from == to {
		return nil
	}
	if from != "" {
		if err := tx.Delete(bucketLast, groupID(team, from, kind)); err != nil {
			return err
		}
	}
	return tx.Put(bucketLast, groupID(team, to, kind), nil)
}

// forgetPast forgets a ticket that is no more.
func forgetPast(tx store.Writer, team, kind, ticket string) error {
	h, err := loadKind(tx, team, kind)
	before := len(h.Past)
	h.Past = slices.DeleteFunc(h.Past, func(p past) bool { return p.Ticket == ticket })
	if err != nil || len(h.Past) == before {
		return err
	}
	return store.Put(tx, bucketKind, kindKey(team, kind), 1, h)
}
